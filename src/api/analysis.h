/* analysis.h: analyses of the live base by name, brought along by whoever starts the server. */
#ifndef PATRON_API_ANALYSIS_H
#define PATRON_API_ANALYSIS_H

#include "engine/engine.h"
#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

enum { ANALYSIS_OPTIONS_MAX = 16 };

struct analysis_option {
    const char *name, *value; /* value NULL: a switch */
};

/* What is asked for; everything in it lives as long as the request. */
struct analysis_request {
    const char *model; /* "rfm" */
    struct analysis_option options[ANALYSIS_OPTIONS_MAX];
    size_t option_count;
};

struct analyses {
    const char *const *models; /* their names; NULL at the end */
    /* STATUS_INVALID `analysis.model` or `analysis.option` when there is no such analysis or option. */
    enum status (*check)(const struct analysis_request *request, struct error *err);
    /* Runs it on the base; `*rows` is a JSON list of objects, in `arena`. For a thread of its own: it may take long. */
    enum status (*run)(struct engine *engine, struct arena *arena, const struct analysis_request *request,
                       struct text *rows, struct error *err);
};

#endif
