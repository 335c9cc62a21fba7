/* factor.c: the second factor of a user at sign-in. */
#include "api/factor.h"

#include <string.h>

#include "foundation/encoding.h"
#include "foundation/secret.h"

/* The digest of the account under the key of the seals is the pad; each secret is random and each account has one. */
void factor_cipher(const struct engine *engine, int64_t account, const unsigned char *in, unsigned char *out)
{
    static const char purpose[] = "patron second factor";
    unsigned char message[sizeof purpose + sizeof account], pad[DIGEST_SIZE];
    memcpy(message, purpose, sizeof purpose);
    memcpy(message + sizeof purpose, &account, sizeof account);
    digest_keyed(engine_seal_key(engine), SEAL_KEY_SIZE, message, sizeof message, pad);
    for (int i = 0; i < ONE_TIME_SECRET_SIZE; i++)
        out[i] = in[i] ^ pad[i];
}

int64_t factor_match(const struct engine *engine, const struct factor *factor, struct text code, int64_t now)
{
    unsigned char secret[ONE_TIME_SECRET_SIZE];
    factor_cipher(engine, factor->account, factor->secret, secret);
    return one_time_match(secret, code, now, factor->last_step);
}

/* ---- recovery codes ---- */

static void digest_of(struct text code, char out[DIGEST_SIZE * 2 + 1])
{
    unsigned char digest[DIGEST_SIZE];
    digest_compute(code.bytes, code.size, digest);
    hex_encode(digest, DIGEST_SIZE, out);
}

struct text recovery_make(struct arena *arena, char codes[RECOVERY_CODES][RECOVERY_TEXT_SIZE])
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz234567890"; /* 32, so that every byte is fair */
    enum { LETTERS = 12 };
    struct builder kept = {.arena = arena};
    for (int i = 0; i < RECOVERY_CODES; i++) {
        unsigned char random[LETTERS];
        char digest[DIGEST_SIZE * 2 + 1];
        secret_random(random, sizeof random);
        for (int c = 0; c < LETTERS; c++)
            codes[i][c] = letters[random[c] % 32];
        codes[i][LETTERS] = '\0';
        digest_of(text_from(codes[i]), digest);
        if (i > 0)
            builder_char(&kept, ',');
        builder_string(&kept, digest);
    }
    return builder_done(&kept);
}

bool recovery_match(struct arena *arena, struct text kept, struct text code, struct text *left)
{
    enum { DIGITS = DIGEST_SIZE * 2 };
    struct builder rest = {.arena = arena};
    char digest[DIGITS + 1];
    bool found = false;
    digest_of(code, digest);
    for (size_t at = 0; at + DIGITS <= kept.size; at += DIGITS + 1) {
        bool same = secret_equal(kept.bytes + at, digest, DIGITS);
        found |= same;
        if (same)
            continue;
        if (rest.size > 0)
            builder_char(&rest, ',');
        builder_bytes(&rest, kept.bytes + at, DIGITS);
    }
    *left = builder_done(&rest);
    return found;
}

/* ---- signing in ---- */

/* In one transaction: of two who send the same code at once, one comes in. */
static enum status use_code(struct call *call, const struct factor *factor, struct text code, bool *done,
                            struct error *err)
{
    struct storage_session *session;
    struct text left = TEXT("");
    int64_t step = factor_match(call->engine, factor, code, call->now);
    *done = false;
    if (step == 0 && !recovery_match(call->arena, factor->recovery, code, &left))
        return STATUS_OK;
    enum status status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = step != 0 ? factor_write_used(session, factor->account, step, done, err)
                       : factor_write_recovered(session, factor, left, done, err);
    if (status == STATUS_OK && step == 0)
        status = call_audit(call, "user.recovery_code_used", factor->account, TEXT(""), TEXT(""), err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    return call_write_commit(call, session, err);
}

enum status factor_check(struct call *call, int64_t account, struct text code, struct error *err)
{
    struct storage_session *session;
    struct factors known;
    bool done;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = factors_read(session, call->arena, account, &known, err);
    call_read_end(call, session);
    if (status != STATUS_OK || known.count == 0 || !known.items[0].confirmed)
        return status;
    if (code.size == 0)
        return error_set(err, STATUS_UNAUTHORISED, "auth.code_required", "code", "send the code of your second factor");
    status = use_code(call, &known.items[0], code, &done, err);
    if (status == STATUS_OK && !done)
        return error_set(err, STATUS_UNAUTHORISED, "auth.code", "code", "the code is wrong or was used before");
    return status;
}
