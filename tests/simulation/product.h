/* product.h: the real engine with the real features on a database of its own, driven by the actions of the model. */
#ifndef PATRON_TESTS_SIMULATION_PRODUCT_H
#define PATRON_TESTS_SIMULATION_PRODUCT_H

#include "engine/engine.h"
#include "model.h"

enum { SUBMISSION_MAX = 64, WORDS_MAX = 2048 };

struct product {
    struct storage *storage;
    struct engine *engine;
    struct clock clock;
    int64_t now;
    struct arena *arena; /* of a submission or a comparison */
    const char *database;
    char folder[64], path[128];
    char difference[WORDS_MAX]; /* empty: none */
};

/* One command: as the driver wants it, what the model expects, and what runs. */
struct slot {
    struct action action;
    struct outcome expected;
    struct command command;
    void *body;
    int number;      /* of the command in the run */
    int request;     /* Idempotency-Key; 0: none */
    bool other_body; /* the same key with another body */
};

/* `database`: NULL for SQLite in a temporary folder, or the address of PostgreSQL, which is emptied. */
void product_start(struct product *product, const struct programme_rules *rules, const char *database);
void product_stop(struct product *product);

/* Fills the command; ids of what the action names must be known. */
void product_build(struct product *product, const struct model *model, struct slot *slot);
void product_run(struct product *product, struct slot *slots, size_t count);
void product_sweep(struct product *product);
/* Ends the quotes that are over. */
void product_lapse(struct product *product);

/* Compares the reply with what the model expects, and learns the ids. False: product->difference says what. */
bool product_check(struct product *product, struct model *model, struct slot *slot);

/* Compares everything that is known of the member's group. */
bool product_compare(struct product *product, const struct model *model, int member);

/* Compares coupons from that one on, and what is counted of offers. */
bool product_compare_coupons(struct product *product, const struct model *model, int from);

/* Proves the ledger and the seals of the whole database. */
bool product_verify(struct product *product);

/* Learns the ids of the lots that a transfer took from and made. */
void product_learn_lots(struct product *product, struct model *model, int transfer);

void product_fail(const struct error *error, const char *where) __attribute__((noreturn));

#endif
