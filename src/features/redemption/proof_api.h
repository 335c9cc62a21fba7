/* proof_api.h: proofs in the bodies of requests, and the routes that issue codes and set PINs. */
#ifndef PATRON_FEATURES_REDEMPTION_PROOF_API_H
#define PATRON_FEATURES_REDEMPTION_PROOF_API_H

#include "api/call.h"
#include "features/customers/member_reference_api.h"
#include "features/redemption/proof.h"

/* One of them is given. */
struct proof_input {
    struct text qr, code, pin;
};
extern const struct shape proof_input_shape; /* "Proof" */

#define PROOF_FIELD(owner, path)                                                                             \
    {                                                                                                        \
        .name = "proof", .type = FIELD_OBJECT, .offset = offsetof(owner, path), .shape = &proof_input_shape, \
        .about = "How the member showed that it is them; needed as the account's `redemption` says."         \
    }

/*
 * Checks what was shown (`input` may be NULL: nothing) against the secrets of the person, and counts the try. What does
 * not fit is told by out->state, and refused when the command is decided: the same request again gets its stored reply
 * all the same. STATUS_INVALID `proof.form` unless exactly one proof is given.
 */
enum status proof_take(struct call *call, const struct member_reference *reference, const struct proof_input *input,
                       struct proof *out, struct error *err);

extern const struct shape code_request_shape, code_issued_shape, pin_request_shape, pin_set_shape;
enum status code_issue_handle(struct call *call, struct item *item, struct error *err);
enum status pin_put_handle(struct call *call, struct item *item, struct error *err);
void pin_put_finish(struct item *item, struct json_writer *writer);

#endif
