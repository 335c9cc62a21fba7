/*
 * proof.h: how a member proves that it is them who spend: the rotating code, the one-time code and the PIN, and whether
 * what was shown is enough for an amount. Pure.
 *
 * Nothing secret is in the database: the secret of the rotating code and one-time codes are derived from the key file, and
 * of a PIN there is a hash only. A person has the credentials of its leader.
 */
#ifndef PATRON_FEATURES_REDEMPTION_PROOF_H
#define PATRON_FEATURES_REDEMPTION_PROOF_H

#include "engine/decide.h"
#include "features/programme/programme.h"

enum {
    PROOF_SECRET_SIZE = 32,
    PROOF_STEP_SECONDS = 30, /* a rotating code is shown for so long */
    PROOF_DRIFT = 1,         /* steps before and after that are accepted too: clocks differ */
    PROOF_CODE_DIGITS = 6,
    PROOF_CODE_TRIES = 5,
    PROOF_CODES_HOUR = 5, /* one-time codes a member in an hour */
    PROOF_PIN_MIN = 4,
    PROOF_PIN_MAX = 8,
    PROOF_TEXT_MAX = 80,
};
#define PROOF_CODE_LIFE (5 * INSTANT_MINUTE)
#define PROOF_CODE_REST (30 * INSTANT_SECOND) /* between two one-time codes of a member */

/* "none", "qr", "code", "pin": of one kind. */
const char *proof_name(unsigned kind);
/* "qr, code or pin" of a set, in the arena. */
const char *proof_names(struct arena *arena, unsigned proofs);

/* ---- secrets ---- */

/* The member's secret of rotating codes, out of the key file; another generation is another secret. */
void proof_secret(const unsigned char seal_key[SEAL_KEY_SIZE], int64_t member, int64_t generation,
                  unsigned char out[PROOF_SECRET_SIZE]);

/* The rotating code of a step: base32 of the first ten bytes of HMAC-SHA-256(secret, step as 8 bytes, highest first). */
struct text proof_rotating(struct arena *arena, const unsigned char secret[PROOF_SECRET_SIZE], int64_t step);
int64_t proof_step_at(int64_t now); /* never 0 */

/* What the QR code says: the member's id, a dot, the rotating code. */
struct text proof_qr_text(struct arena *arena, const unsigned char secret[PROOF_SECRET_SIZE], int64_t member,
                          int64_t step);
bool proof_qr_split(struct text qr, int64_t *member, struct text *code);
/* The step whose code it is, around `now`; 0: none. */
int64_t proof_qr_match(struct arena *arena, const unsigned char secret[PROOF_SECRET_SIZE], struct text code,
                       int64_t now);

/* The digits of a member's n-th one-time code, with a NUL. */
void proof_code(const unsigned char seal_key[SEAL_KEY_SIZE], int64_t member, int64_t number,
                char out[PROOF_CODE_DIGITS + 1]);

/* 4 to 8 digits that are not among the first that anybody would try: STATUS_INVALID `pin.form`, `pin.weak`. */
enum status proof_pin_check(struct text pin, struct error *err);

/* ---- what is kept of a member ---- */

struct credentials {
    bool known;
    int64_t generation;  /* of the secret of rotating codes */
    int64_t step;        /* the last one that was used */
    int64_t code_number; /* the last one-time code issued; 0: none */
    int64_t code_expires_at;
    int64_t code_tries;
    int64_t code_used; /* the last number used */
    int64_t code_issued_at, code_hour, code_count;
    int64_t pin_version; /* 0: no PIN is set */
    int64_t pin_locked_until;
    struct text pin_hash;
};

/* ---- a proof that came with a command ---- */

enum proof_state {
    PROOF_FITS,
    PROOF_WRONG,
    PROOF_EXPIRED,
    PROOF_LOCKED, /* until `until` */
    PROOF_UNSET,  /* the member has none of this kind */
};

/*
 * What was shown, checked against secrets before the command (proof_api.h). What depends on what others do at the same
 * moment is decided: a rotating or one-time code counts once. Zeroed: nothing was shown.
 */
struct proof {
    unsigned kind; /* one of enum proof_kind; 0: nothing was shown */
    enum proof_state state;
    int64_t until;
    int64_t owner;  /* whose credentials these are; 0: nobody's */
    int64_t number; /* step, number of the code or version of the PIN */
    int64_t generation;
    struct credentials stored; /* set by proofs_load */
};

/*
 * For the load function of a command type that takes proofs (credential_store.c), which loads alone: the credentials of
 * each proof that was shown.
 */
struct load_context;
enum status proofs_load(struct load_context *context, struct proof *const *proofs, size_t count, struct error *err);

/*
 * Whether `proof` is one of the person's and good now. STATUS_FORBIDDEN `proof.wrong`, `proof.expired`,
 * `proof.other_member`, STATUS_CONFLICT `proof.used`, `proof.unset`, STATUS_LIMIT `proof.locked`.
 */
enum status proof_check(const struct decision *decision, const struct person *person, const struct proof *proof,
                        struct error *err);

/*
 * As proof_check of what was shown, and whether it is one of those that the account wants for so many points: otherwise
 * STATUS_FORBIDDEN `redemption.proof_required`.
 */
struct proof_demand {
    const struct decision *decision;
    const struct person *person;
    const struct wallet_policy *policy;
    int64_t points;
};
enum status proof_require(const struct proof_demand *demand, const struct proof *proof, struct error *err);

/* The proof was used: rotating and one-time codes do not count again. Once a command. */
void proof_use(struct decision *decision, const struct proof *proof);

/* ---- setting a PIN: subject 0 by id ---- */

struct pin_change {
    struct proof proof;
    bool trusted; /* the caller delivers codes to members: no proof is needed */
    struct text hash;
};
extern const struct command_type set_pin_type;

/* Rows to be written (credential_store.c); texts are borrowed until the batch is stored. */
void store_step_used(struct decision *decision, int64_t member, int64_t step);
void store_code_used(struct decision *decision, int64_t member, int64_t number);
void store_pin(struct decision *decision, int64_t member, struct text hash, int64_t version);
enum status set_pin_load(struct load_context *context, struct command **commands, size_t count, struct error *err);

#endif
