#include "features/insight/score_list_store.h"

#include <stdlib.h>

#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

enum { BLOCK_MEMBERS = 16384, PIECE_MEMBERS = 256, ID_BYTES = 8, PIECE_COLUMNS = 5, PIECES_AT_ONCE = 512 };

/* ---- collecting ---- */

/* Alive, risk and loyalty fit into 32 bits. */
struct narrow {
    int64_t member, expected, value, lifetime;
    int32_t alive, risk, loyalty;
};

struct block {
    struct block *next;
    size_t count;
    struct narrow items[BLOCK_MEMBERS];
};

struct score_lists {
    struct block *first, *last;
    size_t count;
};

struct score_lists *score_lists_new(void)
{
    return calloc(1, sizeof(struct score_lists));
}

void score_lists_free(struct score_lists *lists)
{
    if (lists == NULL)
        return;
    for (struct block *block = lists->first, *next; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    free(lists);
}

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_LIMIT, "insight.days", "", "there is no memory to order the members");
}

enum status score_lists_add(struct score_lists *lists, const struct kept_score *scores, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        const int64_t *numbers = scores[i].numbers;

        if (lists->last == NULL || lists->last->count == BLOCK_MEMBERS) {
            struct block *block = malloc(sizeof *block);

            if (block == NULL)
                return no_memory(err);
            block->next = NULL;
            block->count = 0;
            *(lists->last == NULL ? &lists->first : &lists->last->next) = block;
            lists->last = block;
        }
        lists->last->items[lists->last->count++] = (struct narrow){.member = scores[i].member,
                                                                   .expected = numbers[SCORE_EXPECTED],
                                                                   .value = numbers[SCORE_VALUE],
                                                                   .lifetime = numbers[SCORE_LIFETIME],
                                                                   .alive = (int32_t)numbers[SCORE_ALIVE],
                                                                   .risk = (int32_t)numbers[SCORE_RISK],
                                                                   .loyalty = (int32_t)numbers[SCORE_LOYALTY]};
        lists->count++;
    }
    return STATUS_OK;
}

/* ---- ordering ---- */

struct place {
    int64_t score, member;
};

static int64_t number_of(const struct narrow *item, enum score_key key)
{
    const int64_t numbers[SCORE_KEYS] = {
        [SCORE_ALIVE] = item->alive,       [SCORE_EXPECTED] = item->expected, [SCORE_VALUE] = item->value,
        [SCORE_LIFETIME] = item->lifetime, [SCORE_LOYALTY] = item->loyalty,   [SCORE_RISK] = item->risk};

    return numbers[key];
}

/* By score, then as the scores come: by bucket and id. */
static int compare_places(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    int buckets = id_bucket(left->member) - id_bucket(right->member);

    if (left->score != right->score)
        return left->score < right->score ? -1 : 1;
    if (buckets != 0)
        return buckets;
    return (left->member > right->member) - (left->member < right->member);
}

enum { DIGIT_BITS = 16, DIGITS = 1 << DIGIT_BITS };

/* By one digit of the score, those with the same one in the order in which they come. */
static void sort_by_digit(const struct place *from, size_t count, int shift, struct place *to)
{
    size_t starts[DIGITS] = {0}, sum = 0;

    for (size_t i = 0; i < count; i++)
        starts[(from[i].score + 1) >> shift & (DIGITS - 1)]++;
    for (size_t digit = 0; digit < DIGITS; digit++) {
        size_t own = starts[digit];

        starts[digit] = sum;
        sum += own;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[(from[i].score + 1) >> shift & (DIGITS - 1)]++] = from[i];
}

/* Members come by bucket and id, and scores are -1 or more: digit by digit from the lowest is all it takes. */
static struct place *collect(const struct score_lists *lists, enum score_key key, struct place *places,
                             struct place *others)
{
    int64_t highest = 0;
    size_t count = 0;

    for (const struct block *block = lists->first; block != NULL; block = block->next)
        for (size_t i = 0; i < block->count; i++) {
            places[count++] = (struct place){number_of(&block->items[i], key), block->items[i].member};
            highest = places[count - 1].score > highest ? places[count - 1].score : highest;
        }
    for (int shift = 0; shift == 0 || (shift < 64 && (highest + 1) >> shift > 0); shift += DIGIT_BITS) {
        struct place *sorted = others;

        sort_by_digit(places, count, shift, sorted);
        others = places;
        places = sorted;
    }
    return places;
}

/* ---- keeping ---- */

/* Room for what is written at once. */
struct pieces {
    struct storage_value values[PIECES_AT_ONCE * PIECE_COLUMNS];
    char bytes[PIECES_AT_ONCE][PIECE_MEMBERS * ID_BYTES];
};

static void fill_piece(struct pieces *pieces, size_t at, enum score_key key, const struct place *places, size_t count)
{
    struct storage_value *values = &pieces->values[at * PIECE_COLUMNS];

    for (size_t i = 0; i < count; i++)
        for (int byte = 0; byte < ID_BYTES; byte++)
            pieces->bytes[at][i * ID_BYTES + (size_t)byte] =
                (char)((uint64_t)places[i].member >> (8 * (ID_BYTES - 1 - byte)));
    values[0] = value_integer(key);
    values[1] = value_integer(places[0].score);
    values[2] = value_integer(id_bucket(places[0].member));
    values[3] = value_integer(places[0].member);
    values[4] = value_blob(pieces->bytes[at], count * ID_BYTES);
}

static enum status put_list(struct storage_session *session, enum score_key key, const struct place *places,
                            size_t count, struct pieces *pieces, struct error *err)
{
    const struct storage_value list = value_integer(key);
    enum status status = storage_run(session, &query_insight_score_list_drop, &list, 1, NULL, err);
    size_t filled = 0;

    for (size_t at = 0; status == STATUS_OK && at < count; at += PIECE_MEMBERS) {
        fill_piece(pieces, filled++, key, places + at, count - at < PIECE_MEMBERS ? count - at : PIECE_MEMBERS);
        if (filled < PIECES_AT_ONCE && at + PIECE_MEMBERS < count)
            continue;
        status = storage_run(session, &query_insight_score_list_put, pieces->values, filled, NULL, err);
        filled = 0;
    }
    return status;
}

static enum status keep_list(struct storage_session *session, enum score_key key, const struct place *places,
                             size_t count, struct pieces *pieces, struct error *err)
{
    enum status status = storage_begin(session, err);

    if (status != STATUS_OK)
        return status;
    status = put_list(session, key, places, count, pieces, err);
    if (status == STATUS_OK)
        return storage_commit(session, err);
    storage_rollback(session);
    return status;
}

enum status score_lists_keep(struct storage_session *session, struct score_lists *lists,
                             const struct score_watch *watch, bool *stopped, struct error *err)
{
    struct place *places = malloc((lists->count + 1) * sizeof *places),
                 *others = malloc((lists->count + 1) * sizeof *others);
    struct pieces *pieces = malloc(sizeof *pieces);
    enum status status = places != NULL && others != NULL && pieces != NULL ? STATUS_OK : no_memory(err);

    for (int key = 0; status == STATUS_OK && key < SCORE_KEYS; key++) {
        if (watch != NULL && !watch->go_on(watch->context, lists->count, lists->count)) {
            *stopped = true;
            break;
        }
        const struct place *sorted = collect(lists, (enum score_key)key, places, others);

        status = keep_list(session, (enum score_key)key, sorted, lists->count, pieces, err);
    }
    free(places);
    free(others);
    free(pieces);
    return status;
}

/* ---- pages ---- */

struct piece {
    bool found;
    struct place first;
    int64_t members[PIECE_MEMBERS];
    size_t count;
};

static enum status receive_piece(void *context, const struct storage_row *row, struct error *err)
{
    struct piece *piece = context;
    struct text bytes = row_text(row, 3);

    (void)err;
    piece->found = true;
    piece->first = (struct place){row_integer(row, 0), row_integer(row, 2)};
    piece->count = bytes.size / ID_BYTES < PIECE_MEMBERS ? bytes.size / ID_BYTES : PIECE_MEMBERS;
    for (size_t i = 0; i < piece->count; i++) {
        uint64_t member = 0;

        for (int byte = 0; byte < ID_BYTES; byte++)
            member = member << 8 | (unsigned char)bytes.bytes[i * ID_BYTES + (size_t)byte];
        piece->members[i] = (int64_t)member;
    }
    return STATUS_OK;
}

/* `after`: the first piece after the place; otherwise the last one at it or, `apart`, before it. */
struct looking {
    enum score_key key;
    bool after, apart;
};

static enum status find_piece(struct storage_session *session, struct looking looking, struct place place,
                              struct piece *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_piece, .context = out};
    const struct storage_value values[] = {value_integer(looking.key), value_integer(place.score),
                                           value_integer(place.member > 0 ? id_bucket(place.member) : 0),
                                           value_integer(place.member - (looking.apart ? 1 : 0))};
    bool after = looking.after;

    out->found = false;
    return storage_run(session, after ? &query_insight_score_list_after : &query_insight_score_list_before, values, 1,
                       &receiver, err);
}

struct collecting {
    struct arena *arena;
    const struct score_page *page;
    struct kept_scores *out;
    size_t sorted; /* those before are in their order */
};

static struct place place_of(const struct score_page *page, const struct kept_score *score)
{
    return (struct place){score->numbers[page->key], score->member};
}

static enum status receive_score(void *context, const struct storage_row *row, struct error *err)
{
    struct collecting *collecting = context;
    struct kept_scores *out = collecting->out;
    const struct score_page *page = collecting->page;
    struct kept_score score = {.member = row_integer(row, 0), .scored_at = row_integer(row, 1)};

    (void)err;
    for (int i = 0; i < SCORE_KEYS; i++)
        score.numbers[i] = row_integer(row, 2 + i);
    score.kind = row_integer(row, 2 + SCORE_KEYS);
    const struct place place = place_of(page, &score), from = {page->after, page->member};
    int order = page->given ? compare_places(&place, &from) : page->worst ? 1 : -1;

    if (page->worst ? order <= 0 : order >= 0)
        return STATUS_OK;
    out->items = arena_grow(collecting->arena, out->items, &out->capacity, out->count + 1, sizeof *out->items);
    size_t at = out->count++;

    /* Into its place among those of this piece: they come in any order. */
    for (; at > collecting->sorted; at--) {
        const struct place before = place_of(page, &out->items[at - 1]);

        if ((compare_places(&before, &place) < 0) == page->worst)
            break;
        out->items[at] = out->items[at - 1];
    }
    out->items[at] = score;
    return STATUS_OK;
}

static enum status add_piece(struct storage_session *session, const struct piece *piece, struct collecting *collecting,
                             struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_score, .context = collecting};
    struct storage_value values[PIECE_MEMBERS * 2];

    for (size_t i = 0; i < piece->count; i++) {
        values[i * 2] = value_integer(id_bucket(piece->members[i]));
        values[i * 2 + 1] = value_integer(piece->members[i]);
    }
    collecting->sorted = collecting->out->count;
    return storage_run(session, &query_insight_scores_of, values, piece->count, &receiver, err);
}

enum status scores_read(struct storage_session *session, struct arena *arena, const struct score_page *page,
                        struct kept_scores *out, struct error *err)
{
    const struct place edge = {page->worst ? INT64_MIN : INT64_MAX, page->worst ? 0 : INT64_MAX},
                       from = page->given ? (struct place){page->after, page->member} : edge;
    struct piece *piece = arena_alloc(arena, sizeof *piece);
    struct collecting collecting = {.arena = arena, .page = page, .out = out};
    struct looking looking = {.key = page->key};
    enum status status = find_piece(session, looking, from, piece, err);

    *out = (struct kept_scores){0};
    looking.after = page->worst;
    looking.apart = !page->worst;
    if (status == STATUS_OK && !piece->found && page->worst)
        status = find_piece(session, looking, from, piece, err);
    while (status == STATUS_OK && piece->found) {
        status = add_piece(session, piece, &collecting, err);
        if (status != STATUS_OK || out->count >= (size_t)page->limit)
            break;
        status = find_piece(session, looking, piece->first, piece, err);
    }
    if (out->count > (size_t)page->limit)
        out->count = (size_t)page->limit;
    return status;
}
