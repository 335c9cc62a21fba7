#include "features/definitions/lifecycle.h"

#include <stddef.h>

#include "foundation/instant.h"

const char *const draft_state_names[] = {
    [DRAFT_NONE] = "none",         [DRAFT_OPEN] = "draft",      [DRAFT_REVIEW] = "review",
    [DRAFT_APPROVED] = "approved", [DRAFT_REFUSED] = "refused", NULL};

const char *const definition_state_names[] = {
    [DEFINITION_DRAFT] = "draft", [DEFINITION_SCHEDULED] = "scheduled", [DEFINITION_IN_FORCE] = "in_force",
    [DEFINITION_ENDED] = "ended", [DEFINITION_WITHDRAWN] = "withdrawn", NULL};

/* ---- drafts ---- */

static const char *const deeds[] = {
    [DRAFT_SAVE] = "saved",       [DRAFT_DROP] = "dropped",   [DRAFT_SUBMIT] = "handed in",
    [DRAFT_APPROVE] = "approved", [DRAFT_REFUSE] = "refused", [DRAFT_PUBLISH] = "published",
};

static enum status refuse(const struct draft_step *step, struct error *err)
{
    if (step->state == DRAFT_NONE)
        return error_set(err, STATUS_CONFLICT, "definition.state", "", "there is no draft");
    return error_set(err, STATUS_CONFLICT, "definition.state", "", "a draft in the state '%s' cannot be %s",
                     draft_state_names[step->state], deeds[step->action]);
}

static enum status review(const struct draft_step *step, enum draft_state reviewed, enum draft_state *out,
                          struct error *err)
{
    if (step->state != DRAFT_REVIEW)
        return refuse(step, err);
    if (text_equal(step->author, step->actor))
        return error_set(err, STATUS_FORBIDDEN, "definition.own", "", "who wrote it does not review it");
    *out = reviewed;
    return STATUS_OK;
}

static enum status publish(const struct draft_step *step, enum draft_state *out, struct error *err)
{
    if (step->state == DRAFT_NONE)
        return refuse(step, err);
    if (step->review == REVIEW_SECOND_PERSON && step->state != DRAFT_APPROVED)
        return error_set(err, STATUS_CONFLICT, "definition.review", "",
                         "a second person has to approve the draft before it is published");
    *out = DRAFT_NONE;
    return STATUS_OK;
}

enum status draft_next(const struct draft_step *step, enum draft_state *out, struct error *err)
{
    switch (step->action) {
    case DRAFT_SAVE:
        *out = DRAFT_OPEN;
        return STATUS_OK;
    case DRAFT_DROP:
        if (step->state == DRAFT_NONE)
            return refuse(step, err);
        *out = DRAFT_NONE;
        return STATUS_OK;
    case DRAFT_SUBMIT:
        if (step->state != DRAFT_OPEN && step->state != DRAFT_REFUSED)
            return refuse(step, err);
        *out = DRAFT_REVIEW;
        return STATUS_OK;
    case DRAFT_APPROVE:
        return review(step, DRAFT_APPROVED, out, err);
    case DRAFT_REFUSE:
        return review(step, DRAFT_REFUSED, out, err);
    case DRAFT_PUBLISH:
        return publish(step, out, err);
    }
    return refuse(step, err);
}

/* ---- versions ---- */

void definition_spans(struct definition_span *spans, size_t count)
{
    int64_t next = INSTANT_NEVER;

    for (size_t i = count; i > 0; i--) {
        struct definition_span *span = &spans[i - 1];

        if (span->ends_at <= span->from) {
            span->until = span->from;
            continue;
        }
        span->until = span->ends_at < next ? span->ends_at : next;
        next = span->from;
    }
}

/* Ends one at `at`, or keeps it from beginning. True when that takes something away. */
static bool end_span(struct definition_span *span, int64_t at)
{
    bool lives = span->until > at && span->until > span->from;

    if (span->from >= at)
        span->ends_at = span->from; /* even one that another replaces: it must not come back when that one goes */
    else if (lives)
        span->ends_at = at;
    return lives;
}

bool definition_spans_end(struct definition_span *spans, size_t count, int64_t version, int64_t at)
{
    bool changed = false;

    for (size_t i = 0; i < count; i++)
        if (version == 0 || spans[i].version == version)
            changed = end_span(&spans[i], at) || changed;
    definition_spans(spans, count);
    return changed;
}
