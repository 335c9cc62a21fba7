#include <stdio.h>
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/customers/customers_store.h"
#include "features/customers/members_store.h"
#include "features/customers/name_key.h"
#include "features/customers/personal_api.h"
#include "features/customers/standing.h"
#include "features/events/events_store.h"
#include "features/points/points_store.h"
#include "foundation/id.h"
#include "foundation/money.h"
#include "json/writer.h"

enum { ROWS_DEFAULT = 50, ROWS_MAX = 10000 };

static struct text integer_text(struct cli *cli, int64_t value)
{
    return text_from(arena_format(cli->arena, "%lld", (long long)value));
}

static struct text money_text(struct cli *cli, const struct programme *programme, int64_t minor)
{
    char text[MONEY_TEXT_SIZE];
    return text_from(
        arena_format(cli->arena, "%s %s", money_format(minor, programme->exponent, text), programme->currency));
}

static struct text instant_text(struct cli *cli, int64_t instant)
{
    char *text = arena_alloc(cli->arena, INSTANT_TEXT_SIZE);
    if (instant == 0 || instant >= INSTANT_OPEN)
        return TEXT("");
    return text_from(instant_format(instant, text));
}

static struct text id_text(struct cli *cli, const char *prefix, int64_t id)
{
    return text_from(id_format(prefix, id, arena_alloc(cli->arena, ID_TEXT_SIZE)));
}

/* ---- show ---- */

static struct text identifier_list(struct cli *cli, const struct customer_state *state)
{
    struct builder out = {.arena = cli->arena};
    for (size_t i = 0; i < state->identifier_count; i++)
        builder_format(&out, "%s%s:%.*s", i > 0 ? " " : "", state->identifiers[i].identifier.kind,
                       (int)state->identifiers[i].identifier.value.size, state->identifiers[i].identifier.value.bytes);
    return builder_done(&out);
}

static struct text wallet_list(struct cli *cli, const struct person *person)
{
    struct builder out = {.arena = cli->arena};
    for (size_t m = 0; m < person->group->member_count; m++) {
        const struct member *member = &person->group->members[m];
        for (size_t i = 0; member->leader == person->leader->id && i < member->wallet_count; i++) {
            const struct wallet *wallet = &member->wallets[i];
            builder_format(&out, "%s%.*s:%lld", out.size > 0 ? " " : "", (int)wallet->code.size, wallet->code.bytes,
                           (long long)(wallet->active + wallet->pending + wallet->held - wallet->debt));
        }
    }
    return builder_done(&out);
}

static enum status read_member(struct cli *cli, int64_t member, struct person *person, struct customer_state *state,
                               struct error *err)
{
    struct storage_session *session = NULL;
    enum status status = engine_read_begin(cli->opened.engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_view(cli->opened.engine, session, member, cli->arena, person, err);
    if (status == STATUS_OK) {
        *state = (struct customer_state){.member = person->leader->id};
        status = customers_read(session, cli->arena, PART_PROFILE | PART_IDENTIFIERS | PART_TAGS, state, 1, err);
    }
    engine_read_end(cli->opened.engine, session);
    return status;
}

static const struct output_column member_columns[] = {
    {"id", false},    {"name", false},  {"identifiers", false},      {"registered_at", false},
    {"tier", false},  {"stage", false}, {"points", false},           {"purchases", true},
    {"spend", false}, {"visits", true}, {"last_purchase_at", false}, {"status", false},
};

static void print_member(struct cli *cli, struct output *output, const struct person *person,
                         const struct customer_state *state, const struct programme_set *set)
{
    int64_t now = clock_now(engine_clock(cli->opened.engine));
    const struct programme *programme = programme_at(set, now);
    const struct standing *standing = &person->leader->standing;
    const struct text *profile = state->profile.fields;
    struct text name = profile[PROFILE_DISPLAY_NAME];
    if (name.size == 0)
        name = text_from(arena_format(cli->arena, "%.*s%.*s", (int)profile[PROFILE_FAMILY_NAME].size,
                                      profile[PROFILE_FAMILY_NAME].bytes, (int)profile[PROFILE_GIVEN_NAME].size,
                                      profile[PROFILE_GIVEN_NAME].bytes));
    enum stage stage =
        standing_stage(standing, now, zone_day(programme->zone, now), set->median_interval, set->lifecycle);
    struct text fields[] = {id_text(cli, "mbr", person->leader->id),
                            name,
                            identifier_list(cli, state),
                            instant_text(cli, person->leader->registered_at),
                            standing->tier,
                            text_from(stage_name(stage)),
                            wallet_list(cli, person),
                            integer_text(cli, standing->purchases),
                            money_text(cli, programme, standing->spend),
                            integer_text(cli, standing->visits),
                            instant_text(cli, standing->last_purchase_at),
                            person->leader->status == MEMBER_ERASED ? TEXT("erased") : TEXT("active")};
    output_row(output, fields);
}

int member_show(struct cli *cli, int64_t member)
{
    struct error error = {0};
    struct output output;
    struct person person;
    struct customer_state state;
    if (!output_start(&output, cli, member_columns, sizeof member_columns / sizeof member_columns[0]))
        return EXIT_USAGE;
    if (read_member(cli, member, &person, &state, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    struct configuration configuration = engine_configuration(cli->opened.engine);
    print_member(cli, &output, &person, &state, configuration.programmes);
    engine_configuration_release(cli->opened.engine, configuration);
    output_object_end(&output);
    return EXIT_DONE;
}

/* ---- find ---- */

int member_find(struct cli *cli, const char *text)
{
    struct error error = {0};
    struct output output;
    struct storage_session *session = NULL;
    struct member_list found = {0};
    int64_t limit = ROWS_DEFAULT;
    struct list_filter filter = {.key = name_fold(cli->arena, text_from(text)), .stage = -1};
    if (!cli_integer(cli, "limit", 1, ROWS_MAX, &limit) ||
        !output_start(&output, cli, member_columns, sizeof member_columns / sizeof member_columns[0]))
        return EXIT_USAGE;
    filter.from.bucket = -1;
    filter.limit = (size_t)limit;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status == STATUS_OK)
        status = members_list(session, cli->arena, &filter, &found, &error);
    if (session != NULL)
        engine_read_end(cli->opened.engine, session);
    struct configuration configuration = engine_configuration(cli->opened.engine);
    for (size_t i = 0; status == STATUS_OK && i < found.count; i++) {
        struct person person;
        struct customer_state state;
        status = read_member(cli, found.places[i].member, &person, &state, &error);
        if (status == STATUS_OK)
            print_member(cli, &output, &person, &state, configuration.programmes);
    }
    engine_configuration_release(cli->opened.engine, configuration);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    if (found.count == 0 && output.format == OUTPUT_TABLE)
        fprintf(stderr, "patron member: nobody is found by '%s'\n", text);
    else
        output_end(&output);
    return EXIT_DONE;
}

/* ---- timeline and statement ---- */

static enum status person_members(struct cli *cli, struct storage_session *session, int64_t member, int64_t **members,
                                  size_t *count, struct error *err)
{
    struct person person;
    enum status status = engine_view(cli->opened.engine, session, member, cli->arena, &person, err);
    if (status != STATUS_OK)
        return status;
    *members = arena_array(cli->arena, person.group->member_count, sizeof **members);
    *count = 0;
    for (size_t i = 0; i < person.group->member_count; i++)
        if (person.group->members[i].leader == person.leader->id)
            (*members)[(*count)++] = person.group->members[i].id;
    return STATUS_OK;
}

static struct text point_list(struct cli *cli, const struct timeline_entry *entry)
{
    struct builder out = {.arena = cli->arena};
    for (size_t i = 0; i < entry->point_count; i++)
        builder_format(&out, "%s%.*s:%+lld", i > 0 ? " " : "", (int)entry->points[i].wallet.size,
                       entry->points[i].wallet.bytes, (long long)entry->points[i].points);
    return builder_done(&out);
}

int member_timeline(struct cli *cli, int64_t member)
{
    static const struct output_column columns[] = {{"at", false},      {"kind", false},    {"store", false},
                                                   {"channel", false}, {"receipt", false}, {"amount", false},
                                                   {"points", false},  {"id", false}};
    struct error error = {0};
    struct output output;
    struct storage_session *session = NULL;
    int64_t limit = ROWS_DEFAULT;
    int64_t *members = NULL;
    struct timeline_entry *entries = NULL;
    struct timeline_query query = {.before_at = INT64_MAX, .before_id = INT64_MAX};
    size_t count = 0;
    if (!cli_integer(cli, "limit", 1, ROWS_MAX, &limit) ||
        !output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status == STATUS_OK)
        status = person_members(cli, session, member, &members, &query.member_count, &error);
    query.members = members;
    query.limit = (size_t)limit;
    if (status == STATUS_OK)
        status = timeline_read(session, cli->arena, &query, &entries, &count, &error);
    if (session != NULL)
        engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    struct configuration configuration = engine_configuration(cli->opened.engine);
    const struct programme *programme =
        programme_at(configuration.programmes, clock_now(engine_clock(cli->opened.engine)));
    for (size_t i = 0; i < count && i < (size_t)limit; i++) {
        struct text fields[] = {instant_text(cli, entries[i].at),
                                entries[i].kind,
                                entries[i].store,
                                entries[i].channel,
                                entries[i].receipt,
                                entries[i].amount == 0 ? TEXT("") : money_text(cli, programme, entries[i].amount),
                                point_list(cli, &entries[i]),
                                id_text(cli, "evt", entries[i].id)};
        output_row(&output, fields);
    }
    engine_configuration_release(cli->opened.engine, configuration);
    output_end(&output);
    return EXIT_DONE;
}

static bool month_range(const char *month, const struct zone *zone, struct statement_range *range)
{
    int32_t day = 0;
    char text[DAY_TEXT_SIZE];
    snprintf(text, sizeof text, "%.7s-01", month);
    if (strlen(month) != 7 || !day_parse(text_from(text), &day))
        return false;
    range->start = zone_day_start(zone, day);
    range->end = zone_day_start(zone, day_add_months(day, 1));
    return true;
}

static void print_statement(struct cli *cli, struct output *output, const struct statement *statement)
{
    struct text empty = TEXT("");
    struct text opening[] = {empty, TEXT("opening"), empty, empty, integer_text(cli, statement->opening)};
    int64_t balance = statement->opening;
    output_row(output, opening);
    for (size_t i = 0; i < statement->entry_count; i++) {
        const struct statement_entry *entry = &statement->entries[i];
        balance += entry->change;
        struct text fields[] = {instant_text(cli, entry->at), entry->kind, entry->store,
                                integer_text(cli, entry->change), integer_text(cli, balance)};
        output_row(output, fields);
    }
    struct text closing[] = {empty, TEXT("closing"), empty, empty, integer_text(cli, statement->closing)};
    output_row(output, closing);
}

int member_statement(struct cli *cli, int64_t member)
{
    static const struct output_column columns[] = {
        {"at", false}, {"kind", false}, {"store", false}, {"change", true}, {"balance", true}};
    struct error error = {0};
    struct output output;
    struct storage_session *session = NULL;
    struct statement statement;
    struct statement_range range = {0};
    int64_t *members = NULL;
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    struct configuration configuration = engine_configuration(cli->opened.engine);
    const struct programme *programme =
        programme_at(configuration.programmes, clock_now(engine_clock(cli->opened.engine)));
    const char *wallet = cli_value(cli, "wallet");
    range.wallet = wallet != NULL ? text_from(wallet) : text_copy(cli->arena, programme->wallets[0].code);
    bool valid = month_range(cli->arguments[2], programme->zone, &range);
    engine_configuration_release(cli->opened.engine, configuration);
    if (!valid)
        return cli_usage(cli, "'%s' is not a month such as 2026-10", cli->arguments[2]);
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status == STATUS_OK)
        status = person_members(cli, session, member, &members, &range.member_count, &error);
    range.members = members;
    if (status == STATUS_OK)
        status = statement_read(session, cli->arena, &range, &statement, &error);
    if (session != NULL)
        engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    print_statement(cli, &output, &statement);
    output_end(&output);
    return EXIT_DONE;
}

/* ---- export ---- */

int member_export(struct cli *cli, int64_t member)
{
    struct error error = {0};
    struct storage_session *session = NULL;
    struct json_writer writer;
    int64_t *members = NULL;
    size_t count = 0;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status == STATUS_OK)
        status = person_members(cli, session, member, &members, &count, &error);
    writer_start(&writer, cli->arena);
    writer_object(&writer, NULL);
    for (size_t t = 0; status == STATUS_OK && t < personal_table_count; t++) {
        if (personal_tables[t].export_query == NULL)
            continue;
        const struct personal_reader reader = {personal_write, &writer};
        writer_list(&writer, personal_tables[t].table);
        for (size_t m = 0; status == STATUS_OK && m < count; m++)
            status = personal_read(session, &personal_tables[t], members[m], &reader, &error);
        writer_end(&writer);
    }
    writer_end(&writer);
    if (session != NULL)
        engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    struct text text = writer_done(&writer);
    printf("%.*s\n", (int)text.size, text.bytes);
    return EXIT_DONE;
}
