/* Tiers, coupons, answers and consents taken over, a row each. */
#include "features/exchange/import_takeover.h"

#include <assert.h>
#include <string.h>

#include "features/exchange/import_taken.h"
#include "features/exchange/value.h"
#include "features/takeover/answer.h"
#include "features/takeover/coupon.h"
#include "features/takeover/taken_consent.h"
#include "features/takeover/taken_tier.h"

enum { CONSENT_TEXT_MAX = 100, SHOWN = 40, MILLI_DIGITS = 3 };

static enum status refuse_word(struct text value, enum import_field field, const char *expected, struct error *err)
{
    return error_set(err, STATUS_INVALID, "import.choice", import_field_name(field), "'%.*s' is not %s",
                     (int)(value.size > SHOWN ? SHOWN : value.size), value.bytes, expected);
}

/* The index of the word that means the value; -1: none. */
static int find_word(struct text value, const char *const *words)
{
    for (int i = 0; words[i] != NULL; i++) {
        bool equal = strlen(words[i]) == value.size;
        for (size_t k = 0; equal && k < value.size; k++) {
            char byte = value.bytes[k];
            equal = (byte >= 'A' && byte <= 'Z' ? (char)(byte + 'a' - 'A') : byte) == words[i][k];
        }
        if (equal)
            return i;
    }
    return -1;
}

static enum status read_number(const struct import_rules *rules, const struct import_row *row, enum import_field field,
                               int scale, int64_t *out, struct error *err)
{
    enum status status = number_parse(row->values[field], rules->mapping->decimal_comma, scale, out, err);

    if (status != STATUS_OK && err != NULL)
        strcpy(err->field, import_field_name(field));
    return status;
}

static struct takeover_row row_of(const struct import_row *row, const struct builder *says)
{
    return (struct takeover_row){.digest = takeover_digest(builder_done(says)), .line = row->line};
}

/* ---- tiers ---- */

static enum status read_tier(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                             struct take_tier *body, struct error *err)
{
    struct tier_taken *tier = &body->tier;
    const struct tier_ladder *ladder = &rules->programme->ladder;
    enum status status = taken_text(arena, row, IMPORT_TIER, CODE_SIZE_MAX, &tier->tier, err);

    if (status == STATUS_OK && tier->tier.size == 0)
        status = error_set(err, STATUS_INVALID, "migration.tier", "tier", "the row has no tier");
    if (status == STATUS_OK && programme_tier(rules->programme, tier->tier) == NULL)
        status = error_set(err, STATUS_INVALID, "migration.tier", "tier", "the programme has no tier '%.*s'",
                           (int)tier->tier.size, tier->tier.bytes);
    if (status == STATUS_OK)
        status = taken_instant(rules, arena, row, (struct taken_moment){IMPORT_SINCE, rules->now}, &tier->since, err);
    if (status == STATUS_OK)
        status = taken_end(rules, arena, row, (struct taken_moment){IMPORT_UNTIL, 0}, &tier->until, err);
    if (status == STATUS_OK && row->values[IMPORT_PROGRESS].size > 0)
        status = read_number(rules, row, IMPORT_PROGRESS, ladder->metric == TIER_SPEND ? rules->programme->exponent : 0,
                             &tier->qualifying, err);
    if (status == STATUS_OK)
        status = taken_fact(row, IMPORT_TRIAL, &body->trial, err);
    if (status == STATUS_OK)
        status = taken_fact(row, IMPORT_GRACE, &tier->grace, err);
    if (status != STATUS_OK)
        return status;
    if (tier->since > rules->now + EVENT_AHEAD_MAX)
        return error_set(err, STATUS_INVALID, "event.in_future", "since", "the tier begins in the future");
    if (tier->until != 0 && tier->until <= rules->now)
        return error_set(err, STATUS_CONFLICT, "migration.expired", "until",
                         "the tier was over before it was taken over");
    tier->grace |= body->trial;
    return STATUS_OK;
}

static enum status build_tier(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                              struct command *out, struct error *err)
{
    struct take_tier *body = arena_alloc(arena, sizeof *body);
    bool numbered = row->values[IMPORT_ID].size > 0;
    const struct taken_start start = {numbered ? &take_tier_type : &take_only_tier_type, &body->takeover, 1, true};
    struct builder says = {.arena = arena};
    struct text id = {NULL, 0};
    enum status status = taken_start(rules, arena, row, &start, out, err);

    if (status == STATUS_OK)
        status = read_tier(rules, arena, row, body, err);
    if (status == STATUS_OK && numbered)
        status = taken_id(arena, row, &id, err);
    if (status != STATUS_OK)
        return status;
    builder_format(&says, "%.*s\n%lld\n%lld\n%lld\n%d%d", (int)body->tier.tier.size, body->tier.tier.bytes,
                   row->values[IMPORT_SINCE].size > 0 ? (long long)body->tier.since : 0, (long long)body->tier.until,
                   (long long)body->tier.qualifying, body->trial, body->tier.grace);
    struct takeover_row taken = row_of(row, &says);
    if (numbered) {
        taken_row(arena, out, "tiers", id, &taken);
        return STATUS_OK;
    }
    taken.claim = -1;
    body->takeover.rows[body->takeover.row_count++] = taken;
    return STATUS_OK;
}

/* ---- coupons ---- */

static enum status read_uses(const struct import_rules *rules, const struct import_row *row, struct take_coupon *body,
                             struct error *err)
{
    static const char *const words[] = {"active",    "valid",  "issued", "有效",   "used",   "redeemed", "void",
                                        "cancelled", "已使用", "作废",   "已核销", "已核銷", NULL};
    enum { FIRST_USED = 4 };
    struct text state = row->values[IMPORT_STATE];
    int word = state.size == 0 ? 0 : find_word(state, words);
    enum status status = STATUS_OK;

    if (word < 0)
        return refuse_word(state, IMPORT_STATE, "active, used or void", err);
    body->uses_left = 1;
    if (row->values[IMPORT_USES].size > 0)
        status = read_number(rules, row, IMPORT_USES, 0, &body->uses_left, err);
    if (status == STATUS_OK && (body->uses_left < 0 || body->uses_left > COUPON_USES_MAX))
        return error_set(err, STATUS_INVALID, "import.number", "uses_left", "a coupon may be used 0 to %d times",
                         COUPON_USES_MAX);
    if (word >= FIRST_USED)
        body->uses_left = 0;
    return status;
}

static enum status build_coupon(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                                struct command *out, struct error *err)
{
    struct take_coupon *body = arena_alloc(arena, sizeof *body);
    struct coupon *coupon = &body->coupon;
    const struct taken_start start = {&take_coupon_type, &body->takeover, 2, false};
    struct builder says = {.arena = arena};
    enum status status = taken_start(rules, arena, row, &start, out, err);

    if (status == STATUS_OK)
        status = coupon_code(arena, row->values[IMPORT_CODE], &coupon->code, err);
    if (status == STATUS_OK)
        status = taken_text(arena, row, IMPORT_VALUE, COUPON_VALUE_SIZE_MAX, &coupon->value, err);
    if (status == STATUS_OK)
        status =
            taken_instant(rules, arena, row, (struct taken_moment){IMPORT_FROM, INT64_MIN}, &coupon->valid_from, err);
    if (status == STATUS_OK)
        status =
            taken_end(rules, arena, row, (struct taken_moment){IMPORT_UNTIL, INSTANT_NEVER}, &coupon->valid_until, err);
    if (status == STATUS_OK)
        status = read_uses(rules, row, body, err);
    if (status != STATUS_OK)
        return status;
    body->bucket = claim_bucket("coupon", coupon->code);
    if (out->subject_count == 0)
        out->bucket = body->bucket;
    builder_format(&says, "%.*s\n%lld\n%lld\n%lld", (int)coupon->value.size, coupon->value.bytes,
                   (long long)coupon->valid_from, (long long)coupon->valid_until, (long long)body->uses_left);
    const struct takeover_row taken = row_of(row, &says);
    taken_row(arena, out, "coupons", coupon->code, &taken);
    out->claims[out->claim_count++] = coupon_claim(coupon->code);
    out->counters[out->counter_count++] = coupon_counter(arena, coupon->code);
    return STATUS_OK;
}

/* ---- answers ---- */

/* "0-10", "1..5", "-2-2": the lower, a separator, the higher. */
static enum status read_scale(const struct import_rules *rules, const struct import_row *row, struct answer *answer,
                              struct error *err)
{
    struct text scale = row->values[IMPORT_SCALE];
    bool comma = rules->mapping->decimal_comma;
    size_t at = 1;

    while (at < scale.size && scale.bytes[at] != '-' && !(scale.bytes[at] == '.' && scale.bytes[at - 1] == '.'))
        at++;
    if (at >= scale.size)
        return error_set(err, STATUS_INVALID, "answer.scale", "scale", "a scale is as 0-10");
    size_t end = scale.bytes[at] == '.' ? at - 1 : at;
    enum status status =
        number_parse(text_trim((struct text){scale.bytes, end}), comma, MILLI_DIGITS, &answer->low, err);
    if (status == STATUS_OK)
        status = number_parse(text_trim((struct text){scale.bytes + at + 1, scale.size - at - 1}), comma, MILLI_DIGITS,
                              &answer->high, err);
    return status == STATUS_OK ? STATUS_OK
                               : error_set(err, STATUS_INVALID, "answer.scale", "scale", "a scale is as 0-10");
}

static enum status read_answer(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                               struct answer *answer, struct error *err)
{
    static const char *const directions[] = {"high", "up", "asc", "low", "down", "desc", NULL};
    enum { FIRST_LOW = 3 };
    struct text direction = row->values[IMPORT_DIRECTION];
    int word = direction.size == 0 ? 0 : find_word(direction, directions);
    struct row_moment moment;

    if (word < 0)
        return refuse_word(direction, IMPORT_DIRECTION, "high or low", err);
    answer->low_is_best = word >= FIRST_LOW;
    enum status status = import_row_moment(rules, row, arena, &moment, err);
    if (status == STATUS_OK)
        status = taken_text(arena, row, IMPORT_QUESTION, ANSWER_QUESTION_SIZE_MAX, &answer->question, err);
    if (status == STATUS_OK && answer->question.size == 0)
        status = error_set(err, STATUS_INVALID, "answer.question", "question", "the row has no question");
    if (status == STATUS_OK)
        status = taken_text(arena, row, IMPORT_COMMENT, ANSWER_COMMENT_SIZE_MAX, &answer->comment, err);
    if (status == STATUS_OK)
        status = read_scale(rules, row, answer, err);
    if (status == STATUS_OK)
        status = read_number(rules, row, IMPORT_VALUE, MILLI_DIGITS, &answer->value, err);
    if (status != STATUS_OK)
        return status;
    answer->at = moment.at;
    answer->day = moment.day;
    answer->store = text_copy(arena, row->values[IMPORT_STORE]);
    answer->channel = text_copy(arena, row->values[IMPORT_CHANNEL]);
    return answer_check(answer, err);
}

static enum status build_answer(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                                struct command *out, struct error *err)
{
    struct take_answer *body = arena_alloc(arena, sizeof *body);
    const struct answer *answer = &body->answer;
    const struct taken_start start = {&take_answer_type, &body->takeover, 1, true};
    struct builder says = {.arena = arena};
    struct text id;
    enum status status = taken_start(rules, arena, row, &start, out, err);

    if (status == STATUS_OK)
        status = read_answer(rules, arena, row, &body->answer, err);
    if (status == STATUS_OK)
        status = taken_id(arena, row, &id, err);
    if (status != STATUS_OK)
        return status;
    builder_format(&says, "%.*s\n%lld\n%lld\n%lld\n%lld\n%d\n%.*s", (int)answer->question.size, answer->question.bytes,
                   (long long)answer->low, (long long)answer->high, (long long)answer->value, (long long)answer->at,
                   answer->low_is_best, (int)answer->comment.size, answer->comment.bytes);
    const struct takeover_row taken = row_of(row, &says);
    taken_row(arena, out, "answers", id, &taken);
    return STATUS_OK;
}

/* ---- consents ---- */

static enum status read_consent(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                                struct consent *consent, struct error *err)
{
    static const char *const words[] = {"granted", "given",   "yes",       "true",    "1",    "opt-in",
                                        "同意",    "是",      "withdrawn", "refused", "no",   "false",
                                        "0",       "opt-out", "拒绝",      "否",      "拒絕", NULL};
    enum { FIRST_WITHDRAWN = 8 };
    struct text state = row->values[IMPORT_STATE];
    int word = find_word(state, words);
    struct row_moment moment;

    if (word < 0)
        return refuse_word(state, IMPORT_STATE, "granted or withdrawn", err);
    enum status status = import_row_moment(rules, row, arena, &moment, err);
    if (status == STATUS_OK)
        status = taken_text(arena, row, IMPORT_CHANNEL, CODE_SIZE_MAX, &consent->channel, err);
    if (status == STATUS_OK)
        status = taken_text(arena, row, IMPORT_PURPOSE, CODE_SIZE_MAX, &consent->purpose, err);
    if (status == STATUS_OK)
        status = taken_text(arena, row, IMPORT_SOURCE, CONSENT_TEXT_MAX, &consent->source, err);
    if (status == STATUS_OK)
        status = taken_text(arena, row, IMPORT_WORDING, CONSENT_TEXT_MAX, &consent->wording, err);
    if (status == STATUS_OK)
        status = event_check_instant(moment.at, rules->now, err);
    if (status != STATUS_OK)
        return status;
    if (consent->channel.size == 0 || consent->purpose.size == 0)
        return error_set(err, STATUS_INVALID, "import.field_size", consent->channel.size == 0 ? "channel" : "purpose",
                         "a consent has a channel and a purpose; * for all");
    consent->state = word < FIRST_WITHDRAWN ? TEXT("granted") : TEXT("withdrawn");
    consent->at = moment.at;
    if (consent->source.size == 0)
        consent->source = TEXT("import");
    consent->author = TEXT("import");
    return STATUS_OK;
}

static enum status build_consent(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                                 struct command *out, struct error *err)
{
    struct take_consent *body = arena_alloc(arena, sizeof *body);
    const struct consent *consent = &body->consent;
    const struct taken_start start = {&take_consent_type, &body->takeover, 1, true};
    struct builder says = {.arena = arena};
    struct text id;
    enum status status = taken_start(rules, arena, row, &start, out, err);

    if (status == STATUS_OK)
        status = read_consent(rules, arena, row, &body->consent, err);
    if (status == STATUS_OK)
        status = taken_id(arena, row, &id, err);
    if (status != STATUS_OK)
        return status;
    struct identifier *checked = arena_array(arena, out->claim_count, sizeof *checked);
    for (size_t i = 0; i < out->claim_count; i++)
        checked[i] = (struct identifier){out->claims[i].kind, out->claims[i].key};
    body->takeover.load.checked = checked;
    body->takeover.load.checked_count = out->claim_count;
    body->takeover.load.parts[0] = PART_CONSENTS;
    body->takeover.register_unknown = false; /* a consent alone makes nobody a member */
    builder_format(&says, "%.*s\n%.*s\n%s\n%lld\n%.*s", (int)consent->channel.size, consent->channel.bytes,
                   (int)consent->purpose.size, consent->purpose.bytes,
                   text_equals(consent->state, "granted") ? "1" : "0", (long long)consent->at,
                   (int)consent->wording.size, consent->wording.bytes);
    const struct takeover_row taken = row_of(row, &says);
    taken_row(arena, out, "consents", id, &taken);
    return STATUS_OK;
}

enum status import_takeover_build(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                                  struct command *out, struct error *err)
{
    switch (rules->mapping->kind) {
    case IMPORT_TIERS:
        return build_tier(rules, arena, row, out, err);
    case IMPORT_COUPONS:
        return build_coupon(rules, arena, row, out, err);
    case IMPORT_ANSWERS:
        return build_answer(rules, arena, row, out, err);
    case IMPORT_CONSENTS:
        return build_consent(rules, arena, row, out, err);
    case IMPORT_PURCHASES:
    case IMPORT_MEMBERS:
    case IMPORT_ITEMS:
    case IMPORT_REASONS:
    case IMPORT_BALANCES:
    case IMPORT_STAYS:
    case IMPORT_KINDS:
        break;
    }
    assert(false); /* made in other ways */
    return STATUS_DEFECT;
}
