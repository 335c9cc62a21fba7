#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/orders/bookings_store.h"
#include "foundation/id.h"
#include "foundation/money.h"

enum { LIST_LIMIT = 50, LIST_LIMIT_MAX = 100000 };

static const char *prefix_of(enum booking_kind kind)
{
    return kind == BOOKING_ORDER ? "ord" : kind == BOOKING_STAY ? "sty" : "rsv";
}

/* ---- texts ---- */

static struct text id_text(struct cli *cli, const char *prefix, int64_t id)
{
    return id == 0 ? TEXT("") : text_from(id_format(prefix, id, arena_alloc(cli->arena, ID_TEXT_SIZE)));
}

static struct text day_text(struct cli *cli, int32_t day)
{
    return day == DAY_NONE ? TEXT("") : text_from(day_format(day, arena_alloc(cli->arena, DAY_TEXT_SIZE)));
}

static struct text instant_text(struct cli *cli, int64_t instant)
{
    return instant == 0 ? TEXT("") : text_from(instant_format(instant, arena_alloc(cli->arena, INSTANT_TEXT_SIZE)));
}

static struct text integer_text(struct cli *cli, int64_t value)
{
    return text_from(arena_format(cli->arena, "%lld", (long long)value));
}

static struct text amount_text(struct cli *cli, int64_t minor, const char *currency)
{
    char text[MONEY_TEXT_SIZE];
    int exponent = currency_exponent(text_from(currency));

    return text_from(
        arena_format(cli->arena, "%s %s", money_format(minor, exponent < 0 ? 0 : exponent, text), currency));
}

/* "300 points, 3 stars": what waits for the departure of a stay. */
static struct text pending_text(struct cli *cli, const struct booking *booking)
{
    struct builder out = {.arena = cli->arena};
    struct booking_awaited awaited;

    booking_awaited_read(booking->awaited, &awaited);
    for (size_t i = 0; i < awaited.count; i++)
        builder_format(&out, "%s%lld %.*s", i > 0 ? ", " : "", (long long)awaited.items[i].points,
                       (int)awaited.items[i].wallet.size, awaited.items[i].wallet.bytes);
    return awaited.count > 0 ? builder_done(&out) : TEXT("");
}

/* ---- lists ---- */

static bool read_day(const struct cli *cli, const char *option, int32_t *out)
{
    const char *value = cli_value(cli, option);

    if (value != NULL && !day_parse(text_from(value), out))
        return cli_usage(cli, "--%s is a day such as 2026-11-22", option), false;
    return true;
}

static bool read_query(const struct cli *cli, struct booking_query *query)
{
    const char *store = cli_value(cli, "store"), *state = cli_value(cli, "state");
    enum booking_state found = BOOKING_PLACED;
    int32_t day = DAY_NONE;
    int64_t limit = LIST_LIMIT;

    if (!read_day(cli, "from", &query->from_day) || !read_day(cli, "to", &query->until_day) ||
        !read_day(cli, "day", &day) || !cli_integer(cli, "limit", 1, LIST_LIMIT_MAX, &limit))
        return false;
    if (day != DAY_NONE)
        query->from_day = query->until_day = day;
    if (state != NULL && !booking_state_find(query->kind, text_from(state), &found))
        return cli_usage(cli, "--state is no state of %s", booking_kind_name(query->kind)), false;
    query->state = state != NULL ? (int)found : 0;
    query->store = store != NULL ? text_from(store) : TEXT("");
    query->limit = (size_t)limit;
    return true;
}

static enum status name_members(struct cli *cli, struct storage_session *session, struct booking_query *query,
                                struct error *err)
{
    const char *word = cli_value(cli, "member");
    int64_t *members = arena_array(cli->arena, GROUP_MEMBERS_MAX, sizeof *members);
    struct person person;
    int64_t member;

    if (word == NULL)
        return STATUS_OK;
    enum status status = cli_member(cli, session, word, &member, err);
    if (status == STATUS_OK)
        status = engine_view(cli->opened.engine, session, member, cli->arena, &person, err);
    for (size_t i = 0; status == STATUS_OK && i < person.group->member_count; i++)
        if (person.group->members[i].leader == person.leader->id)
            members[query->member_count++] = person.group->members[i].id;
    query->members = members;
    return status;
}

static int print_list(struct cli *cli, const struct booking_list *list, size_t limit)
{
    static const struct output_column columns[] = {
        {"id", false},        {"number", false}, {"channel", false}, {"state", false},
        {"store", false},     {"day", false},    {"until", false},   {"time", false},
        {"member", false},    {"payer", false},  {"place", false},   {"party", true},
        {"rate_code", false}, {"amount", false}, {"pending", false}, {"purchase", false}};
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i < list->count && i < limit; i++) {
        const struct booking *one = &list->items[i];
        const struct text fields[] = {id_text(cli, prefix_of(one->kind), one->id),
                                      one->number,
                                      one->channel,
                                      text_from(booking_state_name(one->state)),
                                      one->store,
                                      day_text(cli, one->from_day),
                                      day_text(cli, one->until_day),
                                      instant_text(cli, one->at),
                                      id_text(cli, "mbr", one->member),
                                      id_text(cli, "mbr", one->payer),
                                      one->place,
                                      integer_text(cli, one->party),
                                      one->rate,
                                      amount_text(cli, one->amount, one->currency),
                                      pending_text(cli, one),
                                      id_text(cli, "evt", one->purchase)};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int list(struct cli *cli, enum booking_kind kind)
{
    struct booking_query query = {
        .kind = kind, .from_day = INT32_MIN, .until_day = INT32_MAX, .before_day = INT32_MAX, .before_id = INT64_MAX};
    struct storage_session *session;
    struct booking_list found;
    struct error error = {0};

    if (!read_query(cli, &query))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = name_members(cli, session, &query, &error);
    if (status == STATUS_OK)
        status = bookings_list(session, cli->arena, &query, &found, &error);
    engine_read_end(cli->opened.engine, session);
    return status == STATUS_OK ? print_list(cli, &found, query.limit) : cli_fail(cli, &error);
}

/* ---- one ---- */

static int print_history(struct cli *cli, const struct past_event *begun, const char *currency)
{
    static const struct output_column columns[] = {{"event", false}, {"kind", false},   {"at", false},
                                                   {"store", false}, {"amount", false}, {"lines", true}};
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i <= begun->follower_count; i++) {
        const struct journal_row *row = i == 0 ? &begun->row : &begun->followers[i - 1].row;
        const struct text fields[] = {id_text(cli, "evt", row->id),
                                      row->kind,
                                      instant_text(cli, row->at),
                                      row->store,
                                      amount_text(cli, row->amount, currency),
                                      integer_text(cli, (int64_t)row->line_count)};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

/* By its id, or as CHANNEL/NUMBER. */
static enum status find(struct cli *cli, struct storage_session *session, enum booking_kind kind, const char *word,
                        int64_t *id, struct error *err)
{
    const char *slash = strchr(word, '/');

    if (id_parse(prefix_of(kind), text_from(word), id))
        return STATUS_OK;
    const struct booking_number number = {
        kind, {word, slash != NULL ? (size_t)(slash - word) : 0}, text_from(slash != NULL ? slash + 1 : word)};
    enum status status = booking_find(session, cli->arena, &number, id, err);
    if (status == STATUS_OK && *id == 0)
        return error_set(err, STATUS_MISSING, "order.unknown", booking_kind_name(kind),
                         "there is no %s '%.80s': give its id, or channel/number", booking_kind_name(kind), word);
    return status;
}

static int show(struct cli *cli, enum booking_kind kind, const char *word)
{
    struct storage_session *session;
    struct past_event *begun;
    struct booking booking;
    struct error error = {0};
    int64_t id;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);

    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = find(cli, session, kind, word, &id, &error);
    if (status == STATUS_OK)
        status = booking_read(session, cli->arena, kind, id, &booking, &error);
    if (status == STATUS_OK)
        status = engine_event(session, id, LOAD_FOLLOWERS, cli->arena, &begun, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    struct configuration configuration = engine_configuration(cli->opened.engine);
    int result = print_history(cli, begun, programme_at(configuration.programmes, begun->row.at)->currency);
    engine_configuration_release(cli->opened.engine, configuration);
    return result;
}

static int run(struct cli *cli, enum booking_kind kind)
{
    struct error error = {0};
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "";
    bool showing = strcmp(what, "show") == 0;

    if ((!showing && strcmp(what, "list") != 0) || cli->argument_count != (showing ? 2 : 1))
        return cli_usage(cli, "say what: list, or show ID");
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return showing ? show(cli, kind, cli->arguments[1]) : list(cli, kind);
}

static int run_order(struct cli *cli)
{
    return run(cli, BOOKING_ORDER);
}

static int run_reservation(struct cli *cli)
{
    return run(cli, BOOKING_RESERVATION);
}

static int run_stay(struct cli *cli)
{
    return run(cli, BOOKING_STAY);
}

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"store", "CODE", "of a list: the store that handles it"},
    {"day", "DAY", "of a list: the business day of placing, of the reservation, of the arrival"},
    {"from", "DAY", "of a list: days from this on"},
    {"to", "DAY", "of a list: until this day, included"},
    {"state", "STATE", "of a list: placed, paid, ready, collected, cancelled, booked, arrived, departed, no_show"},
    {"member", "MEMBER", "of a list: who ordered, the guest"},
    {"limit", "N", "how many rows at most; default 50"},
    OPTION_FORMAT,
};

const struct subcommand order_subcommand = {
    .name = "order",
    .about = "orders: lists by store, day and state, and the history of one",
    .usage = "order list [options] | order show ID|CHANNEL/NUMBER",
    .example = "patron order list --store soho --state ready\npatron order show web/1001",
    .options = CLI_OPTIONS(options),
    .run = run_order,
};

const struct subcommand reservation_subcommand = {
    .name = "reservation",
    .about = "reservations: lists by store, day and state, and the history of one",
    .usage = "reservation list [options] | reservation show ID|CHANNEL/NUMBER",
    .example = "patron reservation list --store soho --day 2026-11-22",
    .options = CLI_OPTIONS(options),
    .run = run_reservation,
};

const struct subcommand stay_subcommand = {
    .name = "stay",
    .about = "stays: lists by hotel, day of arrival and state, and the history of one",
    .usage = "stay list [options] | stay show ID|CHANNEL/NUMBER",
    .example = "patron stay list --store hotel --state arrived\npatron stay show hotel/7731 --format json",
    .options = CLI_OPTIONS(options),
    .run = run_stay,
};
