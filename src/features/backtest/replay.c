#include "features/backtest/replay.h"

#include <assert.h>
#include <string.h>

#include "features/events/purchase.h"
#include "features/events/return_internal.h"
#include "features/points/ledger.h"
#include "foundation/id.h"

enum {
    SCRATCH_BYTES = 256 << 20,
    SCRATCH_RESET_BYTES = 4 << 20,
    DAYS_KEPT = 64, /* programme days of a person that a late purchase may still fall on */
    LOTS_ROOM = 64,
};

/* A person in one world. Arrays lie in the replay's memory; what a decision put elsewhere is brought there after it. */
struct world_person {
    struct member member;
    struct group group;
    struct day_spend *recent;
    size_t recent_capacity;
    char *held; /* the text of member.standing.held */
    size_t held_capacity;
    int64_t points; /* earned less taken back in the period, of accounts that can be spent */
};

struct replay_person {
    struct world_person worlds[REPLAY_WORLDS];
    struct rules_known known;
    int64_t spend; /* in the period */
    bool active;   /* had an event in it */
    bool touched;  /* something earned otherwise in the plan */
    bool left_out;
};

/* What a purchase earned in one world, for what comes back of it. */
struct kept_earning {
    struct text facts;  /* of the purchase, or of its claim */
    struct text latest; /* of the last return */
};

struct kept_purchase {
    struct journal_row row; /* with its lines */
    struct purchase_line *left;
    int64_t returned;
    struct kept_earning worlds[REPLAY_WORLDS];
    bool earned; /* by a member: at once, or by a claim */
};

struct world {
    const struct programme_set *programmes;
    struct map *counters; /* id -> struct counter */
    struct decision decision;
    struct arena *scratch;
};

struct replay {
    struct arena *memory;
    struct replay_options options;
    struct world worlds[REPLAY_WORLDS];
    struct map *persons;   /* member id -> struct replay_person */
    struct map *purchases; /* id -> struct kept_purchase */
    struct lot *lots;      /* room for those of one decision: nothing reads them afterwards */
    struct replay_report report;
};

/* ---- worlds ---- */

static void world_clear(struct world *world)
{
    arena_reset(world->scratch);
    decision_start(&world->decision, world->scratch, 0, world->programmes);
}

struct replay *replay_new(struct arena *memory, const struct replay_options *options)
{
    struct replay *replay = arena_alloc(memory, sizeof *replay);
    replay->memory = memory;
    replay->options = *options;
    replay->persons = map_new(memory, map_count(options->members));
    replay->purchases = map_new(memory, map_count(options->wanted));
    replay->lots = arena_array(memory, LOTS_ROOM, sizeof *replay->lots);
    for (int w = 0; w < REPLAY_WORLDS; w++) {
        struct world *world = &replay->worlds[w];
        world->programmes = options->programmes[w];
        world->counters = map_new(memory, COMMAND_COUNTERS_MAX);
        world->scratch = arena_new(SCRATCH_BYTES);
        assert(world->scratch != NULL);
        world_clear(world);
    }
    return replay;
}

void replay_free(struct replay *replay)
{
    for (int w = 0; replay != NULL && w < REPLAY_WORLDS; w++)
        arena_free(replay->worlds[w].scratch);
}

static struct counter *world_counter(struct replay *replay, struct world *world, const char *id)
{
    struct counter *counter = map_get(world->counters, text_from(id));
    if (counter != NULL)
        return counter;
    counter = arena_alloc(replay->memory, sizeof *counter);
    counter->id = text_copy(replay->memory, text_from(id));
    counter->maximum = INT64_MAX;
    map_put(world->counters, counter->id, counter);
    return counter;
}

/* ---- persons ---- */

static struct replay_person *person_new(struct replay *replay, int64_t id, int64_t at)
{
    struct replay_person *person = arena_alloc(replay->memory, sizeof *person);
    for (int w = 0; w < REPLAY_WORLDS; w++) {
        struct world_person *one = &person->worlds[w];
        const struct programme *programme = programme_at(replay->worlds[w].programmes, at);
        one->member = (struct member){.id = id,
                                      .leader = id,
                                      .registered_at = at,
                                      .status = MEMBER_ACTIVE,
                                      .lots_loaded = true,
                                      .progress_loaded = true};
        one->member.standing.due_at = INSTANT_NEVER;
        one->group = (struct group){.members = &one->member, .member_count = 1};
        tier_start(programme, &one->member.standing, at);
        standing_due(&one->member, tier_due(&one->member.standing));
    }
    const struct condition_person *known = replay->options.known != NULL ? map_get_id(replay->options.known, id) : NULL;
    if (known != NULL)
        person->known = (struct rules_known){.parts = known->parts, .person = *known};
    map_put_id(replay->persons, id, person);
    return person;
}

static struct replay_person *person_of(struct replay *replay, int64_t member, int64_t at)
{
    if (member == 0 || map_get_id(replay->options.members, member) == NULL)
        return NULL;
    struct replay_person *person = map_get_id(replay->persons, member);
    return person != NULL ? person : person_new(replay, member, at);
}

/* What a decision moved into the scratch memory is brought back into that of the replay. */
static void *adopted(struct replay *replay, const void *before, void *now, size_t *capacity, size_t count, size_t size)
{
    if (now == before || count == 0)
        return now;
    size_t doubled = count * 2;
    void *copy = arena_array(replay->memory, doubled, size);
    memcpy(copy, now, count * size);
    *capacity = doubled;
    return copy;
}

static void keep_recent(struct replay *replay, struct world_person *one)
{
    struct standing *standing = &one->member.standing;
    if (standing->recent == one->recent || standing->recent_count == 0)
        return;
    one->recent =
        arena_grow(replay->memory, one->recent, &one->recent_capacity, standing->recent_count, sizeof *one->recent);
    memcpy(one->recent, standing->recent, standing->recent_count * sizeof *one->recent);
    standing->recent = one->recent;
}

static void keep_held(struct replay *replay, struct world_person *one)
{
    struct text *held = &one->member.standing.held;
    if (held->bytes == one->held || held->size == 0)
        return;
    one->held = arena_grow(replay->memory, one->held, &one->held_capacity, held->size, 1);
    memcpy(one->held, held->bytes, held->size);
    held->bytes = one->held;
}

static void drop_old_days(struct member *member)
{
    const size_t half = DAYS_KEPT / 2;
    if (member->day_count < DAYS_KEPT)
        return;
    memmove(member->days, member->days + half, (member->day_count - half) * sizeof *member->days);
    member->day_count -= half;
}

static void bring_home(struct replay *replay, struct world *world, struct world_person *one,
                       const struct member *before)
{
    struct member *member = &one->member;
    const struct tier_level *level =
        programme_tier(programme_at(world->programmes, world->decision.now), member->standing.tier);
    if (level != NULL)
        member->standing.tier = level->code;
    else
        member->standing.tier = text_copy(replay->memory, member->standing.tier);
    keep_recent(replay, one);
    keep_held(replay, one);
    member->wallets = adopted(replay, before->wallets, member->wallets, &member->wallet_capacity, member->wallet_count,
                              sizeof *member->wallets);
    member->progress = adopted(replay, before->progress, member->progress, &member->progress_capacity,
                               member->progress_count, sizeof *member->progress);
    for (size_t i = before->progress_count; i < member->progress_count; i++)
        member->progress[i].id = text_copy(replay->memory, member->progress[i].id);
    member->days =
        adopted(replay, before->days, member->days, &member->day_capacity, member->day_count, sizeof *member->days);
    drop_old_days(member);
    member->lots = NULL;
    member->lot_count = member->lot_capacity = 0;
}

/* ---- one decision ---- */

struct turn {
    const struct rules_known *known;
    struct replay *replay;
    struct world *world;
    struct world_person *one;
    struct person person;
    struct member before;
    struct command command;
};

/* The person at the instant of the row: what time alone changed until then has happened. */
static enum status turn_begin(struct turn *turn, int64_t now, struct error *err)
{
    struct replay *replay = turn->replay;
    struct world *world = turn->world;
    struct member *member = &turn->one->member;
    world->decision.now = now;
    member->lots = replay->lots;
    member->lot_count = 0;
    member->lot_capacity = LOTS_ROOM;
    turn->before = *member;
    turn->person = (struct person){&turn->one->group, member, member};
    world->decision.subjects[0] = turn->person;
    return points_advance(&world->decision, &turn->one->group, err);
}

/* Of all that the sale of the row may meet. */
static void turn_counters(struct turn *turn, const struct programme *programme, const struct journal_row *row)
{
    struct decision *decision = &turn->world->decision;
    const struct purchase asked = {.at = row->at, .store = row->store, .channel = row->channel};
    purchase_counters(programme, &turn->command, turn->world->scratch);
    purchase_rule_counters(decision->programmes, &asked, &turn->command, turn->world->scratch);
    for (size_t i = 0; i < turn->command.counter_count; i++)
        decision->counters[i] = world_counter(turn->replay, turn->world, turn->command.counters[i]);
}

static void turn_end(struct turn *turn)
{
    points_set_due(&turn->one->group, &turn->one->member);
    bring_home(turn->replay, turn->world, turn->one, &turn->before);
}

/* ---- sums ---- */

static struct replay_wallet *sum_of(struct replay *replay, struct text wallet)
{
    struct replay_report *report = &replay->report;
    for (size_t i = 0; i < report->wallet_count; i++)
        if (text_equal(report->wallets[i].code, wallet))
            return &report->wallets[i];
    report->wallets = arena_grow(replay->memory, report->wallets, &report->wallet_capacity, report->wallet_count + 1,
                                 sizeof *report->wallets);
    struct replay_wallet *sum = &report->wallets[report->wallet_count++];
    *sum = (struct replay_wallet){.code = text_copy(replay->memory, wallet)};
    return sum;
}

static bool is_spendable(const struct replay *replay, int w, struct text wallet)
{
    const struct programme *programme = programme_at(replay->worlds[w].programmes, replay->worlds[w].decision.now);
    const struct wallet_policy *policy = programme_wallet(programme, wallet);
    return policy != NULL && policy->spendable;
}

static void add_points(struct replay *replay, struct replay_person *person, int w, struct text wallet, int64_t points)
{
    struct replay_sum *sum = &sum_of(replay, wallet)->sums[w];
    if (points > 0)
        sum->earned += points;
    else
        sum->taken_back -= points;
    if (is_spendable(replay, w, wallet))
        person->worlds[w].points += points;
}

/* ---- purchases ---- */

/* What is earned on: a purchase, or one that is claimed now. */
struct sale {
    const struct journal_row *row; /* of the purchase: amount, place and time */
    const struct purchase_line *lines;
    size_t line_count;
    const struct purchase_facts *facts; /* what really happened */
    int64_t now;                        /* recorded then */
    bool counts;                        /* a purchase counts when it is made, and when it is claimed */
};

/* What a sale adds to the ladders. */
static struct tier_gain gain_of(struct arena *arena, const struct sale *sale)
{
    struct tier_points *points = arena_array(arena, sale->facts->earned_count + 1, sizeof *points);
    const bool counts = !sale->facts->own_sale && !sale->facts->plain;
    for (size_t i = 0; i < sale->facts->earned_count; i++)
        points[i] = (struct tier_points){sale->facts->earned[i].wallet, sale->facts->earned[i].points};
    return (struct tier_gain){.spend = counts ? sale->row->amount : 0,
                              .purchases = counts,
                              .points = points,
                              .point_count = sale->facts->earned_count};
}

/* What an earning rule used of its caps and its budget. */
static void fold_rule(struct turn *turn, const struct earned_facts *earned)
{
    for (size_t i = 0; i < earned->use_count; i++) {
        struct text id = earned->uses[i];
        bool times = id.size > 0 && id.bytes[id.size - 1] == '#';
        member_progress(&turn->world->decision, &turn->one->member, id)->used += times ? 1 : earned->points;
    }
    if (!earned->budget)
        return;
    world_counter(turn->replay, turn->world, accrual_counter_id(turn->world->scratch, earned->rule, false))->used +=
        earned->points;
    world_counter(turn->replay, turn->world, accrual_counter_id(turn->world->scratch, earned->rule, true))->used++;
}

static void fold_bonuses(struct turn *turn, const struct purchase_facts *facts)
{
    for (size_t i = 0; i < facts->earned_count; i++)
        if (facts->earned[i].version > 0)
            fold_rule(turn, &facts->earned[i]);
    for (size_t i = 0; i < facts->earned_count; i++)
        for (size_t b = 0; b < facts->earned[i].bonus_count; b++) {
            const struct bonus_facts *bonus = &facts->earned[i].bonuses[b];
            if (bonus->budget)
                world_counter(turn->replay, turn->world,
                              arena_format(turn->world->scratch, "multiplier:%.*s", (int)bonus->multiplier.size,
                                           bonus->multiplier.bytes))
                    ->used += bonus->bonus;
            if (bonus->progress.size > 0)
                member_progress(&turn->world->decision, &turn->one->member, bonus->progress)->used += bonus->bonus;
        }
}

/* Before the period: what happened, happened. */
static enum status fold_sale(struct turn *turn, const struct sale *sale, struct error *err)
{
    struct decision *decision = &turn->world->decision;
    enum status status = turn_begin(turn, sale->now, err);
    if (status != STATUS_OK)
        return status;
    fold_bonuses(turn, sale->facts);
    const struct tier_gain gain = gain_of(decision->arena, sale);
    status = event_qualify(decision, &turn->person, &gain, 0, err);
    if (status == STATUS_OK && sale->counts)
        purchase_count(decision, &turn->person, sale->row->at, sale->row->amount);
    turn_end(turn);
    return status;
}

static enum status decide_sale(struct turn *turn, const struct sale *sale, struct purchase_facts *facts,
                               struct error *err)
{
    struct decision *decision = &turn->world->decision;
    enum status status = turn_begin(turn, sale->now, err);
    if (status != STATUS_OK)
        return status;
    const struct programme *programme = programme_at(decision->programmes, sale->row->at);
    struct journal_row *row = journal_add(decision, &turn->one->member, 0, "purchase", sale->row->at);
    struct purchase_earning earning = {
        .person = &turn->person,
        .row = row,
        .lines = sale->lines,
        .line_count = sale->line_count,
        .total = sale->row->amount,
        .paid = {.minor = sale->facts->paid_minor, .prepaid = sale->facts->prepaid},
        .at = sale->row->at,
        .store = sale->row->store,
        .channel = sale->row->channel,
        .employee = sale->facts->employee,
        .till = sale->facts->till,
        .known = turn->known,
    };
    *facts = (struct purchase_facts){.paid_minor = sale->facts->paid_minor, .prepaid = sale->facts->prepaid};
    turn_counters(turn, programme, sale->row);
    bool barred = sale->facts->own_sale && programme->own_sales != OWN_SALES_EARN;
    if (!sale->facts->plain && !barred)
        status = purchase_earn(decision, &turn->command, &earning, facts, err);
    facts->plain = sale->facts->plain;
    facts->own_sale = barred;
    if (status == STATUS_OK && sale->counts)
        purchase_count(decision, &turn->person, sale->row->at, sale->row->amount);
    return status;
}

static bool same_earned(const struct purchase_facts *a, const struct purchase_facts *b)
{
    bool same = a->earned_count == b->earned_count;
    for (size_t i = 0; same && i < a->earned_count; i++)
        same = text_equal(a->earned[i].rule, b->earned[i].rule) && a->earned[i].points == b->earned[i].points &&
               text_equal(a->earned[i].wallet, b->earned[i].wallet);
    return same;
}

static void count_sale(struct replay *replay, struct replay_person *person, const struct sale *sale,
                       const struct purchase_facts facts[REPLAY_WORLDS])
{
    struct replay_report *report = &replay->report;
    bool same = same_earned(&facts[REPLAY_AS_IT_WAS], sale->facts);
    report->reproduced += same;
    report->different += !same;
    if (!same && report->first_different == 0)
        report->first_different = sale->row->id;
    if (!same_earned(&facts[REPLAY_AS_IT_WAS], &facts[REPLAY_PLAN]))
        person->touched = true;
    for (int w = 0; w < REPLAY_WORLDS; w++)
        for (size_t i = 0; i < facts[w].earned_count; i++)
            add_points(replay, person, w, facts[w].earned[i].wallet, facts[w].earned[i].points);
}

static bool in_period(const struct replay *replay, int64_t at)
{
    return at >= replay->options.from && at < replay->options.until;
}

/* Earns in both worlds, or folds what was earned; `kept` (may be NULL) remembers it for what comes back. */
static enum status earn(struct replay *replay, struct replay_person *person, const struct sale *sale,
                        struct kept_purchase *kept, struct error *err)
{
    bool decided = in_period(replay, sale->row->at);
    struct purchase_facts facts[REPLAY_WORLDS];
    enum status status = STATUS_OK;
    for (int w = 0; w < REPLAY_WORLDS && status == STATUS_OK; w++) {
        struct turn turn = {
            .known = &person->known, .replay = replay, .world = &replay->worlds[w], .one = &person->worlds[w]};
        status = decided ? decide_sale(&turn, sale, &facts[w], err) : fold_sale(&turn, sale, err);
        if (status == STATUS_OK && kept != NULL)
            kept->worlds[w].facts = kept->worlds[w].latest = text_copy(
                replay->memory, purchase_facts_write(replay->worlds[w].scratch, decided ? &facts[w] : sale->facts));
        if (decided)
            turn_end(&turn);
    }
    if (status != STATUS_OK)
        return status;
    if (kept != NULL)
        kept->earned = true;
    if (decided)
        count_sale(replay, person, sale, facts);
    return STATUS_OK;
}

/* ---- rows ---- */

static struct kept_purchase *keep(struct replay *replay, const struct journal_row *row)
{
    struct kept_purchase *kept = arena_alloc(replay->memory, sizeof *kept);
    struct arena *memory = replay->memory;
    kept->row = *row;
    kept->row.store = text_copy(memory, row->store);
    kept->row.channel = text_copy(memory, row->channel);
    kept->row.facts = text_copy(memory, row->facts);
    kept->row.lines = arena_copy(memory, row->lines, row->line_count * sizeof *row->lines);
    for (size_t i = 0; i < row->line_count; i++) {
        struct purchase_line *line = &kept->row.lines[i];
        size_t above = 0;
        line->sku = text_copy(memory, line->sku);
        line->category = text_copy(memory, line->category);
        line->terms = NULL;
        while (line->above != NULL && line->above[above].size > 0)
            above++;
        struct text *codes = line->above != NULL ? arena_array(memory, above + 1, sizeof *codes) : NULL;
        for (size_t a = 0; a < above; a++)
            codes[a] = text_copy(memory, line->above[a]);
        line->above = codes;
    }
    kept->left = arena_copy(memory, kept->row.lines, row->line_count * sizeof *row->lines);
    map_put_id(replay->purchases, row->id, kept);
    return kept;
}

static struct arena *row_scratch(struct replay *replay)
{
    return replay->worlds[REPLAY_AS_IT_WAS].scratch;
}

static enum status replay_purchase(struct replay *replay, const struct journal_row *row, struct error *err)
{
    struct replay_person *person = person_of(replay, row->member, row->at);
    bool wanted = map_get_id(replay->options.wanted, row->id) != NULL, within = in_period(replay, row->at);
    struct purchase_facts facts;
    if (row->member == 0 && within)
        replay->report.anonymous++;
    if (person == NULL && !wanted)
        return STATUS_OK;
    enum status status = purchase_facts_read(row_scratch(replay), row->facts, &facts, err);
    if (status != STATUS_OK)
        return status;
    terms_attach(row->lines, row->line_count, facts.terms, facts.term_count);
    struct kept_purchase *kept = wanted ? keep(replay, row) : NULL;
    if (person == NULL)
        return STATUS_OK;
    const struct sale sale = {row, row->lines, row->line_count, &facts, row->recorded_at, true};
    if (within) {
        person->active = true;
        person->spend += row->amount;
        replay->report.purchases++;
        replay->report.sales += row->amount;
    }
    return earn(replay, person, &sale, kept, err);
}

/* An anonymous purchase that a member claims: it earns now, as of then. */
static enum status replay_claim(struct replay *replay, const struct journal_row *row, struct error *err)
{
    struct replay_person *person = person_of(replay, row->member, row->at);
    struct kept_purchase *kept = map_get_id(replay->purchases, row->cause);
    struct purchase_facts facts;
    if (kept == NULL)
        return STATUS_OK;
    map_put_id(replay->purchases, row->id, kept); /* what comes back names the claim */
    if (person == NULL)
        return STATUS_OK;
    enum status status = purchase_facts_read(row_scratch(replay), row->facts, &facts, err);
    if (status != STATUS_OK)
        return status;
    const struct sale sale = {&kept->row, kept->row.lines, kept->row.line_count, &facts, row->recorded_at, true};
    if (in_period(replay, row->at)) {
        person->active = true;
        person->spend += kept->row.amount;
        replay->report.purchases++;
        replay->report.sales += kept->row.amount;
    }
    return earn(replay, person, &sale, kept, err);
}

static void take_lines(struct kept_purchase *kept, const struct journal_row *row, int64_t *amount)
{
    for (size_t i = 0; i < row->line_count; i++)
        for (size_t l = 0; l < kept->row.line_count; l++)
            if (kept->left[l].number == row->lines[i].of_line) {
                kept->left[l].amount -= row->lines[i].amount;
                kept->left[l].quantity_milli -= row->lines[i].quantity_milli;
            }
    *amount = row->amount;
}

static enum status return_in(struct turn *turn, struct replay_person *person, int w, struct kept_purchase *kept,
                             const struct journal_row *row, struct error *err)
{
    struct decision *decision = &turn->world->decision;
    struct kept_earning *earning = &kept->worlds[w];
    struct past_event purchase = {.row = kept->row};
    struct journal_row draft = *row;
    struct return_work work = {.decision = decision,
                               .command = &turn->command,
                               .purchase = &purchase,
                               .row = &draft,
                               .left = kept->left,
                               .returned_before = kept->returned - row->amount,
                               .returned = kept->returned};
    enum status status = turn_begin(turn, row->recorded_at, err);
    if (status == STATUS_OK)
        status = purchase_facts_read(decision->arena, earning->facts, &work.bought, err);
    if (status == STATUS_OK)
        status = purchase_facts_read(decision->arena, earning->latest, &work.before, err);
    if (status != STATUS_OK)
        return status;
    work.person = turn->person;
    turn_counters(turn, programme_at(decision->programmes, kept->row.at), &kept->row);
    int64_t total = kept->row.amount;
    work.after.paid_minor = work.bought.paid_minor - return_share(work.bought.paid_minor, work.returned, total);
    work.after.prepaid = work.bought.prepaid - return_share(work.bought.prepaid, work.returned, total);
    status = return_reckon_points(&work, err);
    if (status != STATUS_OK)
        return status;
    earning->latest = text_copy(turn->replay->memory, purchase_facts_write(decision->arena, &work.after));
    int32_t day = zone_day(programme_at(decision->programmes, decision->now)->zone, kept->row.at);
    standing_add_return(decision, turn->person.group, turn->person.member, day, row->amount);
    if (in_period(turn->replay, row->at))
        for (size_t i = 0; i < work.clawed_back_count; i++)
            add_points(turn->replay, person, w, work.clawed_back[i].wallet, -work.clawed_back[i].points);
    turn_end(turn);
    return STATUS_OK;
}

static enum status replay_return(struct replay *replay, const struct journal_row *row, struct error *err)
{
    struct kept_purchase *kept = map_get_id(replay->purchases, row->cause);
    struct replay_person *person = person_of(replay, row->member, row->at);
    int64_t amount = 0;
    enum status status = STATUS_OK;
    if (kept == NULL)
        return STATUS_OK;
    take_lines(kept, row, &amount);
    kept->returned += amount;
    if (person == NULL || !kept->earned)
        return STATUS_OK;
    for (int w = 0; w < REPLAY_WORLDS && status == STATUS_OK; w++) {
        struct turn turn = {.replay = replay, .world = &replay->worlds[w], .one = &person->worlds[w]};
        status = return_in(&turn, person, w, kept, row, err);
    }
    if (status == STATUS_OK && in_period(replay, row->at)) {
        person->active = true;
        person->spend -= amount;
        replay->report.returns++;
        replay->report.sales -= amount;
    }
    return status;
}

static enum status replay_visit(struct replay *replay, const struct journal_row *row, struct error *err)
{
    struct replay_person *person = person_of(replay, row->member, row->at);
    enum status status = STATUS_OK;
    for (int w = 0; person != NULL && w < REPLAY_WORLDS && status == STATUS_OK; w++) {
        struct turn turn = {.replay = replay, .world = &replay->worlds[w], .one = &person->worlds[w]};
        struct decision *decision = &turn.world->decision;
        status = turn_begin(&turn, row->recorded_at, err);
        if (status != STATUS_OK)
            break;
        standing_add_visit(decision, turn.person.group, turn.person.member, row->at);
        status = event_qualify(decision, &turn.person, &(struct tier_gain){.visits = 1}, 0, err);
        turn_end(&turn);
    }
    return status;
}

/* The place of a tier in the ladder; `context` is the ladder. */
static int rank(void *context, struct text tier)
{
    const struct tier_ladder *ladder = context;
    for (size_t i = 0; i < ladder->level_count; i++)
        if (text_equal(ladder->levels[i].code, tier))
            return (int)i;
    return -1;
}

/* {"from":"mbr_..."} */
static int64_t named_member(struct text facts)
{
    static const char beginning[] = "{\"from\":\"";
    const size_t skip = sizeof beginning - 1;
    int64_t id = 0;
    if (facts.size > skip + 2 && memcmp(facts.bytes, beginning, skip) == 0)
        (void)id_parse("mbr", (struct text){facts.bytes + skip, facts.size - skip - 2}, &id);
    return id;
}

/* Two persons have become one: from now on they are the first. */
static void replay_merge(struct replay *replay, const struct journal_row *row)
{
    int64_t absorbed = named_member(row->facts);
    struct replay_person *into = person_of(replay, row->member, row->at);
    struct replay_person *from = map_get_id(replay->persons, absorbed);
    if (into == NULL || from == NULL || into == from) {
        if (into != NULL && from == NULL)
            map_put_id(replay->persons, absorbed, into);
        return;
    }
    for (int w = 0; w < REPLAY_WORLDS; w++) {
        struct world *world = &replay->worlds[w];
        struct member *member = &into->worlds[w].member;
        const struct standing persons[] = {member->standing, from->worlds[w].member.standing};
        struct member before = *member;
        world->decision.now = row->recorded_at;
        const struct programme *programme = programme_at(world->programmes, row->recorded_at);
        member->standing = standing_fold(world->scratch, persons, 2, 0, rank, (void *)(uintptr_t)&programme->ladder);
        tier_fold(world->scratch, programme, &member->standing, persons, 2);
        tier_reach(world->scratch, programme, &member->standing, member->registered_at, row->recorded_at);
        bring_home(replay, world, &into->worlds[w], &before);
        into->worlds[w].points += from->worlds[w].points;
    }
    into->active |= from->active;
    into->touched |= from->touched;
    into->spend += from->spend;
    from->left_out = true;
    from->active = false;
    map_put_id(replay->persons, absorbed, into);
}

static void leave_out(struct replay *replay, int64_t member)
{
    struct replay_person *person = map_get_id(replay->persons, member);
    if (person != NULL)
        person->left_out = true;
}

static enum status other_row(struct replay *replay, const struct journal_row *row, struct error *err)
{
    struct text kind = row->kind;
    if (text_equals(kind, "registration"))
        (void)person_of(replay, row->member, row->at);
    else if (text_equals(kind, "merge"))
        replay_merge(replay, row);
    else if (text_equals(kind, "unmerge"))
        leave_out(replay, row->member);
    else if (text_equals(kind, "visit"))
        return replay_visit(replay, row, err);
    return STATUS_OK;
}

enum status replay_row(struct replay *replay, const struct journal_row *row, struct error *err)
{
    enum status status;
    replay->report.rows++;
    for (int w = 0; w < REPLAY_WORLDS; w++)
        if (arena_used(replay->worlds[w].scratch) > SCRATCH_RESET_BYTES)
            world_clear(&replay->worlds[w]);
    if (text_equals(row->kind, "purchase"))
        status = replay_purchase(replay, row, err);
    else if (text_equals(row->kind, "claim"))
        status = replay_claim(replay, row, err);
    else if (return_takes_lines(row->kind))
        status = replay_return(replay, row, err);
    else
        status = other_row(replay, row, err);
    if (status == STATUS_LIMIT || status == STATUS_INVALID || status == STATUS_CONFLICT) {
        replay->report.failed++;
        return STATUS_OK;
    }
    return status;
}

/* ---- the report ---- */

static struct replay_part *part_of(struct replay_part *parts, size_t *count, struct text name)
{
    for (size_t i = 0; i < *count; i++)
        if (text_equal(parts[i].name, name))
            return &parts[i];
    if (*count == REPLAY_PARTS_MAX)
        return &parts[REPLAY_PARTS_MAX - 1];
    parts[*count] = (struct replay_part){.name = name};
    return &parts[(*count)++];
}

static void count_in(struct replay_part *part, const struct replay_person *person)
{
    part->persons++;
    part->touched += person->touched;
    part->spend += person->spend;
    for (int w = 0; w < REPLAY_WORLDS; w++)
        part->points[w] += person->worlds[w].points;
}

/* What is due until the end of the period has happened then. */
static void settle(struct replay *replay, struct replay_person *person)
{
    for (int w = 0; w < REPLAY_WORLDS; w++) {
        struct turn turn = {.replay = replay, .world = &replay->worlds[w], .one = &person->worlds[w]};
        if (turn_begin(&turn, replay->options.until, NULL) == STATUS_OK)
            turn_end(&turn);
    }
}

static void count_person(struct replay *replay, struct replay_person *person)
{
    struct replay_report *report = &replay->report;
    const struct world *world = &replay->worlds[REPLAY_AS_IT_WAS];
    const struct standing *standing = &person->worlds[REPLAY_AS_IT_WAS].member.standing;
    int64_t now = replay->options.until;
    int32_t today = zone_day(programme_at(world->programmes, now)->zone, now);
    int64_t gained = person->worlds[REPLAY_PLAN].points - person->worlds[REPLAY_AS_IT_WAS].points;
    enum stage stage =
        standing_stage(standing, now, today, world->programmes->median_interval, world->programmes->lifecycle);
    report->persons++;
    report->touched += person->touched;
    report->better += gained > 0;
    report->worse += gained < 0;
    count_in(part_of(report->stages, &report->stage_count, text_from(stage_name(stage))), person);
    count_in(part_of(report->tiers, &report->tier_count, standing->tier), person);
    part_of(report->tiers, &report->tier_count, person->worlds[REPLAY_PLAN].member.standing.tier)->persons_after++;
}

const struct replay_report *replay_finish(struct replay *replay)
{
    for (size_t i = 0; i < map_count(replay->persons); i++) {
        struct replay_person *person = map_value_at(replay->persons, i);
        if (person->left_out && person->active)
            replay->report.left_out++;
        if (!person->active || person->left_out)
            continue;
        person->active = false; /* a person of several members is met more than once */
        settle(replay, person);
        count_person(replay, person);
    }
    return &replay->report;
}
