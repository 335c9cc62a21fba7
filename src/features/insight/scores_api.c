/* scores_api.c: the scores of one member, computed when asked, and the model of the base that they rest on. */
#include "features/insight/scores_api.h"

#include <math.h>
#include <stddef.h>

#include "features/customers/standing.h"
#include "features/insight/insight_api.h"
#include "features/insight/live_person_store.h"
#include "features/insight/rescore_store.h"
#include "features/programme/programme.h"

enum { PROBABILITY_DECIMALS = 6, REASONS_TOLD = 3 };

static const double MINOR_MAX = 9e15, NORMAL_95 = 1.6448536269514722, REACH_MAX = 7;

/* ---- one member ---- */

struct member_scores_query {
    int64_t horizon;
};
static const struct field member_scores_query_fields[] = {
    {.name = "horizon",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct member_scores_query, horizon),
     .minimum = 1,
     .maximum = LIVE_HORIZON_MAX,
     .fallback = LIVE_HORIZON_WEEKS,
     .about = "How many weeks ahead."},
};
const struct shape member_scores_query_shape = {
    .name = "MemberScoresQuery", .size = sizeof(struct member_scores_query), SHAPE_FIELDS(member_scores_query_fields)};

static const char *const churn_model_names[] = {"fitted", "lifetime", NULL};

static const struct field churn_why_fields[] = {
    {.name = "trait", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Such as days_since_purchase."},
    {.name = "value", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 4},
    {.name = "effect",
     .type = FIELD_DECIMAL,
     .flags = FIELD_REQUIRED,
     .scale = 6,
     .about = "What it adds to the log-odds of leaving."},
};
static const struct shape churn_why_shape = {.name = "RiskReason", .size = 0, SHAPE_FIELDS(churn_why_fields)};
static const struct field type_evidence_fields[] = {
    {.name = "type", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = customer_type_names},
    {.name = "count", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "of", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "share", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 6},
    {.name = "low", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 6, .about = "Of 90 %."},
    {.name = "high", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 6},
    {.name = "chance",
     .type = FIELD_DECIMAL,
     .flags = FIELD_NULLABLE,
     .scale = 6,
     .about = "That somebody who buys like all shows as much."},
};
static const struct shape type_evidence_shape = {.name = "TypeEvidence", .size = 0, SHAPE_FIELDS(type_evidence_fields)};
static const struct field member_scores_fields[] = {
    {.name = "member",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED,
     .prefix = "mbr",
     .about = "The person's first member."},
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED, .about = "Now: every event up to here counts."},
    {.name = "stage", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "rfm", .type = FIELD_OBJECT, .flags = FIELD_NULLABLE, .shape = &rfm_scores_shape},
    {.name = "purchase_days", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "horizon_weeks", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "model",
     .type = FIELD_TEXT,
     .flags = FIELD_NULLABLE,
     .about = "What the figures below rest on; null while the base has no model or the member no purchase."},
    {.name = "model_learned_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
    {.name = "alive",
     .type = FIELD_DECIMAL,
     .flags = FIELD_NULLABLE,
     .scale = PROBABILITY_DECIMALS,
     .about = "Probability of still being a customer."},
    {.name = "churn_risk",
     .type = FIELD_DECIMAL,
     .flags = FIELD_NULLABLE,
     .scale = PROBABILITY_DECIMALS,
     .about = "Of having left (1 - alive), or of buying nothing in the days of churn_window: churn_model says which."},
    {.name = "churn_model",
     .type = FIELD_CHOICE,
     .flags = FIELD_NULLABLE,
     .choices = churn_model_names,
     .about = "fitted where it foretells held-out members better than 1 - alive does (GET /v1/models/churn)."},
    {.name = "churn_window", .type = FIELD_INTEGER, .flags = FIELD_NULLABLE, .about = "Days; of the fitted model."},
    {.name = "churn_reasons",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &churn_why_shape,
     .about = "What moves the risk most, against the mean member; empty without the fitted model."},
    {.name = "expected_purchases", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 6},
    {.name = "expected_spend", .type = FIELD_AMOUNT, .flags = FIELD_NULLABLE, .about = "At each of them."},
    {.name = "expected_value", .type = FIELD_AMOUNT, .flags = FIELD_NULLABLE, .about = "Of all within the horizon."},
    {.name = "clv",
     .type = FIELD_AMOUNT,
     .flags = FIELD_NULLABLE,
     .about = "Lifetime value: of all purchases to come, discounted at 10 % a year."},
    {.name = "loyalty",
     .type = FIELD_INTEGER,
     .flags = FIELD_NULLABLE,
     .about = "Loyalty index 0 to 100, from behaviour."},
    {.name = "type",
     .type = FIELD_CHOICE,
     .flags = FIELD_NULLABLE,
     .choices = customer_type_names,
     .about = "What kind of buyer, from the lines of all purchases; null while the base is not learned."},
    {.name = "type_evidence",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &type_evidence_shape},
    {.name = "brand", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .about = "Bought most at full price."},
    {.name = "summary", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "The same in a sentence."},
};
const struct shape member_scores_shape = {.name = "MemberScores", .size = 0, SHAPE_FIELDS(member_scores_fields)};

static void write_money(struct json_writer *writer, const char *name, double value, const char *currency)
{
    if (isfinite(value))
        writer_amount(writer, name, llround(fmin(fmax(value, 0), MINOR_MAX)), currency);
    else
        writer_null(writer, name);
}

static const char *summary_of(struct arena *arena, const struct live_score *score, int64_t weeks)
{
    const char *standing = score->alive >= 0.7   ? "Very likely still a customer"
                           : score->alive >= 0.4 ? "May be leaving"
                                                 : "Has probably left";

    return arena_format(arena, "%s (%.0f %%); about %.1f purchases expected in the next %lld weeks.", standing,
                        100 * score->alive, score->expected, (long long)weeks);
}

static void write_score(struct json_writer *writer, const struct call *call, const struct live_score *score,
                        int64_t weeks)
{
    const char *currency = programme_at(call->programmes, call->now)->currency;

    writer_real(writer, "alive", score->alive, PROBABILITY_DECIMALS);
    writer_real(writer, "churn_risk", score->risk, PROBABILITY_DECIMALS);
    writer_real(writer, "expected_purchases", score->expected, PROBABILITY_DECIMALS);
    write_money(writer, "expected_spend", score->spend, currency);
    write_money(writer, "expected_value", score->value, currency);
    write_money(writer, "clv", score->lifetime, currency);
    if (isfinite(score->loyalty))
        writer_integer(writer, "loyalty", llround(score->loyalty));
    else
        writer_null(writer, "loyalty");
    writer_string(writer, "summary", summary_of(call->arena, score, weeks));
}

static void write_unknown(struct json_writer *writer, bool bought)
{
    static const char *const names[] = {"alive", "churn_risk", "expected_purchases", "expected_spend", "expected_value",
                                        "clv",   "loyalty"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        writer_null(writer, names[i]);
    writer_string(writer, "summary",
                  bought ? "Nothing has been learned of the base yet: score all members first."
                         : "Has not bought yet: there is nothing to foretell from.");
}

/* ---- risk and kind of buyer ---- */

static void write_churn(struct json_writer *writer, const struct person_scores *scores)
{
    enum churn_trait traits[REASONS_TOLD];
    size_t count = scores->known && scores->fitted ? churn_why_strongest(&scores->why, traits, REASONS_TOLD) : 0;

    writer_string(writer, "churn_model", !scores->known ? NULL : scores->fitted ? "fitted" : "lifetime");
    if (count > 0)
        writer_integer(writer, "churn_window", scores->window);
    else
        writer_null(writer, "churn_window");
    writer_list(writer, "churn_reasons");
    for (size_t i = 0; i < count; i++) {
        writer_object(writer, NULL);
        writer_string(writer, "trait", churn_trait_name(traits[i]));
        writer_real(writer, "value", scores->why.values[traits[i]], 4);
        writer_real(writer, "effect", scores->why.parts[traits[i]], 6);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_type(struct json_writer *writer, const struct person_scores *scores)
{
    const struct habit *habit = &scores->habit;
    bool known = scores->base.known;

    writer_string(writer, "type", known ? customer_type_name(habit->member.type) : NULL);
    writer_list(writer, "type_evidence");
    for (int i = 0; i < TYPE_KINDS && known; i++) {
        const struct type_evidence *evidence = &habit->member.evidence[i];

        writer_object(writer, NULL);
        writer_string(writer, "type", customer_type_name((enum customer_type)i));
        writer_integer(writer, "count", llround(evidence->count));
        writer_integer(writer, "of", llround(evidence->of));
        writer_real(writer, "share", evidence->share, 6);
        writer_real(writer, "low", evidence->low, 6);
        writer_real(writer, "high", evidence->high, 6);
        writer_real(writer, "chance", evidence->chance, 6);
        writer_end(writer);
    }
    writer_end(writer);
    if (habit->brand.size > 0)
        writer_text(writer, "brand", habit->brand);
    else
        writer_null(writer, "brand");
}

/* Days, lines and models as they are now, so that a purchase counts from its commit on. */
static enum status write_live(struct call *call, struct storage_session *session, int64_t leader,
                              struct json_writer *writer, struct error *err)
{
    const struct member_scores_query *query = call->query;
    const struct person_question question = {
        .leader = leader, .now = call->now, .weeks = (int)query->horizon, .programmes = call->programmes};
    struct person_scores scores;
    enum status status = person_scores_read(session, call->arena, &question, &scores, err);

    if (status != STATUS_OK)
        return status;
    writer_integer(writer, "purchase_days", (int64_t)scores.purchase_days);
    writer_integer(writer, "horizon_weeks", query->horizon);
    writer_string(writer, "model", scores.known ? clv_model_name(scores.model.model.fit.model) : NULL);
    writer_instant(writer, "model_learned_at", scores.known ? scores.model.learned_at : 0);
    write_churn(writer, &scores);
    write_type(writer, &scores);
    if (scores.known)
        write_score(writer, call, &scores.score, query->horizon);
    else
        write_unknown(writer, scores.bought);
    return STATUS_OK;
}

static enum status write_member(struct call *call, struct storage_session *session, int64_t member,
                                struct json_writer *writer, struct error *err)
{
    struct person person;
    int64_t median;
    enum status status = engine_view(call->engine, session, member, call->arena, &person, err);

    if (status == STATUS_OK)
        status = insight_median(call, session, &median, err);
    if (status != STATUS_OK)
        return status;
    const struct standing *standing = &person.leader->standing;
    int32_t today = zone_day(programme_at(call->programmes, call->now)->zone, call->now);

    writer_id(writer, "member", "mbr", person.leader->id);
    writer_instant(writer, "at", call->now);
    writer_string(writer, "stage",
                  stage_name(standing_stage(standing, call->now, today, median, call->programmes->lifecycle)));
    status = insight_write_rfm(call, session, standing, writer, err);
    return status == STATUS_OK ? write_live(call, session, person.leader->id, writer, err) : status;
}

enum status member_scores_get(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = write_member(call, session, member, &item->writer, err);
    call_read_end(call, session);
    return status;
}

/* ---- the model ---- */

static const struct field parameter_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "value", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 9},
    {.name = "error", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 9, .about = "Standard error."},
    {.name = "low", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 9, .about = "Of 90 %."},
    {.name = "high", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 9},
};
static const struct shape parameter_shape = {.name = "ModelParameter", .size = 0, SHAPE_FIELDS(parameter_fields)};
static const struct field clv_model_fields[] = {
    {.name = "model", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "regularity", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "k of the gaps; 1: at random."},
    {.name = "learned_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "chosen_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "chosen_by_holdout", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "holdout_within_tenth",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .about = "The total foretold for the days held out missed by at most a tenth."},
    {.name = "until", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .about = "The last day learned from."},
    {.name = "customers", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "repeat_purchases", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "log_likelihood", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 4},
    {.name = "converged", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "at_limit",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .about = "A parameter ran to its limit: a simpler model says the same."},
    {.name = "parameters",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &parameter_shape},
    {.name = "spend_customers",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Whose amounts were learned from; 0: too few."},
    {.name = "spend_correlation",
     .type = FIELD_DECIMAL,
     .flags = FIELD_NULLABLE,
     .scale = 6,
     .about = "Of number and size of purchases: supposed to be near 0."},
    {.name = "spend_log_likelihood", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 4},
    {.name = "spend_parameters",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &parameter_shape},
    {.name = "usual_interval_days", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 1},
    {.name = "scored_members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "scored_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
};
const struct shape clv_model_shape = {.name = "ClvModel", .size = 0, SHAPE_FIELDS(clv_model_fields)};

static void write_parameter(struct json_writer *writer, const char *name, double value, double error)
{
    double reach = NORMAL_95 * error / value; /* on the scale of logarithms */
    bool held = reach < REACH_MAX;

    writer_object(writer, NULL);
    writer_string(writer, "name", name);
    writer_real(writer, "value", value, 9);
    writer_real(writer, "error", error, 9);
    writer_real(writer, "low", held ? value * exp(-reach) : NAN, 9);
    writer_real(writer, "high", held ? value * exp(reach) : NAN, 9);
    writer_end(writer);
}

static void write_spend(struct json_writer *writer, const struct live_model *model)
{
    static const char *const names[CLV_SPEND_PARAMETERS] = {"p", "q", "v"};
    const struct clv_spend_fit *spend = &model->spend;

    writer_integer(writer, "spend_customers", model->spends ? spend->customers : 0);
    writer_real(writer, "spend_correlation", model->spends ? spend->correlation : NAN, 6);
    writer_real(writer, "spend_log_likelihood", model->spends ? spend->log_likelihood : NAN, 4);
    writer_list(writer, "spend_parameters");
    for (int i = 0; model->spends && i < CLV_SPEND_PARAMETERS; i++)
        write_parameter(writer, names[i], spend->parameters[i], spend->errors[i]);
    writer_end(writer);
}

static void write_model(struct json_writer *writer, const struct kept_model *kept)
{
    const struct clv_fit *fit = &kept->model.fit;

    writer_string(writer, "model", clv_model_name(fit->model));
    writer_integer(writer, "regularity", fit->regularity);
    writer_instant(writer, "learned_at", kept->learned_at);
    writer_instant(writer, "chosen_at", kept->chosen_at);
    writer_boolean(writer, "chosen_by_holdout", kept->model.chosen);
    writer_boolean(writer, "holdout_within_tenth", kept->model.within);
    writer_day(writer, "until", kept->model.today);
    writer_integer(writer, "customers", llround(kept->model.customers));
    writer_integer(writer, "repeat_purchases", llround(kept->model.repeats));
    writer_real(writer, "log_likelihood", fit->log_likelihood, 4);
    writer_boolean(writer, "converged", fit->converged);
    writer_boolean(writer, "at_limit", fit->at_limit);
    writer_list(writer, "parameters");
    for (size_t i = 0; i < clv_model_parameter_count(fit->model); i++)
        write_parameter(writer, clv_model_parameter(fit->model, i), fit->parameters[i], fit->errors[i]);
    writer_end(writer);
    write_spend(writer, &kept->model);
    writer_real(writer, "usual_interval_days", kept->model.usual, 1);
}

enum status clv_model_get(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct kept_model kept;
    int64_t count = 0, scored_at = 0;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = live_model_get(session, call->arena, &kept, err);
    if (status == STATUS_OK && kept.learned_at == 0)
        status = error_set(err, STATUS_MISSING, "insight.no_model", "",
                           "nothing has been learned of the base yet: POST /v1/scores learns and scores");
    if (status == STATUS_OK)
        status = scores_count(session, &count, &scored_at, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    write_model(&item->writer, &kept);
    writer_integer(&item->writer, "scored_members", count);
    writer_instant(&item->writer, "scored_at", scored_at);
    return STATUS_OK;
}
