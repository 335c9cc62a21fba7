/*
 * references.h: what the documents of definitions name: the benefit that a badge grants, the series of which a reward gives a code. A
 * kind lists it (definition_kind.references); whether it is there is asked at publication, and who names it at a withdrawal. Pure.
 */
#ifndef PATRON_FEATURES_DEFINITIONS_REFERENCES_H
#define PATRON_FEATURES_DEFINITIONS_REFERENCES_H

#include "features/definitions/definition.h"

struct definition_reference {
    const char *kind; /* by name: a kind may name one of a feature that it does not see */
    struct text code;
    const char *field; /* of the document, by path */
    bool loose;        /* may be published later: two that name each other could never be published otherwise */
};

struct definition_references {
    struct arena *arena;
    struct definition_reference *items;
    size_t count, capacity;
};

/* Without a code nothing is named. */
void reference_add(struct definition_references *references, const char *kind, struct text code, const char *field);
void reference_add_loose(struct definition_references *references, const char *kind, struct text code,
                         const char *field);
/* As `first`, for each code; each element by its place: "benefits[2]". */
void reference_add_list(struct definition_references *references, const struct definition_reference *first,
                        const struct text *codes, size_t count);

/* A published version that names a definition. */
struct definition_namer {
    const struct definition_kind *kind;
    const struct definition *definition;
    struct definition_reference reference;
};

/* Which one, from when on. */
struct definition_named {
    const struct definition_kind *kind;
    struct text code;
    int64_t at;
};

/* Those in force at `named->at` or later, of all kinds, in `arena`. */
struct definition_namer *definition_namers(struct arena *arena, const struct programme_set *set,
                                           const struct definition_named *named, size_t *count);

#endif
