/* analysis_file_api.h: files uploaded to be analysed, kept for a few days beside those of jobs. */
#ifndef PATRON_FEATURES_INSIGHT_ANALYSIS_FILE_API_H
#define PATRON_FEATURES_INSIGHT_ANALYSIS_FILE_API_H

#include "api/call.h"
#include "api/job.h"

enum { ANALYSIS_FILE_KEPT_DAYS = 7, ANALYSIS_FILE_BYTES_MAX = 1024 * 1024 * 1024 };

extern const struct shape analysis_file_shape;

enum status analysis_file_post(struct call *call, struct item *item, struct error *err);
enum status analysis_file_delete(struct call *call, struct item *item, struct error *err);

/* Where it lies, in `arena`. STATUS_MISSING `analysis.file_unknown`. */
enum status analysis_file_path(const struct call *call, struct arena *arena, int64_t id, const char **out,
                               struct error *err);

#endif
