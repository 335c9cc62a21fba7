#include "cli/analyze_live.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/analyze.h"
#include "features/exchange/spool.h"
#include "features/programme/programme.h"
#include "foundation/id.h"
#include "foundation/money.h"

/* What a row costs from its reading to the result, by what was measured; models that need more find out by themselves. */
enum { DAY_BYTES = 160, LINE_BYTES = 320, MEMBER_BYTES = 700, DAYS_MAX = 100000000 };

static const size_t MEGABYTE = 1024 * 1024;

size_t analyze_memory(void)
{
    const char *variable = getenv("PATRON_ANALYSIS_MEMORY");
    int64_t megabytes = 0;

    return variable != NULL && text_to_integer(text_from(variable), &megabytes) && megabytes > 0
               ? (size_t)megabytes * MEGABYTE
               : 0;
}

/* ---- options ---- */

bool analyze_is_live(const struct cli *cli)
{
    return cli_value(cli, "database") != NULL || cli_flag(cli, "live");
}

static void set_default(struct cli *cli, const char *given)
{
    const char *value = strchr(given, '=') + 1;
    size_t size = (size_t)(value - given) - 1;

    for (size_t i = 0; i < cli->subcommand->option_count; i++) {
        const struct cli_option *option = &cli->subcommand->options[i];

        if (strlen(option->name) != size || strncmp(option->name, given, size) != 0 ||
            cli_value(cli, option->name) != NULL || cli->given_count >= CLI_GIVEN_MAX)
            continue;
        cli->given[cli->given_count].option = option;
        cli->given[cli->given_count++].value = value;
    }
}

void analyze_live_defaults(struct cli *cli)
{
    const struct live_source *live = cli->subcommand->live;

    for (size_t i = 0; live != NULL && analyze_is_live(cli) && i < LIVE_DEFAULTS_MAX && live->defaults[i] != NULL; i++)
        set_default(cli, live->defaults[i]);
}

/* ---- the base ---- */

static enum status read_day(const struct cli *cli, const char *option, int32_t *out, struct error *err)
{
    const char *value = cli_value(cli, option);

    if (value == NULL || day_parse(text_from(value), out))
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "import.date", option, "--%s is a day such as 2026-06-30", option);
}

static enum status read_sample(const struct cli *cli, double *out, struct error *err)
{
    const char *value = cli_value(cli, "sample");
    char *end = NULL;

    *out = value == NULL ? 100 : strtod(value, &end);
    if (value == NULL || (end != value && *end == '\0' && *out > 0 && *out <= 100))
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "analysis.option", "sample", "--sample is more than 0 and at most 100");
}

static void read_configuration(struct live_call *call)
{
    struct configuration configuration = engine_configuration(call->engine);
    const struct programme *programme;

    call->now = clock_now(engine_clock(call->engine));
    programme = programme_at(configuration.programmes, call->now);
    call->today = zone_day(programme->zone, call->now);
    call->exponent = currency_exponent(text_from(programme->currency));
    call->usual_interval = configuration.programmes->median_interval;
    engine_configuration_release(call->engine, configuration);
}

/* Only reads, and leaves what a writer does about the log to whoever writes. */
static enum status open_base(struct cli *cli, struct live_call *call, struct error *err)
{
    struct server_engine_options options = {
        .database = cli_value(cli, "database"), .key_file = cli_value(cli, "key-file"), .lanes = 1};
    enum status status;

    *call = (struct live_call){.part = {.first = INT32_MIN, .last = INT32_MAX}};
    status = read_day(cli, "from", &call->part.first, err);
    if (status == STATUS_OK)
        status = read_day(cli, "until", &call->part.last, err);
    if (status == STATUS_OK)
        status = read_sample(cli, &call->part.sample, err);
    if (status == STATUS_OK && !cli->engine_open) {
        status = server_engine_open(&options, &cli->opened, err);
        cli->engine_open = status == STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    call->engine = cli->opened.engine;
    read_configuration(call);
    return STATUS_OK;
}

/* Before anything is done with them; and a sentence for whoever watches a job. */
static enum status check_memory(const char *what, int64_t count, size_t bytes, struct error *err)
{
    size_t memory = analyze_memory();
    double needed = (double)count * (double)bytes / (double)MEGABYTE, has = (double)memory / (double)MEGABYTE;

    if (memory > 0 && needed > has)
        return error_set(err, STATUS_LIMIT, "analysis.memory", "",
                         "%lld %s need some %.0f MB and an analysis may take %.0f: ask for a part with 'from' or "
                         "'sample', or raise PATRON_ANALYSIS_MEMORY",
                         (long long)count, what, ceil(needed), has);
    if (memory > 0)
        fprintf(stderr, "progress: %lld %s\n", (long long)count, what);
    return STATUS_OK;
}

static enum status open_table(struct cli *cli, enum live_rows rows, struct reader **out, struct error *err)
{
    char path[SPOOL_PATH_SIZE];
    struct live_call call;
    int64_t count = 0;
    int descriptor = -1;
    enum status status = open_base(cli, &call, err);

    if (status == STATUS_OK)
        status = live_table_write(&call, rows, &descriptor, &count, err);
    if (status != STATUS_OK)
        return status;
    status = rows == LIVE_ROWS_MEMBERS ? check_memory("members", count, MEMBER_BYTES, err)
                                       : check_memory("lines of purchases", count, LINE_BYTES, err);
    if (status == STATUS_OK && count == 0)
        status = error_set(err, STATUS_INVALID, "analyze.empty", "", "nobody has bought yet");

    const struct reader_options how = {.path = spool_path(descriptor, path),
                                       .format = READER_CSV,
                                       .encoding = "UTF-8",
                                       .delimiter = ',',
                                       .header = READER_HEADER_YES};

    if (status == STATUS_OK)
        status = reader_open(&how, out, err);
    spool_close(descriptor);
    return status;
}

enum status analyze_open(struct cli *cli, const struct reader_options *how, struct reader **out, struct error *err)
{
    if (how->path != NULL || cli->subcommand->live == NULL)
        return reader_open(how, out, err);
    return open_table(cli, cli->subcommand->live->rows, out, err);
}

enum status analyze_open_lines(struct cli *cli, struct reader **out, struct error *err)
{
    return open_table(cli, LIVE_ROWS_LINES, out, err);
}

/* ---- days of purchases ---- */

/* The days while they are read. */
struct days {
    struct live_day *list;
    size_t count, capacity;
    bool sorted;
};

static int compare_days(const void *a, const void *b)
{
    const struct live_day *left = a, *right = b;
    int buckets = id_bucket(left->leader) - id_bucket(right->leader);

    if (buckets != 0)
        return buckets;
    if (left->leader != right->leader)
        return left->leader < right->leader ? -1 : 1;
    return (left->day > right->day) - (left->day < right->day);
}

/* A day that comes in meanwhile is met by the next call. */
static enum status add_day(void *context, const void *row, struct error *err)
{
    struct days *days = context;

    (void)err;
    if (days->count >= days->capacity)
        return STATUS_OK;
    days->list[days->count++] = *(const struct live_day *)row;
    days->sorted &= days->count == 1 || compare_days(&days->list[days->count - 2], row) <= 0;
    return STATUS_OK;
}

static enum status count_days(const struct live_call *call, struct storage_session *session, int64_t *out,
                              struct error *err)
{
    enum status status = live_days_count(session, &call->part, out, err);

    if (status == STATUS_OK && *out > DAYS_MAX)
        status =
            error_set(err, STATUS_LIMIT, "insight.days", "", "there are more than %d days with purchases", DAYS_MAX);
    if (status != STATUS_OK)
        return status;
    return check_memory("days with purchases", (int64_t)((double)*out * call->part.sample / 100), DAY_BYTES, err);
}

static enum status read_days(struct arena *scratch, const struct live_call *call, struct days *out, struct error *err)
{
    const struct live_receiver receiver = {add_day, out};
    struct storage_session *session;
    int64_t count = 0;
    enum status status = engine_read_begin(call->engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = count_days(call, session, &count, err);
    if (status == STATUS_OK) {
        *out = (struct days){.capacity = (size_t)count, .sorted = true};
        out->list = arena_array(scratch, out->capacity + 1, sizeof *out->list);
        status = live_days_stream(session, &call->part, &receiver, err);
    }
    engine_read_end(call->engine, session);
    if (status == STATUS_OK && !out->sorted)
        qsort(out->list, out->count, sizeof *out->list, compare_days);
    return status;
}

static void number_persons(struct cli *cli, const struct live_call *call, const struct days *days,
                           struct purchase_file *out)
{
    double unit = pow(10, -call->exponent);
    char id[ID_TEXT_SIZE];
    size_t persons = 0;

    for (size_t i = 0; i < days->count; i++)
        persons += i == 0 || days->list[i - 1].leader != days->list[i].leader;
    out->names = arena_array(cli->arena, persons + 1, sizeof *out->names);
    out->purchases = arena_array(cli->arena, days->count + 1, sizeof *out->purchases);
    out->last_day = call->part.last != INT32_MAX ? call->part.last : call->today;
    for (size_t i = 0; i < days->count; i++) {
        const struct live_day *day = &days->list[i];

        if (i == 0 || days->list[i - 1].leader != day->leader)
            out->names[out->customer_count++] = text_copy(cli->arena, text_from(id_format("mbr", day->leader, id)));
        out->purchases[out->count++] =
            (struct clv_purchase){(uint32_t)(out->customer_count - 1), day->day, (double)day->spend * unit};
        out->first_day = i == 0 || day->day < out->first_day ? day->day : out->first_day;
        if (call->part.last == INT32_MAX && day->day > out->last_day)
            out->last_day = day->day; /* a store's day may be ahead */
    }
}

enum status purchase_live_read(struct cli *cli, int32_t until, struct purchase_file *out, struct error *err)
{
    struct arena *scratch = arena_new((size_t)DAYS_MAX * 2 * sizeof(struct live_day));
    struct purchase_file file = {.columns = out->columns, .column_count = out->column_count, .amounts = true};
    struct live_call call;
    struct days days;

    if (scratch == NULL)
        return error_set(err, STATUS_LIMIT, "analysis.memory", "", "there is no memory for the days");
    enum status status = open_base(cli, &call, err);

    if (status == STATUS_OK) {
        call.part.last = until;
        status = read_days(scratch, &call, &days, err);
    }
    if (status == STATUS_OK && days.count == 0)
        status = error_set(err, STATUS_INVALID, "analyze.empty", "", "nobody has bought in that time");
    if (status == STATUS_OK) {
        number_persons(cli, &call, &days, &file);
        *out = file;
    }
    arena_free(scratch);
    return status;
}
