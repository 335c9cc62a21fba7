#include "features/points/context.h"

enum status points_at(const struct decision *decision, const struct points_context *context, int64_t *at,
                      struct error *err)
{
    *at = context->at_given ? context->at : decision->now;
    if (*at > decision->now + POINTS_AHEAD_MAX)
        return error_set(err, STATUS_INVALID, "event.in_future", "at", "the time is more than 5 minutes ahead");
    return STATUS_OK;
}

void fact_code(struct builder *facts, const char *name, struct text code)
{
    if (code.size == 0)
        return;
    builder_format(facts, "%s\"%s\":\"", facts->size > 0 ? "," : "{", name);
    for (size_t i = 0; i < code.size; i++) {
        if (code.bytes[i] == '"' || code.bytes[i] == '\\')
            builder_char(facts, '\\');
        if ((unsigned char)code.bytes[i] >= ' ')
            builder_char(facts, code.bytes[i]);
    }
    builder_char(facts, '"');
}

void fact_number(struct builder *facts, const char *name, int64_t number)
{
    builder_format(facts, "%s\"%s\":%lld", facts->size > 0 ? "," : "{", name, (long long)number);
}

struct text points_note_detail(struct arena *arena, struct text note)
{
    struct builder detail = {.arena = arena};

    if (note.size == 0)
        return (struct text){NULL, 0};
    builder_string(&detail, "{\"note\":\"");
    for (size_t i = 0; i < note.size; i++) {
        unsigned char c = (unsigned char)note.bytes[i];
        if (c == '"' || c == '\\')
            builder_format(&detail, "\\%c", c);
        else if (c < ' ')
            builder_format(&detail, "\\u%04x", c);
        else
            builder_char(&detail, (char)c);
    }
    builder_string(&detail, "\"}");
    return builder_done(&detail);
}

struct journal_row *points_row(struct decision *decision, const struct member *member, const char *kind, int64_t at,
                               const struct points_context *context, struct builder *facts)
{
    struct arena *arena = decision->arena;
    struct journal_row *row = journal_add(decision, member, 0, kind, at);

    row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, at);
    row->store = text_copy(arena, context->store);
    row->channel = text_copy(arena, context->channel);
    fact_code(facts, "till", context->till);
    fact_code(facts, "employee", context->employee);
    if (facts->size > 0)
        builder_char(facts, '}');
    row->facts = builder_done(facts);
    row->detail = points_note_detail(arena, context->note);
    return row;
}
