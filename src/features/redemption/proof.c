#include "features/redemption/proof.h"

#include <assert.h>
#include <string.h>

#include "features/customers/customers.h"
#include "foundation/one_time.h"

enum { NUMBER_BYTES = 8, ROTATING_BYTES = 10, LABEL_SIZE = 16, MESSAGE_SIZE = LABEL_SIZE + 2 * NUMBER_BYTES };

static const char *const names[] = {"none", "qr", "code", "pin"};

const char *proof_name(unsigned kind)
{
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (kind == 1U << i)
            return names[i];
    return "";
}

const char *proof_names(struct arena *arena, unsigned proofs)
{
    struct builder out = {.arena = arena};
    unsigned left = proofs;

    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((left & 1U << i) == 0)
            continue;
        left &= ~(1U << i);
        builder_format(&out, "%s%s", out.size == 0 ? "" : left == 0 ? " or " : ", ", names[i]);
    }
    return text_string(arena, builder_done(&out));
}

/* ---- secrets ---- */

static void put_number(unsigned char *out, int64_t number)
{
    for (int i = 0; i < NUMBER_BYTES; i++)
        out[i] = (unsigned char)((uint64_t)number >> (8 * (NUMBER_BYTES - 1 - i)));
}

static void derive(const unsigned char *key, const char label[LABEL_SIZE], int64_t member, int64_t number,
                   unsigned char out[DIGEST_SIZE])
{
    unsigned char message[MESSAGE_SIZE];

    memcpy(message, label, LABEL_SIZE);
    put_number(message + LABEL_SIZE, member);
    put_number(message + LABEL_SIZE + NUMBER_BYTES, number);
    hmac_sha256(key, SEAL_KEY_SIZE, message, sizeof message, out);
}

void proof_secret(const unsigned char seal_key[SEAL_KEY_SIZE], int64_t member, int64_t generation,
                  unsigned char out[PROOF_SECRET_SIZE])
{
    static const char label[LABEL_SIZE] = "patron:rotating";

    derive(seal_key, label, member, generation, out);
}

struct text proof_rotating(struct arena *arena, const unsigned char secret[PROOF_SECRET_SIZE], int64_t step)
{
    unsigned char number[NUMBER_BYTES], digest[DIGEST_SIZE];

    put_number(number, step);
    hmac_sha256(secret, PROOF_SECRET_SIZE, number, sizeof number, digest);
    return base32_encode(arena, digest, ROTATING_BYTES);
}

int64_t proof_step_at(int64_t now)
{
    return now / (PROOF_STEP_SECONDS * INSTANT_SECOND);
}

struct text proof_qr_text(struct arena *arena, const unsigned char secret[PROOF_SECRET_SIZE], int64_t member,
                          int64_t step)
{
    struct builder out = {.arena = arena};
    char id[ID_TEXT_SIZE];

    builder_string(&out, id_format("mbr", member, id));
    builder_char(&out, '.');
    builder_text(&out, proof_rotating(arena, secret, step));
    return builder_done(&out);
}

bool proof_qr_split(struct text qr, int64_t *member, struct text *code)
{
    const char *dot = qr.size > 0 ? memchr(qr.bytes, '.', qr.size) : NULL;

    if (dot == NULL)
        return false;
    size_t size = (size_t)(dot - qr.bytes);
    *code = (struct text){dot + 1, qr.size - size - 1};
    return id_parse("mbr", (struct text){qr.bytes, size}, member);
}

int64_t proof_qr_match(struct arena *arena, const unsigned char secret[PROOF_SECRET_SIZE], struct text code,
                       int64_t now)
{
    int64_t current = proof_step_at(now), found = 0;

    for (int64_t step = current - PROOF_DRIFT; step <= current + PROOF_DRIFT; step++) {
        struct text expected = proof_rotating(arena, secret, step);
        if (code.size == expected.size && secret_equal(code.bytes, expected.bytes, code.size))
            found = step;
    }
    return found;
}

void proof_code(const unsigned char seal_key[SEAL_KEY_SIZE], int64_t member, int64_t number,
                char out[PROOF_CODE_DIGITS + 1])
{
    static const char label[LABEL_SIZE] = "patron:one-time";
    unsigned char digest[DIGEST_SIZE];
    uint64_t value = 0;

    derive(seal_key, label, member, number, digest);
    for (int i = 0; i < NUMBER_BYTES; i++)
        value = value << 8 | digest[i];
    for (int i = PROOF_CODE_DIGITS - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    out[PROOF_CODE_DIGITS] = '\0';
}

/* Digits that rise or fall by one, 9 and 0 being neighbours, or are all the same. */
static bool is_sequence(struct text pin)
{
    int first = (pin.bytes[1] - pin.bytes[0] + 10) % 10;

    for (size_t i = 1; i < pin.size; i++)
        if ((pin.bytes[i] - pin.bytes[i - 1] + 10) % 10 != first)
            return false;
    return first == 0 || first == 1 || first == 9;
}

/* 1212, 123123, 11112222: one part again and again, or each digit twice. */
static bool is_repetition(struct text pin)
{
    for (size_t part = 1; part <= pin.size / 2; part++)
        if (pin.size % part == 0 && memcmp(pin.bytes, pin.bytes + part, pin.size - part) == 0)
            return true;
    bool halves = pin.size % 2 == 0;
    for (size_t i = 1; i < pin.size / 2; i++)
        halves = halves && pin.bytes[i] == pin.bytes[0] && pin.bytes[pin.size / 2 + i] == pin.bytes[pin.size / 2];
    return halves;
}

/* Years of birth, and what a keypad draws. */
static bool is_usual(struct text pin)
{
    static const char *const usual[] = {"2580", "0852", "1379", "159753", "147258", "147258369"};

    if (pin.size == 4 && (memcmp(pin.bytes, "19", 2) == 0 || memcmp(pin.bytes, "20", 2) == 0))
        return true;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        if (text_equals(pin, usual[i]))
            return true;
    return false;
}

enum status proof_pin_check(struct text pin, struct error *err)
{
    bool digits = pin.size >= PROOF_PIN_MIN && pin.size <= PROOF_PIN_MAX;

    for (size_t i = 0; i < pin.size; i++)
        digits = digits && pin.bytes[i] >= '0' && pin.bytes[i] <= '9';
    if (!digits)
        return error_set(err, STATUS_INVALID, "pin.form", "pin", "a PIN has %d to %d digits", PROOF_PIN_MIN,
                         PROOF_PIN_MAX);
    if (is_sequence(pin) || is_repetition(pin) || is_usual(pin))
        return error_set(err, STATUS_INVALID, "pin.weak", "pin",
                         "this is among the first that anybody would try: no sequence, repetition or year");
    return STATUS_OK;
}

/* ---- a proof that came with a command ---- */

static enum status refuse(const struct proof *proof, struct error *err)
{
    char until[INSTANT_TEXT_SIZE];

    switch (proof->state) {
    case PROOF_FITS:
        return STATUS_OK;
    case PROOF_WRONG:
        return error_set(err, STATUS_FORBIDDEN, "proof.wrong", "proof", "the %s is not right", proof_name(proof->kind));
    case PROOF_EXPIRED:
        return error_set(err, STATUS_FORBIDDEN, "proof.expired", "proof", "the %s is no longer valid",
                         proof_name(proof->kind));
    case PROOF_LOCKED:
        return error_set(err, STATUS_LIMIT, "proof.locked", "proof",
                         "too many wrong tries: the %s works again at %s, or once it is set anew",
                         proof_name(proof->kind), instant_format(proof->until, until));
    case PROOF_UNSET:
        break;
    }
    return error_set(err, STATUS_CONFLICT, "proof.unset", "proof", "the member has no %s", proof_name(proof->kind));
}

static bool is_used(const struct proof *proof)
{
    if (proof->kind == PROOF_QR)
        return proof->number <= proof->stored.step;
    return proof->kind == PROOF_CODE && proof->number <= proof->stored.code_used;
}

/* Set anew, or another code was sent, since it was checked. */
static bool is_outdated(const struct decision *decision, const struct proof *proof)
{
    switch ((enum proof_kind)proof->kind) {
    case PROOF_QR:
        return proof->generation != proof->stored.generation;
    case PROOF_CODE:
        return proof->number != proof->stored.code_number || proof->stored.code_expires_at <= decision->now;
    case PROOF_PIN:
        return proof->number != proof->stored.pin_version;
    case PROOF_NONE:
        break;
    }
    return false;
}

enum status proof_check(const struct decision *decision, const struct person *person, const struct proof *proof,
                        struct error *err)
{
    enum status status = refuse(proof, err);

    if (status != STATUS_OK)
        return status;
    const struct member *owner = group_find(person->group, proof->owner);
    if (owner == NULL || owner->leader != person->leader->id)
        return error_set(err, STATUS_FORBIDDEN, "proof.other_member", "proof", "the %s is another member's",
                         proof_name(proof->kind));
    if (is_used(proof))
        return error_set(err, STATUS_CONFLICT, "proof.used", "proof", "the %s was used already",
                         proof_name(proof->kind));
    if (is_outdated(decision, proof))
        return error_set(err, STATUS_FORBIDDEN, "proof.expired", "proof", "the %s is no longer valid",
                         proof_name(proof->kind));
    return STATUS_OK;
}

enum status proof_require(const struct proof_demand *demand, const struct proof *proof, struct error *err)
{
    unsigned wanted = wallet_proofs(demand->policy, demand->points);

    if (proof->kind != 0) {
        enum status status = proof_check(demand->decision, demand->person, proof, err);
        if (status != STATUS_OK)
            return status;
    }
    if ((wanted & (PROOF_NONE | proof->kind)) != 0)
        return STATUS_OK;
    return error_set(err, STATUS_FORBIDDEN, "redemption.proof_required", "proof",
                     "to spend %lld points of '%.*s' the member shows one proof of: %s", (long long)demand->points,
                     (int)demand->policy->code.size, demand->policy->code.bytes,
                     proof_names(demand->decision->arena, wanted));
}

void proof_use(struct decision *decision, const struct proof *proof)
{
    if (proof->kind == PROOF_QR)
        store_step_used(decision, proof->owner, proof->number);
    if (proof->kind == PROOF_CODE)
        store_code_used(decision, proof->owner, proof->number);
}

/* ---- setting a PIN ---- */

static enum status decide_pin(struct decision *decision, struct command *command, struct error *err)
{
    const struct pin_change *body = command->body;
    const struct person *person = &decision->subjects[0];
    enum status status = customer_require(decision, command, 0, err);

    if (status == STATUS_OK && body->proof.kind != 0)
        status = proof_check(decision, person, &body->proof, err);
    else if (status == STATUS_OK && !body->trusted)
        status = error_set(err, STATUS_FORBIDDEN, "redemption.proof_required", "proof",
                           "to set a PIN the member shows a rotating code, a one-time code or the PIN of now");
    if (status != STATUS_OK)
        return status;
    struct journal_row *row = journal_add(decision, person->leader, 0, "pin", decision->now);
    row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, decision->now);
    if (body->proof.kind != 0)
        row->facts = text_from(arena_format(decision->arena, "{\"proof\":\"%s\"}", proof_name(body->proof.kind)));
    proof_use(decision, &body->proof);
    /* Versions rise with time, so that one from before an erasure is never met again. */
    store_pin(decision, person->leader->id, body->hash, decision->now);
    return STATUS_OK;
}

const struct command_type set_pin_type = {
    .name = "set_pin", .loads = LOAD_ALONE, .load = set_pin_load, .decide = decide_pin};
