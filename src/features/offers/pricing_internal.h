/* pricing_internal.h: the steps of pricing, between its files. */
#ifndef PATRON_FEATURES_OFFERS_PRICING_INTERNAL_H
#define PATRON_FEATURES_OFFERS_PRICING_INTERNAL_H

#include "features/offers/pricing.h"

/* Lines of the basket that an offer, or a part of it, is for; ascending by the public price of a piece. */
struct pool {
    const uint16_t *lines;
    size_t count;
};

struct candidate {
    const struct definition *definition;
    const struct offer *offer;
    struct pool pool;   /* its goods */
    struct pool lines;  /* the same, from the first line to the last */
    struct pool other;  /* what is got for them */
    struct pool *parts; /* of a bundle */
    struct offer_left left;
    struct benefit_holding holding; /* by: NULL: none was asked for */
    const struct basket_code *code;
    int group;     /* number of its group among the candidates; -1: none, or one of `all` */
    bool pieces;   /* it takes pieces out of the pool, so that no other set has them */
    bool optional; /* it competes for pieces: leaving it out may be better */
};

/* The basket while offers apply. */
struct pricing_state {
    int64_t *current;                                              /* what each line still costs */
    int64_t *taken;                                                /* pieces that are in a set */
    int64_t *cuts;                                                 /* what the offer at hand takes from each line */
    int64_t *taken_before, *picked, *set_worth, *weights, *shares; /* scratch */
    int64_t sets;                                                  /* of the offer at hand */
    int64_t gifts;                                                 /* pieces to add */
};

struct candidates {
    struct arena *arena;
    const struct basket *basket;
    struct candidate *items;
    size_t count;
    size_t group_count;
    int64_t *pieces;   /* of each line: whole ones; 0 for goods by weight */
    int64_t *initial;  /* what each line costs without offers */
    struct pool every; /* all lines */
    struct pricing_state state;
    struct refused_offer *refused;
    size_t refused_count, refused_capacity;
};

void refuse_offer(struct candidates *candidates, const struct refused_offer *refused);

/* Finds the offers that can apply and writes down why others cannot. `phantom`: a line that is of that offer's goods, -1: none. */
struct phantom {
    int line;
    const struct offer *offer; /* whose minimum it fills */
};
enum status candidates_find(const struct pricing_world *world, const struct basket *basket,
                            const struct phantom *phantom, struct candidates **out, struct error *err);

/* Takes from the lines what the candidate takes now; state->cuts, sets and gifts tell it. The sum. */
int64_t discount_apply(struct candidates *candidates, const struct candidate *candidate);

/* Told of each candidate that took something, with state as it left it. */
struct choice_listener {
    void (*applied)(void *context, size_t candidate, int64_t amount);
    void *context;
};
/* Applies in order those that `may` (a byte each); the benefit. */
int64_t choice_try(struct candidates *candidates, const unsigned char *may, const struct choice_listener *listener);
/* The best choice. True when all were tried. */
bool choice_find(struct candidates *candidates, unsigned char *best);

#endif
