/* analyze_job.h: the analyses as the server runs them: each in a process of its own, with a limit of memory. */
#ifndef PATRON_CLI_ANALYZE_JOB_H
#define PATRON_CLI_ANALYZE_JOB_H

#include "api/analysis.h"

/* See src/api/analysis.h; the texts are borrowed as long as analyses run. */
struct analyses analyze_jobs(const char *database, const char *key_file);

#endif
