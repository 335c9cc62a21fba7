/*
 * sheet.h: the control sheet of a migration: what the system before says there is, what there is here, line by line, and the
 * difference, which must be 0 before go-live. Pure.
 */
#ifndef PATRON_FEATURES_TAKEOVER_SHEET_H
#define PATRON_FEATURES_TAKEOVER_SHEET_H

#include "features/programme/programme.h"

enum { SHEET_LINES_MAX = 200000, SHEET_GIVEN_MAX = 20000, SHEET_MONTH_SIZE = 16 };

/* Stored as numbers: never renumber. */
enum sheet_measure {
    SHEET_MEMBERS = 1,   /* members registered */
    SHEET_HOLDERS = 2,   /* members with points or debt */
    SHEET_POINTS = 3,    /* open points: active, pending and held */
    SHEET_DEBT = 4,      /* points owed by members */
    SHEET_LIABILITY = 5, /* what open points are worth, in minor units; never part of a sheet, always counted from it */
};
const char *sheet_measure_name(enum sheet_measure measure); /* "members_with_points" */
bool sheet_measure_from(struct text name, enum sheet_measure *out);

/*
 * A line, or what to add up: an empty wallet, store or month means all of them. Points without a store have SHEET_NONE as
 * store. The month is that of the last instant with the points, "2026-12", or "never".
 */
struct sheet_line {
    enum sheet_measure measure;
    struct text wallet, store, month;
    int64_t value;
};
#define SHEET_NONE "-"

struct sheet {
    struct arena *arena;
    struct map *cells; /* of lines by what they are about */
    struct sheet_line **lines;
    size_t count, capacity;
    bool full; /* more than SHEET_LINES_MAX: what came then is missing */
};
void sheet_start(struct sheet *sheet, struct arena *arena);

/* Adds to the line with the same measure, wallet, store and month. Texts are copied when it is new. */
void sheet_add(struct sheet *sheet, const struct sheet_line *line);
/* The points of a lot. */
void sheet_add_lot(struct sheet *sheet, struct text wallet, struct text store, struct text month, int64_t points);

/* Writes "2026-12" or "never" into `out` (SHEET_MONTH_SIZE bytes): the month of the last instant before `expires_at`. */
struct text sheet_month(const struct zone *zone, int64_t expires_at, char *out);

/* The sum over all lines that `of` means; of SHEET_LIABILITY, by the value of a point in the programme, floored per account. */
int64_t sheet_sum(const struct sheet *sheet, const struct programme *programme, const struct sheet_line *of);

/*
 * Reads a line given by hand; texts are borrowed. The value of a liability is a decimal of the programme's currency, any other
 * a whole number. STATUS_INVALID `control.measure`, `control.month`, `control.value`, `control.store` (a store or month for a
 * measure that has none).
 */
struct sheet_text {
    struct text measure, wallet, store, month, value;
};
enum status sheet_line_read(const struct programme *programme, const struct sheet_text *text, struct sheet_line *out,
                            struct error *err);

/* One line compared. */
struct control_line {
    struct sheet_line of;     /* its value: theirs */
    int64_t ours, difference; /* ours - theirs */
};
struct control {
    struct control_line *lines;
    size_t count, capacity;
    bool zero; /* no line has a difference */
    int64_t
        refused; /* rows of the files that were refused when they were last read; those that cannot be read are in no line */
};

/*
 * Compares. A sheet given by hand: its own lines; where it tells points by store or by month, also the stores and months that
 * it does not name. A sheet counted from files: members with points, and for each account points, debt and liability, points
 * by store and by month.
 */
void sheet_compare(struct arena *arena, const struct programme *programme, const struct sheet *theirs,
                   const struct sheet *ours, bool given, struct control *out);

#endif
