#include "features/redemption/proof_api.h"

#include <stddef.h>

#include "features/redemption/credential_store.h"
#include "foundation/encoding.h"
#include "foundation/secret.h"

/* ---- a proof in a body ---- */

static const struct field proof_fields[] = {
    {.name = "qr",
     .type = FIELD_TEXT,
     .offset = offsetof(struct proof_input, qr),
     .minimum = 1,
     .maximum = PROOF_TEXT_MAX,
     .about = "What the rotating code in the member's app or portal says."},
    {.name = "code",
     .type = FIELD_TEXT,
     .offset = offsetof(struct proof_input, code),
     .minimum = PROOF_CODE_DIGITS,
     .maximum = PROOF_CODE_DIGITS,
     .about = "The one-time code that was sent to the member."},
    {.name = "pin",
     .type = FIELD_TEXT,
     .offset = offsetof(struct proof_input, pin),
     .minimum = PROOF_PIN_MIN,
     .maximum = PROOF_PIN_MAX},
};
const struct shape proof_input_shape = {
    .name = "Proof", .about = "One of the three.", .size = sizeof(struct proof_input), SHAPE_FIELDS(proof_fields)};

static enum status check_form(const struct proof_input *input, struct error *err)
{
    if ((input->qr.size > 0) + (input->code.size > 0) + (input->pin.size > 0) == 1)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "proof.form", "proof", "a proof is one of qr, code and pin");
}

/* What was asked of the database; a member who is not known is nobody's proof, and refused by the decision. */
struct proof_case {
    struct call *call;
    struct credentials stored;
    struct proof *proof;
};

static enum status find_owner(struct storage_session *session, const struct call *call,
                              const struct member_reference *reference, int64_t *owner, struct error *err)
{
    int64_t member = 0;
    enum status status =
        reference != NULL ? member_reference_find(call, session, reference, &member, err) : STATUS_MISSING;

    if (status == STATUS_OK)
        status = credential_owner(session, member, owner, err);
    return status;
}

static enum status read_case(struct proof_case *proving, const struct member_reference *reference, struct text qr,
                             struct text *code, struct error *err)
{
    struct call *call = proving->call;
    struct storage_session *session;
    int64_t owner = 0;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    if (qr.size > 0)
        (void)proof_qr_split(qr, &owner, code);
    else
        status = find_owner(session, call, reference, &owner, err);
    if (status == STATUS_MISSING || status == STATUS_CONFLICT || status == STATUS_INVALID)
        status = STATUS_OK;
    if (status == STATUS_OK && owner != 0)
        status = credentials_read(session, call->arena, owner, &proving->stored, err);
    call_read_end(call, session);
    proving->proof->owner = owner;
    return status;
}

static void match_qr(struct proof_case *proving, struct text code)
{
    struct proof *proof = proving->proof;
    unsigned char secret[PROOF_SECRET_SIZE];

    proof->state = PROOF_WRONG;
    if (proof->owner == 0)
        return;
    proof->generation = proving->stored.generation;
    proof_secret(engine_seal_key(proving->call->engine), proof->owner, proof->generation, secret);
    proof->number = proof_qr_match(proving->call->arena, secret, code, proving->call->now);
    proof->state = proof->number != 0 ? PROOF_FITS : PROOF_EXPIRED;
}

/* Counts the try first, durably, so that many at once are no more tries than one after the other. */
static enum status take_try(struct proof_case *proving, bool *taken, struct error *err)
{
    struct proof *proof = proving->proof;
    struct storage_session *session;
    enum status status = call_write_begin(proving->call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = proof->kind == PROOF_PIN ? pin_attempt(session, proof->owner, proving->call->now, taken, err)
                                      : code_attempt(session, proof->owner, proving->stored.code_number, taken, err);
    if (status == STATUS_OK)
        return call_write_commit(proving->call, session, err);
    call_write_rollback(proving->call, session);
    return status;
}

static enum status match_code(struct proof_case *proving, struct text code, struct error *err)
{
    struct proof *proof = proving->proof;
    char expected[PROOF_CODE_DIGITS + 1];
    bool taken = false;

    proof->number = proving->stored.code_number;
    if (proof->number == 0) {
        proof->state = PROOF_UNSET;
        return STATUS_OK;
    }
    if (proving->stored.code_expires_at <= proving->call->now) {
        proof->state = PROOF_EXPIRED;
        return STATUS_OK;
    }
    enum status status = take_try(proving, &taken, err);
    if (status != STATUS_OK)
        return status;
    proof_code(engine_seal_key(proving->call->engine), proof->owner, proof->number, expected);
    bool right = code.size == PROOF_CODE_DIGITS && secret_equal(code.bytes, expected, PROOF_CODE_DIGITS);
    /* After too many tries the code is void, right or wrong. */
    proof->state = !taken ? PROOF_EXPIRED : right ? PROOF_FITS : PROOF_WRONG;
    return STATUS_OK;
}

static enum status note_right(struct proof_case *proving, struct error *err)
{
    struct storage_session *session;
    enum status status = call_write_begin(proving->call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = pin_right(session, proving->proof->owner, proving->stored.pin_version, err);
    if (status == STATUS_OK)
        return call_write_commit(proving->call, session, err);
    call_write_rollback(proving->call, session);
    return status;
}

static enum status match_pin(struct proof_case *proving, struct text pin, struct error *err)
{
    struct proof *proof = proving->proof;
    bool taken = false;

    proof->number = proving->stored.pin_version;
    if (proof->number == 0) {
        proof->state = PROOF_UNSET;
        return STATUS_OK;
    }
    enum status status = take_try(proving, &taken, err);
    if (status != STATUS_OK)
        return status;
    if (!taken) {
        proof->state = PROOF_LOCKED;
        proof->until = proving->stored.pin_locked_until;
        return STATUS_OK;
    }
    if (!password_matches(text_string(proving->call->arena, proving->stored.pin_hash), pin)) {
        proof->state = PROOF_WRONG;
        return STATUS_OK;
    }
    return note_right(proving, err);
}

enum status proof_take(struct call *call, const struct member_reference *reference, const struct proof_input *input,
                       struct proof *out, struct error *err)
{
    struct proof_case proving = {.call = call, .proof = out};
    struct text code = {NULL, 0};

    *out = (struct proof){.kind = 0};
    if (input == NULL)
        return STATUS_OK;
    enum status status = check_form(input, err);
    if (status != STATUS_OK)
        return status;
    out->kind = input->qr.size > 0 ? PROOF_QR : input->code.size > 0 ? PROOF_CODE : PROOF_PIN;
    status = read_case(&proving, reference, input->qr, &code, err);
    if (status != STATUS_OK)
        return status;
    if (out->kind == PROOF_QR) {
        match_qr(&proving, code);
        return STATUS_OK;
    }
    return out->kind == PROOF_CODE ? match_code(&proving, input->code, err) : match_pin(&proving, input->pin, err);
}

/* ---- issuing codes ---- */

enum code_kind { CODE_QR, CODE_CODE, CODE_SECRET };
static const char *const code_kinds[] = {"qr", "code", "secret", NULL};

struct code_request {
    int kind;
    bool renew;
};
static const struct field request_fields[] = {
    {.name = "kind",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct code_request, kind),
     .choices = code_kinds,
     .about =
         "qr: the rotating code of now, to be shown; code: a one-time code, to be sent; secret: for an app that makes "
         "rotating codes by itself."},
    {.name = "renew",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct code_request, renew),
     .about = "With secret: a new one; rotating codes of the one before are void."},
};
const struct shape code_request_shape = {
    .name = "CodeRequest", .size = sizeof(struct code_request), SHAPE_FIELDS(request_fields)};

static const struct field issued_fields[] = {
    {.name = "kind", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = code_kinds},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "qr", .type = FIELD_TEXT, .about = "The text of the QR code."},
    {.name = "code", .type = FIELD_TEXT, .about = "The digits to be sent."},
    {.name = "secret", .type = FIELD_TEXT, .about = "base64url; docs/redemption.md says how codes are made of it."},
    {.name = "step_seconds", .type = FIELD_INTEGER, .about = "A rotating code is shown for so long."},
    {.name = "expires_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
};
const struct shape code_issued_shape = {.name = "CodeIssued", SHAPE_FIELDS(issued_fields)};

static enum status path_owner(struct call *call, int64_t *owner, struct credentials *stored, struct error *err)
{
    struct storage_session *session;
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = credential_owner(session, member, owner, err);
    if (status == STATUS_OK)
        status = credentials_read(session, call->arena, *owner, stored, err);
    call_read_end(call, session);
    return status;
}

static enum status issue_one_time(struct call *call, struct json_writer *writer, int64_t owner, struct error *err)
{
    struct storage_session *session;
    char digits[PROOF_CODE_DIGITS + 1];
    int64_t number = 0;
    enum status status = call_write_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = code_issue(session, call->arena, owner, call->now, &number, err);
    if (status == STATUS_OK)
        status = call_audit(call, "code.issued", owner, (struct text){NULL, 0}, TEXT("{\"kind\":\"code\"}"), err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    status = call_write_commit(call, session, err);
    proof_code(engine_seal_key(call->engine), owner, number, digits);
    writer_string(writer, "code", digits);
    writer_instant(writer, "expires_at", call->now + PROOF_CODE_LIFE);
    return status;
}

static enum status renew_secret(struct call *call, int64_t owner, int64_t *generation, struct error *err)
{
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = generation_next(session, owner, generation, err);
    if (status == STATUS_OK)
        status = call_audit(call, "code.issued", owner, (struct text){NULL, 0}, TEXT("{\"kind\":\"secret\"}"), err);
    if (status == STATUS_OK)
        return call_write_commit(call, session, err);
    call_write_rollback(call, session);
    return status;
}

static void write_rotating(struct call *call, struct json_writer *writer, int64_t owner,
                           const unsigned char secret[PROOF_SECRET_SIZE])
{
    int64_t step = proof_step_at(call->now);

    writer_text(writer, "qr", proof_qr_text(call->arena, secret, owner, step));
    writer_integer(writer, "step_seconds", PROOF_STEP_SECONDS);
    writer_instant(writer, "expires_at", (step + 1 + PROOF_DRIFT) * PROOF_STEP_SECONDS * INSTANT_SECOND);
}

enum status code_issue_handle(struct call *call, struct item *item, struct error *err)
{
    const struct code_request *body = item->body;
    struct json_writer *writer = &item->writer;
    unsigned char secret[PROOF_SECRET_SIZE];
    struct credentials stored;
    int64_t owner;
    enum status status = path_owner(call, &owner, &stored, err);

    if (status != STATUS_OK)
        return status;
    writer_string(writer, "kind", code_kinds[body->kind]);
    writer_id(writer, "member", "mbr", owner);
    if (body->kind == CODE_CODE)
        return issue_one_time(call, writer, owner, err);
    if (body->kind == CODE_SECRET && body->renew)
        status = renew_secret(call, owner, &stored.generation, err);
    if (status != STATUS_OK)
        return status;
    proof_secret(engine_seal_key(call->engine), owner, stored.generation, secret);
    if (body->kind == CODE_QR) {
        write_rotating(call, writer, owner, secret);
        return STATUS_OK;
    }
    writer_text(writer, "secret", base64url_encode(call->arena, (struct text){(const char *)secret, sizeof secret}));
    writer_integer(writer, "step_seconds", PROOF_STEP_SECONDS);
    writer_null(writer, "expires_at");
    return STATUS_OK;
}

/* ---- the PIN ---- */

struct pin_request {
    struct text pin;
    struct proof_input *proof;
};
static const struct field pin_fields[] = {
    {.name = "pin",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct pin_request, pin),
     .minimum = 1,
     .maximum = PROOF_TEXT_MAX,
     .about = "4 to 8 digits that are not easily guessed."},
    {.name = "proof",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct pin_request, proof),
     .shape = &proof_input_shape,
     .about =
         "Needed but of who may deliver codes (redemption.deliver): the PIN of now, a rotating or a one-time code."},
};
const struct shape pin_request_shape = {
    .name = "PinRequest", .size = sizeof(struct pin_request), SHAPE_FIELDS(pin_fields)};
static const struct field pin_set_fields[] = {
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "set", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
};
const struct shape pin_set_shape = {.name = "PinSet", SHAPE_FIELDS(pin_set_fields)};

enum status pin_put_handle(struct call *call, struct item *item, struct error *err)
{
    const struct pin_request *input = item->body;
    struct member_reference reference = {0};
    struct command *command = item_command(item, &set_pin_type, sizeof(struct pin_change));
    struct pin_change *body = command->body;
    char *hash = arena_alloc(call->arena, PASSWORD_HASH_SIZE);
    enum status status = call_path_id(call, 0, "mbr", &reference.id, err);

    if (status == STATUS_OK)
        status = proof_pin_check(input->pin, err);
    if (status == STATUS_OK)
        status = proof_take(call, &reference, input->proof, &body->proof, err);
    if (status == STATUS_OK)
        status = password_hash(input->pin, hash, err);
    if (status != STATUS_OK)
        return status;
    body->trusted = call_may(call, PERMISSION_REDEMPTION_DELIVER);
    body->hash = text_from(hash);
    command_subject_member(command, reference.id);
    return STATUS_OK;
}

void pin_put_finish(struct item *item, struct json_writer *writer)
{
    writer_id(writer, "member", "mbr", item->command->subjects[0].id);
    writer_boolean(writer, "set", true);
}
