/* What happens to a referral: the code, joining, the purchase, a decision. */
#include "features/referrals/referral.h"

#include "features/customers/customers.h"
#include "features/events/facts.h"
#include "features/reactions/award.h"
#include "features/reactions/happened.h"
#include "features/reactions/reaction.h"

const char *const referral_states[] = {"joined", "held", "rewarded", "refused", NULL};

static const struct text none = {NULL, 0};

/* The version in force at `at`, or the last one before. */
static const struct referral_programme *terms_at(const struct programme_set *programmes, struct text code, int64_t at)
{
    const struct definition_list *list = definitions_of(programmes, &referral_programme_kind);
    const struct definition *found = NULL;

    for (size_t i = 0; i < list->count; i++)
        if (text_equal(list->items[i].code, code) && list->items[i].from <= at)
            found = &list->items[i];
    return found != NULL ? found->parsed : NULL;
}

static const struct referral_programme *terms_now(const struct decision *decision, struct text code)
{
    const struct definition *found = definition_at(decision->programmes, &referral_programme_kind, code, decision->now);

    return found != NULL ? found->parsed : NULL;
}

bool referral_is_over(const struct programme_set *programmes, const struct referral *referral, int64_t now)
{
    const struct referral_programme *terms = terms_at(programmes, referral->programme, referral->joined_at);

    return (referral->state == REFERRAL_JOINED || referral->state == REFERRAL_HELD) && referral->purchase == 0 &&
           (terms == NULL || now >= referral->joined_at + terms->attribution_days * INSTANT_DAY);
}

/* ---- the journal ---- */

static struct text facts_of(struct arena *arena, const struct referral *referral)
{
    struct builder facts = {.arena = arena};

    builder_string(&facts, "{\"programme\":");
    facts_string(&facts, referral->programme);
    builder_format(&facts, ",\"state\":\"%s\"", referral_states[referral->state]);
    if (referral->reason.size > 0) {
        builder_string(&facts, ",\"reason\":");
        facts_string(&facts, referral->reason);
    }
    builder_char(&facts, '}');
    return builder_done(&facts);
}

static struct journal_row *add_row(struct decision *decision, const struct member *member, const char *kind,
                                   const struct referral *referral)
{
    struct journal_row *row = journal_add(decision, member, 0, kind, decision->now);

    row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, decision->now);
    row->cause = referral->id;
    row->facts = facts_of(decision->arena, referral);
    return row;
}

/* ---- the code ---- */

static struct condition_world world_of(const struct decision *decision, int subject,
                                       const struct condition_person *known, int64_t now)
{
    return (struct condition_world){.arena = decision->arena,
                                    .programmes = decision->programmes,
                                    .programme = programme_at(decision->programmes, decision->now),
                                    .now = now,
                                    .person = &decision->subjects[subject],
                                    .known = known};
}

static enum status check_referrer(const struct decision *decision, const struct make_referral_code *body,
                                  struct error *err)
{
    const struct referral_programme *terms = terms_now(decision, body->programme);
    struct condition_world world = world_of(decision, 0, &body->load.known, decision->now);

    if (terms == NULL)
        return error_set(err, STATUS_MISSING, "referral.programme", "programme",
                         "there is no referral programme '%.*s' now", (int)body->programme.size, body->programme.bytes);
    condition_start(&world);
    if (terms->when.program != NULL && !condition_holds(&world, &terms->when))
        return error_set(err, STATUS_CONFLICT, "referral.audience", "member",
                         "this member does not take part in the programme");
    return STATUS_OK;
}

static void take_mark(struct decision *decision, const struct command *command, int claim, int64_t row, int64_t member)
{
    if (claim >= 0 && command->claims[claim].reference == 0)
        claim_take(decision, command->claims[claim].kind, command->claims[claim].key, row, member);
}

static enum status code_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct make_referral_code *body = command->body;
    const struct referral_state_of *state = &body->load.of[0];
    enum status status = customer_require(decision, command, 0, err);

    if (status == STATUS_OK)
        status = check_referrer(decision, body, err);
    if (status != STATUS_OK)
        return status;
    body->existed = false;
    for (size_t i = 0; i < state->code_count; i++)
        if (text_equal(state->codes[i].programme, body->programme)) {
            body->code = text_copy(command->arena, state->codes[i].code);
            body->existed = true;
            return STATUS_OK;
        }
    if (command->claims[0].reference != 0)
        return error_set(err, STATUS_BUSY, "referral.code_taken", "", "somebody has this code; ask again");
    const struct member *member = decision->subjects[0].member;
    const struct referral about = {.programme = body->programme};
    struct journal_row *row = add_row(decision, member, "referral_code", &about);
    const struct referral_code code = {member->id, body->programme, command->claims[0].key, decision->now};
    row->facts = none;
    claim_take(decision, REFERRAL_CODE_CLAIM, command->claims[0].key, row->id, member->id);
    take_mark(decision, command, body->device_claim, row->id, member->id);
    store_referral_code(decision, &code);
    body->code = text_copy(command->arena, code.code);
    return STATUS_OK;
}

const struct command_type make_referral_code_type = {
    .name = "make_referral_code", .loads = LOAD_ALONE, .load = referrals_load, .decide = code_decide};

/* ---- joining ---- */

static bool is_of(const struct person *person, int64_t member)
{
    const struct member *found = group_find(person->group, member);

    return found != NULL && found->leader == person->leader->id;
}

static bool in_chain(const struct join_referral *body, const struct person *person)
{
    for (size_t i = 0; i < body->chain_count; i++)
        if (is_of(person, body->chain[i]))
            return true;
    return false;
}

static bool was_referred(const struct referral_state_of *state, const struct person *person)
{
    for (size_t i = 0; i < state->referral_count; i++)
        if (is_of(person, state->referrals[i].friend_member))
            return true;
    return false;
}

/* What is refused at once: nothing can make it right. */
static enum status check_friend(const struct decision *decision, const struct join_referral *body,
                                const struct referral_programme *terms, struct error *err)
{
    const struct person *person = &decision->subjects[0], *referrer = &decision->subjects[1];

    if (person->leader->id == referrer->leader->id)
        return error_set(err, STATUS_CONFLICT, "referral.self", "code", "nobody refers themselves");
    if (person->leader->household != 0 && person->leader->household == referrer->leader->household)
        return error_set(err, STATUS_CONFLICT, "referral.household", "code", "both are of one household");
    if (in_chain(body, person))
        return error_set(err, STATUS_CONFLICT, "referral.cycle", "code",
                         "the member brought the one who refers them here, themselves or over others");
    if (was_referred(&body->load.of[0], person))
        return error_set(err, STATUS_CONFLICT, "referral.known", "member", "the member was referred already");
    if (person->leader->standing.purchases > 0 ||
        decision->now >= person->leader->registered_at + terms->new_days * INSTANT_DAY)
        return error_set(err, STATUS_CONFLICT, "referral.not_new", "member", "the member is no new one");
    return STATUS_OK;
}

static bool is_others(const struct command *command, int claim, const struct person *person)
{
    return claim >= 0 && command->claims[claim].reference != 0 && !is_of(person, command->claims[claim].member);
}

/* What is suspicious: somebody has to decide. */
static struct text suspicion(const struct decision *decision, const struct command *command,
                             const struct join_referral *body, const struct referral_programme *terms)
{
    const struct referral_state_of *made = &body->load.of[1];
    const struct person *referrer = &decision->subjects[1];
    int64_t lately = 0;

    if (is_others(command, body->device_claim, &decision->subjects[0]))
        return TEXT("device");
    if (is_others(command, body->payment_claim, &decision->subjects[0]))
        return TEXT("payment");
    for (size_t i = 0; i < made->referral_count; i++)
        lately += is_of(referrer, made->referrals[i].referrer) &&
                  made->referrals[i].joined_at > decision->now - terms->velocity_hours * INSTANT_HOUR;
    return terms->velocity_count > 0 && lately >= terms->velocity_count ? TEXT("velocity") : none;
}

static struct text programme_of_code(const struct join_referral *body)
{
    const struct referral_state_of *state = &body->load.of[1];

    for (size_t i = 0; i < state->code_count; i++)
        if (text_equal(state->codes[i].code, body->code))
            return state->codes[i].programme;
    return none;
}

static void copy_result(struct arena *arena, const struct referral *referral, struct referral *out)
{
    *out = *referral;
    out->programme = text_copy(arena, referral->programme);
    out->reason = text_copy(arena, referral->reason);
    out->friend_wallet = text_copy(arena, referral->friend_wallet);
    out->referrer_wallet = text_copy(arena, referral->referrer_wallet);
    out->decided_by = text_copy(arena, referral->decided_by);
}

static enum status check_code(struct decision *decision, struct command *command, const struct join_referral *body,
                              struct error *err)
{
    if (command->claims[body->code_claim].reference == 0)
        return error_set(err, STATUS_MISSING, "referral.code_unknown", "code", "nobody has this code");
    enum status status = customer_require(decision, command, 0, err);
    return status == STATUS_OK ? customer_require(decision, command, 1, err) : status;
}

static enum status join_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct join_referral *body = command->body;
    enum status status = check_code(decision, command, body, err);

    if (status != STATUS_OK)
        return status;
    struct text code = programme_of_code(body);
    const struct referral_programme *terms = terms_now(decision, code);
    if (terms == NULL)
        return error_set(err, STATUS_CONFLICT, "referral.ended", "code", "the programme of this code is over");
    status = check_friend(decision, body, terms, err);
    if (status != STATUS_OK)
        return status;
    struct referral referral = {.friend_member = decision->subjects[0].member->id,
                                .referrer = decision->subjects[1].member->id,
                                .programme = code,
                                .joined_at = decision->now,
                                .reason = suspicion(decision, command, body, terms)};
    referral.state = referral.reason.size > 0 ? REFERRAL_HELD : REFERRAL_JOINED;
    struct journal_row *row = add_row(decision, decision->subjects[0].member, "referral", &referral);
    row->store = body->store;
    row->channel = body->channel;
    referral.id = row->id;
    take_mark(decision, command, body->device_claim, row->id, row->member);
    take_mark(decision, command, body->payment_claim, row->id, row->member);
    store_referral(decision, &referral);
    copy_result(command->arena, &referral, &body->result);
    return STATUS_OK;
}

const struct command_type join_referral_type = {
    .name = "join_referral", .loads = LOAD_ALONE, .load = referrals_load, .decide = join_decide};

/* ---- rewards ---- */

static int32_t period_start(enum referral_period period, int32_t day)
{
    struct date date = date_from_day(day);

    return period == REFERRAL_EVER
               ? INT32_MIN
               : day_from_date((struct date){date.year, period == REFERRAL_YEAR ? 1 : date.month, 1});
}

static bool over_cap(const struct decision *decision, const struct referral_load *load,
                     const struct referral_programme *terms, struct text code)
{
    const struct zone *zone = programme_at(decision->programmes, decision->now)->zone;
    int32_t from = period_start(terms->cap_period, zone_day(zone, decision->now));
    const struct referral_state_of *made = &load->of[1];
    int64_t given = 0;

    for (size_t i = 0; i < made->referral_count; i++) {
        const struct referral *one = &made->referrals[i];
        given += is_of(&decision->subjects[1], one->referrer) && text_equal(one->programme, code) &&
                 one->state == REFERRAL_REWARDED && one->referrer_points > 0 &&
                 (from == INT32_MIN || zone_day(zone, one->qualified_at) >= from);
    }
    return given >= terms->cap;
}

/* Of subject 0, the friend, or 1, the referrer. */
static enum status reward_one(struct decision *decision, int subject, const struct referral *referral,
                              const struct referral_programme *terms, int64_t *row_id, struct error *err)
{
    const struct referral_reward *reward = subject == 0 ? &terms->friend_reward : &terms->referrer;
    const struct award award = {.kind = "referral_reward",
                                .wallet = reward->wallet,
                                .points = reward->points,
                                .pending_until = decision->now + terms->waiting_days * INSTANT_DAY,
                                .cause = subject == 0 ? referral->purchase : 0,
                                .facts = facts_of(decision->arena, referral)};
    struct journal_row *row;
    enum status status = award_give(decision, &decision->subjects[subject], &award, &row, err);

    if (status == STATUS_OK)
        *row_id = row->id;
    return status;
}

/* Both rewards, pending. Somebody erased, an account that is no more, or what is over the cap gets none. */
static enum status reward_both(struct decision *decision, const struct referral_load *load,
                               const struct referral_programme *terms, struct referral *referral, struct error *err)
{
    const struct person *referrer = &decision->subjects[1];
    bool there = referrer->member != NULL && referrer->member->status == MEMBER_ACTIVE;
    enum status status = STATUS_OK;

    referral->state = REFERRAL_REWARDED;
    referral->friend_points = referral->referrer_points = referral->friend_row = referral->referrer_row = 0;
    if (terms->friend_reward.points > 0 && award_possible(decision, terms->friend_reward.wallet)) {
        referral->friend_points = terms->friend_reward.points;
        referral->friend_wallet = terms->friend_reward.wallet;
        status = reward_one(decision, 0, referral, terms, &referral->friend_row, err);
    }
    if (status != STATUS_OK || !there || terms->referrer.points == 0 ||
        !award_possible(decision, terms->referrer.wallet) || over_cap(decision, load, terms, referral->programme))
        return status;
    referral->referrer_points = terms->referrer.points;
    referral->referrer_wallet = terms->referrer.wallet;
    return reward_one(decision, 1, referral, terms, &referral->referrer_row, err);
}

static const struct past_event *loaded_row(const struct decision *decision, int64_t id)
{
    for (size_t i = 1; i < COMMAND_EVENTS_MAX; i++)
        if (decision->events[i] != NULL && decision->events[i]->row.id == id)
            return decision->events[i];
    return NULL;
}

static enum status take_one(struct decision *decision, int subject, const struct award *award, int64_t given,
                            struct error *err)
{
    const struct person *person = &decision->subjects[subject];
    int64_t taken;

    if (award->points == 0 || person->member == NULL || person->member->status != MEMBER_ACTIVE)
        return STATUS_OK;
    return award_take_back(decision, person, award, loaded_row(decision, given), &taken, err);
}

static enum status take_both(struct decision *decision, struct referral *referral, struct error *err)
{
    struct award award = {.kind = "referral_clawback",
                          .wallet = referral->friend_wallet,
                          .points = referral->friend_points,
                          .cause = referral->purchase,
                          .facts = facts_of(decision->arena, referral)};
    enum status status = take_one(decision, 0, &award, referral->friend_row, err);

    award.wallet = referral->referrer_wallet;
    award.points = referral->referrer_points;
    award.cause = 0;
    return status == STATUS_OK ? take_one(decision, 1, &award, referral->referrer_row, err) : status;
}

/* ---- the friend's purchases ---- */

static struct referral *waiting(const struct decision *decision, struct referral_load *load)
{
    for (size_t i = 0; i < load->of[0].referral_count; i++) {
        struct referral *referral = &load->of[0].referrals[i];
        if (is_of(&decision->subjects[0], referral->friend_member) && referral->state != REFERRAL_REFUSED)
            return referral;
    }
    return NULL;
}

static enum status qualifies(const struct decision *decision, const struct follow_referral *body,
                             const struct referral_programme *terms, bool *out, struct error *err)
{
    const struct past_event *event = decision->events[0];
    struct condition_world world = world_of(decision, 0, &body->load.known, event->row.recorded_at);
    struct happened happened;
    enum status status = happened_read(decision->arena, event, &happened, err);

    *out = false;
    if (status != STATUS_OK || !happened.bought || happened.came_back)
        return status;
    world.event = &happened.event;
    world.purchase = &happened.purchase;
    condition_start(&world);
    *out = terms->qualifies.program == NULL || condition_holds(&world, &terms->qualifies);
    return STATUS_OK;
}

static enum status bought(struct decision *decision, struct follow_referral *body,
                          const struct referral_programme *terms, struct referral *referral, struct error *err)
{
    const struct journal_row *purchase = &decision->events[0]->row;

    referral->purchase = purchase->id;
    referral->qualified_at = decision->now;
    return referral->state == REFERRAL_HELD ? STATUS_OK : reward_both(decision, &body->load, terms, referral, err);
}

static enum status came_back(struct decision *decision, struct referral *referral, struct error *err)
{
    enum status status = referral->state == REFERRAL_REWARDED ? take_both(decision, referral, err) : STATUS_OK;

    if (referral->state == REFERRAL_REWARDED)
        referral->state = REFERRAL_JOINED;
    referral->purchase = referral->qualified_at = 0;
    referral->friend_points = referral->referrer_points = referral->friend_row = referral->referrer_row = 0;
    return status;
}

static bool in_time(const struct referral_programme *terms, const struct referral *referral, int64_t at)
{
    return at >= referral->joined_at && at < referral->joined_at + terms->attribution_days * INSTANT_DAY;
}

static enum status follow_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct follow_referral *body = command->body;
    const struct past_event *event = decision->events[0];
    bool counts;

    if (reaction_done(command) || event == NULL || decision->subjects[0].member == NULL ||
        decision->subjects[0].member->status != MEMBER_ACTIVE)
        return STATUS_OK;
    struct referral *referral = waiting(decision, &body->load);
    const struct referral_programme *terms =
        referral != NULL ? terms_at(decision->programmes, referral->programme, referral->joined_at) : NULL;
    if (terms == NULL)
        return STATUS_OK;
    enum status status = qualifies(decision, body, terms, &counts, err);
    if (status != STATUS_OK)
        return status;
    bool first = !body->came_back && referral->purchase == 0 && counts && in_time(terms, referral, event->row.at);
    bool lost = body->came_back && referral->purchase == event->row.id && !counts;
    if (!first && !lost)
        return STATUS_OK;
    struct journal_row *row =
        add_row(decision, decision->subjects[0].member, first ? "referral_qualified" : "referral_undone", referral);
    status = first ? bought(decision, body, terms, referral, err) : came_back(decision, referral, err);
    row->facts = facts_of(decision->arena, referral);
    store_referral(decision, referral);
    reaction_keep(decision, command, row);
    return status;
}

const struct command_type follow_referral_type = {
    .name = "follow_referral", .loads = LOAD_FOLLOWERS | LOAD_LOTS, .load = referrals_load, .decide = follow_decide};

/* ---- a decision by somebody ---- */

static enum status settle(struct decision *decision, struct decide_referral *body, struct referral *referral,
                          struct error *err)
{
    const struct referral_programme *terms = terms_at(decision->programmes, referral->programme, referral->joined_at);

    referral->decided_at = decision->now;
    referral->decided_by = body->by;
    referral->state = body->approve ? REFERRAL_JOINED : REFERRAL_REFUSED;
    if (!body->approve || referral->purchase == 0 || terms == NULL)
        return STATUS_OK;
    return reward_both(decision, &body->load, terms, referral, err);
}

static struct text reason_text(struct arena *arena, struct text reason)
{
    struct builder out = {.arena = arena};

    if (reason.size == 0)
        return none;
    builder_string(&out, "{\"reason\":");
    facts_string(&out, reason);
    builder_char(&out, '}');
    return builder_done(&out);
}

static enum status decide_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct decide_referral *body = command->body;
    struct referral *referral = NULL;

    for (size_t i = 0; i < body->load.of[0].referral_count; i++)
        if (body->load.of[0].referrals[i].id == body->id)
            referral = &body->load.of[0].referrals[i];
    if (referral == NULL || decision->subjects[0].member == NULL)
        return error_set(err, STATUS_MISSING, "referral.unknown", "referral", "there is no such referral");
    if (referral->state != REFERRAL_HELD)
        return error_set(err, STATUS_CONFLICT, "referral.decided", "referral", "the referral is not held");
    struct journal_row *row = add_row(decision, decision->subjects[0].member, "referral_decided", referral);
    enum status status = settle(decision, body, referral, err);
    if (status != STATUS_OK)
        return status;
    row->facts = facts_of(decision->arena, referral);
    store_referral(decision, referral);
    audit_add(decision, command, body->approve ? "referral.approved" : "referral.refused", referral->id, none,
              reason_text(decision->arena, body->reason));
    copy_result(command->arena, referral, &body->result);
    return STATUS_OK;
}

const struct command_type decide_referral_type = {
    .name = "decide_referral", .loads = LOAD_ALONE, .load = referrals_load, .decide = decide_decide};
