/*
 * library.h: programmes that are ready to be loaded, each in three languages: the document, its parts, the terms for members, and a
 * receipt that was worked out by hand. They come with the program; the folder programmes holds them as files. Pure.
 */
#ifndef PATRON_FEATURES_LIBRARY_LIBRARY_H
#define PATRON_FEATURES_LIBRARY_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

enum ready_language { READY_EN, READY_ZH_CN, READY_ZH_TW, READY_LANGUAGES };
extern const char *const ready_languages[]; /* "en", "zh-CN", "zh-TW"; ends with NULL */

/* A text for people is an object with a member for each language, until a language is chosen. */
struct ready_programme {
    const char *name;        /* "cafe-stamps" */
    struct text about;       /* name, for whom, cost ratios, what of the product it shows */
    struct text programme;   /* the programme document */
    struct text definitions; /* JSON Lines: a kind, a code and a document each */
    struct text receipt;     /* what is bought, by whom, and what it costs and earns */
    struct text terms[READY_LANGUAGES];
};

extern const struct ready_programme ready_programmes[]; /* by name */
extern const size_t ready_programme_count;

/* STATUS_MISSING `programme.not_ready` naming those that there are. */
enum status ready_programme_find(struct text name, const struct ready_programme **out, struct error *err);

/* A JSON text in one language. STATUS_DEFECT `programme.ready` when it is none. */
enum status ready_text(struct arena *arena, struct text json, enum ready_language language, struct text *out,
                       struct error *err);

/* The text member `name` of a JSON object. False when there is none. */
bool ready_member(struct arena *arena, struct text json, const char *name, struct text *out);

/* The programme and its parts as the lines of a programme's file, in one language. */
enum status ready_lines(struct arena *arena, const struct ready_programme *programme, enum ready_language language,
                        struct text *out, struct error *err);

#endif
