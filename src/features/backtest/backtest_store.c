#include "features/backtest/backtest_store.h"

#include "features/backtest/journal_feed_store.h"
#include "features/challenges/challenge.h"
#include "features/conditions/conditions_store.h"
#include "features/earning/accrual.h"
#include "features/events/events.h"
#include "features/finance/breakage.h"
#include "features/finance/finance_store.h"
#include "features/offers/offer_benefits.h"
#include "features/segments/segment.h"
#include "foundation/id.h"
#include "queries.h"

enum { KNOWN_AT_ONCE = 1000 };

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

    /* What earning rules of either world ask for. */
    struct map *kinds;     /* declared kinds, by name */
    bool visits, triggers; /* visits; orders and stays */
    unsigned parts;        /* of the members: enum condition_part */
};

struct run {
    struct storage_session *session;
    struct scan *scan;
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
        map_put_id(scan->members, member, arena_alloc(scan->arena, sizeof(struct replay_member)));
        scan->ids = arena_grow(scan->arena, scan->ids, &scan->id_capacity, scan->member_count + 1, sizeof *scan->ids);
        scan->ids[scan->member_count++] = member;
    }
    if (!text_equals(kind, "purchase") && !text_starts_with(kind, TEXT("partner_")) && cause != 0)
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

/* Who had an event of a kind that may earn. */
static enum status scan_kind(struct storage_session *session, struct scan *scan, struct text kind, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_scanned, .context = scan};
    enum status status = STATUS_OK;
    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        const struct storage_value values[] = {value_integer(bucket), value_integer(scan->request->plan.from),
                                               value_integer(scan->request->until), value_text(kind)};
        status = storage_stream(session, &query_backtest_scan_kind, values, &receiver, err);
    }
    return status;
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
    if (status == STATUS_OK && scan->visits)
        status = scan_kind(session, scan, TEXT("visit"), err);
    for (size_t i = 0; i < map_count(scan->kinds) && status == STATUS_OK; i++)
        status = scan_kind(session, scan, *(const struct text *)map_value_at(scan->kinds, i), err);
    want_claimed(scan);
    if (status == STATUS_OK && map_count(scan->members) > BACKTEST_PERSONS_MAX)
        return error_set(err, STATUS_LIMIT, "backtest.memory", "from",
                         "%zu members bought in this period, and a back-test holds %d: choose a shorter one",
                         map_count(scan->members), BACKTEST_PERSONS_MAX);
    return status;
}

/* ---- what conditions ask of the members ---- */

static void ask(struct scan *scan, const struct programme_set *set, struct text trigger, bool *any)
{
    const struct accrual_needs needs = accrual_needs(set, trigger);
    scan->parts |= needs.parts;
    *any = *any || needs.any;
}

static bool is_kind(const struct planned_definition *planned, const struct definition_kind *kind)
{
    return text_equals(planned->kind, kind->name) || text_equals(planned->kind, kind->plural);
}

static void ask_kind(struct scan *scan, struct text kind)
{
    if (text_equals(kind, "visit"))
        scan->visits = true;
    else if (!text_equals(kind, "purchase"))
        map_put(scan->kinds, kind, arena_copy(scan->arena, &kind, sizeof kind));
}

static void ask_challenges(struct scan *scan, const struct programme_set *set, struct text code)
{
    const struct definition_list *list = definitions_of(set, &challenge_kind);
    for (size_t i = 0; i < list->count; i++) {
        const struct challenge *challenge = list->items[i].parsed;
        if (!text_equal(list->items[i].code, code))
            continue;
        scan->parts |= challenge->when.parts;
        for (size_t s = 0; s < challenge->step_count; s++) {
            scan->parts |= challenge->steps[s].when.parts | challenge->steps[s].lines.parts;
            ask_kind(scan, challenge->steps[s].event);
        }
    }
}

/* Offers and challenges are tried where the plan changes them. */
static void find_plan_needs(struct scan *scan, struct replay_options *options)
{
    const struct plan *plan = &scan->request->plan;
    struct text *codes = arena_array(scan->arena, plan->definition_count + 1, sizeof *codes);
    for (size_t i = 0; i < plan->definition_count; i++) {
        const struct planned_definition *planned = &plan->definitions[i];
        options->offers = options->offers || is_kind(planned, &offer_kind);
        if (!is_kind(planned, &challenge_kind))
            continue;
        codes[options->challenge_count++] = planned->code;
        for (int w = 0; w < REPLAY_WORLDS; w++)
            ask_challenges(scan, options->programmes[w], planned->code);
    }
    options->challenges = codes;
    for (int w = 0; options->offers && w < REPLAY_WORLDS; w++) {
        const struct offer_index *index = offer_index_of(options->programmes[w]);
        scan->parts |= (index != NULL ? offer_index_parts(index) : 0) | offer_benefit_parts(options->programmes[w]);
    }
}

static void find_needs(struct scan *scan, struct replay_options *options)
{
    const struct programme_set *as_it_was = options->programmes[REPLAY_AS_IT_WAS];
    bool purchases = false;
    for (int w = 0; w < REPLAY_WORLDS; w++) {
        const struct programme_set *set = options->programmes[w];
        ask(scan, set, TEXT("purchase"), &purchases);
        ask(scan, set, TEXT("visit"), &scan->visits);
        ask(scan, set, TEXT("order"), &scan->triggers);
        ask(scan, set, TEXT("stay"), &scan->triggers);
        for (size_t i = 0; i < set->event_kind_count; i++) {
            bool any = false;
            ask(scan, set, set->event_kinds[i].name, &any);
            if (any)
                map_put(scan->kinds, set->event_kinds[i].name,
                        arena_copy(scan->arena, &set->event_kinds[i].name, sizeof(struct text)));
        }
    }
    find_plan_needs(scan, options);
    if (definitions_of(as_it_was, &segment_kind)->count > 0)
        scan->parts |= CONDITION_SEGMENTS; /* the report tells of them */
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
    unsigned parts = scan->parts;
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

/* ---- the journal ---- */

static enum status decide_all(struct journal_feed *feed, struct replay *replay, const struct scan *scan,
                              const struct backtest_watch *watch, bool *cancelled, struct error *err)
{
    const struct replay_input *rows;
    enum status status = STATUS_OK;
    int64_t fed = 0;
    size_t count = 1;
    while (status == STATUS_OK && count > 0 && !*cancelled) {
        status = journal_feed_next(feed, &rows, &count, err);
        if (status == STATUS_OK)
            status = replay_rows(replay, rows, count, err);
        fed += (int64_t)count;
        if (watch == NULL)
            continue;
        watch->progress(watch->context, fed, fed > scan->rows ? fed : scan->rows);
        *cancelled = watch->cancelled(watch->context);
    }
    return status;
}

/* A thread reads on while what it read is decided. */
static enum status feed(struct run *run, struct replay *replay, const struct backtest_watch *watch, bool *cancelled,
                        struct error *err)
{
    const struct journal_feed_options options = {.session = run->session,
                                                 .from = run->scan->request->plan.from,
                                                 .last_at = run->scan->last_at,
                                                 .members = run->scan->members,
                                                 .wanted = run->scan->wanted,
                                                 .kinds = run->scan->kinds,
                                                 .triggers = run->scan->triggers};
    struct journal_feed *reader = NULL;
    enum status status = journal_feed_start(&options, &reader, err);
    if (status == STATUS_OK)
        status = decide_all(reader, replay, run->scan, watch, cancelled, err);
    journal_feed_stop(reader);
    return status;
}

enum status backtest_check(const struct backtest_request *request, struct error *err)
{
    if (request->plan.from < request->until)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "backtest.period", "until", "the period ends before it begins");
}

/* ---- what of points is redeemed in the end ---- */

/* As finance has learned it until the end of the period, where it has enough history. Its sums are those it has, of the last night. */
static enum status read_redemption(struct run *run, const struct programme *programme, struct replay_report *report,
                                   struct error *err)
{
    struct arena *arena = run->scan->arena;
    int32_t month = month_of_day(zone_day(programme->zone, run->scan->request->until));
    const struct finance_range range = {0, month};
    struct finance_sums sums = {0};
    enum status status = finance_sums_read(run->session, arena, SUM_VINTAGE, &range, &sums, err);
    struct finance_sum *own = arena_array(arena, sums.count + 1, sizeof *own);
    for (size_t w = 0; w < report->wallet_count && status == STATUS_OK; w++) {
        size_t count = 0;
        for (size_t i = 0; i < sums.count; i++)
            if (text_equal(sums.items[i].wallet, report->wallets[w].code))
                own[count++] = sums.items[i];
        const struct finance_breakage *breakage = finance_breakage_estimate(arena, own, count, month);
        if (breakage->enough)
            report->wallets[w].redemption = breakage->rate;
    }
    return status;
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
    if (status == STATUS_OK) {
        find_needs(scan, options);
        status = scan_journal(run->session, scan, err);
    }
    if (status == STATUS_OK)
        status = read_known(run->session, scan, options, err);
    if (status == STATUS_OK) {
        replay = replay_new(scan->arena, options);
        status = feed(run, replay, watch, &cancelled, err);
    }
    if (status == STATUS_OK && !cancelled) {
        struct replay_report *report = replay_finish(replay);
        const struct programme *programme = programme_at(configuration.programmes, scan->request->until);
        status = read_redemption(run, programme, report, err);
        if (status == STATUS_OK)
            *out = report;
    }
    replay_free(replay);
    engine_configuration_release(engine, configuration);
    return status;
}

enum status backtest_run(struct engine *engine, struct arena *memory, const struct backtest_request *request,
                         const struct backtest_watch *watch, const struct replay_report **out, struct error *err)
{
    struct scan scan = {.arena = memory,
                        .request = request,
                        .members = map_new(memory, 1024),
                        .wanted = map_new(memory, 1024),
                        .kinds = map_new(memory, 16)};
    struct replay_options options = {.from = request->plan.from,
                                     .until = request->until,
                                     .members = scan.members,
                                     .wanted = scan.wanted,
                                     .kinds = scan.kinds};
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
