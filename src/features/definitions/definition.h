/*
 * definition.h: the parts of the programme that are published one by one: offers, earning rules, rewards, challenges and their
 * kind. A definition is a JSON document with a code; it has a draft and published versions, and each version is in force from
 * its time until the next one's, or until it is withdrawn. Pure.
 *
 * A kind is a const table in the feature that owns it: it parses the document, strictly, when it is saved and whenever the
 * configuration is read. src/server/definitions.c lists the kinds.
 */
#ifndef PATRON_FEATURES_DEFINITIONS_DEFINITION_H
#define PATRON_FEATURES_DEFINITIONS_DEFINITION_H

#include "features/programme/programme.h"

enum {
    DEFINITION_DOCUMENT_MAX = 64 * 1024, /* bytes */
    DEFINITION_VERSIONS_MAX = 1000,      /* of one definition */
    DEFINITIONS_MAX = 50000,             /* versions in force or to come, of one kind */
    DEFINITION_KEPT_DAYS = 400,          /* after a version ended it is still at hand for so long */
};

/* A version in force from `from` until before `until`. */
struct definition {
    struct text code;
    int64_t version;     /* 1 .. */
    int64_t from, until; /* INSTANT_NEVER: open */
    struct text document;
    const void *parsed; /* the kind's own struct */
};

/* What a kind's parser may look at. */
struct definition_input {
    struct arena *arena;
    struct text code;
    struct text document;              /* a JSON object */
    const struct programme *programme; /* in force where it is to be: accounts, tiers, currency, zone */
    const struct programme_set
        *programmes; /* stores, categories, kinds of events ...; never the definitions themselves */
    bool saving;     /* being saved or published: what it refers to must be there */
};

struct advertised;            /* advertised.h */
struct definition_references; /* references.h */

struct definition_kind {
    const char *name;   /* "offer": the key in storage, never to change */
    const char *plural; /* "offers": the path under /v1 */
    /*
     * Reads the document into a struct in input->arena. STATUS_INVALID with the field by path, as programme_read.h does
     * (definition_read.h opens the document). Without input->saving the configuration is being read: a version that was valid
     * when it was published may refer to what is gone, and is parsed to something harmless. One that fails then is left out.
     */
    enum status (*parse)(const struct definition_input *input, const void **out, struct error *err);
    /* After all definitions of all kinds are read: indexes over those of this kind. May be NULL. `*out` is definition_index. */
    enum status (*index)(struct arena *arena, const struct definition *items, size_t count, const void **out,
                         struct error *err);
    /*
     * Whether two of this kind, which are in force at the same time at some moment, contradict each other; only then `*sentence`
     * says how, in `arena`. Asked once for each pair: of 10,000 there are 50 million. May be NULL.
     */
    bool (*conflicts)(struct arena *arena, const struct definition *a, const struct definition *b,
                      struct text *sentence);
    /* Adds what the document names of other kinds (references.h). NULL: nothing. */
    void (*references)(const void *parsed, struct definition_references *out);
    /* What the document says of its advertising (advertised.h); NULL: nothing. NULL: the kind is never advertised. */
    const struct advertised *(*advertised)(const void *parsed);
};

/*
 * All published versions of a kind that are or will be in force or ended in the last DEFINITION_KEPT_DAYS days, ascending by
 * (code, from). Those that never come into force, because they were withdrawn or replaced before, are left out.
 */
struct definition_list {
    const struct definition_kind *kind;
    const struct definition *items;
    size_t count;
    const void *index; /* what the kind's `index` made */
};

/* In programme_set.definitions: a list for each kind that the server has, be it empty. Immutable. */
struct definition_set {
    const struct definition_list *lists;
    size_t count;
};

/* The list of a kind; an empty one when there is nothing. Never NULL. */
const struct definition_list *definitions_of(const struct programme_set *set, const struct definition_kind *kind);

/* The version of `code` in force at `at`; NULL: none. */
const struct definition *definition_at(const struct programme_set *set, const struct definition_kind *kind,
                                       struct text code, int64_t at);
/*
 * A version by number, in force or not; NULL: unknown, or long ended. What an old event went by is kept with the event, not
 * looked up.
 */
const struct definition *definition_version(const struct programme_set *set, const struct definition_kind *kind,
                                            struct text code, int64_t version);
bool definition_in_force(const struct definition *definition, int64_t at);

/* Whether both are in force at some moment. */
bool definitions_overlap(const struct definition *a, const struct definition *b);

#endif
