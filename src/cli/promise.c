/* promise.c: `patron promise`: the report of promises, missed benefits, advertisements that are honoured without a trace. */
#include <stdio.h>
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/promises/honours_store.h"
#include "features/promises/promises_store.h"
#include "features/promises/report_store.h"
#include "foundation/clock.h"
#include "foundation/money.h"

enum { SHOWN_MAX = 1000, DAYS_USUAL = 30 };

/* ---- texts ---- */

static struct text id_text(struct cli *cli, const char *prefix, int64_t id)
{
    char text[ID_TEXT_SIZE];

    return id == 0 ? TEXT("") : text_copy(cli->arena, text_from(id_format(prefix, id, text)));
}

static struct text number_text(struct cli *cli, int64_t number)
{
    return text_from(arena_format(cli->arena, "%lld", (long long)number));
}

static struct text money_text(struct cli *cli, const struct programme *programme, int64_t minor)
{
    char text[MONEY_TEXT_SIZE];

    return text_copy(cli->arena, text_from(money_format(minor, programme->exponent, text)));
}

static struct text day_text(struct cli *cli, int32_t day)
{
    char text[DAY_TEXT_SIZE];

    return text_copy(cli->arena, text_from(day_format(day, text)));
}

/* ---- what subcommands share ---- */

struct work {
    struct cli *cli;
    struct configuration configuration;
    const struct programme_set *set;
    const struct programme *programme; /* of now */
    int64_t now;
    struct storage_session *session;
};

static enum status begin(struct cli *cli, struct work *work, struct error *err)
{
    *work = (struct work){.cli = cli, .now = clock_now(engine_clock(cli->opened.engine))};
    enum status status = engine_read_begin(cli->opened.engine, &work->session, err);
    if (status != STATUS_OK)
        return status;
    work->configuration = engine_configuration(cli->opened.engine);
    work->set = work->configuration.programmes;
    work->programme = programme_at(work->set, work->now);
    return STATUS_OK;
}

static void end_reading(struct work *work)
{
    if (work->session != NULL)
        engine_read_end(work->cli->opened.engine, work->session);
    work->session = NULL;
}

static void end(struct work *work)
{
    end_reading(work);
    engine_configuration_release(work->cli->opened.engine, work->configuration);
}

static bool read_day(const struct cli *cli, const char *option, int32_t *day)
{
    const char *given = cli_value(cli, option);

    return given == NULL || day_parse(text_from(given), day) ||
           (cli_usage(cli, "--%s is a day, such as 2026-11-22", option), false);
}

static bool read_state(const struct cli *cli, const char *const *names, int *state)
{
    const char *given = cli_value(cli, "state");

    *state = 0;
    for (int i = 1; given != NULL && names[i] != NULL; i++)
        if (strcmp(given, names[i]) == 0)
            *state = i;
    return given == NULL || *state != 0 || (cli_usage(cli, "--state is none of those there are"), false);
}

static enum status run_command(struct cli *cli, struct command *command, struct error *err)
{
    command->actor = TEXT("cli");
    command->day = DAY_NONE;
    command->bucket = -1;
    command->arena = cli->arena;
    enum status status = engine_run(cli->opened.engine, &command, 1, err);

    if (status == STATUS_OK && command->status != STATUS_OK) {
        *err = command->error;
        status = command->status;
    }
    return status;
}

static struct text given_text(struct cli *cli, const struct good *good)
{
    if (good->kind == GOOD_POINTS)
        return text_from(
            arena_format(cli->arena, "%lld %.*s", (long long)good->points, (int)good->wallet.size, good->wallet.bytes));
    return good->key;
}

/* ---- the report ---- */

static void print_store(const struct work *work, struct output *output, struct text name,
                        const struct report_store *store)
{
    const struct report_figure *const figures[] = {&store->kept,   &store->proved, &store->traceless, &store->waiting,
                                                   &store->missed, &store->good,   &store->open};
    struct text fields[15] = {name};

    for (size_t i = 0; i < 7; i++) {
        fields[1 + 2 * i] = number_text(work->cli, figures[i]->count);
        fields[2 + 2 * i] = money_text(work->cli, work->programme, figures[i]->value);
    }
    output_row(output, fields);
}

static int print_report(const struct work *work, const struct promise_report *report)
{
    static const struct output_column columns[] = {
        {"store", false},         {"kept", true},     {"kept_value", true},    {"proved", true},
        {"proved_value", true},   {"honoured", true}, {"honoured_cost", true}, {"waiting", true},
        {"waiting_value", true},  {"missed", true},   {"missed_value", true},  {"made_good", true},
        {"made_good_cost", true}, {"open", true},     {"open_value", true}};
    struct output output;

    if (!output_start(&output, work->cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i < report->store_count; i++)
        print_store(work, &output, report->stores[i].store, &report->stores[i]);
    print_store(work, &output, TEXT("total"), &report->total);
    output_end(&output);
    if (output.format != OUTPUT_TABLE)
        return EXIT_DONE;
    for (size_t i = 0; i < report->channel_count; i++)
        printf("advertised in %.*s: %lld\n", (int)report->channels[i].channel.size, report->channels[i].channel.bytes,
               (long long)report->channels[i].items);
    return EXIT_DONE;
}

static int report(struct cli *cli)
{
    struct promise_report found;
    struct report_question question = {.store = text_from(cli_value(cli, "store"))};
    struct error error = {0};
    struct work work;
    enum status status = begin(cli, &work, &error);

    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    question.last = zone_day(work.programme->zone, work.now);
    bool fine = read_day(cli, "to", &question.last);
    question.first = question.last - (DAYS_USUAL - 1);
    fine = fine && read_day(cli, "from", &question.first);
    if (fine)
        status = report_read(work.session, cli->arena, work.set, &question, &found, &error);
    int done = !fine ? EXIT_USAGE : status != STATUS_OK ? cli_fail(cli, &error) : print_report(&work, &found);
    end(&work);
    return done;
}

/* ---- lists ---- */

struct listing {
    struct person person;
    bool one;
    int32_t first, last;
    int state;
};

static enum status read_listing(struct work *work, const char *const *states, struct listing *listing, bool *fine,
                                struct error *err)
{
    const char *word = cli_value(work->cli, "member");
    int64_t member;

    *listing = (struct listing){.one = word != NULL, .first = INT32_MIN, .last = INT32_MAX};
    *fine = read_day(work->cli, "from", &listing->first) && read_day(work->cli, "to", &listing->last) &&
            read_state(work->cli, states, &listing->state);
    if (!*fine || word == NULL)
        return STATUS_OK;
    enum status status = cli_member(work->cli, work->session, word, &member, err);
    return status == STATUS_OK
               ? engine_view(work->cli->opened.engine, work->session, member, work->cli->arena, &listing->person, err)
               : status;
}

static int list(struct cli *cli, const char *const *states,
                int (*show)(const struct work *work, const struct listing *listing))
{
    struct listing listing;
    struct error error = {0};
    struct work work;
    bool fine = true;
    enum status status = begin(cli, &work, &error);

    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = read_listing(&work, states, &listing, &fine, &error);
    int done = !fine ? EXIT_USAGE : status != STATUS_OK ? cli_fail(cli, &error) : show(&work, &listing);
    end(&work);
    return done;
}

static int print_missed(const struct work *work, const struct missed *found, size_t count)
{
    static const struct output_column columns[] = {
        {"id", false},  {"state", false}, {"kind", false}, {"code", false}, {"member", false}, {"purchase", false},
        {"day", false}, {"store", false}, {"value", true}, {"left", true},  {"given", false}};
    struct output output;

    if (!output_start(&output, work->cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i < count; i++) {
        const struct text fields[] = {id_text(work->cli, "mbf", found[i].id),
                                      text_from(missed_states[found[i].state]),
                                      text_from(missed_kinds[found[i].kind]),
                                      found[i].code,
                                      id_text(work->cli, "mbr", found[i].member),
                                      id_text(work->cli, "evt", found[i].purchase),
                                      day_text(work->cli, found[i].day),
                                      found[i].store,
                                      money_text(work->cli, work->programme, found[i].value),
                                      money_text(work->cli, work->programme, found[i].left),
                                      given_text(work->cli, &found[i].good)};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int show_missed(const struct work *work, const struct listing *listing)
{
    const struct missed_page page = {.person = listing->one ? &listing->person : NULL,
                                     .store = text_from(cli_value(work->cli, "store")),
                                     .state = listing->state,
                                     .first = listing->first,
                                     .last = listing->last,
                                     .before_day = INT32_MAX,
                                     .before_id = INT64_MAX,
                                     .limit = SHOWN_MAX};
    struct missed *found = NULL;
    struct error error = {0};
    size_t count = 0;
    enum status status = missed_list(work->session, work->cli->arena, &page, &found, &count, &error);

    return status == STATUS_OK ? print_missed(work, found, count) : cli_fail(work->cli, &error);
}

static int missed(struct cli *cli)
{
    return list(cli, missed_states, show_missed);
}

static int print_honours(const struct work *work, const struct traceless *found, size_t count)
{
    static const struct output_column columns[] = {{"id", false},      {"state", false},      {"member", false},
                                                   {"channel", false}, {"advertised", false}, {"day", false},
                                                   {"store", false},   {"reason", false},     {"value", true},
                                                   {"given", false},   {"outcome", false}};
    struct output output;

    if (!output_start(&output, work->cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i < count; i++) {
        const struct text fields[] = {id_text(work->cli, "hnr", found[i].id),
                                      text_from(honour_states[found[i].state]),
                                      id_text(work->cli, "mbr", found[i].member),
                                      found[i].channel,
                                      found[i].advertised,
                                      day_text(work->cli, found[i].day),
                                      found[i].store,
                                      found[i].reason,
                                      money_text(work->cli, work->programme, found[i].value),
                                      given_text(work->cli, &found[i].good),
                                      found[i].outcome};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int show_honours(const struct work *work, const struct listing *listing)
{
    const struct honour_page page = {.person = listing->one ? &listing->person : NULL,
                                     .store = text_from(cli_value(work->cli, "store")),
                                     .state = listing->state,
                                     .first = listing->first,
                                     .last = listing->last,
                                     .before_at = INT64_MAX,
                                     .before_id = INT64_MAX,
                                     .limit = SHOWN_MAX};
    struct traceless *found = NULL;
    struct error error = {0};
    size_t count = 0;
    enum status status = honour_list(work->session, work->cli->arena, &page, &found, &count, &error);

    return status == STATUS_OK ? print_honours(work, found, count) : cli_fail(work->cli, &error);
}

static int honours(struct cli *cli)
{
    return list(cli, honour_states, show_honours);
}

/* ---- honouring ---- */

static bool read_asked(struct cli *cli, const struct programme *programme, struct traceless *asked)
{
    static const char *const needed[] = {"channel", "text", "value", "reason", NULL};
    const char *give = cli_value(cli, "give");
    struct error ignored;

    for (const char *const *name = needed; *name != NULL; name++)
        if (cli_value(cli, *name) == NULL)
            return cli_usage(cli, "say --channel, --text, --value and --reason"), false;
    if (money_parse(text_from(cli_value(cli, "value")), programme->exponent, &asked->value, &ignored) != STATUS_OK ||
        asked->value <= 0)
        return cli_usage(cli, "--value is an amount of %s above 0, such as 10.00", programme->currency), false;
    if (give != NULL && strcmp(give, "points") != 0 && strcmp(give, "voucher") != 0)
        return cli_usage(cli, "--give is points or voucher"), false;
    asked->give = give != NULL && strcmp(give, "voucher") == 0 ? GOOD_VOUCHER : GOOD_POINTS;
    asked->channel = text_from(cli_value(cli, "channel"));
    asked->advertised = text_from(cli_value(cli, "text"));
    asked->reason = text_from(cli_value(cli, "reason"));
    asked->store = text_from(cli_value(cli, "store"));
    asked->by = TEXT("cli");
    return true;
}

static int print_one(struct cli *cli, const struct traceless *honour)
{
    struct text given = given_text(cli, &honour->good);

    printf("%s: %s%s%.*s\n", id_text(cli, "hnr", honour->id).bytes, honour_states[honour->state],
           given.size > 0 ? ", " : "", (int)given.size, given.bytes);
    return EXIT_DONE;
}

static int honour(struct cli *cli)
{
    struct honour_promise *body = arena_alloc(cli->arena, sizeof *body);
    struct command command = {.type = &honour_promise_type, .body = body};
    struct error error = {0};
    struct work work;
    enum status status = begin(cli, &work, &error);

    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    body->roles = TEXT("administrator"); /* whoever may open the database */
    body->claim = -1;
    bool fine = read_asked(cli, work.programme, &body->asked);
    command.subjects[0].by = SUBJECT_MEMBER;
    command.subject_count = 1;
    if (fine)
        status = cli_member(cli, work.session, cli->arguments[1], &command.subjects[0].id, &error);
    if (work.programme->honours != NULL)
        good_keys_make(cli->arena, work.set, &work.programme->honours->means, work.now, &body->keys);
    end(&work);
    if (!fine)
        return EXIT_USAGE;
    (void)honour_name(&command, cli->arena);
    if (status == STATUS_OK)
        status = run_command(cli, &command, &error);
    return status == STATUS_OK ? print_one(cli, &body->result) : cli_fail(cli, &error);
}

/* ---- deciding ---- */

static int decide_missed_one(struct cli *cli, int64_t id, bool approve)
{
    struct decide_missed *body = arena_alloc(cli->arena, sizeof *body);
    struct command command = {.type = &decide_missed_type, .body = body};
    struct missed found = {.id = 0};
    struct error error = {0};
    struct work work;
    enum status status = begin(cli, &work, &error);

    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = missed_read(work.session, cli->arena, id, &found, &error);
    body->approve = approve;
    body->by = TEXT("cli");
    command.subjects[0] = (struct subject){.by = SUBJECT_MEMBER, .id = found.member};
    command.subject_count = 1;
    if (status == STATUS_OK)
        decide_missed_name(&command, cli->arena, work.set, &found, work.now);
    end(&work);
    if (status == STATUS_OK)
        status = run_command(cli, &command, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%s: %s\n", cli->arguments[1], missed_states[body->result.state]);
    return EXIT_DONE;
}

static int decide_honour_one(struct cli *cli, int64_t id, bool approve)
{
    struct decide_honour *body = arena_alloc(cli->arena, sizeof *body);
    struct command command = {.type = &decide_honour_type, .body = body};
    struct traceless found = {.id = 0};
    struct error error = {0};
    struct work work;
    enum status status = begin(cli, &work, &error);

    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = honour_read(work.session, cli->arena, id, &found, &error);
    body->approve = approve;
    body->by = TEXT("cli");
    body->reason = text_from(cli_value(cli, "reason"));
    command.subjects[0] = (struct subject){.by = SUBJECT_MEMBER, .id = found.member};
    command.subject_count = 1;
    if (status == STATUS_OK)
        decide_honour_name(&command, cli->arena, work.set, &found, work.now);
    end(&work);
    if (status == STATUS_OK)
        status = run_command(cli, &command, &error);
    return status == STATUS_OK ? print_one(cli, &body->result) : cli_fail(cli, &error);
}

static int decide(struct cli *cli)
{
    bool approve = strcmp(cli->arguments[0], "approve") == 0;
    int64_t id;

    if (id_parse("mbf", text_from(cli->arguments[1]), &id))
        return decide_missed_one(cli, id, approve);
    if (id_parse("hnr", text_from(cli->arguments[1]), &id))
        return decide_honour_one(cli, id, approve);
    return cli_usage(cli, "a missed benefit is named mbf_..., an honour hnr_...");
}

/* ---- the subcommand ---- */

static int run(struct cli *cli)
{
    static const struct cli_action actions[] = {{"report", 1, report}, {"missed", 1, missed},  {"honours", 1, honours},
                                                {"honour", 2, honour}, {"approve", 2, decide}, {"refuse", 2, decide},
                                                {NULL, 0, NULL}};

    return cli_act(cli, actions, "report, missed, honours, honour MEMBER, approve or refuse ID");
}

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"from", "DAY", "the first day; of the report 29 days before the last"},
    {"to", "DAY", "the last day; of the report today"},
    {"store", "CODE", "one store alone; of an honour: where"},
    {"member", "MEMBER", "missed, honours: of one member"},
    {"state", "STATE", "missed, honours: in one state"},
    {"channel", "CODE", "honour: where it was seen"},
    {"text", "TEXT", "honour: what was advertised"},
    {"value", "AMOUNT", "honour: what it is worth, in the programme's currency"},
    {"give", "KIND", "honour: points (default) or voucher"},
    {"reason", "CODE", "honour: why; of a decision on one: words for the record"},
    OPTION_FORMAT,
};

const struct subcommand promise_subcommand = {
    .name = "promise",
    .about = "promises made, kept, missed and made good; advertisements that are honoured without a trace",
    .usage = "promise report | missed | honours | honour MEMBER | approve ID | refuse ID [options]",
    .example = "patron promise report --from 2026-11-01 --format csv\n"
               "patron promise honour phone:13800138000 --channel web --text 'Ten off' --value 10.00 --reason flyer",
    .options = CLI_OPTIONS(options),
    .run = run,
};
