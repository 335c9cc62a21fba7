#include "features/takeover/coupon.h"

#include <assert.h>

#include "features/customers/policy.h"
#include "features/events/events.h"
#include "features/events/facts.h"

enum status coupon_code(struct arena *arena, struct text given, struct text *out, struct error *err)
{
    struct text code = text_trim(given);

    if (code.size == 0 || code.size > CODE_SIZE_MAX)
        return error_set(err, STATUS_INVALID, "coupon.code", "code", "the code of a coupon has 1 to %d bytes",
                         CODE_SIZE_MAX);
    char *capitals = arena_string(arena, code.bytes, code.size);
    for (size_t i = 0; i < code.size; i++)
        if (capitals[i] >= 'a' && capitals[i] <= 'z')
            capitals[i] = (char)(capitals[i] - 'a' + 'A');
    *out = (struct text){capitals, code.size};
    return STATUS_OK;
}

struct claim_key coupon_claim(struct text code)
{
    return (struct claim_key){.kind = "coupon", .key = code};
}

const char *coupon_counter(struct arena *arena, struct text code)
{
    return arena_format(arena, "coupon:%.*s", (int)code.size, code.bytes);
}

static int32_t day_of(const struct decision *decision, struct text store)
{
    return business_day(decision->programmes, store, decision->now);
}

/* The codes and numbers of a row about a coupon. */
static struct text coupon_facts(struct decision *decision, struct text code, int64_t uses_left, struct text receipt)
{
    struct builder facts = {.arena = decision->arena};

    builder_string(&facts, "{\"code\":");
    facts_string(&facts, code);
    builder_format(&facts, ",\"uses_left\":%lld", (long long)uses_left);
    if (receipt.size > 0) {
        builder_string(&facts, ",\"receipt\":");
        facts_string(&facts, receipt);
    }
    builder_char(&facts, '}');
    return builder_done(&facts);
}

/* ---- taking over ---- */

static enum status decide_take(struct decision *decision, struct command *command, struct error *err)
{
    struct take_coupon *body = command->body;
    const struct claim_key *claim = &command->claims[command->claim_count - 1];
    const struct member *owner = NULL;
    struct counter *counter = decision->counters[0];

    if (command->subject_count > 0) {
        enum status status = takeover_person(decision, command, err);
        if (status != STATUS_OK)
            return status;
        owner = decision->subjects[0].member;
    }
    if (!takeover_check(decision, command))
        return STATUS_OK;
    if (claim->reference != 0) { /* not known by a row of a file: a code of another origin */
        body->takeover.rows[0].result = TAKEOVER_DIFFERENT;
        return STATUS_OK;
    }
    struct journal_row *row = journal_add(decision, owner, body->bucket, "coupon", decision->now);
    body->coupon.id = row->id;
    body->coupon.owner = owner != NULL ? owner->id : 0;
    row->day = day_of(decision, TEXT(""));
    row->facts = coupon_facts(decision, body->coupon.code, body->uses_left, TEXT(""));
    counter->used = 0;
    counter->maximum = body->uses_left;
    counter->changed = true;
    claim_take(decision, claim->kind, claim->key, row->id, body->coupon.owner);
    takeover_take(decision, command, &body->takeover.rows[0], body->coupon.owner);
    store_coupon(decision, &body->coupon);
    return STATUS_OK;
}

const struct command_type take_coupon_type = {.name = "take_coupon", .load = takeover_load, .decide = decide_take};

/* ---- using ---- */

enum status coupon_check(const struct coupon *coupon, int64_t now, struct error *err)
{
    if (now < coupon->valid_from)
        return error_set(err, STATUS_CONFLICT, "coupon.not_started", "code", "the coupon is not valid yet");
    if (now >= coupon->valid_until)
        return error_set(err, STATUS_CONFLICT, "coupon.expired", "code", "the coupon is no longer valid");
    return STATUS_OK;
}

/* Whoever was named is the owner: also as a member of the same person. */
static enum status check_owner(struct decision *decision, const struct command *command, const struct use_coupon *body,
                               struct error *err)
{
    const struct person *person = &decision->subjects[0];

    if (command->subject_count == 0) {
        assert(body->coupon.owner == 0); /* the owner is a subject */
        return STATUS_OK;
    }
    enum status status = customer_require(decision, command, 0, err);
    if (status != STATUS_OK || body->coupon.owner == 0)
        return status;
    const struct member *owner = group_find(person->group, body->coupon.owner);
    if (owner == NULL || owner->leader != person->leader->id)
        return error_set(err, STATUS_CONFLICT, "coupon.owner", "member", "the coupon is another member's");
    return STATUS_OK;
}

static enum status decide_use(struct decision *decision, struct command *command, struct error *err)
{
    struct use_coupon *body = command->body;
    struct counter *counter = decision->counters[0];
    enum status status = check_owner(decision, command, body, err);

    if (status == STATUS_OK)
        status = coupon_check(&body->coupon, decision->now, err);
    if (status != STATUS_OK)
        return status;
    if (counter->used >= counter->maximum)
        return error_set(err, STATUS_CONFLICT, "coupon.used", "code", "the coupon has been used");
    counter->used++;
    counter->changed = true;
    const struct member *member = command->subject_count > 0 ? decision->subjects[0].member : NULL;
    struct journal_row *row = journal_add(decision, member, id_bucket(body->coupon.id), "coupon_use", decision->now);
    row->cause = id_bucket(body->coupon.id) == id_bucket(row->id) ? body->coupon.id : 0;
    row->store = text_copy(decision->arena, body->store);
    row->channel = text_copy(decision->arena, body->channel);
    row->day = day_of(decision, body->store);
    body->id = row->id;
    body->member = member != NULL ? member->id : 0;
    body->uses_left = counter->maximum - counter->used;
    row->facts = coupon_facts(decision, body->coupon.code, body->uses_left, body->receipt);
    return STATUS_OK;
}

const struct command_type use_coupon_type = {.name = "use_coupon", .decide = decide_use};
