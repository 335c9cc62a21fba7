/* segments_scan_store.c: segments over all persons of some buckets: narrowed in SQL, decided by their expressions. */
#include <stdlib.h>
#include <string.h>

#include "engine/loader.h"
#include "features/segments/segments_store.h"
#include "queries.h"
#include "storage/storage.h"

enum {
    COLUMN_REGISTERED = STANDING_COLUMNS + 1,
    PEOPLE_AT_ONCE = 1000,
    MOVES_AT_ONCE = 8192,
    ASK_EVERY = 256,
    ARGUMENTS_MAX = 40,
};
#define SCAN_ARENA_BYTES ((size_t)512 << 20)
#define BASE_ARENA_BYTES ((size_t)2 << 30)

#define SELECT_STANDINGS                                                              \
    "SELECT s.member, " STANDING_COLUMN_LIST ", m.registered_at "                     \
    "FROM standing AS s JOIN member AS m ON m.bucket = s.bucket AND m.id = s.member " \
    "WHERE m.status = 1 AND m.leader = m.id AND s.bucket >= "

/* ---- the query ---- */

/* A query with its arguments, the buckets first. */
struct narrowed {
    struct storage_query query;
    enum storage_type types[ARGUMENTS_MAX + 2];
    struct storage_value values[ARGUMENTS_MAX + 2];
};

static const char *query_text(struct arena *arena, char placeholder, struct text filter)
{
    return arena_format(arena, SELECT_STANDINGS "%c1 AND s.bucket <= %c2%s%.*s", placeholder, placeholder,
                        filter.size == 0 ? "" : " AND ", (int)filter.size, filter.size == 0 ? "" : filter.bytes);
}

/* One segment alone is narrowed: of several at once hardly a row would be left out. */
static void make_query(struct arena *arena, const struct segment_scan *scan, struct narrowed *out)
{
    const struct segment_narrowing narrowing = {scan->rules->time.programme, scan->rules->time.now, scan->lasting};
    struct rule_filter filter = {0};
    if (scan->rules->count == 1)
        segment_filter(arena, scan->rules->items[0].when, &narrowing, &filter);
    *out = (struct narrowed){.query = {.name = "segments.scan",
                                       .sqlite = query_text(arena, '?', filter.sqlite),
                                       .postgres = query_text(arena, '$', filter.postgres),
                                       .parameters = out->types,
                                       .parameter_count = (int)filter.argument_count + 2,
                                       .index = STORAGE_QUERY_MADE}};
    out->types[0] = out->types[1] = STORAGE_INTEGER;
    out->values[0] = value_integer(scan->first);
    out->values[1] = value_integer(scan->last);
    for (size_t i = 0; i < filter.argument_count; i++) {
        out->types[i + 2] = STORAGE_TEXT;
        out->values[i + 2] = value_text(filter.arguments[i]);
    }
}

static bool is_simple(const struct segment_needs *needs)
{
    return needs->parts == 0 && !needs->points && !needs->scores;
}

/* ---- deciding ---- */

struct scanning {
    const struct segment_scan *scan;
    const struct segment_finding *finding;
    struct arena *kept; /* until the end of the scan */
    bool simple;        /* the standing is all that is looked at */
    struct id_list ids; /* otherwise: who has to be looked at */
    size_t seen;
};

static void decide(const struct scanning *scanning, const struct fact_sources *sources, int64_t leader)
{
    const struct live_rules *rules = scanning->scan->rules;
    const struct segment_finding *finding = scanning->finding;
    struct rule_value slots[FACT_COUNT];
    int64_t until = INSTANT_NEVER;
    facts_fill(scanning->scan->arena, sources, slots);
    for (size_t i = 0; i < rules->count; i++) {
        struct segment_answer answer = segment_evaluate(scanning->scan->arena, rules->items[i].when, sources, slots);
        until = answer.until < until ? answer.until : until;
        if (answer.inside)
            finding->found(finding->context, i, leader);
    }
    if (finding->due != NULL && until != INSTANT_NEVER)
        finding->due(finding->context, leader, until);
}

static enum status ask(struct scanning *scanning, size_t count, struct error *err)
{
    const struct segment_finding *finding = scanning->finding;
    scanning->seen += count;
    if (finding->go_on == NULL || (scanning->seen % ASK_EVERY >= count && count < ASK_EVERY) ||
        finding->go_on(finding->context))
        return STATUS_OK;
    return error_set(err, STATUS_BUSY, "segments.stopped", "", "the evaluation was stopped");
}

static enum status decide_standing(struct scanning *scanning, const struct storage_row *row, struct error *err)
{
    const struct segment_time *time = &scanning->scan->rules->time;
    struct member member = {.id = row_integer(row, 0), .registered_at = row_integer(row, COLUMN_REGISTERED)};
    struct group group = {.members = &member, .member_count = 1};
    const struct segment_person person = {.leader = member.id,
                                          .person = {.group = &group, .member = &member, .leader = &member}};
    struct fact_sources sources;
    member.leader = member.id;
    arena_reset(scanning->scan->arena);
    enum status status = standing_decode(row, 1, scanning->scan->arena, &member.standing, err);
    if (status != STATUS_OK)
        return status;
    segment_sources(scanning->scan->arena, time, &person, &sources);
    decide(scanning, &sources, member.id);
    return ask(scanning, 1, err);
}

static enum status receive_standing(void *context, const struct storage_row *row, struct error *err)
{
    struct scanning *scanning = context;
    if (scanning->simple)
        return decide_standing(scanning, row, err);
    id_list_add(scanning->kept, &scanning->ids, row_integer(row, 0));
    return STATUS_OK;
}

static enum status decide_people(struct scanning *scanning, struct error *err)
{
    const struct segment_scan *scan = scanning->scan;
    enum status status = STATUS_OK;
    for (size_t at = 0; status == STATUS_OK && at < scanning->ids.count; at += PEOPLE_AT_ONCE) {
        size_t left = scanning->ids.count - at;
        const struct id_list some = {.ids = scanning->ids.ids + at,
                                     .count = left < PEOPLE_AT_ONCE ? left : PEOPLE_AT_ONCE};
        struct segment_people people;
        arena_reset(scan->arena);
        status = segment_people_read(scan->session, scan->arena, &some, scan->rules->needs, &people, err);
        for (size_t i = 0; status == STATUS_OK && i < people.count; i++) {
            struct fact_sources sources;
            segment_sources(scan->arena, &scan->rules->time, &people.items[i], &sources);
            decide(scanning, &sources, people.items[i].leader);
        }
        if (status == STATUS_OK)
            status = ask(scanning, some.count, err);
    }
    return status;
}

enum status segments_scan(const struct segment_scan *scan, const struct segment_finding *finding, struct error *err)
{
    const struct segment_needs *needs = &scan->rules->needs;
    struct scanning scanning = {
        .scan = scan, .finding = finding, .kept = arena_new(SCAN_ARENA_BYTES), .simple = is_simple(needs)};
    const struct storage_receiver receiver = {.row = receive_standing, .context = &scanning};
    if (scanning.kept == NULL)
        return error_set(err, STATUS_LIMIT, "internal.memory", "", "there is no memory to evaluate segments");
    struct narrowed *narrowed = arena_alloc(scanning.kept, sizeof *narrowed);
    make_query(scanning.kept, scan, narrowed);
    enum status status = storage_stream(scan->session, &narrowed->query, narrowed->values, &receiver, err);
    if (status == STATUS_OK && !scanning.simple)
        status = decide_people(&scanning, err);
    arena_free(scanning.kept);
    return status;
}

/* ---- the whole base ---- */

struct base {
    struct arena *arena;
    struct segment_positions positions;
    struct member_ids *inside; /* by rule */
    struct membership_dues dues;
};

static void add_id(struct arena *arena, struct member_ids *list, int64_t id)
{
    list->ids = arena_grow(arena, list->ids, &list->capacity, list->count + 1, sizeof *list->ids);
    list->ids[list->count++] = id;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static int compare_dues(const void *a, const void *b)
{
    const struct membership_due *left = a, *right = b;
    if (left->member != right->member)
        return left->member < right->member ? -1 : 1;
    return (left->due_at > right->due_at) - (left->due_at < right->due_at);
}

/* Both ascend: who is in only one of them joins or leaves. */
static void add_moves(struct membership_changes *changes, struct text segment, const struct member_ids *before,
                      const struct member_ids *after)
{
    size_t b = 0, a = 0;
    while (b < before->count || a < after->count) {
        int64_t old = b < before->count ? before->ids[b] : INT64_MAX;
        int64_t new = a < after->count ? after->ids[a] : INT64_MAX;
        if (old != new)
            membership_move(changes, old < new ? old : new, segment, new < old);
        b += old <= new;
        a += new <= old;
    }
}

/* Only brought forward: other segments may want to look sooner. */
static void add_dues(struct membership_changes *changes, const struct membership_dues *before,
                     const struct membership_dues *after)
{
    size_t b = 0;
    for (size_t a = 0; a < after->count; a++) {
        if (a > 0 && after->items[a].member == after->items[a - 1].member)
            continue; /* another segment is told sooner */
        while (b < before->count && before->items[b].member < after->items[a].member)
            b++;
        bool known = b < before->count && before->items[b].member == after->items[a].member;
        if (!known || after->items[a].due_at < before->items[b].due_at)
            membership_set_due(changes, after->items[a].member, after->items[a].due_at);
    }
}

static enum status compare(struct storage_session *session, const struct live_rules *rules, int bucket,
                           struct base *base, struct membership_changes *changes, struct error *err)
{
    struct membership_dues dues = {0};
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < rules->count; i++) {
        struct member_ids before, *after = &base->inside[i];
        status = membership_bucket(session, base->arena, bucket, rules->items[i].code, &before, err);
        if (after->count > 1)
            qsort(after->ids, after->count, sizeof *after->ids, compare_ids);
        if (status == STATUS_OK)
            add_moves(changes, rules->items[i].code, &before, after);
    }
    if (base->dues.count > 1)
        qsort(base->dues.items, base->dues.count, sizeof *base->dues.items, compare_dues);
    if (status == STATUS_OK && base->dues.count > 0)
        status = membership_bucket_dues(session, base->arena, bucket, &dues, err);
    if (status == STATUS_OK)
        add_dues(changes, &dues, &base->dues);
    return status;
}

/* In parts, so that nobody waits long for the database. */
static enum status write_parts(struct storage_session *writes, const struct membership_changes *all,
                               struct segment_positions *positions, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t at = 0; status == STATUS_OK && at < all->move_count; at += MOVES_AT_ONCE) {
        struct membership_changes part = *all;
        part.moves = all->moves + at;
        part.move_count = all->move_count - at < MOVES_AT_ONCE ? all->move_count - at : MOVES_AT_ONCE;
        part.due_count = 0;
        status = membership_commit(writes, &part, positions, err);
    }
    for (size_t at = 0; status == STATUS_OK && at < all->due_count; at += MOVES_AT_ONCE) {
        struct membership_changes part = *all;
        part.move_count = 0;
        part.dues = all->dues + at;
        part.due_count = all->due_count - at < MOVES_AT_ONCE ? all->due_count - at : MOVES_AT_ONCE;
        status = membership_commit(writes, &part, positions, err);
    }
    return status;
}

/* Some of the rules, and where each stands among all of them. */
struct base_group {
    struct base *base;
    struct live_rules rules;
    size_t *places;
};

static void group_found(void *context, size_t rule, int64_t leader)
{
    struct base_group *group = context;
    add_id(group->base->arena, &group->base->inside[group->places[rule]], leader);
}

static void group_due(void *context, int64_t leader, int64_t until)
{
    struct base_group *group = context;
    struct membership_dues *dues = &group->base->dues;
    dues->items = arena_grow(group->base->arena, dues->items, &dues->capacity, dues->count + 1, sizeof *dues->items);
    dues->items[dues->count++] = (struct membership_due){leader, until};
}

/* From the rule at `first` on: all that look at nothing but the standing together, any other alone, to be narrowed. */
static bool group_make(struct base *base, const struct live_rules *all, size_t first, bool simple,
                       struct base_group *out)
{
    struct live_rule *items = arena_array(base->arena, all->count + 1, sizeof *items);
    *out = (struct base_group){.base = base,
                               .rules = {.items = items, .time = all->time},
                               .places = arena_array(base->arena, all->count + 1, sizeof *out->places)};
    for (size_t i = first; i < all->count; i++) {
        struct segment_needs needs = segment_needs_of(all->items[i].when);
        if (is_simple(&needs) != simple)
            continue;
        out->places[out->rules.count] = i;
        items[out->rules.count++] = all->items[i];
        out->rules.needs = needs;
        if (!simple)
            break;
    }
    return out->rules.count > 0;
}

static enum status base_scan(const struct segment_scan *like, struct base *base, const struct live_rules *rules,
                             struct error *err)
{
    enum status status = STATUS_OK;
    for (int simple = 1; simple >= 0; simple--) {
        struct base_group group;
        for (size_t first = 0; status == STATUS_OK && group_make(base, rules, first, simple == 1, &group);
             first = simple == 1 ? rules->count : group.places[0] + 1) {
            const struct segment_finding finding = {.found = group_found, .due = group_due, .context = &group};
            struct segment_scan scan = *like;
            scan.rules = &group.rules;
            status = segments_scan(&scan, &finding, err);
        }
    }
    return status;
}

static enum status base_read(struct storage_session *session, const struct live_rules *rules, int bucket,
                             struct base *base, struct membership_changes *changes, struct error *err)
{
    const struct segment_scan scan = {
        .session = session, .arena = arena_new(SCAN_ARENA_BYTES), .first = bucket, .last = bucket, .lasting = true};
    enum status status = scan.arena != NULL ? segment_positions_read(session, &base->positions, err)
                                            : error_set(err, STATUS_LIMIT, "internal.memory", "", "there is no memory");
    if (status == STATUS_OK)
        status = base_scan(&scan, base, rules, err);
    if (status == STATUS_OK)
        status = compare(session, rules, bucket, base, changes, err);
    arena_free(scan.arena);
    return status;
}

enum status segments_base(struct engine *engine, struct storage_session *writes, const struct live_rules *rules,
                          int bucket, struct error *err)
{
    struct storage_session *reads;
    struct base base = {.arena = arena_new(BASE_ARENA_BYTES)};
    if (base.arena == NULL)
        return error_set(err, STATUS_LIMIT, "internal.memory", "", "there is no memory to evaluate segments");
    base.inside = arena_array(base.arena, rules->count + 1, sizeof *base.inside);
    struct membership_changes changes = {
        .arena = base.arena,
        .positions = &base.positions,
        .now = rules->time.now,
        .today = zone_day(rules->time.programme->zone, rules->time.now),
    };
    enum status status = engine_read_begin(engine, &reads, err);
    if (status == STATUS_OK) {
        status = base_read(reads, rules, bucket, &base, &changes, err);
        engine_read_end(engine, reads);
    }
    if (status == STATUS_OK)
        status = write_parts(writes, &changes, &base.positions, err);
    arena_free(base.arena);
    return status;
}
