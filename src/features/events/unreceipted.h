/*
 * unreceipted.h: goods that come back without a receipt: as the programme allows, they take back what they would earn now. Pure.
 */
#ifndef PATRON_FEATURES_EVENTS_UNRECEIPTED_H
#define PATRON_FEATURES_EVENTS_UNRECEIPTED_H

#include "features/events/purchase.h"
#include "features/events/return.h"

/* The body: the goods are told as a purchase, and loaded as one. Without a member nothing but money goes back. */
struct unreceipted_return {
    struct purchase goods; /* first: purchase_load finds it */
    bool approved;         /* whoever records it may approve */

    struct return_result result;
};

extern const struct command_type unreceipted_command_type;

/* STATUS_CONFLICT `return.receipt_required`, STATUS_FORBIDDEN `return.approval_required`. */
enum status unreceipted_decide(struct decision *decision, struct command *command, struct error *err);

#endif
