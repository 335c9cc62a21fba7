/*
 * advertised.h: "advertised" in the document of a definition: in which channels it is shown, with what words and from when until
 * when; and which version was shown in a channel at a time. Pure.
 *
 * What is shown follows from the published versions and their times alone, so that it can be told of any moment in the past.
 */
#ifndef PATRON_FEATURES_DEFINITIONS_ADVERTISED_H
#define PATRON_FEATURES_DEFINITIONS_ADVERTISED_H

#include "features/definitions/definition.h"

enum {
    ADVERTISED_CHANNELS_MAX = 50,
    ADVERTISED_TITLE_MAX = 200, /* bytes */
    ADVERTISED_TEXT_MAX = 2000,
    ADVERTISED_ADDRESS_MAX = 500,
    ADVERTISED_LANGUAGES = 3,
};
extern const char *const advertised_languages[]; /* "en", "zh-CN", "zh-TW"; ends with NULL */

struct advertised_text {
    struct text title; /* empty: not in this language */
    struct text about, picture, link;
};

/* What the reader of a document tells of the definition itself. */
struct advertised_terms {
    int64_t from, until;   /* its own times; INT64_MIN, INSTANT_NEVER: open */
    int64_t minimum_spend; /* minor units; 0: none */
    int64_t points;        /* what it costs; 0: nothing */
    bool members;          /* only for them */
    bool code;             /* a code opens it */
};

struct advertised {
    const struct text *channels;
    size_t channel_count;
    struct advertised_text texts[ADVERTISED_LANGUAGES];
    int64_t from, until; /* within the definition's own times */
    struct advertised_terms terms;
};

/* The words for a language: those asked for, else of the other Chinese script, else English, else what there is. */
int advertised_language(const struct advertised *advertised, int language);

/* A version of a definition as a channel shows it: from `from` until before `until`. */
struct advertisement {
    const struct definition_kind *kind;
    const struct definition *definition;
    const struct advertised *advertised;
    int64_t from, until;
};

/* False when the version is never shown in the channel. */
bool advertisement_of(const struct definition_kind *kind, const struct definition *definition, struct text channel,
                      struct advertisement *out);

/* The version of `code` that the channel showed at `at`. False: none. */
bool advertisement_at(const struct programme_set *set, const struct definition_kind *kind, struct text code,
                      struct text channel, int64_t at, struct advertisement *out);

#endif
