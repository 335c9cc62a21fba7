#include "features/takeover/answer.h"

#include "features/events/events.h"
#include "features/events/facts.h"

enum status answer_check(const struct answer *answer, struct error *err)
{
    if (answer->low >= answer->high)
        return error_set(err, STATUS_INVALID, "answer.scale", "scale", "a scale goes from a lower to a higher number");
    if (answer->value < answer->low || answer->value > answer->high)
        return error_set(err, STATUS_INVALID, "answer.value", "value", "the answer lies outside of its scale");
    return STATUS_OK;
}

/* Thousandths as a plain decimal. */
static void fact_milli(struct builder *facts, const char *name, int64_t milli)
{
    int64_t size = milli < 0 ? -milli : milli;

    builder_format(facts, ",\"%s\":%s%lld", name, milli < 0 ? "-" : "", (long long)(size / ANSWER_MILLI));
    if (size % ANSWER_MILLI != 0)
        builder_format(facts, ".%03lld", (long long)(size % ANSWER_MILLI));
}

static void fill_row(struct decision *decision, struct journal_row *row, const struct answer *answer)
{
    struct builder facts = {.arena = decision->arena}, detail = {.arena = decision->arena};

    builder_string(&facts, "{\"question\":");
    facts_string(&facts, answer->question);
    fact_milli(&facts, "low", answer->low);
    fact_milli(&facts, "high", answer->high);
    builder_format(&facts, ",\"best\":\"%s\"", answer->low_is_best ? "low" : "high");
    fact_milli(&facts, "value", answer->value);
    builder_char(&facts, '}');
    row->facts = builder_done(&facts);
    row->day = answer->day;
    row->store = text_copy(decision->arena, answer->store);
    row->channel = text_copy(decision->arena, answer->channel);
    if (answer->comment.size == 0)
        return;
    builder_string(&detail, "{\"properties\":{\"comment\":");
    facts_string(&detail, answer->comment);
    builder_string(&detail, "}}");
    row->detail = builder_done(&detail);
}

static enum status decide(struct decision *decision, struct command *command, struct error *err)
{
    const struct take_answer *body = command->body;
    enum status status = event_check_instant(body->answer.at, decision->now, err);

    if (status == STATUS_OK)
        status = answer_check(&body->answer, err);
    if (status == STATUS_OK)
        status = takeover_person(decision, command, err);
    if (status != STATUS_OK || !takeover_check(decision, command))
        return status;
    const struct member *member = decision->subjects[0].member;
    struct journal_row *row = journal_add(decision, member, 0, "answer", body->answer.at);
    fill_row(decision, row, &body->answer);
    store_answer(decision, row, &body->answer);
    takeover_take(decision, command, &body->takeover.rows[0], member->id);
    return STATUS_OK;
}

const struct command_type take_answer_type = {.name = "take_answer", .load = takeover_load, .decide = decide};
