/* pause_store.h: room for other writers between two transactions of long work. */
#ifndef PATRON_FEATURES_INSIGHT_PAUSE_STORE_H
#define PATRON_FEATURES_INSIGHT_PAUSE_STORE_H

#include <time.h>

/* From the begin of a transaction; what it held the writer for follows from it. */
struct pause {
    struct timespec started;
};
void pause_start(struct pause *pause);
/* An eighth of the time since; returns that time in ms. */
double pause_take(const struct pause *pause);

#endif
