/* queue_view.h: a pair with both persons and the evidence, as people see it. The persons are read by queue_view_store.c. */
#ifndef PATRON_FEATURES_DUPLICATES_QUEUE_VIEW_H
#define PATRON_FEATURES_DUPLICATES_QUEUE_VIEW_H

#include "features/duplicates/evidence.h"
#include "features/duplicates/queue.h"

struct queue_person {
    int64_t members[GROUP_MEMBERS_MAX]; /* the leader first */
    size_t member_count;
    struct profile profile; /* of the person: the leader's, filled from the others */
    struct text phones[PERSON_PHONES_MAX], emails[PERSON_EMAILS_MAX];
    size_t phone_count, email_count;
};

struct queue_view {
    struct queue_pair pair;
    struct queue_person persons[2];
    struct duplicate_evidence evidence[DUPLICATE_FIELDS]; /* of the two members that agree best; none before a scan */
    size_t evidence_count;
};

struct storage_session;
struct queue_list; /* queue_store.h */

/*
 * Reads the persons of the pairs and compares them as they are now, by the model of the last scan. With `masked` all texts are
 * as mask_text leaves them.
 */
enum status queue_views_read(struct storage_session *session, struct arena *arena, const struct queue_list *pairs,
                             bool masked, struct queue_view *out, struct error *err);

#endif
