#include "features/backtest/journal_feed_store.h"

#include <pthread.h>
#include <stdlib.h>

#include "engine/loader.h"
#include "features/events/facts.h"
#include "foundation/id.h"
#include "queries.h"

/* The pages of all buckets together are some twenty megabytes: what was read is still near when it is decided. */
enum { PAGE_ROWS = 256, CHUNK_ROWS = 512, CHUNKS = 4 };
#define PAGE_ARENA_BYTES ((size_t)256 << 20)

/* What of a bucket was read at once. It goes when the last chunk that has rows of it was decided. */
struct page {
    struct page *link;   /* in the list of those that go, or are spare */
    struct arena *arena; /* of all that hangs on it */
    struct journal_row *rows;
    struct replay_member **members;      /* of the rows; NULL: not one of those asked for */
    struct text *triggers;               /* of the rows; NULL: none */
    const struct purchase_facts **facts; /* of the rows */
    struct purchase_line *lines;         /* of all rows, in their order */
    size_t line_count, line_capacity;
    size_t count, next;
    bool ended; /* the bucket */
};

struct chunk {
    struct replay_input rows[CHUNK_ROWS];
    size_t count;
    struct page *over; /* pages whose last row is in here */
};

struct journal_feed {
    struct journal_feed_options options;
    struct page *pages[BUCKET_COUNT];
    int64_t read_to[BUCKET_COUNT]; /* seq */
    int64_t next_at[BUCKET_COUNT]; /* when the next row of the page was recorded; INSTANT_NEVER: there is none */

    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct chunk chunks[CHUNKS]; /* a ring: `first` is the oldest that is full, or being decided */
    size_t first, full;
    struct page *spare; /* decided: their memory serves again */
    bool ended, stopping;
    enum status status;
    struct error error;
};

/* ---- a page ---- */

static void page_free(struct page *page)
{
    if (page != NULL)
        arena_free(page->arena);
    free(page);
}

static void pages_free(struct page *page)
{
    while (page != NULL) {
        struct page *next = page->link;
        page_free(page);
        page = next;
    }
}

static enum status receive_row(void *context, const struct storage_row *row, struct error *err)
{
    struct page *page = context;

    (void)err;
    journal_row_decode(row, page->arena, &page->rows[page->count++]);
    return STATUS_OK;
}

/* The row of the page with that seq, the rows being asked for in their order; NULL: the page does not have it. */
static struct journal_row *next_row(struct page *page, int64_t seq)
{
    while (page->next < page->count && id_seq(page->rows[page->next].id) < seq)
        page->next++;
    return page->next < page->count && id_seq(page->rows[page->next].id) == seq ? &page->rows[page->next] : NULL;
}

static enum status receive_line(void *context, const struct storage_row *row, struct error *err)
{
    struct page *page = context;
    struct journal_row *owner = next_row(page, row_integer(row, 0));

    (void)err;
    if (owner == NULL)
        return STATUS_OK;
    page->lines = arena_grow(page->arena, page->lines, &page->line_capacity, page->line_count + 1, sizeof *page->lines);
    page->lines[page->line_count++] = (struct purchase_line){.number = (int32_t)row_integer(row, 1),
                                                             .sku = row_text_copy(row, 2, page->arena),
                                                             .category = row_text_copy(row, 3, page->arena),
                                                             .quantity_milli = row_integer(row, 4),
                                                             .amount = row_integer(row, 5),
                                                             .discount = row_integer(row, 6),
                                                             .of_line = (int32_t)row_integer(row, 7)};
    owner->line_count++;
    return STATUS_OK;
}

/* The lines have come in the order of their rows. */
static void hand_out_lines(struct page *page)
{
    size_t next = 0;

    for (size_t i = 0; i < page->count; i++) {
        struct journal_row *row = &page->rows[i];
        row->lines = row->line_count > 0 ? &page->lines[next] : NULL;
        next += row->line_count;
    }
}

static enum status receive_detail(void *context, const struct storage_row *row, struct error *err)
{
    struct page *page = context;
    struct journal_row *owner = next_row(page, row_integer(row, 0));

    (void)err;
    if (owner != NULL)
        owner->detail = row_text_copy(row, 1, page->arena);
    return STATUS_OK;
}

static enum status receive_trigger(void *context, const struct storage_row *row, struct error *err)
{
    struct page *page = context;
    struct text kind = row_text(row, 1);

    (void)err;
    if (text_equals(kind, "stay"))
        page->triggers[row_integer(row, 0)] = TEXT("stay");
    else if (text_equals(kind, "order"))
        page->triggers[row_integer(row, 0)] = TEXT("order");
    return STATUS_OK;
}

static bool needs_lines(const struct journal_feed *feed, const struct page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        const struct journal_row *row = &page->rows[i];
        if (row->at >= feed->options.from || map_get_id(feed->options.wanted, row->id) != NULL ||
            map_get_id(feed->options.wanted, row->cause) != NULL)
            return true;
    }
    return false;
}

static bool needs_details(const struct journal_feed *feed, const struct page *page)
{
    for (size_t i = 0; map_count(feed->options.kinds) > 0 && i < page->count; i++)
        if (map_get(feed->options.kinds, page->rows[i].kind) != NULL)
            return true;
    return false;
}

static enum status read_triggers(struct journal_feed *feed, struct page *page, struct error *err)
{
    enum { COLUMNS = 3 };
    const struct storage_receiver receiver = {.row = receive_trigger, .context = page};
    struct storage_value *values = arena_array(page->arena, COLUMNS * page->count + 1, sizeof *values);
    size_t count = 0;

    page->triggers = arena_array(page->arena, page->count + 1, sizeof *page->triggers);
    for (size_t i = 0; i < page->count; i++) {
        const struct journal_row *row = &page->rows[i];
        if (row->cause == 0 || !text_equals(row->kind, "purchase"))
            continue;
        values[COLUMNS * count] = value_integer((int64_t)i);
        values[COLUMNS * count + 1] = value_integer(id_bucket(row->cause));
        values[COLUMNS * count++ + 2] = value_integer(id_seq(row->cause));
    }
    return count > 0 ? storage_run(feed->options.session, &query_backtest_kinds_of, values, count, &receiver, err)
                     : STATUS_OK;
}

/* Who they are and what is kept of them: what can be found here need not be found by the side that decides. */
static enum status read_facts(struct journal_feed *feed, struct page *page, struct error *err)
{
    enum status status = STATUS_OK;

    page->members = arena_array(page->arena, page->count, sizeof(struct replay_member *));
    page->facts = arena_array(page->arena, page->count, sizeof(const struct purchase_facts *));
    for (size_t i = 0; i < page->count && status == STATUS_OK; i++) {
        const struct journal_row *row = &page->rows[i];
        page->members[i] = row->member != 0 ? map_get_id(feed->options.members, row->member) : NULL;
        bool sale = text_equals(row->kind, "purchase") || text_equals(row->kind, "claim");
        if (!sale || page->members[i] == NULL)
            continue;
        struct purchase_facts *facts = arena_alloc(page->arena, sizeof *facts);
        status = purchase_facts_read(page->arena, row->facts, facts, err);
        page->facts[i] = facts;
    }
    return status;
}

/* What hangs on the rows of a page that begins after `after`. */
static enum status read_parts(struct journal_feed *feed, struct page *page, const struct storage_value *between,
                              struct error *err)
{
    const struct storage_receiver lines = {.row = receive_line, .context = page};
    const struct storage_receiver details = {.row = receive_detail, .context = page};
    enum status status = STATUS_OK;

    if (needs_lines(feed, page))
        status = storage_run(feed->options.session, &query_backtest_lines_between, between, 1, &lines, err);
    hand_out_lines(page);
    page->next = 0;
    if (status == STATUS_OK && needs_details(feed, page))
        status = storage_run(feed->options.session, &query_backtest_details_between, between, 1, &details, err);
    page->next = 0;
    if (status == STATUS_OK && feed->options.triggers)
        status = read_triggers(feed, page, err);
    return status == STATUS_OK ? read_facts(feed, page, err) : status;
}

/* An empty page, of memory that was used before where there is some. NULL: there is no memory. */
static struct page *page_new(struct journal_feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    struct page *page = feed->spare;
    if (page != NULL)
        feed->spare = page->link;
    pthread_mutex_unlock(&feed->lock);

    if (page == NULL) {
        page = calloc(1, sizeof *page);
        if (page == NULL || (page->arena = arena_new(PAGE_ARENA_BYTES)) == NULL) {
            free(page);
            return NULL;
        }
    }
    struct arena *arena = page->arena;
    arena_reset(arena);
    *page = (struct page){.arena = arena, .rows = arena_array(arena, PAGE_ROWS, sizeof *page->rows)};
    return page;
}

static enum status read_page(struct journal_feed *feed, int bucket, struct error *err)
{
    struct page *page = page_new(feed);
    const struct storage_receiver rows = {.row = receive_row, .context = page};

    if (page == NULL)
        return error_set(err, STATUS_LIMIT, "backtest.memory", "", "there is no memory to read the journal");
    feed->pages[bucket] = page;
    const struct storage_value values[] = {value_integer(bucket), value_integer(feed->read_to[bucket]),
                                           value_integer(feed->options.last_at),
                                           value_integer(map_count(feed->options.kinds) > 0), value_integer(PAGE_ROWS)};
    enum status status = storage_run(feed->options.session, &query_backtest_rows_after, values, 1, &rows, err);
    page->ended = page->count < PAGE_ROWS;
    if (status != STATUS_OK || page->count == 0)
        return status;
    int64_t last = id_seq(page->rows[page->count - 1].id);
    const struct storage_value between[] = {value_integer(bucket), value_integer(feed->read_to[bucket]),
                                            value_integer(last)};
    feed->read_to[bucket] = last;
    return read_parts(feed, page, between, err);
}

/* ---- the reader ---- */

/* The bucket whose next row was recorded first; -1: there is none. */
static int first_bucket(const struct journal_feed *feed)
{
    int first = -1;
    int64_t at = INSTANT_NEVER;

    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        if (feed->next_at[bucket] < at) {
            at = feed->next_at[bucket];
            first = bucket;
        }
    }
    return first;
}

static void look_ahead(struct journal_feed *feed, int bucket)
{
    const struct page *page = feed->pages[bucket];

    feed->next_at[bucket] = page->next < page->count ? page->rows[page->next].recorded_at : INSTANT_NEVER;
}

static enum status fill(struct journal_feed *feed, struct chunk *chunk, struct error *err)
{
    enum status status = STATUS_OK;
    int bucket;

    chunk->count = 0;
    while (status == STATUS_OK && chunk->count < CHUNK_ROWS && (bucket = first_bucket(feed)) >= 0) {
        struct page *page = feed->pages[bucket];
        chunk->rows[chunk->count++] =
            (struct replay_input){.row = &page->rows[page->next],
                                  .member = page->members[page->next],
                                  .trigger = page->triggers != NULL ? page->triggers[page->next] : TEXT(""),
                                  .facts = page->facts[page->next]};
        page->next++;
        if (page->next == page->count && !page->ended) {
            page->link = chunk->over;
            chunk->over = page;
            feed->pages[bucket] = NULL;
            status = read_page(feed, bucket, err);
        }
        if (status == STATUS_OK)
            look_ahead(feed, bucket);
    }
    return status;
}

/* The next chunk to be filled, once there is one; NULL: stop. */
static struct chunk *wait_for_room(struct journal_feed *feed)
{
    struct chunk *chunk = NULL;

    pthread_mutex_lock(&feed->lock);
    while (feed->full == CHUNKS && !feed->stopping)
        pthread_cond_wait(&feed->changed, &feed->lock);
    if (!feed->stopping)
        chunk = &feed->chunks[(feed->first + feed->full) % CHUNKS];
    pthread_mutex_unlock(&feed->lock);
    return chunk;
}

static void hand_over(struct journal_feed *feed, const struct chunk *chunk, enum status status, const struct error *err)
{
    pthread_mutex_lock(&feed->lock);
    feed->ended = status != STATUS_OK || chunk->count == 0;
    feed->full += chunk->count > 0;
    feed->status = status;
    feed->error = *err;
    pthread_cond_signal(&feed->changed);
    pthread_mutex_unlock(&feed->lock);
}

static void *read_journal(void *context)
{
    struct journal_feed *feed = context;
    struct error err = {0};
    enum status status = STATUS_OK;
    bool more = true;

    pthread_setname_np(pthread_self(), "journal");
    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        status = read_page(feed, bucket, &err);
        if (status == STATUS_OK)
            look_ahead(feed, bucket);
    }
    while (more) {
        struct chunk *chunk = wait_for_room(feed);
        if (chunk == NULL)
            break;
        if (status == STATUS_OK)
            status = fill(feed, chunk, &err);
        else
            chunk->count = 0;
        more = status == STATUS_OK && chunk->count > 0;
        hand_over(feed, chunk, status, &err);
    }
    return NULL;
}

enum status journal_feed_start(const struct journal_feed_options *options, struct journal_feed **out, struct error *err)
{
    struct journal_feed *feed = calloc(1, sizeof *feed);

    *out = feed;
    if (feed == NULL)
        return error_set(err, STATUS_LIMIT, "backtest.memory", "", "there is no memory to read the journal");
    feed->options = *options;
    pthread_mutex_init(&feed->lock, NULL);
    pthread_cond_init(&feed->changed, NULL);
    feed->started = pthread_create(&feed->thread, NULL, read_journal, feed) == 0;
    return feed->started
               ? STATUS_OK
               : error_set(err, STATUS_LIMIT, "internal.defect", "", "the thread that reads the journal cannot start");
}

enum status journal_feed_next(struct journal_feed *feed, const struct replay_input **rows, size_t *count,
                              struct error *err)
{
    enum status status = STATUS_OK;

    *count = 0;
    pthread_mutex_lock(&feed->lock);
    struct chunk *before = &feed->chunks[feed->first];
    if (feed->full > 0 && before->count == 0) { /* that of the last call was decided */
        while (before->over != NULL) {
            struct page *over = before->over;
            before->over = over->link;
            over->link = feed->spare;
            feed->spare = over;
        }
        feed->first = (feed->first + 1) % CHUNKS;
        feed->full--;
        pthread_cond_signal(&feed->changed);
    }
    while (feed->full == 0 && !feed->ended)
        pthread_cond_wait(&feed->changed, &feed->lock);
    if (feed->full > 0) {
        struct chunk *chunk = &feed->chunks[feed->first];
        *rows = chunk->rows;
        *count = chunk->count;
        chunk->count = 0; /* taken */
    } else if (feed->status != STATUS_OK) {
        status = feed->status;
        *err = feed->error;
    }
    pthread_mutex_unlock(&feed->lock);
    return status;
}

void journal_feed_stop(struct journal_feed *feed)
{
    if (feed == NULL)
        return;
    pthread_mutex_lock(&feed->lock);
    feed->stopping = true;
    pthread_cond_signal(&feed->changed);
    pthread_mutex_unlock(&feed->lock);
    if (feed->started)
        pthread_join(feed->thread, NULL);
    for (size_t i = 0; i < CHUNKS; i++)
        pages_free(feed->chunks[i].over);
    pages_free(feed->spare);
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        page_free(feed->pages[bucket]);
    pthread_mutex_destroy(&feed->lock);
    pthread_cond_destroy(&feed->changed);
    free(feed);
}
