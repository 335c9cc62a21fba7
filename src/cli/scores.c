/* scores.c: the scores of members: one as of now, all as last kept; scoring all; alerts of members whose risk has risen. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/write_store.h"
#include "cli/member.h"
#include "cli/output.h"
#include "features/insight/live_person_store.h"
#include "features/insight/member_alert_store.h"
#include "features/insight/rescore_store.h"
#include "features/insight/score_list_store.h"
#include "features/programme/programme.h"
#include "foundation/id.h"

enum { ROWS_USUAL = 50, ROWS_LIMIT = 100000, REASONS_TOLD = 3 };

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"sort", "SCORE", "clv, expected_value, expected_purchases, alive, churn_risk or loyalty; default clv"},
    {"lowest", NULL, "the lowest first"},
    {"choose", NULL, "run: choose the models anew"},
    {"state", "STATE", "alerts: open, acknowledged, ended or all; default open"},
    {"limit", "N", "how many rows at most; default 50"},
    OPTION_FORMAT,
};

/* ---- cells ---- */

static struct text millionths(struct cli *cli, int64_t number)
{
    return text_from(arena_format(cli->arena, "%.6f", (double)number / SCORE_MILLION));
}

static struct text whole_or_nothing(struct cli *cli, int64_t number)
{
    return number < 0 ? TEXT("") : text_from(arena_format(cli->arena, "%lld", (long long)number));
}

/* Minor units as an amount of the programme's currency. */
static struct text money(struct cli *cli, int64_t minor)
{
    struct configuration configuration = engine_configuration(cli->opened.engine);
    int64_t now = clock_now(engine_clock(cli->opened.engine));
    int exponent = programme_at(configuration.programmes, now)->exponent;

    engine_configuration_release(cli->opened.engine, configuration);
    return minor < 0 ? TEXT("")
                     : text_from(arena_format(cli->arena, "%.*f", exponent, (double)minor / pow(10, exponent)));
}

static struct text id_cell(struct cli *cli, int64_t member)
{
    char id[ID_TEXT_SIZE];

    return text_from(arena_format(cli->arena, "%s", id_format("mbr", member, id)));
}

static struct text time_cell(struct cli *cli, int64_t at)
{
    char text[INSTANT_TEXT_SIZE];

    return at == 0 ? TEXT("") : text_from(arena_format(cli->arena, "%s", instant_format(at, text)));
}

/* ---- the list ---- */

static const struct output_column list_columns[] = {
    {"member", false},        {"type", false}, {"churn_risk", true}, {"alive", true},     {"expected_purchases", true},
    {"expected_value", true}, {"clv", true},   {"loyalty", true},    {"scored_at", false}};

static bool read_sort(const struct cli *cli, enum score_key *out)
{
    static const struct {
        const char *name;
        enum score_key key;
    } sorts[] = {{"clv", SCORE_LIFETIME}, {"expected_value", SCORE_VALUE}, {"expected_purchases", SCORE_EXPECTED},
                 {"alive", SCORE_ALIVE},  {"churn_risk", SCORE_RISK},      {"loyalty", SCORE_LOYALTY}};
    const char *name = cli_value(cli, "sort");

    for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++)
        if (strcmp(name == NULL ? "clv" : name, sorts[i].name) == 0) {
            *out = sorts[i].key;
            return true;
        }
    cli_usage(cli, "'%s' is no score to sort by", name);
    return false;
}

static int list(struct cli *cli)
{
    struct error error = {0};
    struct output output;
    struct storage_session *session = NULL;
    struct score_page page = {.worst = cli_flag(cli, "lowest"), .limit = ROWS_USUAL};
    struct kept_scores scores;
    if (!cli_integer(cli, "limit", 1, ROWS_LIMIT, &page.limit) || !read_sort(cli, &page.key) ||
        !output_start(&output, cli, list_columns, sizeof list_columns / sizeof list_columns[0]))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = scores_read(session, cli->arena, &page, &scores, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < scores.count; i++) {
        const struct kept_score *score = &scores.items[i];
        const struct text fields[] = {id_cell(cli, score->member),
                                      text_from(customer_type_name((enum customer_type)score->kind)),
                                      millionths(cli, score->numbers[SCORE_RISK]),
                                      millionths(cli, score->numbers[SCORE_ALIVE]),
                                      millionths(cli, score->numbers[SCORE_EXPECTED]),
                                      money(cli, score->numbers[SCORE_VALUE]),
                                      money(cli, score->numbers[SCORE_LIFETIME]),
                                      whole_or_nothing(cli, score->numbers[SCORE_LOYALTY]),
                                      time_cell(cli, score->scored_at)};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

/* ---- one member ---- */

static const struct output_column show_columns[] = {
    {"member", false}, {"type", false},          {"evidence", false},          {"brand", false},
    {"alive", true},   {"churn_risk", true},     {"churn_model", false},       {"churn_reasons", false},
    {"clv", true},     {"expected_value", true}, {"expected_purchases", true}, {"loyalty", true}};

/* "value-driven 9 of 10, impulse 1 of 3" */
static struct text evidence_cell(struct cli *cli, const struct person_scores *scores)
{
    struct builder out = {.arena = cli->arena};

    for (int i = 0; i < TYPE_KINDS && scores->base.known; i++) {
        const struct type_evidence *evidence = &scores->habit.member.evidence[i];

        if (evidence->of > 0)
            builder_format(&out, "%s%s %.0f of %.0f", out.size > 0 ? ", " : "",
                           customer_type_name((enum customer_type)i), evidence->count, evidence->of);
    }
    return builder_done(&out);
}

static struct text reasons_cell(struct cli *cli, const struct person_scores *scores)
{
    struct builder out = {.arena = cli->arena};
    enum churn_trait traits[REASONS_TOLD];
    size_t count = scores->fitted ? churn_why_strongest(&scores->why, traits, REASONS_TOLD) : 0;

    for (size_t i = 0; i < count; i++)
        builder_format(&out, "%s%s %.4g (%+.2f)", i > 0 ? ", " : "", churn_trait_name(traits[i]),
                       scores->why.values[traits[i]], scores->why.parts[traits[i]]);
    return builder_done(&out);
}

static void print_person(struct cli *cli, struct output *output, int64_t leader, const struct person_scores *scores)
{
    struct kept_score kept;
    struct text nothing = TEXT("");

    score_whole(&scores->score, &kept);
    const struct text fields[] = {id_cell(cli, leader),
                                  scores->base.known ? text_from(customer_type_name(scores->habit.member.type))
                                                     : nothing,
                                  evidence_cell(cli, scores),
                                  scores->habit.brand,
                                  scores->known ? millionths(cli, kept.numbers[SCORE_ALIVE]) : nothing,
                                  scores->known ? millionths(cli, kept.numbers[SCORE_RISK]) : nothing,
                                  !scores->known   ? nothing
                                  : scores->fitted ? TEXT("fitted")
                                                   : TEXT("lifetime"),
                                  reasons_cell(cli, scores),
                                  scores->known ? money(cli, kept.numbers[SCORE_LIFETIME]) : nothing,
                                  scores->known ? money(cli, kept.numbers[SCORE_VALUE]) : nothing,
                                  scores->known ? millionths(cli, kept.numbers[SCORE_EXPECTED]) : nothing,
                                  scores->known ? whole_or_nothing(cli, kept.numbers[SCORE_LOYALTY]) : nothing};
    output_row(output, fields);
}

static enum status read_person(struct cli *cli, int64_t *leader, struct person_scores *out, struct error *err)
{
    struct storage_session *session = NULL;
    struct person person;
    int64_t member = 0;
    enum status status = engine_read_begin(cli->opened.engine, &session, err);
    if (status != STATUS_OK)
        return status;
    struct configuration configuration = engine_configuration(cli->opened.engine);
    struct person_question question = {.now = clock_now(engine_clock(cli->opened.engine)),
                                       .weeks = LIVE_HORIZON_WEEKS,
                                       .programmes = configuration.programmes};
    status = cli_member(cli, session, cli->arguments[1], &member, err);
    if (status == STATUS_OK)
        status = engine_view(cli->opened.engine, session, member, cli->arena, &person, err);
    if (status == STATUS_OK) {
        *leader = question.leader = person.leader->id;
        if (out != NULL)
            status = person_scores_read(session, cli->arena, &question, out, err);
    }
    engine_configuration_release(cli->opened.engine, configuration);
    engine_read_end(cli->opened.engine, session);
    return status;
}

static int show(struct cli *cli)
{
    struct error error = {0};
    struct output output;
    struct person_scores scores;
    int64_t leader = 0;
    if (!output_start(&output, cli, show_columns, sizeof show_columns / sizeof show_columns[0]))
        return EXIT_USAGE;
    if (read_person(cli, &leader, &scores, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    print_person(cli, &output, leader, &scores);
    output_object_end(&output);
    return EXIT_DONE;
}

/* ---- scoring all ---- */

static int score_all(struct cli *cli)
{
    static const struct output_column columns[] = {{"members", true}, {"alerts", true}, {"model", false}};
    struct error error = {0};
    struct output output;
    struct rescore_result result;
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (rescore_run(cli->opened.engine, &(struct rescore){.choose = cli_flag(cli, "choose")}, &result, &error) !=
        STATUS_OK)
        return cli_fail(cli, &error);
    const struct text fields[] = {whole_or_nothing(cli, (int64_t)result.persons), whole_or_nothing(cli, result.alerts),
                                  text_from(clv_model_name(result.model.model.fit.model))};
    output_row(&output, fields);
    output_object_end(&output);
    return EXIT_DONE;
}

/* ---- alerts ---- */

static const struct output_column alert_columns[] = {
    {"member", false},   {"raised_at", false}, {"before", true},           {"risk", true},
    {"threshold", true}, {"ended_at", false},  {"acknowledged_at", false}, {"acknowledged_by", false}};

static bool read_state(const struct cli *cli, enum alert_state *out)
{
    static const char *const states[] = {"open", "acknowledged", "ended", "all"};
    const char *name = cli_value(cli, "state");

    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (strcmp(name == NULL ? "open" : name, states[i]) == 0) {
            *out = (enum alert_state)i;
            return true;
        }
    cli_usage(cli, "the state is open, acknowledged, ended or all");
    return false;
}

static int list_alerts(struct cli *cli)
{
    struct error error = {0};
    struct output output;
    struct storage_session *session = NULL;
    struct alert_page page = {.limit = ROWS_USUAL};
    struct member_alerts alerts;
    if (!cli_integer(cli, "limit", 1, ROWS_LIMIT, &page.limit) || !read_state(cli, &page.state) ||
        !output_start(&output, cli, alert_columns, sizeof alert_columns / sizeof alert_columns[0]))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = member_alerts_read(session, cli->arena, &page, &alerts, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < alerts.count; i++) {
        const struct member_alert *alert = &alerts.items[i];
        const struct text fields[] = {id_cell(cli, alert->member),
                                      time_cell(cli, alert->raised_at),
                                      millionths(cli, alert->before),
                                      millionths(cli, alert->risk),
                                      millionths(cli, alert->threshold),
                                      time_cell(cli, alert->ended_at),
                                      time_cell(cli, alert->acknowledged_at),
                                      alert->acknowledged_by};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int acknowledge(struct cli *cli)
{
    struct error error = {0};
    struct storage_session *session = NULL;
    int64_t leader = 0, count = 0, now = clock_now(engine_clock(cli->opened.engine));
    enum status status = read_person(cli, &leader, NULL, &error);
    if (status == STATUS_OK)
        status = write_open(cli->opened.engine, &session, &error);
    if (status == STATUS_OK)
        status = write_begin(session, &error);
    if (status == STATUS_OK)
        status =
            write_end(session, member_alerts_acknowledge(session, leader, now, TEXT("cli"), &count, &error), &error);
    write_close(session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%lld alerts acknowledged\n", (long long)count);
    return EXIT_DONE;
}

/* ---- the command ---- */

static int run(struct cli *cli)
{
    static const struct cli_action actions[] = {{"list", 1, list},
                                                {"show", 2, show},
                                                {"run", 1, score_all},
                                                {"alerts", 1, list_alerts},
                                                {"acknowledge", 2, acknowledge},
                                                {NULL, 0, NULL}};

    return cli_act(cli, actions, "say list, show MEMBER, run, alerts, or acknowledge MEMBER");
}

const struct subcommand scores_subcommand = {
    .name = "scores",
    .about = "scores of members: list, show, run, alerts, acknowledge",
    .usage = "scores list|run|alerts [options] | scores show|acknowledge MEMBER",
    .example =
        "patron scores run\npatron scores list --sort churn_risk --limit 20\npatron scores show card:880000000815\n"
        "patron scores alerts --format csv",
    .options = CLI_OPTIONS(options),
    .run = run,
};
