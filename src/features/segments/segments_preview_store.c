#include "features/segments/segments_preview_store.h"

#include "features/segments/segments_store.h"
#include "storage/storage.h"

enum { BUCKETS_AT_ONCE = 16 };
#define SCAN_BYTES ((size_t)512 << 20)

struct preview {
    const struct segment_preview *what;
    struct segment_preview_result *out;
    uint64_t marks[SEGMENT_SAMPLE]; /* of the sample, ascending */
    int bucket;
};

/* Any order that has nothing to do with when somebody came; always the same. */
static uint64_t mark_of(int64_t member)
{
    uint64_t mark = (uint64_t)member * UINT64_C(0x9e3779b97f4a7c15);
    mark ^= mark >> 32;
    return mark * UINT64_C(0xd6e8feb86659fd93);
}

/* The sample is whoever has the lowest marks. */
static void found(void *context, size_t rule, int64_t leader)
{
    struct preview *preview = context;
    struct segment_preview_result *out = preview->out;
    uint64_t mark = mark_of(leader);
    size_t at = out->sample_count < SEGMENT_SAMPLE ? out->sample_count++ : SEGMENT_SAMPLE - 1;
    (void)rule;
    out->count++;
    if (out->count > SEGMENT_SAMPLE && mark >= preview->marks[at])
        return;
    for (; at > 0 && preview->marks[at - 1] > mark; at--) {
        preview->marks[at] = preview->marks[at - 1];
        out->sample[at] = out->sample[at - 1];
    }
    preview->marks[at] = mark;
    out->sample[at] = leader;
}

static bool go_on(void *context)
{
    const struct preview *preview = context;
    return preview->what->go_on == NULL || preview->what->go_on(preview->what->context, preview->bucket);
}

static enum status scan_all(struct storage_session *session, struct arena *arena, const struct live_rules *rules,
                            struct preview *preview, struct error *err)
{
    const struct segment_finding finding = {.found = found, .go_on = go_on, .context = preview};
    enum status status = STATUS_OK;
    for (int bucket = 0; status == STATUS_OK && bucket < BUCKET_COUNT; bucket += BUCKETS_AT_ONCE) {
        const struct segment_scan scan = {
            .session = session, .arena = arena, .rules = rules, .first = bucket, .last = bucket + BUCKETS_AT_ONCE - 1};
        preview->bucket = bucket;
        if (!go_on(preview))
            return STATUS_OK;
        status = segments_scan(&scan, &finding, err);
        if (status == STATUS_BUSY)
            return STATUS_OK;
    }
    preview->out->complete = status == STATUS_OK;
    return status;
}

enum status segments_preview(struct engine *engine, const struct segment_preview *what,
                             struct segment_preview_result *out, struct error *err)
{
    const struct live_rule rule = {.code = TEXT("preview"), .when = what->when};
    const struct live_rules rules = {.items = &rule,
                                     .count = 1,
                                     .needs = segment_needs_of(what->when),
                                     .time = {.programmes = what->programmes,
                                              .programme = programme_at(what->programmes, what->now),
                                              .now = what->now,
                                              .median_interval = what->programmes->median_interval}};
    struct preview preview = {.what = what, .out = out};
    struct storage_session *session;
    struct arena *arena = arena_new(SCAN_BYTES);
    *out = (struct segment_preview_result){0};
    if (arena == NULL)
        return error_set(err, STATUS_LIMIT, "internal.memory", "", "there is no memory to evaluate segments");
    enum status status = engine_read_begin(engine, &session, err);
    if (status == STATUS_OK) {
        status = segment_person_count(session, &out->base, err);
        if (status == STATUS_OK)
            status = scan_all(session, arena, &rules, &preview, err);
        engine_read_end(engine, session);
    }
    arena_free(arena);
    return status;
}
