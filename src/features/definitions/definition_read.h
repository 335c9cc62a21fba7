/*
 * definition_read.h: opens the document of a definition for a kind's parser, which goes on with programme_read.h:
 *
 *     static enum status read_stamp(const struct object *document, void *out)
 *     {
 *         static const char *const fields[] = {"name", "stamps", NULL};
 *         struct stamp *stamp = out;
 *
 *         TRY(object_check(document, fields));
 *         TRY(object_text(document, "name", true, 200, &stamp->name));
 *         return object_int(document, "stamps", true, (struct range){1, 100}, &stamp->stamps);
 *     }
 *
 *     static enum status parse_stamp(const struct definition_input *input, const void **out, struct error *err)
 *     {
 *         struct stamp *stamp = arena_alloc(input->arena, sizeof *stamp);
 *
 *         *out = stamp;
 *         return definition_read(input, read_stamp, stamp, err);
 *     }
 *
 * Pure.
 */
#ifndef PATRON_FEATURES_DEFINITIONS_DEFINITION_READ_H
#define PATRON_FEATURES_DEFINITIONS_DEFINITION_READ_H

#include "features/definitions/definition.h"
#include "features/programme/programme_read.h"

/*
 * Parses the document and calls `read` with it and `out`. object->programme is a copy of the programme in force where the
 * definition is to be. STATUS_INVALID `programme.syntax` for what is no JSON, and what `read` answers.
 */
enum status definition_read(const struct definition_input *input,
                            enum status (*read)(const struct object *document, void *out), void *out,
                            struct error *err);

/* The text "name" of a document, cut to 200 bytes between characters; empty without. */
struct text definition_name(struct arena *arena, struct text document);

#endif
