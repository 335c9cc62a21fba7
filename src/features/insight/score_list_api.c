/* score_list_api.c: members by their scores as last kept, and the job that keeps them. */
#include <stddef.h>

#include "api/page.h"
#include "features/insight/rescore_store.h"
#include "features/insight/score_list_store.h"
#include "features/insight/scores_api.h"
#include "features/programme/programme.h"

/* ---- pages ---- */

enum sort { SORT_CLV, SORT_VALUE, SORT_EXPECTED, SORT_ALIVE, SORT_RISK, SORT_LOYALTY };

static const char *const sorts[] = {"clv", "expected_value", "expected_purchases", "alive", "churn_risk", "loyalty",
                                    NULL};
static const char *const orders[] = {"highest", "lowest", NULL};

struct scores_query {
    struct page page;
    int sort, order;
};
static const struct field scores_query_fields[] = {
    PAGE_FIELDS(struct scores_query),
    {.name = "sort",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct scores_query, sort),
     .choices = sorts,
     .about = "clv when absent."},
    {.name = "order",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct scores_query, order),
     .choices = orders,
     .about = "The highest first when absent."},
};
const struct shape scores_query_shape = {
    .name = "ScoresQuery", .size = sizeof(struct scores_query), SHAPE_FIELDS(scores_query_fields)};

static const struct field score_row_fields[] = {
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "scored_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "alive", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 6},
    {.name = "churn_risk", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 6},
    {.name = "expected_purchases",
     .type = FIELD_DECIMAL,
     .flags = FIELD_REQUIRED,
     .scale = 6,
     .about = "In the 52 weeks after scored_at."},
    {.name = "expected_value", .type = FIELD_AMOUNT, .flags = FIELD_NULLABLE},
    {.name = "clv", .type = FIELD_AMOUNT, .flags = FIELD_NULLABLE},
    {.name = "loyalty", .type = FIELD_INTEGER, .flags = FIELD_NULLABLE},
    {.name = "type",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .choices = customer_type_names,
     .about = "What kind of buyer; the evidence is in the scores of the member."},
};
const struct shape score_row_shape = {.name = "MemberScore",
                                      .about = "Of a person with a purchase, as last scored.",
                                      .size = 0,
                                      SHAPE_FIELDS(score_row_fields)};

static void write_money(struct json_writer *writer, const char *name, int64_t minor, const char *currency)
{
    if (minor >= 0)
        writer_amount(writer, name, minor, currency);
    else
        writer_null(writer, name);
}

static void write_row(struct json_writer *writer, const struct kept_score *score, const char *currency)
{
    const int64_t *numbers = score->numbers;

    writer_object(writer, NULL);
    writer_id(writer, "member", "mbr", score->member);
    writer_instant(writer, "scored_at", score->scored_at);
    writer_decimal(writer, "alive", numbers[SCORE_ALIVE], 6);
    writer_decimal(writer, "churn_risk", numbers[SCORE_RISK], 6);
    writer_decimal(writer, "expected_purchases", numbers[SCORE_EXPECTED], 6);
    write_money(writer, "expected_value", numbers[SCORE_VALUE], currency);
    write_money(writer, "clv", numbers[SCORE_LIFETIME], currency);
    if (numbers[SCORE_LOYALTY] >= 0)
        writer_integer(writer, "loyalty", numbers[SCORE_LOYALTY]);
    else
        writer_null(writer, "loyalty");
    writer_string(writer, "type", customer_type_name((enum customer_type)score->kind));
    writer_end(writer);
}

static enum score_key key_of(int sort)
{
    static const enum score_key keys[] = {
        [SORT_CLV] = SCORE_LIFETIME, [SORT_VALUE] = SCORE_VALUE, [SORT_EXPECTED] = SCORE_EXPECTED,
        [SORT_ALIVE] = SCORE_ALIVE,  [SORT_RISK] = SCORE_RISK,   [SORT_LOYALTY] = SCORE_LOYALTY};

    return keys[sort];
}

enum status scores_list(struct call *call, struct item *item, struct error *err)
{
    const struct scores_query *query = call->query;
    const char *currency = programme_at(call->programmes, call->now)->currency;
    struct score_page page = {.key = key_of(query->sort), .worst = query->order == 1, .limit = query->page.limit + 1};
    struct cursor cursor = {.integer_count = 2};
    struct storage_session *session;
    struct kept_scores scores = {0};
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &page.given, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    page.after = cursor.integers[0];
    page.member = cursor.integers[1];
    status = scores_read(session, call->arena, &page, &scores, err);
    int64_t *members = arena_array(call->arena, scores.count + 1, sizeof *members);
    bool *inside = arena_array(call->arena, scores.count + 1, sizeof *inside);
    for (size_t i = 0; i < scores.count; i++)
        members[i] = scores.items[i].member;
    if (status == STATUS_OK)
        status = call_members_inside(call, session, &(struct scope_people){members, scores.count, inside}, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = scores.count > (size_t)query->page.limit;
    size_t shown = more ? scores.count - 1 : scores.count;

    writer_list(&item->writer, "items");
    for (size_t i = 0; i < shown; i++) {
        if (inside[i])
            write_row(&item->writer, &scores.items[i], currency);
        cursor.integers[0] = scores.items[i].numbers[page.key];
        cursor.integers[1] = scores.items[i].member;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

/* ---- scoring all ---- */

struct rescore_body {
    bool choose;
};
static const struct field rescore_body_fields[] = {
    {.name = "choose",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct rescore_body, choose),
     .about = "Choose the model anew by holdout; else only when the last choice is 30 days old."},
};
const struct shape rescore_body_shape = {
    .name = "RescoreInput", .size = sizeof(struct rescore_body), SHAPE_FIELDS(rescore_body_fields)};
static bool go_on(void *context, size_t done, size_t total)
{
    struct job *job = context;

    job_progress(job, (int64_t)done, (int64_t)total);
    return !job_cancelled(job);
}

/* `input` is not NULL to choose the model anew. */
static enum status run(struct job *job, struct engine *engine, struct arena *arena, void *input, struct error *err)
{
    const struct score_watch watch = {.go_on = go_on, .context = job};
    const struct rescore what = {.choose = input != NULL, .watch = &watch};
    struct rescore_result result;

    (void)arena;
    job_message(job, "learning from all purchases");
    enum status status = rescore_run(engine, &what, &result, err);

    if (status != STATUS_OK)
        return status;
    job_count(job, "members", (int64_t)result.persons);
    job_count(job, "alerts", result.alerts);
    job_message(job, "%zu members scored by %s", result.persons, clv_model_name(result.model.model.fit.model));
    return STATUS_OK;
}

const struct job_kind rescore_job = {.name = "rescore", .permission = PERMISSION_INSIGHT_WRITE, .run = run};

enum status rescore_post(struct call *call, struct item *item, struct error *err)
{
    static const char anew[] = "anew";
    const struct rescore_body *body = item->body;
    return call_job(call, item, &rescore_job, body->choose ? (void *)(uintptr_t)anew : NULL, err);
}
