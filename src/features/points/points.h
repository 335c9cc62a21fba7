/*
 * points.h: the commands on points: redeem, hold, capture, release, undo, adjust, transfer. Pure.
 *
 * Each body is zeroed but for what is named; texts live as long as the command. Results are set by the decision; their
 * texts live in command->arena.
 */
#ifndef PATRON_FEATURES_POINTS_POINTS_H
#define PATRON_FEATURES_POINTS_POINTS_H

#include "engine/decide.h"
#include "features/programme/programme.h"
#include "features/redemption/proof.h"

enum { HOLD_SECONDS_MAX = 31622400, TRANSFER_PARTS_MAX = MEMBER_LOTS_MAX };

#define POINTS_AHEAD_MAX (5 * INSTANT_MINUTE) /* how far in the future a command may be dated */

/* When and where it happened, and who dealt with it. */
struct points_context {
    bool at_given;
    int64_t at; /* default: now */
    struct text store, channel;
    struct text employee, till; /* codes */
    struct text note;           /* personal text, erased with the member */
};

struct points_result {
    int64_t id; /* journal id */
    int64_t member;
    struct text wallet;
    int64_t points;             /* moved */
    int64_t available, balance; /* of the person, afterwards */
    int64_t written_off;        /* of an adjustment down: debt given up */
};

/*
 * Spends points on a reward. Subject 0 spends. Whatever spends begins with the proof that the member showed, and has
 * the command type that suits it.
 */
struct redemption {
    struct proof proof;
    struct points_context context;
    struct text wallet;
    int64_t points;
    struct text reward; /* a code; may be empty */
    struct points_result result;
};
extern const struct command_type redeem_command_type, redeem_proved_command_type;

/* Sets points aside. Subject 0. */
struct hold_request {
    struct proof proof;
    struct points_context context;
    struct text wallet;
    int64_t points;
    struct text reward;
    int64_t seconds;    /* 0: as the wallet says */
    int64_t expires_at; /* result */
    struct points_result result;
};
extern const struct command_type hold_command_type, hold_proved_command_type;

/*
 * Captures or releases a hold. events[0] is the hold; subject 0 its person, others the owners of its lots. A capture needs
 * no proof: the member showed it when the hold was made.
 */
struct hold_end {
    struct points_context context;
    int64_t points; /* to capture; 0: all */
    struct text reward;
    struct points_result result; /* of a capture: what was spent; of a release: what came back */
};
extern const struct command_type capture_command_type;
extern const struct command_type release_command_type;

/* Undoes a redemption or capture. events[0] is the redemption; subject 0 its person, others the owners of its lots. */
struct undoing {
    struct points_context context;
    int64_t points;     /* 0: all that is left to give back */
    struct text reason; /* a code; may be empty */
    struct points_result result;
};
extern const struct command_type reverse_command_type;

/* Gives or takes points by hand. Subject 0. */
struct adjustment {
    struct points_context context;
    struct text wallet;
    int64_t points;     /* above 0 gives, below 0 takes */
    struct text reason; /* a code; required */
    bool may_approve;   /* the caller may approve what is above the wallet's limit */
    bool expires_given;
    int64_t expires_at; /* of points given; default: the wallet's policy */
    struct points_result result;
};
extern const struct command_type adjust_command_type;

/* Points of subject 0 go to subject 1, each with the expiry it had. The note is kept once, with subject 0. */
struct transfer {
    struct proof proof; /* of the giver */
    struct points_context context;
    struct text wallet;
    int64_t points;
    struct text reason;
    struct points_result result; /* of the giver */
    struct points_result received;
};
extern const struct command_type transfer_command_type, transfer_proved_command_type;

/* The load function of the types with a proof (points_store.c): whatever spends begins with its proof. */
enum status spending_load(struct load_context *context, struct command **commands, size_t count, struct error *err);

/* The detail of a row that carries a note: what is erased with the member. Empty without a note. */
struct text points_note_detail(struct arena *arena, struct text note);

/*
 * Names in `command` every person whose points `event` moved, so that they can get them back: the event's own first.
 * STATUS_LIMIT `points.too_many_owners` when these are more than a command can name.
 */
enum status points_name_owners(struct command *command, const struct past_event *event, struct error *err);

/* A name to tell, for the code of the wallet: STATUS_INVALID `wallet.unknown` names it. */
enum status points_policy(const struct programme *programme, struct text wallet, const struct wallet_policy **out,
                          struct error *err);

#endif
