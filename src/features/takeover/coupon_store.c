#include "features/takeover/coupon_store.h"

#include "engine/batch.h"
#include "queries.h"

enum { COUPON_COLUMNS = 8 };

void store_coupon(struct decision *decision, const struct coupon *coupon)
{
    const struct storage_value values[COUPON_COLUMNS] = {
        value_integer(id_bucket(coupon->id)),
        value_integer(coupon->id),
        value_integer(coupon->owner),
        value_text(coupon->code),
        value_text(coupon->value),
        value_integer(coupon->valid_from),
        value_integer(coupon->valid_until),
        value_integer(counter_bucket(text_from(coupon_counter(decision->arena, coupon->code))))};

    row_add(decision, &query_takeover_coupon_put, arena_copy(decision->arena, values, sizeof values));
}

struct finding {
    struct arena *arena;
    struct coupon *coupon;
    struct coupon_uses *uses;
};

static enum status receive_coupon(void *context, const struct storage_row *row, struct error *err)
{
    struct finding *finding = context;

    (void)err;
    finding->coupon->owner = row_integer(row, 0);
    finding->coupon->code = row_text_copy(row, 1, finding->arena);
    finding->coupon->value = row_text_copy(row, 2, finding->arena);
    finding->coupon->valid_from = row_integer(row, 3);
    finding->coupon->valid_until = row_integer(row, 4);
    return STATUS_OK;
}

static enum status receive_uses(void *context, const struct storage_row *row, struct error *err)
{
    struct finding *finding = context;

    (void)err;
    finding->uses->used = row_integer(row, 0);
    finding->uses->left = row_integer(row, 1) - row_integer(row, 0);
    return STATUS_OK;
}

static enum status read_uses(struct storage_session *session, struct finding *finding, struct text code,
                             struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_uses, .context = finding};
    struct text id = text_from(coupon_counter(finding->arena, code));
    const struct storage_value values[] = {value_integer(counter_bucket(id)), value_text(id)};

    return storage_run(session, &query_takeover_coupon_uses, values, 1, &receiver, err);
}

enum status coupon_find(struct storage_session *session, struct arena *arena, struct text code, struct coupon *out,
                        struct coupon_uses *uses, struct error *err)
{
    struct coupon_uses unused = {0};
    struct finding finding = {arena, out, uses != NULL ? uses : &unused};
    const struct claim_key claim = coupon_claim(code);
    const struct storage_receiver receiver = {.row = receive_coupon, .context = &finding};
    int64_t owner;
    enum status status = engine_claim_find(session, claim.kind, claim.key, &out->id, &owner, err);

    if (status == STATUS_OK && out->id == 0)
        return error_set(err, STATUS_MISSING, "coupon.unknown", "code", "there is no coupon '%.*s'", (int)code.size,
                         code.bytes);
    const struct storage_value values[] = {value_integer(id_bucket(out->id)), value_integer(out->id)};
    if (status == STATUS_OK)
        status = storage_run(session, &query_takeover_coupon_get, values, 1, &receiver, err);
    if (status == STATUS_OK && out->code.size == 0) /* its owner was erased, and the coupon with them */
        return error_set(err, STATUS_MISSING, "coupon.unknown", "code", "there is no such coupon any more");
    return status == STATUS_OK && uses != NULL ? read_uses(session, &finding, code, err) : status;
}
