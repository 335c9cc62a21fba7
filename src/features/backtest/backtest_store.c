#include "features/backtest/backtest_store.h"

#include "engine/loader.h"
#include "features/conditions/conditions_store.h"
#include "features/earning/accrual.h"
#include "foundation/id.h"
#include "queries.h"

enum { KNOWN_AT_ONCE = 1000, PAGE_ROWS = 512, TOLD_EVERY = 4096 };
#define PAGE_ARENA_BYTES ((size_t)256 << 20)

/* ---- who and what ---- */

struct claimed {
    int64_t id, purchase;
};

struct scan {
    struct arena *arena;
    const struct backtest_request *request;
    struct map *members, *wanted;
    int64_t *ids; /* of the members */
    size_t member_count, id_capacity;
    struct claimed *claims;
    size_t claim_count, claim_capacity;
    int64_t rows, last_at; /* in the period, and when the last of them was recorded */
};

static enum status receive_scanned(void *context, const struct storage_row *row, struct error *err)
{
    struct scan *scan = context;
    int64_t id = id_make(row_integer(row, 1), (int)row_integer(row, 0)), member = row_integer(row, 2);
    int64_t cause = row_integer(row, 4), at = row_integer(row, 5), recorded_at = row_integer(row, 6);
    struct text kind = row_text(row, 3);
    bool within = at >= scan->request->plan.from && at < scan->request->until;
    (void)err;
    if (text_equals(kind, "claim")) {
        scan->claims =
            arena_grow(scan->arena, scan->claims, &scan->claim_capacity, scan->claim_count + 1, sizeof *scan->claims);
        scan->claims[scan->claim_count++] = (struct claimed){id, cause};
    }
    if (!within)
        return STATUS_OK;
    scan->rows++;
    if (recorded_at > scan->last_at)
        scan->last_at = recorded_at;
    if (member != 0 && map_get_id(scan->members, member) == NULL) {
        map_put_id(scan->members, member, scan);
        scan->ids = arena_grow(scan->arena, scan->ids, &scan->id_capacity, scan->member_count + 1, sizeof *scan->ids);
        scan->ids[scan->member_count++] = member;
    }
    if (!text_equals(kind, "purchase") && cause != 0)
        map_put_id(scan->wanted, cause, scan);
    return STATUS_OK;
}

/* What is returned may be a claim: then its purchase is wanted, too. */
static void want_claimed(struct scan *scan)
{
    for (size_t i = 0; i < scan->claim_count; i++)
        if (map_get_id(scan->wanted, scan->claims[i].id) != NULL)
            map_put_id(scan->wanted, scan->claims[i].purchase, scan);
}

static enum status scan_journal(struct storage_session *session, struct scan *scan, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_scanned, .context = scan};
    enum status status = STATUS_OK;
    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        const struct storage_value values[] = {value_integer(bucket), value_integer(scan->request->plan.from),
                                               value_integer(scan->request->until)};
        status = storage_stream(session, &query_backtest_scan, values, &receiver, err);
    }
    want_claimed(scan);
    if (status == STATUS_OK && map_count(scan->members) > BACKTEST_PERSONS_MAX)
        return error_set(err, STATUS_LIMIT, "backtest.memory", "from",
                         "%zu members bought in this period, and a back-test holds %d: choose a shorter one",
                         map_count(scan->members), BACKTEST_PERSONS_MAX);
    return status;
}

/* ---- what conditions ask of the members ---- */

static unsigned parts_asked(const struct replay_options *options)
{
    unsigned parts = 0;
    for (int w = 0; w < REPLAY_WORLDS; w++)
        parts |= accrual_needs(options->programmes[w], TEXT("purchase")).parts;
    return parts;
}

/* A person of which nothing is known but the id. */
struct bare_person {
    struct member member;
    struct group group;
    struct person person;
    struct condition_person known;
};

static enum status read_known(struct storage_session *session, struct scan *scan, struct replay_options *options,
                              struct error *err)
{
    unsigned parts = parts_asked(options);
    size_t count = parts != 0 ? scan->member_count : 0;
    struct map *known = map_new(scan->arena, count);
    struct condition_reading *readings = arena_array(scan->arena, KNOWN_AT_ONCE, sizeof *readings);
    enum status status = STATUS_OK;
    for (size_t first = 0; first < count && status == STATUS_OK; first += KNOWN_AT_ONCE) {
        size_t size = count - first < KNOWN_AT_ONCE ? count - first : KNOWN_AT_ONCE;
        for (size_t i = 0; i < size; i++) {
            struct bare_person *bare = arena_alloc(scan->arena, sizeof *bare);
            bare->member = (struct member){.id = scan->ids[first + i], .leader = scan->ids[first + i]};
            bare->group = (struct group){.members = &bare->member, .member_count = 1};
            bare->person = (struct person){&bare->group, &bare->member, &bare->member};
            readings[i] = (struct condition_reading){.person = &bare->person, .out = &bare->known};
            map_put_id(known, bare->member.id, &bare->known);
        }
        status = conditions_read_all(session, scan->arena, readings, size, parts, err);
    }
    options->known = known;
    return status;
}

/* ---- one bucket, a page at a time ---- */

struct page {
    struct arena *arena;
    struct journal_row *rows;
    size_t count, capacity, next;
    int64_t seq; /* read up to it */
    bool ended;
};

struct run {
    struct storage_session *session;
    struct scan *scan;
    struct page pages[BUCKET_COUNT];
};

static enum status receive_row(void *context, const struct storage_row *row, struct error *err)
{
    struct page *page = context;
    (void)err;
    page->rows = arena_grow(page->arena, page->rows, &page->capacity, page->count + 1, sizeof *page->rows);
    page->rows[page->count] = (struct journal_row){0};
    journal_row_decode(row, page->arena, &page->rows[page->count++]);
    return STATUS_OK;
}

/* Lines come in the order of the rows; those of rows that the page does not have are passed over. */
static enum status receive_line(void *context, const struct storage_row *row, struct error *err)
{
    struct page *page = context;
    (void)err;
    while (page->next < page->count && id_seq(page->rows[page->next].id) < row_integer(row, 0))
        page->next++;
    if (page->next == page->count || id_seq(page->rows[page->next].id) != row_integer(row, 0))
        return STATUS_OK;
    struct journal_row *owner = &page->rows[page->next];
    owner->lines =
        arena_grow(page->arena, owner->lines, &owner->line_capacity, owner->line_count + 1, sizeof *owner->lines);
    owner->lines[owner->line_count++] = (struct purchase_line){.number = (int32_t)row_integer(row, 1),
                                                               .sku = row_text_copy(row, 2, page->arena),
                                                               .category = row_text_copy(row, 3, page->arena),
                                                               .quantity_milli = row_integer(row, 4),
                                                               .amount = row_integer(row, 5),
                                                               .discount = row_integer(row, 6),
                                                               .of_line = (int32_t)row_integer(row, 7)};
    return STATUS_OK;
}

static bool needs_lines(const struct run *run, const struct page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        const struct journal_row *row = &page->rows[i];
        if (row->at >= run->scan->request->plan.from || map_get_id(run->scan->wanted, row->id) != NULL ||
            map_get_id(run->scan->wanted, row->cause) != NULL)
            return true;
    }
    return false;
}

static enum status read_page(struct run *run, int bucket, struct error *err)
{
    struct page *page = &run->pages[bucket];
    const struct storage_receiver rows = {.row = receive_row, .context = page};
    const struct storage_receiver lines = {.row = receive_line, .context = page};
    const struct storage_value values[] = {value_integer(bucket), value_integer(page->seq),
                                           value_integer(run->scan->last_at), value_integer(PAGE_ROWS)};
    arena_reset(page->arena);
    page->rows = NULL;
    page->count = page->capacity = page->next = 0;
    enum status status = storage_run(run->session, &query_backtest_rows_after, values, 1, &rows, err);
    page->ended = page->count < PAGE_ROWS;
    if (status == STATUS_OK && page->count > 0 && needs_lines(run, page)) {
        int64_t last = id_seq(page->rows[page->count - 1].id);
        const struct storage_value between[] = {value_integer(bucket), value_integer(page->seq), value_integer(last)};
        status = storage_run(run->session, &query_backtest_lines_between, between, 1, &lines, err);
    }
    if (page->count > 0)
        page->seq = id_seq(page->rows[page->count - 1].id);
    page->next = 0;
    return status;
}

/* The bucket whose next row was recorded first; -1: there is none. */
static int first_bucket(const struct run *run)
{
    int first = -1;
    int64_t at = INT64_MAX;
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        const struct page *page = &run->pages[bucket];
        if (page->next < page->count && page->rows[page->next].recorded_at < at) {
            at = page->rows[page->next].recorded_at;
            first = bucket;
        }
    }
    return first;
}

static enum status feed(struct run *run, struct replay *replay, const struct backtest_watch *watch, bool *cancelled,
                        struct error *err)
{
    enum status status = STATUS_OK;
    int64_t fed = 0;
    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        run->pages[bucket].arena = arena_new(PAGE_ARENA_BYTES);
        status = run->pages[bucket].arena != NULL
                     ? read_page(run, bucket, err)
                     : error_set(err, STATUS_LIMIT, "backtest.memory", "", "there is no memory to read the journal");
    }
    for (int bucket; status == STATUS_OK && !*cancelled && (bucket = first_bucket(run)) >= 0;) {
        struct page *page = &run->pages[bucket];
        status = replay_row(replay, &page->rows[page->next++], err);
        if (status == STATUS_OK && page->next == page->count && !page->ended)
            status = read_page(run, bucket, err);
        if (++fed % TOLD_EVERY == 0 && watch != NULL) {
            watch->progress(watch->context, fed, fed > run->scan->rows ? fed : run->scan->rows);
            *cancelled = watch->cancelled(watch->context);
        }
    }
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        arena_free(run->pages[bucket].arena);
    return status;
}

enum status backtest_check(const struct backtest_request *request, struct error *err)
{
    if (request->plan.from < request->until)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "backtest.period", "until", "the period ends before it begins");
}

static enum status run_both(struct engine *engine, struct run *run, struct replay_options *options,
                            const struct backtest_watch *watch, const struct replay_report **out, struct error *err)
{
    struct scan *scan = run->scan;
    struct replay *replay = NULL;
    bool cancelled = false;
    struct configuration configuration = engine_configuration(engine);
    options->programmes[REPLAY_AS_IT_WAS] = configuration.programmes;
    enum status status =
        plan_make(scan->arena, configuration.programmes, &scan->request->plan, &options->programmes[REPLAY_PLAN], err);
    if (status == STATUS_OK)
        status = scan_journal(run->session, scan, err);
    if (status == STATUS_OK)
        status = read_known(run->session, scan, options, err);
    if (status == STATUS_OK) {
        replay = replay_new(scan->arena, options);
        status = feed(run, replay, watch, &cancelled, err);
    }
    if (status == STATUS_OK && !cancelled)
        *out = replay_finish(replay);
    replay_free(replay);
    engine_configuration_release(engine, configuration);
    return status;
}

enum status backtest_run(struct engine *engine, struct arena *memory, const struct backtest_request *request,
                         const struct backtest_watch *watch, const struct replay_report **out, struct error *err)
{
    struct scan scan = {
        .arena = memory, .request = request, .members = map_new(memory, 1024), .wanted = map_new(memory, 1024)};
    struct replay_options options = {
        .from = request->plan.from, .until = request->until, .members = scan.members, .wanted = scan.wanted};
    struct run *run = arena_alloc(memory, sizeof *run);
    run->scan = &scan;
    enum status status = backtest_check(request, err);
    *out = NULL;
    if (status == STATUS_OK)
        status = storage_session_new(engine_storage(engine), false, &run->session, err);
    if (status != STATUS_OK)
        return status;
    status = run_both(engine, run, &options, watch, out, err);
    storage_session_free(run->session);
    return status;
}
