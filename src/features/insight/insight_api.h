/* insight_api.h: the routes of live figures. */
#ifndef PATRON_FEATURES_INSIGHT_INSIGHT_API_H
#define PATRON_FEATURES_INSIGHT_INSIGHT_API_H

#include "api/call.h"

extern const struct shape overview_query_shape, overview_shape, rfm_query_shape, rfm_shape, stages_shape,
    knowledge_shape;

enum status overview_get(struct call *call, struct item *item, struct error *err);
enum status rfm_get(struct call *call, struct item *item, struct error *err);
enum status stages_get(struct call *call, struct item *item, struct error *err);
enum status knowledge_get(struct call *call, struct item *item, struct error *err);

/*
 * Answers with what `compute` writes into an object, or with what it wrote not long ago when that took long: a reply that
 * took t is kept for 20 t. `name` tells replies apart.
 */
typedef enum status insight_compute(struct call *call, struct storage_session *session, struct json_writer *writer,
                                    struct error *err);
enum status insight_reply(struct call *call, struct item *item, struct text name, insight_compute *compute,
                          struct error *err);

/* `name`, and what part of the company the reply is of. */
struct text insight_part_name(struct call *call, const char *name);

/* Keeps `reply` when it took long, and whether one that was kept may still be given. */
struct kept_reply; /* insight_store.h */
enum status insight_keep(struct call *call, struct text name, const struct kept_reply *reply, struct error *err);
bool insight_is_fresh(const struct call *call, const struct kept_reply *reply);

/* The scores of a person's recency, frequency and monetary value as object "rfm"; null without a purchase. */
struct standing; /* engine/decide.h */
enum status insight_write_rfm(struct call *call, struct storage_session *session, const struct standing *standing,
                              struct json_writer *writer, struct error *err);
extern const struct shape rfm_scores_shape; /* "RfmScores" */

/* The usual interval of the base: as configured, or computed now while it is not yet known. */
enum status insight_median(struct call *call, struct storage_session *session, int64_t *out, struct error *err);

#endif
