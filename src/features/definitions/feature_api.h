/*
 * feature_api.h: handlers and shapes of the routes that are not of one kind: the programme's own draft, what
 * contradicts what, the whole programme as a file.
 */
#ifndef PATRON_FEATURES_DEFINITIONS_FEATURE_API_H
#define PATRON_FEATURES_DEFINITIONS_FEATURE_API_H

#include "api/call.h"
#include "api/page.h"

extern const struct shape programme_draft_input_shape, definition_conflict_shape;
extern const struct shape definition_import_query_shape, definition_import_shape;

enum status definition_conflicts_handle(struct call *call, struct item *item, struct error *err);
enum status definitions_export_handle(struct call *call, struct item *item, struct error *err);
enum status definitions_import_handle(struct call *call, struct item *item, struct error *err);

/* The lines of a programme's file, brought in within a transaction of the call, which writes definition_import_shape. */
struct definition_lines {
    struct text text, note;
    bool drafts, check;
};
enum status definitions_import_lines(struct call *call, struct item *item, const struct definition_lines *lines,
                                     struct error *err);

#endif
