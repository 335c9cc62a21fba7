/* doctor.h: looks for what is wrong with an installation, without changing anything. */
#ifndef PATRON_SERVER_DOCTOR_H
#define PATRON_SERVER_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"

enum doctor_severity { DOCTOR_NOTE, DOCTOR_WARNING, DOCTOR_ERROR };

/* A kind of finding: DOCTOR(NAME, "code", severity, "what to do") */
enum doctor_kind {
#define DOCTOR(NAME, CODE, SEVERITY, ADVICE) DOCTOR_##NAME,
#include "server/doctor_kinds.def"
#undef DOCTOR
    DOCTOR_KIND_COUNT
};

struct doctor_options {
    const char *database, *key_file, *files, *archive, *heads; /* as in struct server_options; NULL: the usual */
    const char *tls_certificate, *tls_key;                     /* NULL: not checked */
    int64_t free_min_bytes;                                    /* 0: 1 GiB */
    int64_t last_rows;                                         /* of each bucket whose seals are verified; 0: 1,000 */
    bool full;                                                 /* the whole database, however long it takes */
};

struct doctor_finding {
    enum doctor_kind kind;
    const char *sentence;
};

struct doctor_report {
    struct arena *arena;
    struct doctor_finding *findings;
    size_t count, capacity;
};

/* Adds what it finds to `report`, whose arena is set. Never fails: what cannot be looked at is a finding. */
void doctor_run(const struct doctor_options *options, struct doctor_report *report);

const char *doctor_code(enum doctor_kind kind); /* "disk.low" */
enum doctor_severity doctor_severity(enum doctor_kind kind);
const char *doctor_advice(enum doctor_kind kind);

/* ---- between its files ---- */

void doctor_add(struct doctor_report *report, enum doctor_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* doctor_machine.c: variables, key file, disks, memory, clock, limits. */
void doctor_machine(const struct doctor_options *options, struct doctor_report *report);
/* doctor_certificate.c: the certificate and its key. */
void doctor_certificate(const struct doctor_options *options, struct doctor_report *report);
/* doctor_database.c: what the database tells of itself. */
void doctor_database(const struct doctor_options *options, struct doctor_report *report);

#endif
