#include "features/insight/member_alerts_api.h"

#include <math.h>
#include <stddef.h>

#include "api/page.h"
#include "features/insight/churn_live_store.h"
#include "features/insight/member_alert_store.h"
#include "foundation/id.h"

/* ---- the list ---- */

static const char *const states[] = {"open", "acknowledged", "ended", "all", NULL};

struct member_alerts_query {
    struct page page;
    int state;
    int64_t member;
};
static const struct field member_alerts_query_fields[] = {
    PAGE_FIELDS(struct member_alerts_query),
    {.name = "state",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct member_alerts_query, state),
     .choices = states,
     .about = "open when absent: not acknowledged, and the risk has not fallen again."},
    {.name = "member", .type = FIELD_ID, .offset = offsetof(struct member_alerts_query, member), .prefix = "mbr"},
};
const struct shape member_alerts_query_shape = {
    .name = "MemberAlertsQuery", .size = sizeof(struct member_alerts_query), SHAPE_FIELDS(member_alerts_query_fields)};

static const struct field member_alert_fields[] = {
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "raised_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "before", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 6, .about = "Risk when scored before."},
    {.name = "risk", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 6, .about = "When it was raised."},
    {.name = "threshold", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 6},
    {.name = "false_alarm_share",
     .type = FIELD_DECIMAL,
     .flags = FIELD_REQUIRED,
     .scale = 2,
     .about = "At most so many of those who stay have such a risk: the threshold is set by it on held-out members."},
    {.name = "ended_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE, .about = "When the risk was low again."},
    {.name = "acknowledged_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
    {.name = "acknowledged_by", .type = FIELD_TEXT, .flags = FIELD_NULLABLE},
    {.name = "summary", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
const struct shape member_alert_shape = {.name = "MemberAlert",
                                         .about =
                                             "A member's risk has passed the threshold; raised once until it falls.",
                                         .size = 0,
                                         SHAPE_FIELDS(member_alert_fields)};

static double share_of(int64_t millionths)
{
    return (double)millionths / SCORE_MILLION;
}

static void write_alert(struct json_writer *writer, struct arena *arena, const struct member_alert *alert)
{
    writer_object(writer, NULL);
    writer_id(writer, "member", "mbr", alert->member);
    writer_instant(writer, "raised_at", alert->raised_at);
    writer_decimal(writer, "before", alert->before, 6);
    writer_decimal(writer, "risk", alert->risk, 6);
    writer_decimal(writer, "threshold", alert->threshold, 6);
    writer_real(writer, "false_alarm_share", ALERT_FALSE_SHARE, 2);
    writer_instant(writer, "ended_at", alert->ended_at);
    writer_instant(writer, "acknowledged_at", alert->acknowledged_at);
    writer_string(writer, "acknowledged_by",
                  alert->acknowledged_at > 0 ? text_string(arena, alert->acknowledged_by) : NULL);
    writer_string(writer, "summary",
                  arena_format(arena,
                               "The risk of leaving rose from %.0f %% to %.0f %%, above %.0f %%, which at most %.0f %% "
                               "of those who stay reach.",
                               100 * share_of(alert->before), 100 * share_of(alert->risk),
                               100 * share_of(alert->threshold), 100 * ALERT_FALSE_SHARE));
    writer_end(writer);
}

/* Alerts are of persons: whoever was merged is asked for by any of their members. */
static enum status leader_of(struct call *call, struct storage_session *session, int64_t member, int64_t *leader,
                             struct error *err)
{
    struct person person;
    enum status status = engine_view(call->engine, session, member, call->arena, &person, err);

    if (status == STATUS_OK)
        *leader = person.leader->id;
    return status;
}

/* Of which of the alerts the caller may know. */
static enum status find_inside(struct call *call, struct storage_session *session, const struct member_alerts *alerts,
                               bool **inside, struct error *err)
{
    int64_t *members = arena_array(call->arena, alerts->count + 1, sizeof *members);

    *inside = arena_array(call->arena, alerts->count + 1, sizeof **inside);
    for (size_t i = 0; i < alerts->count; i++)
        members[i] = alerts->items[i].member;
    return call_members_inside(call, session, &(struct scope_people){members, alerts->count, *inside}, err);
}

enum status member_alerts_list(struct call *call, struct item *item, struct error *err)
{
    const struct member_alerts_query *query = call->query;
    struct alert_page page = {.state = (enum alert_state)query->state, .limit = query->page.limit + 1};
    struct cursor cursor = {.integer_count = 2};
    struct storage_session *session;
    struct member_alerts alerts;
    bool *inside = NULL;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &page.given, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    page.after = cursor.integers[0];
    page.after_member = cursor.integers[1];
    if (query->member != 0)
        status = leader_of(call, session, query->member, &page.member, err);
    if (status == STATUS_OK)
        status = member_alerts_read(session, call->arena, &page, &alerts, err);
    if (status == STATUS_OK)
        status = find_inside(call, session, &alerts, &inside, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = alerts.count > (size_t)query->page.limit;

    writer_list(&item->writer, "items");
    for (size_t i = 0; i < alerts.count - more; i++) {
        if (inside[i])
            write_alert(&item->writer, call->arena, &alerts.items[i]);
        cursor.integers[0] = alerts.items[i].raised_at;
        cursor.integers[1] = alerts.items[i].member;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

/* ---- acknowledging ---- */

static const struct field acknowledged_fields[] = {
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "acknowledged",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Alerts of the member that nobody had acknowledged; 0 when it is done again."},
};
const struct shape alerts_acknowledged_shape = {
    .name = "AlertsAcknowledged", .size = 0, SHAPE_FIELDS(acknowledged_fields)};

static enum status acknowledge(struct call *call, struct storage_session *session, int64_t member, int64_t *count,
                               struct error *err)
{
    enum status status = member_alerts_acknowledge(session, member, call->now, call->actor, count, err);

    return status == STATUS_OK && *count > 0 ? call_audit(call, "alert.acknowledged", member, TEXT(""), TEXT(""), err)
                                             : status;
}

enum status member_alerts_post(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    int64_t member, leader = 0, count = 0;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = leader_of(call, session, member, &leader, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = acknowledge(call, session, leader, &count, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    writer_id(&item->writer, "member", "mbr", leader);
    writer_integer(&item->writer, "acknowledged", count);
    return call_write_commit(call, session, err);
}

/* ---- the fitted model ---- */

#define SKILL_FIELD(title, sentence)                                                                 \
    {                                                                                                \
        .name = title, .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 6, .about = sentence \
    }
static const struct field skill_fields[] = {
    SKILL_FIELD("auc", "The chance that a member who left was told a higher risk than one who stayed."),
    SKILL_FIELD("auc_error", "Standard error."),
    SKILL_FIELD("log_loss", NULL),
    SKILL_FIELD("brier", NULL),
};
static const struct shape skill_shape = {.name = "RiskSkill", .size = 0, SHAPE_FIELDS(skill_fields)};
static const char *const models[] = {"fitted", "lifetime", NULL};
static const struct field churn_fitted_fields[] = {
    {.name = "in_force",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .choices = models,
     .about = "fitted when its log loss on held-out members is lower by more than chance (95 %); else 1 - alive."},
    {.name = "learned_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "learned", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED, .about = "false: too little to learn from."},
    {.name = "until", .type = FIELD_DAY, .flags = FIELD_NULLABLE, .about = "What was known ended here."},
    {.name = "window_days",
     .type = FIELD_INTEGER,
     .flags = FIELD_NULLABLE,
     .about = "Who bought nothing in so many days after it had left: three usual gaps, from 28 to 180."},
    {.name = "members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Learned from."},
    {.name = "left", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 6, .about = "The share who left."},
    {.name = "fitted", .type = FIELD_OBJECT, .flags = FIELD_NULLABLE, .shape = &skill_shape},
    {.name = "lifetime",
     .type = FIELD_OBJECT,
     .flags = FIELD_NULLABLE,
     .shape = &skill_shape,
     .about = "Of 1 - alive, made a probability of the same on the same members."},
    SKILL_FIELD("gain", "Log loss of lifetime less that of fitted, by member."),
    SKILL_FIELD("gain_error", "Standard error."),
    SKILL_FIELD("threshold", "Of alerts; null: none are raised."),
    SKILL_FIELD("false_alarms", "Of held-out members who stayed, the share at or above it."),
    SKILL_FIELD("caught", "Of those who left."),
};
const struct shape churn_fitted_shape = {
    .name = "ChurnModel", .about = "The model of risk in force.", .size = 0, SHAPE_FIELDS(churn_fitted_fields)};

static void write_skill(struct json_writer *writer, const char *name, const struct churn_skill *skill)
{
    writer_object(writer, name);
    writer_real(writer, "auc", skill->auc.value, 6);
    writer_real(writer, "auc_error", skill->auc.error, 6);
    writer_real(writer, "log_loss", skill->log_loss.value, 6);
    writer_real(writer, "brier", skill->brier.value, 6);
    writer_end(writer);
}

static void write_learned(struct json_writer *writer, const struct churn_live *live)
{
    writer_day(writer, "until", live->day);
    writer_integer(writer, "window_days", live->window);
    writer_integer(writer, "members", llround(live->members));
    writer_real(writer, "left", live->left, 6);
    write_skill(writer, "fitted", &live->own);
    write_skill(writer, "lifetime", &live->plain);
    writer_real(writer, "gain", live->gain.value, 6);
    writer_real(writer, "gain_error", live->gain.error, 6);
    writer_real(writer, "threshold", live->threshold.risk, 6);
    writer_real(writer, "false_alarms", live->threshold.false_alarms, 6);
    writer_real(writer, "caught", live->threshold.caught, 6);
}

static void write_nothing(struct json_writer *writer)
{
    static const char *const names[] = {"fitted",    "lifetime",     "gain",  "gain_error",
                                        "threshold", "false_alarms", "caught"};

    writer_null(writer, "until");
    writer_null(writer, "window_days");
    writer_integer(writer, "members", 0);
    writer_null(writer, "left");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        writer_null(writer, names[i]);
}

enum status churn_fitted_get(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct kept_churn kept;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = churn_kept_get(session, call->arena, &kept, err);
    call_read_end(call, session);
    if (status == STATUS_OK && kept.learned_at == 0)
        status = error_set(err, STATUS_MISSING, "insight.no_model", "",
                           "nothing has been learned of the base yet: POST /v1/scores learns and scores");
    if (status != STATUS_OK)
        return status;
    writer_string(&item->writer, "in_force", kept.live.in_force ? "fitted" : "lifetime");
    writer_instant(&item->writer, "learned_at", kept.learned_at);
    writer_boolean(&item->writer, "learned", kept.live.learned);
    if (kept.live.learned)
        write_learned(&item->writer, &kept.live);
    else
        write_nothing(&item->writer);
    churn_live_release(&kept.live);
    return STATUS_OK;
}
