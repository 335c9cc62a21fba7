/* analysis.h: analyses of the live base or of a file by name, brought along by whoever starts the server. */
#ifndef PATRON_API_ANALYSIS_H
#define PATRON_API_ANALYSIS_H

#include <stdbool.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

enum { ANALYSIS_OPTIONS_MAX = 32 };

struct analysis_option {
    const char *name, *value; /* value NULL: a switch */
    bool file;                /* the value is the path of a file that was uploaded */
};

/* What is asked for; everything in it lives as long as the request. */
struct analysis_request {
    const char *model; /* "rfm" */
    const char *file;  /* the path of an uploaded file; NULL: the live base */
    struct analysis_option options[ANALYSIS_OPTIONS_MAX];
    size_t option_count;
};

/* What a run has around it; each function may be called often. */
struct analysis_watch {
    const char *directory; /* for its files */
    bool (*cancelled)(void *context);
    void (*tell)(void *context, const char *sentence); /* how far it is */
    void *context;
};

struct analyses {
    const char *const *models;       /* their names; NULL at the end */
    const char *database, *key_file; /* of the live base, as the server was told; NULL: by its environment */
    /* STATUS_INVALID `analysis.model` or `analysis.option` when there is no such analysis or option. */
    enum status (*check)(const struct analysis_request *request, struct error *err);
    /*
     * Runs it in a process of its own; `*rows` is a JSON list of objects, in `arena`. Neither a crash
     * nor a lack of memory there touches the caller: STATUS_LIMIT `analysis.memory`, STATUS_DEFECT `analysis.failed`. Cancelled:
     * STATUS_OK, and no rows.
     */
    enum status (*run)(const struct analyses *analyses, struct arena *arena, const struct analysis_request *request,
                       const struct analysis_watch *watch, struct text *rows, struct error *err);
};

#endif
