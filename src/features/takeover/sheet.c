#include "features/takeover/sheet.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "foundation/map.h"

static const struct {
    enum sheet_measure measure;
    const char *name;
} measures[] = {{SHEET_MEMBERS, "members"},
                {SHEET_HOLDERS, "members_with_points"},
                {SHEET_POINTS, "points"},
                {SHEET_DEBT, "debt"},
                {SHEET_LIABILITY, "liability"}};

const char *sheet_measure_name(enum sheet_measure measure)
{
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++)
        if (measures[i].measure == measure)
            return measures[i].name;
    assert(false); /* not a measure */
    return "";
}

bool sheet_measure_from(struct text name, enum sheet_measure *out)
{
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++)
        if (text_equals(name, measures[i].name)) {
            *out = measures[i].measure;
            return true;
        }
    return false;
}

/* ---- lines ---- */

void sheet_start(struct sheet *sheet, struct arena *arena)
{
    *sheet = (struct sheet){.arena = arena, .cells = map_new(arena, 256)};
}

static void write_key(struct builder *key, const struct sheet_line *line)
{
    builder_format(key, "%d", (int)line->measure);
    const struct text parts[] = {line->wallet, line->store, line->month};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        builder_char(key, '\n');
        builder_text(key, parts[i]);
    }
}

void sheet_add(struct sheet *sheet, const struct sheet_line *line)
{
    char bytes[4 * CODE_SIZE_MAX + SHEET_MONTH_SIZE];
    struct builder key = {.arena = sheet->arena, .bytes = bytes, .capacity = sizeof bytes};

    assert(line->wallet.size <= CODE_SIZE_MAX);
    assert(line->store.size <= CODE_SIZE_MAX);
    assert(line->month.size < SHEET_MONTH_SIZE);
    write_key(&key, line);
    struct sheet_line *found = map_get(sheet->cells, builder_done(&key));
    if (found != NULL) {
        found->value += line->value;
        return;
    }
    if (sheet->count >= SHEET_LINES_MAX) {
        sheet->full = true;
        return;
    }
    found = arena_alloc(sheet->arena, sizeof *found);
    *found = (struct sheet_line){.measure = line->measure,
                                 .wallet = text_copy(sheet->arena, line->wallet),
                                 .store = text_copy(sheet->arena, line->store),
                                 .month = text_copy(sheet->arena, line->month),
                                 .value = line->value};
    map_put(sheet->cells, text_copy(sheet->arena, builder_done(&key)), found);
    sheet->lines =
        arena_grow(sheet->arena, sheet->lines, &sheet->capacity, sheet->count + 1, sizeof(struct sheet_line *));
    sheet->lines[sheet->count++] = found;
}

void sheet_add_lot(struct sheet *sheet, struct text wallet, struct text store, struct text month, int64_t points)
{
    sheet_add(sheet, &(struct sheet_line){.measure = SHEET_POINTS,
                                          .wallet = wallet,
                                          .store = store.size > 0 ? store : TEXT(SHEET_NONE),
                                          .month = month,
                                          .value = points});
}

struct text sheet_month(const struct zone *zone, int64_t expires_at, char *out)
{
    if (expires_at == INSTANT_NEVER)
        return TEXT("never");
    struct date date = date_from_day(zone_day(zone, expires_at - 1));
    int size = snprintf(out, SHEET_MONTH_SIZE, "%04d-%02d", date.year, date.month);
    return (struct text){out, size > 0 ? (size_t)size : 0};
}

/* ---- sums ---- */

static bool means(struct text wanted, struct text found)
{
    return wanted.size == 0 || text_equal(wanted, found);
}

static int64_t sum_lines(const struct sheet *sheet, const struct sheet_line *of)
{
    int64_t sum = 0;

    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_line *line = sheet->lines[i];
        if (line->measure == of->measure && means(of->wallet, line->wallet) && means(of->store, line->store) &&
            means(of->month, line->month))
            sum += line->value;
    }
    return sum;
}

int64_t sheet_sum(const struct sheet *sheet, const struct programme *programme, const struct sheet_line *of)
{
    int64_t sum = 0;

    if (of->measure != SHEET_LIABILITY)
        return sum_lines(sheet, of);
    for (size_t i = 0; i < programme->wallet_count; i++) {
        const struct wallet_policy *policy = &programme->wallets[i];
        struct sheet_line points = *of;
        int64_t value = 0;
        points.measure = SHEET_POINTS;
        points.wallet = policy->code;
        if (means(of->wallet, policy->code) && wallet_points_value(policy, sum_lines(sheet, &points), &value))
            sum += value;
    }
    return sum;
}

/* ---- a line given by hand ---- */

static bool is_month(struct text month)
{
    if (month.size == 0 || text_equals(month, "never"))
        return true;
    if (month.size != 7 || month.bytes[4] != '-')
        return false;
    for (size_t i = 0; i < month.size; i++)
        if (i != 4 && (month.bytes[i] < '0' || month.bytes[i] > '9'))
            return false;
    return true;
}

enum status sheet_line_read(const struct programme *programme, const struct sheet_text *text, struct sheet_line *out,
                            struct error *err)
{
    struct sheet_line line = {.wallet = text->wallet, .store = text->store, .month = text->month};

    if (!sheet_measure_from(text->measure, &line.measure))
        return error_set(err, STATUS_INVALID, "control.measure", "measure",
                         "the measure is members, members_with_points, points, debt or liability");
    if (!is_month(text->month))
        return error_set(err, STATUS_INVALID, "control.month", "month", "a month is as 2026-12, or never");
    if (text->wallet.size > CODE_SIZE_MAX || text->store.size > CODE_SIZE_MAX)
        return error_set(err, STATUS_INVALID, "control.store", "store", "a code has at most %d bytes", CODE_SIZE_MAX);
    bool by_place = line.measure == SHEET_POINTS || line.measure == SHEET_LIABILITY;
    bool by_wallet = by_place || line.measure == SHEET_DEBT;
    if ((text->store.size > 0 || text->month.size > 0) && !by_place)
        return error_set(err, STATUS_INVALID, "control.store", "store", "only points are told by store and month");
    if (text->wallet.size > 0 && !by_wallet)
        return error_set(err, STATUS_INVALID, "control.store", "wallet", "members are not told by points account");
    struct error ignored = {0};
    bool read = line.measure == SHEET_LIABILITY
                    ? money_parse(text->value, programme->exponent, &line.value, &ignored) == STATUS_OK
                    : text_to_integer(text->value, &line.value);
    if (!read)
        return error_set(err, STATUS_INVALID, "control.value", "value", "'%.*s' is not %s",
                         (int)(text->value.size > 40 ? 40 : text->value.size), text->value.bytes,
                         line.measure == SHEET_LIABILITY ? "an amount" : "a whole number");
    *out = line;
    return STATUS_OK;
}

/* ---- comparing ---- */

struct comparison {
    struct arena *arena;
    const struct programme *programme;
    const struct sheet *theirs, *ours;
    struct sheet wanted; /* the lines to compare, each once */
    bool given;
};

static void want(struct comparison *comparison, enum sheet_measure measure, struct text wallet, struct text store,
                 struct text month)
{
    sheet_add(&comparison->wanted,
              &(struct sheet_line){.measure = measure, .wallet = wallet, .store = store, .month = month});
}

static const struct text all = {NULL, 0};

/* What a sheet counted from files tells, and what there is beside it. */
static void want_counted(struct comparison *comparison, const struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_line *line = sheet->lines[i];
        if (line->measure == SHEET_HOLDERS && sheet == comparison->theirs)
            want(comparison, SHEET_HOLDERS, all, all, all);
        if (line->measure != SHEET_POINTS && line->measure != SHEET_DEBT)
            continue;
        want(comparison, SHEET_POINTS, line->wallet, all, all);
        want(comparison, SHEET_DEBT, line->wallet, all, all);
        want(comparison, SHEET_LIABILITY, line->wallet, all, all);
        if (line->measure == SHEET_DEBT)
            continue;
        want(comparison, SHEET_POINTS, line->wallet, line->store, all);
        want(comparison, SHEET_POINTS, line->wallet, all, line->month);
    }
}

/* A sheet that tells points by store says with it that other stores have none; the same of months. */
static void want_given(struct comparison *comparison)
{
    const struct sheet *theirs = comparison->theirs, *ours = comparison->ours;

    for (size_t i = 0; i < theirs->count; i++) {
        const struct sheet_line *line = theirs->lines[i];
        want(comparison, line->measure, line->wallet, line->store, line->month);
        bool by_store = line->store.size > 0, by_month = line->month.size > 0;
        if (line->measure != SHEET_POINTS || by_store == by_month)
            continue;
        for (size_t k = 0; k < ours->count; k++)
            if (ours->lines[k]->measure == SHEET_POINTS && means(line->wallet, ours->lines[k]->wallet))
                want(comparison, SHEET_POINTS, line->wallet, by_store ? ours->lines[k]->store : all,
                     by_month ? ours->lines[k]->month : all);
    }
}

/* Theirs: of a sheet given by hand the line itself, which nothing is added to. */
static int64_t theirs_of(const struct comparison *comparison, const struct sheet_line *line)
{
    if (!comparison->given)
        return sheet_sum(comparison->theirs, comparison->programme, line);
    for (size_t i = 0; i < comparison->theirs->count; i++) {
        const struct sheet_line *found = comparison->theirs->lines[i];
        if (found->measure == line->measure && text_equal(found->wallet, line->wallet) &&
            text_equal(found->store, line->store) && text_equal(found->month, line->month))
            return found->value;
    }
    return 0;
}

static int compare_lines(const void *a, const void *b)
{
    const struct sheet_line *left = *(struct sheet_line *const *)a, *right = *(struct sheet_line *const *)b;
    int order = (int)left->measure - (int)right->measure;

    if (order == 0)
        order = text_compare(left->wallet, right->wallet);
    if (order == 0)
        order = (left->month.size > 0) - (right->month.size > 0); /* totals, then stores, then months */
    if (order == 0)
        order = text_compare(left->store, right->store);
    return order != 0 ? order : text_compare(left->month, right->month);
}

void sheet_compare(struct arena *arena, const struct programme *programme, const struct sheet *theirs,
                   const struct sheet *ours, bool given, struct control *out)
{
    struct comparison comparison = {
        .arena = arena, .programme = programme, .theirs = theirs, .ours = ours, .given = given};

    sheet_start(&comparison.wanted, arena);
    if (given) {
        want_given(&comparison);
    } else {
        want_counted(&comparison, theirs);
        want_counted(&comparison, ours);
    }
    struct sheet *wanted = &comparison.wanted;
    if (wanted->count > 1)
        qsort(wanted->lines, wanted->count, sizeof(struct sheet_line *), compare_lines);
    *out = (struct control){.zero = !theirs->full && !ours->full};
    out->lines = arena_array(arena, wanted->count + 1, sizeof *out->lines);
    for (size_t i = 0; i < wanted->count; i++) {
        struct control_line line = {.of = *wanted->lines[i]};
        line.of.value = theirs_of(&comparison, &line.of);
        line.ours = sheet_sum(ours, programme, &line.of);
        line.difference = line.ours - line.of.value;
        out->zero &= line.difference == 0;
        out->lines[out->count++] = line;
    }
}
