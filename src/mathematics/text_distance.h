/* text_distance.h: how alike two short texts are. They are read as valid UTF-8, up to TEXT_DISTANCE_LENGTH characters. */
#ifndef PATRON_MATHEMATICS_TEXT_DISTANCE_H
#define PATRON_MATHEMATICS_TEXT_DISTANCE_H

#include <stddef.h>
#include <stdint.h>

#include "foundation/text.h"

enum { TEXT_DISTANCE_LENGTH = 64 };

/*
 * Jaro's similarity, raised for a common beginning of up to four characters by a tenth each (Winkler 1990, "String comparator
 * metrics and enhanced decision rules in the Fellegi-Sunter model of record linkage"). 1: equal; 0: nothing in common.
 */
double jaro_winkler(struct text a, struct text b);

/*
 * Insertions, deletions, substitutions and swaps of neighbours that lead from one to the other, no character touched twice
 * (optimal string alignment after Damerau 1964). Past `limit` it is limit + 1.
 */
size_t edit_distance(struct text a, struct text b, size_t limit);

/* Twice the common share of two ascending lists of codes, duplicates counted (Dice 1945). Two empty lists: 0. */
double dice_share(const uint16_t *a, size_t a_count, const uint16_t *b, size_t b_count);

#endif
