#include "features/backtest/replay.h"

#include <string.h>

#include "features/backtest/replay_internal.h"
#include "features/events/return_internal.h"
#include "foundation/id.h"

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

/* Offers apply to baskets of nobody known, too. */
static enum status price_of_nobody(struct replay *replay, const struct sale *sale, struct error *err)
{
    enum status status = STATUS_OK;
    for (int w = 0; w < REPLAY_WORLDS && status == STATUS_OK; w++)
        status = replay_price(replay, w, sale, NULL, err);
    return status;
}

/* What counts for challenges of a purchase, as it is or as it is left. */
static enum status count_purchase(struct replay *replay, struct replay_person *person, const struct journal_row *row,
                                  struct purchase_line *lines, struct error *err)
{
    struct past_event event = {.row = *row};
    event.row.lines = lines;
    event.row.member = person->worlds[REPLAY_AS_IT_WAS].member.id;
    return replay_in_period(replay, row->at) ? replay_count(replay, person, &event, err) : STATUS_OK;
}

/* What the row says of the purchase. */
static enum status read_facts(struct replay *replay, const struct replay_input *input, struct purchase_facts *out,
                              struct error *err)
{
    if (input->facts == NULL)
        return purchase_facts_read(row_scratch(replay), input->row->facts, out, err);
    *out = *input->facts;
    return STATUS_OK;
}

static enum status replay_purchase(struct replay *replay, const struct replay_input *input, struct error *err)
{
    const struct journal_row *row = input->row;
    struct replay_person *person = replay_person_of(replay, input);
    bool wanted = map_get_id(replay->options.wanted, row->id) != NULL, within = replay_in_period(replay, row->at);
    struct purchase_facts facts;
    if (row->member == 0 && within)
        replay->report.anonymous++;
    if (person == NULL && !wanted && !(within && replay->options.offers))
        return STATUS_OK;
    enum status status = read_facts(replay, input, &facts, err);
    if (status != STATUS_OK)
        return status;
    terms_attach(row->lines, row->line_count, facts.terms, facts.term_count);
    struct kept_purchase *kept = wanted ? keep(replay, row) : NULL;
    if (kept != NULL)
        kept->trigger = input->trigger;
    const struct sale sale = {.row = row,
                              .lines = row->lines,
                              .line_count = row->line_count,
                              .facts = &facts,
                              .now = row->recorded_at,
                              .trigger = input->trigger,
                              .known = person != NULL ? &person->known : NULL};
    if (person == NULL)
        return within ? price_of_nobody(replay, &sale, err) : STATUS_OK;
    if (within) {
        person->active = true;
        person->spend += row->amount;
        replay->report.purchases++;
        replay->report.sales += row->amount;
    }
    status = replay_earn(replay, person, &sale, kept, err);
    return status == STATUS_OK ? count_purchase(replay, person, row, row->lines, err) : status;
}

/* An anonymous purchase that a member claims: it earns now, as of then. */
static enum status replay_claim(struct replay *replay, const struct replay_input *input, struct error *err)
{
    const struct journal_row *row = input->row;
    struct replay_person *person = replay_person_of(replay, input);
    struct kept_purchase *kept = map_get_id(replay->purchases, row->cause);
    struct purchase_facts facts;
    if (kept == NULL)
        return STATUS_OK;
    map_put_id(replay->purchases, row->id, kept); /* what comes back names the claim */
    if (person == NULL)
        return STATUS_OK;
    enum status status = read_facts(replay, input, &facts, err);
    if (status != STATUS_OK)
        return status;
    const struct sale sale = {.row = &kept->row,
                              .lines = kept->row.lines,
                              .line_count = kept->row.line_count,
                              .facts = &facts,
                              .now = row->recorded_at,
                              .known = &person->known};
    if (replay_in_period(replay, row->at)) {
        person->active = true;
        person->spend += kept->row.amount;
        replay->report.purchases++;
        replay->report.sales += kept->row.amount;
    }
    status = replay_earn(replay, person, &sale, kept, err);
    return status == STATUS_OK ? count_purchase(replay, person, &kept->row, kept->left, err) : status;
}

static void take_lines(struct kept_purchase *kept, const struct journal_row *row)
{
    for (size_t i = 0; i < row->line_count; i++)
        for (size_t l = 0; l < kept->row.line_count; l++)
            if (kept->left[l].number == row->lines[i].of_line) {
                kept->left[l].amount -= row->lines[i].amount;
                kept->left[l].quantity_milli -= row->lines[i].quantity_milli;
            }
    kept->returned += row->amount;
}

static void take_points(struct replay *replay, struct replay_person *person, int w, const struct kept_earning *earning,
                        const struct wallet_points *taken)
{
    replay_add_points(replay, person, w, taken->wallet, -taken->points);
    for (size_t i = 0; i < earning->earned_count; i++)
        if (text_equal(earning->earned[i].wallet, taken->wallet)) {
            replay_add_end(replay, w, taken->wallet, -taken->points, earning->earned[i].expires_at);
            return;
        }
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
    enum status status = purchase_facts_read(decision->arena, earning->facts, &work.bought, err);
    if (status == STATUS_OK)
        status = purchase_facts_read(decision->arena, earning->latest, &work.before, err);
    if (status != STATUS_OK)
        return status;
    work.person = turn->person;
    turn_counters(turn, programme_at(decision->programmes, kept->row.at), &kept->row, kept->trigger);
    int64_t total = kept->row.amount;
    work.after.paid_minor = work.bought.paid_minor - return_share(work.bought.paid_minor, work.returned, total);
    work.after.prepaid = work.bought.prepaid - return_share(work.bought.prepaid, work.returned, total);
    status = return_reckon_points(&work, err);
    if (status != STATUS_OK)
        return status;
    earning->latest = text_copy(turn->replay->memory, purchase_facts_write(decision->arena, &work.after));
    int32_t day = zone_day(programme_at(decision->programmes, decision->now)->zone, kept->row.at);
    standing_add_return(decision, turn->person.group, turn->person.member, day, row->amount);
    if (replay_in_period(turn->replay, row->at))
        for (size_t i = 0; i < work.clawed_back_count; i++)
            take_points(turn->replay, person, w, earning, &work.clawed_back[i]);
    return STATUS_OK;
}

static enum status replay_return(struct replay *replay, const struct replay_input *input, struct error *err)
{
    const struct journal_row *row = input->row;
    struct kept_purchase *kept = map_get_id(replay->purchases, row->cause);
    struct replay_person *person = replay_person_of(replay, input);
    enum status status = STATUS_OK;
    if (kept == NULL)
        return STATUS_OK;
    take_lines(kept, row);
    if (person == NULL || !kept->earned)
        return STATUS_OK;
    for (int w = 0; w < REPLAY_WORLDS && status == STATUS_OK; w++) {
        struct turn turn = turn_of(replay, person, w);
        status = turn_begin(&turn, row->recorded_at, err);
        if (status == STATUS_OK)
            status = return_in(&turn, person, w, kept, row, err);
        turn_end(&turn);
    }
    if (status == STATUS_OK)
        status = count_purchase(replay, person, &kept->row, kept->left, err);
    if (status == STATUS_OK && replay_in_period(replay, row->at)) {
        person->active = true;
        person->spend -= row->amount;
        replay->report.returns++;
        replay->report.sales -= row->amount;
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
static void replay_merge(struct replay *replay, const struct replay_input *input)
{
    const struct journal_row *row = input->row;
    int64_t absorbed = named_member(row->facts);
    struct replay_person *into = replay_person_of(replay, input);
    struct replay_person *from = map_get_id(replay->persons, absorbed);
    if (into == NULL || from == NULL || into == from) {
        if (into != NULL && from == NULL)
            replay_put_person(replay, absorbed, into);
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
        replay_bring_home(replay, world, &into->worlds[w], &before);
        into->worlds[w].points += from->worlds[w].points;
        replay_join_challenges(replay, &into->worlds[w], &from->worlds[w]);
    }
    into->active |= from->active;
    into->touched |= from->touched;
    into->spend += from->spend;
    from->left_out = true;
    from->active = false;
    replay_put_person(replay, absorbed, into);
}

static void leave_out(struct replay *replay, int64_t member)
{
    struct replay_person *person = map_get_id(replay->persons, member);
    if (person != NULL)
        person->left_out = true;
}

static enum status other_row(struct replay *replay, const struct replay_input *input, struct error *err)
{
    struct text kind = input->row->kind;
    if (text_equals(kind, "registration"))
        (void)replay_person_of(replay, input);
    else if (text_equals(kind, "merge"))
        replay_merge(replay, input);
    else if (text_equals(kind, "unmerge"))
        leave_out(replay, input->row->member);
    else if (text_equals(kind, "visit"))
        return replay_visit(replay, input, err);
    else if (replay_is_partner(kind))
        return replay_partner(replay, input, err);
    else if (replay_is_right(kind))
        return replay_right(replay, input, err);
    else if (text_starts_with(kind, TEXT("occasion_")))
        return replay_occasion(replay, input, err);
    else if (replay->options.kinds != NULL && map_get(replay->options.kinds, kind) != NULL)
        return replay_custom(replay, input, err);
    return STATUS_OK;
}

static enum status replay_row(struct replay *replay, const struct replay_input *input, struct error *err)
{
    const struct journal_row *row = input->row;
    enum status status;
    replay->report.rows++;
    replay_tidy(replay);
    if (text_equals(row->kind, "purchase"))
        status = replay_purchase(replay, input, err);
    else if (text_equals(row->kind, "claim"))
        status = replay_claim(replay, input, err);
    else if (return_takes_lines(row->kind))
        status = replay_return(replay, input, err);
    else
        status = other_row(replay, input, err);
    if (status == STATUS_LIMIT || status == STATUS_INVALID || status == STATUS_CONFLICT) {
        replay->report.failed++;
        return STATUS_OK;
    }
    return status;
}

/* ---- what lies far away ---- */

/* How many rows ahead the parts of a person are fetched; the row and the person itself are twice as early. */
enum { ROWS_AHEAD = 4, LINE_BYTES = 64 };

static void fetch(const void *memory, size_t size)
{
    for (size_t offset = 0; memory != NULL && offset < size; offset += LINE_BYTES)
        __builtin_prefetch((const char *)memory + offset);
}

static const struct replay_person *person_met(const struct replay_input *input)
{
    return input->member != NULL ? input->member->person : NULL;
}

static void fetch_parts(const struct replay_person *person)
{
    for (int w = 0; person != NULL && w < REPLAY_WORLDS; w++) {
        const struct member *member = &person->worlds[w].member;
        fetch(member->wallets, member->wallet_count * sizeof *member->wallets);
        fetch(member->days, member->day_count * sizeof *member->days);
        fetch(member->standing.recent, member->standing.recent_count * sizeof *member->standing.recent);
    }
}

/* Persons come in no order and do not fit into a processor's caches: what the next rows touch is fetched meanwhile. */
enum status replay_rows(struct replay *replay, const struct replay_input *inputs, size_t count, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        if (i + 2 * ROWS_AHEAD < count) {
            fetch(inputs[i + 2 * ROWS_AHEAD].row, sizeof(struct journal_row));
            fetch(person_met(&inputs[i + 2 * ROWS_AHEAD]), sizeof(struct replay_person));
        }
        if (i + ROWS_AHEAD < count)
            fetch_parts(person_met(&inputs[i + ROWS_AHEAD]));
        status = replay_row(replay, &inputs[i], err);
    }
    return status;
}
