#include "features/coupons/batch_store.h"

#include <stdlib.h>
#include <string.h>

#include "features/coupons/commands.h"
#include "foundation/clock.h"
#include "queries.h"
#include "storage/storage.h"

enum {
    CHUNK_CODES = 20000, /* in one commit */
    PASS_CODES = 2000000,
    ADD_COLUMNS = 9,
    COLUMNS_MAX = 3,
    MAKE_TRIES = 100,
};

/* A code on its way into the table. */
struct new_code {
    char key[CODE_KEY_MAX + 1];
    int bucket;
    int64_t number, uses, valid_until;
};

struct batch_work {
    struct engine *engine;
    struct arena *arena;       /* of the whole run */
    struct arena *chunk_arena; /* of one commit */
    const struct batch_request *request;
    struct storage_session *session;
    struct coupon_series series; /* a copy: the configuration may go */
    int64_t now, valid_until;
    struct code_batch batch;
    bool stopped;
};

/* ---- the batch ---- */

static enum status receive_batch(void *context, const struct storage_row *row, struct error *err)
{
    struct batch_work *work = context;

    (void)err;
    work->batch.id = row_integer(row, 0);
    work->batch.kind = row_integer(row, 1);
    work->batch.wanted = row_integer(row, 2);
    work->batch.done = row_integer(row, 3);
    work->batch.known = row_integer(row, 4);
    work->batch.started_at = row_integer(row, 5);
    work->batch.ended_at = row_integer(row, 6);
    work->batch.actor = row_text_copy(row, 7, work->arena);
    return STATUS_OK;
}

static enum status receive_last(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

static enum status put_batch(struct batch_work *work, int64_t kind, int64_t wanted, struct error *err)
{
    int64_t last = 0;
    const struct storage_receiver receive_max = {.row = receive_last, .context = &last};
    const struct storage_receiver receiver = {.row = receive_batch, .context = work};
    const struct storage_value key[] = {value_text(work->request->series), value_text(work->request->reference)};
    enum status status = storage_run(work->session, &query_coupons_batch_last, NULL, 1, &receive_max, err);

    if (status != STATUS_OK)
        return status;
    const struct storage_value values[] = {key[0],
                                           key[1],
                                           value_integer(last + 1),
                                           value_integer(kind),
                                           value_integer(wanted),
                                           value_integer(work->now),
                                           value_text(work->request->actor)};
    status = storage_run(work->session, &query_coupons_batch_start, values, 1, NULL, err);
    return status == STATUS_OK ? storage_run(work->session, &query_coupons_batch_get, key, 1, &receiver, err) : status;
}

static enum status start_batch(struct batch_work *work, int64_t kind, int64_t wanted, struct error *err)
{
    enum status status = storage_begin(work->session, err);

    work->batch = (struct code_batch){.series = work->request->series, .reference = work->request->reference};
    if (status == STATUS_OK)
        status = put_batch(work, kind, wanted, err);
    if (status == STATUS_OK)
        status = storage_commit(work->session, err);
    if (status != STATUS_OK) {
        storage_rollback(work->session);
        return status;
    }
    if (work->batch.kind != kind || work->batch.wanted != wanted)
        return error_set(err, STATUS_CONFLICT, "coupon.reference", "reference",
                         "this reference is of %lld codes that were asked for before", (long long)work->batch.wanted);
    return STATUS_OK;
}

static enum status receive_taken(void *context, const struct storage_row *row, struct error *err)
{
    struct batch_work *work = context;

    (void)err;
    work->batch.done = row_integer(row, 0);
    work->batch.known = row_integer(row, 1);
    return STATUS_OK;
}

/* ---- one commit ---- */

static enum status receive_changes(void *context, int64_t changes, struct error *err)
{
    (void)err;
    *(int64_t *)context = changes;
    return STATUS_OK;
}

static void fill_values(const struct batch_work *work, const struct new_code *code, struct storage_value *values)
{
    values[0] = value_integer(code->bucket);
    values[1] = value_text(text_from(code->key));
    values[2] = value_text(work->request->series);
    values[3] = value_integer(work->batch.id);
    values[4] = value_integer(code->number);
    values[5] = value_integer(work->now);
    values[6] = value_integer(INT64_MIN);
    values[7] = value_integer(code->valid_until);
    values[8] = value_integer(code->uses);
}

static enum status add_codes(struct batch_work *work, const struct new_code *codes, size_t count, int64_t *added,
                             struct error *err)
{
    const struct storage_receiver receiver = {.done = receive_changes, .context = added};
    struct storage_value *values = arena_array(work->chunk_arena, count * ADD_COLUMNS + 1, sizeof *values);

    *added = 0;
    for (size_t i = 0; i < count; i++)
        fill_values(work, &codes[i], values + i * ADD_COLUMNS);
    return count > 0 ? storage_run(work->session, &query_coupons_codes_add, values, count, &receiver, err) : STATUS_OK;
}

static enum status move_batch(struct batch_work *work, struct error *err)
{
    bool whole = work->batch.done >= work->batch.wanted;
    const struct storage_value values[] = {value_text(work->request->series), value_text(work->request->reference),
                                           value_integer(work->batch.done), value_integer(work->batch.known),
                                           value_integer(whole ? clock_now(engine_clock(work->engine)) : 0)};

    work->batch.ended_at = values[4].integer;
    return storage_run(work->session, &query_coupons_batch_move, values, 1, NULL, err);
}

/* Codes, and how far the batch is then, in one commit. `lines` 0: as many as were new. Somebody else's progress stops it. */
static enum status commit_codes(struct batch_work *work, const struct new_code *codes, size_t count, int64_t lines,
                                struct error *err)
{
    const struct storage_receiver taken = {.row = receive_taken, .context = work};
    const struct storage_value key[] = {value_text(work->request->series), value_text(work->request->reference)};
    int64_t before = work->batch.done, added = 0;
    enum status status = storage_begin(work->session, err);

    arena_reset(work->chunk_arena);
    if (status == STATUS_OK)
        status = storage_run(work->session, &query_coupons_batch_take, key, 1, &taken, err);
    if (status == STATUS_OK && work->batch.done != before)
        status = error_set(err, STATUS_BUSY, "coupon.batch_busy", "reference",
                           "another is at work on the codes with this reference");
    if (status == STATUS_OK)
        status = add_codes(work, codes, count, &added, err);
    if (status == STATUS_OK) {
        work->batch.done += lines > 0 ? lines : added;
        work->batch.known += lines > 0 ? (int64_t)count - added : 0;
        status = move_batch(work, err);
    }
    if (status == STATUS_OK)
        status = storage_commit(work->session, err);
    if (status != STATUS_OK) {
        storage_rollback(work->session);
        return status;
    }
    const struct batch_watch *watch = &work->request->watch;
    work->stopped = watch->moved != NULL && watch->moved(watch->context, work->batch.done, work->batch.wanted);
    return STATUS_OK;
}

/* ---- making ---- */

static int compare_codes(const void *a, const void *b)
{
    const struct new_code *left = a, *right = b;

    return left->bucket != right->bucket ? left->bucket - right->bucket : strcmp(left->key, right->key);
}

static enum status make_code(const struct batch_work *work, int64_t number, struct new_code *out, struct error *err)
{
    unsigned char random[CODE_RANDOM_BYTES];

    for (int try = 0; try < MAKE_TRIES; try++) {
        secret_random(random, sizeof random);
        if (!code_make(&work->series.pattern, random, out->key))
            continue;
        out->bucket = coupon_bucket(text_from(out->key));
        out->number = number;
        out->uses = 0;
        out->valid_until = work->valid_until;
        return STATUS_OK;
    }
    return error_set(err, STATUS_DEFECT, "internal.defect", "", "there is no chance in the random numbers");
}

/*
 * In the order of the key of the table: else each of the commits would change every page of it. Of short codes some were there
 * before: as many are made again.
 */
static enum status make_pass(struct batch_work *work, struct new_code *codes, size_t count, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = make_code(work, work->batch.done + (int64_t)i + 1, &codes[i], err);
    if (status == STATUS_OK)
        qsort(codes, count, sizeof *codes, compare_codes);
    for (size_t at = 0; at < count && status == STATUS_OK && !work->stopped; at += CHUNK_CODES) {
        size_t size = count - at < CHUNK_CODES ? count - at : CHUNK_CODES;
        status = commit_codes(work, codes + at, size, 0, err);
    }
    return status;
}

static enum status make_codes(struct batch_work *work, struct error *err)
{
    enum status status = STATUS_OK;

    while (work->batch.done < work->batch.wanted && status == STATUS_OK && !work->stopped) {
        int64_t left = work->batch.wanted - work->batch.done;
        size_t count = (size_t)(left < PASS_CODES ? left : PASS_CODES);
        int64_t before = work->batch.done;
        struct new_code *codes = malloc(count * sizeof *codes);
        if (codes == NULL)
            return error_set(err, STATUS_LIMIT, "internal.memory", "", "there is no memory for so many codes");
        status = make_pass(work, codes, count, err);
        free(codes);
        if (status == STATUS_OK && !work->stopped && work->batch.done == before)
            return error_set(err, STATUS_CONFLICT, "coupon.exhausted", "series",
                             "there are hardly any codes left of this length");
    }
    return status;
}

/* ---- reading in ---- */

struct line_reader {
    struct text content;
    size_t at;
    int64_t number;
};

static bool next_line(struct line_reader *reader, struct text *line)
{
    if (reader->at >= reader->content.size)
        return false;
    const char *start = reader->content.bytes + reader->at;
    size_t left = reader->content.size - reader->at;
    const char *end = memchr(start, '\n', left);
    size_t size = end != NULL ? (size_t)(end - start) : left;
    reader->at += end != NULL ? size + 1 : size;
    reader->number++;
    *line = text_trim((struct text){start, size});
    return true;
}

static bool is_header(struct text line)
{
    return line.size >= 4 && (line.bytes[0] | 0x20) == 'c' && (line.bytes[1] | 0x20) == 'o' &&
           (line.bytes[2] | 0x20) == 'd' && (line.bytes[3] | 0x20) == 'e' && (line.size == 4 || line.bytes[4] == ',');
}

static size_t split_line(struct text line, struct text columns[COLUMNS_MAX])
{
    size_t count = 0, start = 0;

    for (size_t i = 0; i <= line.size; i++) {
        if (i < line.size && line.bytes[i] != ',')
            continue;
        if (count == COLUMNS_MAX)
            return COLUMNS_MAX + 1;
        columns[count++] = text_trim((struct text){line.bytes + start, i - start});
        start = i + 1;
    }
    return count;
}

static const char *read_line(struct batch_work *work, struct text line, struct new_code *out)
{
    struct text columns[COLUMNS_MAX], key;
    size_t count = split_line(line, columns);

    out->uses = 0;
    out->valid_until = work->valid_until;
    if (count > COLUMNS_MAX)
        return "there are more than three columns";
    if (memchr(line.bytes, '"', line.size) != NULL)
        return "a code is not quoted";
    if (code_key(work->chunk_arena, columns[0], &key, NULL) != STATUS_OK)
        return "this is no code of 1 to 48 characters";
    if (count > 1 && columns[1].size > 0 &&
        (!text_to_integer(columns[1], &out->uses) || out->uses < 1 || out->uses > COUPON_USES_LIMIT))
        return "the uses are no number above 0";
    if (count > 2 && columns[2].size > 0 && !instant_parse(columns[2], &out->valid_until))
        return "the end is no time such as 2026-12-31T23:00:00Z";
    memcpy(out->key, key.bytes, key.size);
    out->key[key.size] = '\0';
    out->bucket = coupon_bucket(key);
    return NULL;
}

struct complaints {
    struct builder text;
    int64_t count;
};

static void complain(struct complaints *complaints, int64_t number, const char *sentence)
{
    if (complaints->count++ < BATCH_REFUSED_TOLD)
        builder_format(&complaints->text, "%sline %lld: %s", complaints->text.size > 0 ? "\n" : "", (long long)number,
                       sentence);
}

static bool same_before(const struct new_code *codes, size_t count)
{
    return count > 0 && strcmp(codes[count].key, codes[count - 1].key) == 0;
}

/* What stands twice in one commit counts once. */
static size_t drop_same(struct new_code *codes, size_t count)
{
    size_t kept = 0;

    qsort(codes, count, sizeof *codes, compare_codes);
    for (size_t i = 0; i < count; i++) {
        codes[kept] = codes[i];
        if (!same_before(codes, kept))
            kept++;
    }
    return kept;
}

static enum status import_chunk(struct batch_work *work, struct line_reader *reader, struct new_code *codes,
                                struct complaints *complaints, struct error *err)
{
    struct text line;
    size_t count = 0;
    int64_t lines = 0;

    while (lines < CHUNK_CODES && next_line(reader, &line)) {
        lines++;
        if (line.size == 0 || (reader->number == 1 && is_header(line)))
            continue;
        const char *problem = read_line(work, line, &codes[count]);
        codes[count].number = reader->number;
        if (problem == NULL)
            count++;
        else
            complain(complaints, reader->number, problem);
    }
    size_t kept = drop_same(codes, count);
    enum status status = commit_codes(work, codes, kept, lines, err);
    work->batch.known += (int64_t)(count - kept);
    return status;
}

static int64_t count_lines(struct text content)
{
    struct line_reader reader = {.content = content};
    struct text line;

    while (next_line(&reader, &line))
        continue;
    return reader.number;
}

static enum status import_codes(struct batch_work *work, struct complaints *complaints, struct error *err)
{
    struct line_reader reader = {.content = work->request->content};
    struct new_code *codes = malloc(CHUNK_CODES * sizeof *codes);
    struct text line;
    enum status status = STATUS_OK;

    if (codes == NULL)
        return error_set(err, STATUS_LIMIT, "internal.memory", "", "there is no memory for so many codes");
    while (reader.number < work->batch.done && next_line(&reader, &line))
        continue;
    while (work->batch.done < work->batch.wanted && status == STATUS_OK && !work->stopped) {
        arena_reset(work->chunk_arena);
        status = import_chunk(work, &reader, codes, complaints, err);
    }
    free(codes);
    return status;
}

/* ---- a run ---- */

static enum status take_series(struct batch_work *work, struct error *err)
{
    struct configuration configuration = engine_configuration(work->engine);
    bool current = false, made = work->request->content.size == 0;
    const struct coupon_series *series =
        coupon_series_find(configuration.programmes, work->request->series, work->now, &current);
    enum status status = STATUS_OK;

    if (series == NULL || !current) {
        status = error_set(err, STATUS_CONFLICT, "coupon.series", "series", "there is no such series now");
    } else if (series->codes != (made ? COUPON_UNIQUE : COUPON_IMPORTED)) {
        status = error_set(err, STATUS_CONFLICT, "coupon.kind", "series",
                           made ? "codes are made of a series of unique codes only"
                                : "codes are read in for a series of imported codes only");
    } else {
        work->series = *series;
        work->series.pattern.prefix = text_copy(work->arena, series->pattern.prefix);
        work->valid_until =
            coupon_valid_until(series, programme_at(configuration.programmes, work->now)->zone, work->now);
    }
    engine_configuration_release(work->engine, configuration);
    return status;
}

static enum status run(struct batch_work *work, struct complaints *complaints, struct error *err)
{
    bool made = work->request->content.size == 0;
    int64_t wanted = made ? work->request->count : count_lines(work->request->content);
    enum status status = take_series(work, err);

    if (status == STATUS_OK)
        status = storage_session_new(engine_storage(work->engine), false, &work->session, err);
    if (status == STATUS_OK)
        status = start_batch(work, made ? BATCH_MADE : BATCH_IMPORTED, wanted, err);
    if (status == STATUS_OK)
        status = made ? make_codes(work, err) : import_codes(work, complaints, err);
    storage_session_free(work->session);
    return status;
}

enum status coupon_batch_run(struct engine *engine, struct arena *arena, const struct batch_request *request,
                             struct code_batch *out, struct text *complaints, struct error *err)
{
    struct batch_work work = {.engine = engine,
                              .arena = arena,
                              .chunk_arena = arena_new((size_t)256 << 20),
                              .request = request,
                              .now = clock_now(engine_clock(engine))};
    struct complaints told = {.text = {.arena = arena}};

    if (work.chunk_arena == NULL)
        return error_set(err, STATUS_LIMIT, "internal.memory", "", "there is no memory for so many codes");
    enum status status = run(&work, &told, err);
    arena_free(work.chunk_arena);
    *out = work.batch;
    if (complaints != NULL)
        *complaints = builder_done(&told.text);
    return status;
}
