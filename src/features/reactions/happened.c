#include "features/reactions/happened.h"

#include "features/events/facts.h"
#include "features/events/return.h"

bool happened_is_purchase(struct text kind)
{
    return text_equals(kind, "purchase") || text_equals(kind, "claim");
}

/* The properties of a custom event, which its detail has as {"properties":{...}}; gone with an erasure. */
static struct text properties_of(struct text detail)
{
    static const char begins[] = "{\"properties\":";
    size_t size = sizeof begins - 1;

    if (!text_starts_with(detail, text_from(begins)) || detail.size <= size)
        return TEXT("");
    return (struct text){detail.bytes + size, detail.size - size - 1};
}

static void read_lines(struct arena *arena, const struct past_event *event, const struct purchase_facts *facts,
                       struct happened *out)
{
    struct purchase_line *left = return_lines_left(arena, event);
    size_t kept = 0;

    terms_attach(left, event->row.line_count, facts->terms, facts->term_count);
    for (size_t i = 0; i < event->row.line_count; i++) {
        if (left[i].amount == 0 && left[i].quantity_milli == 0)
            continue;
        out->purchase.total += left[i].amount;
        left[kept++] = left[i];
    }
    out->purchase.lines = left;
    out->purchase.line_count = kept;
    out->purchase.paid_with_points = facts->paid_minor - facts->prepaid;
    out->purchase.terms = facts->contract;
    out->came_back = kept == 0;
}

enum status happened_read(struct arena *arena, const struct past_event *event, struct happened *out, struct error *err)
{
    struct purchase_facts facts;
    enum status status = purchase_facts_read(arena, event->row.facts, &facts, err);

    if (status != STATUS_OK)
        return status;
    *out = (struct happened){.bought = happened_is_purchase(event->row.kind)};
    out->event = (struct condition_event){.kind = out->bought ? TEXT("purchase") : event->row.kind,
                                          .at = event->row.at,
                                          .store = event->row.store,
                                          .channel = event->row.channel,
                                          .till = facts.till,
                                          .employee = facts.employee,
                                          .properties = properties_of(event->row.detail)};
    if (out->bought)
        read_lines(arena, event, &facts, out);
    return STATUS_OK;
}
