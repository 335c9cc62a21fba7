/* demo_internal.h: the phases of the demo and what they share. Only the demo's own files include it. */
#ifndef PATRON_CLI_DEMO_INTERNAL_H
#define PATRON_CLI_DEMO_INTERNAL_H

#include "cli/demo_people.h"
#include "engine/engine.h"
#include "features/exchange/pipeline_store.h"
#include "features/programme/programme.h"

enum { DEMO_ITEMS = 18, DEMO_ITEM_ROOMS = 14, DEMO_RETURNS_MAX = 4096, DEMO_KEY_SIZE = 96 };

struct demo_item {
    const char *sku, *name, *category;
    int64_t price; /* minor units */
};
extern const struct demo_item demo_items[DEMO_ITEMS];

/* A purchase of which a line comes back. */
struct demo_return {
    char receipt[DEMO_KEY_SIZE];
    int64_t at;
    int person;
};

struct demo {
    struct engine *engine;
    uint64_t seed;
    int64_t now;
    int32_t today;
    int member_count;
    const struct programme_set *programmes;
    const struct zone *zone;
    struct arena *settings;
    struct demo_person *people;
    struct pipeline *pipeline;
    struct demo_return returns[DEMO_RETURNS_MAX];
    size_t return_count;
    int64_t done;
    bool resumed; /* members are there from a run that was stopped */
};

/* The programme and its parts as lines of a programme's file; "{day+7}" and "{day-7}" in them are a week after and before `today`. */
struct text demo_house_lines(struct arena *arena, int32_t today);

/* The phases, in order; each finds what the one before committed. */
enum status demo_register(struct demo *demo, struct error *err);
enum status demo_prefer(struct demo *demo, struct error *err);
enum status demo_live(struct demo *demo, struct error *err);
enum status demo_bring_back(struct demo *demo, struct error *err);

#endif
