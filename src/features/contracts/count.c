/* What an event counts for a contract. */
#include "features/contracts/contract_command.h"
#include "features/events/facts.h"
#include "features/reactions/happened.h"
#include "features/reactions/reaction.h"

struct counting {
    const struct decision *decision;
    const struct count_contract *body;
    const struct contract *contract; /* as it is now */
    const struct past_event *event;
    const struct person *buyer, *holder;
};

/* Who bought acts for the organisation on that day. */
static bool is_contact(const struct counting *counting)
{
    const struct contract_load *load = &counting->body->load;

    for (size_t i = 0; i < load->contact_count; i++)
        if (contact_acts(&load->contacts[i], counting->event->row.day))
            return true;
    return false;
}

static bool belongs(const struct counting *counting, int64_t bought_for)
{
    const struct contract *contract = counting->contract;
    bool named = bought_for == contract->member && bought_for != 0;

    if (counting->buyer->leader->id == counting->holder->leader->id || named)
        return true;
    return contract->counts == COUNTS_MEMBERS && is_contact(counting);
}

/* All zero when it does not count, or no longer. */
static enum status count_now(const struct counting *counting, struct contract_count *out, struct error *err)
{
    const struct journal_row *row = &counting->event->row;
    struct happened happened;
    struct purchase_facts facts = {.version = 0};
    enum status status = STATUS_OK;

    *out = (struct contract_count){.event = row->id, .buyer = row->member, .day = row->day};
    if (!contract_covers(counting->contract, row->day))
        return STATUS_OK;
    if (text_equals(row->kind, "stay_departed")) {
        if (belongs(counting, counting->body->payer))
            out->nights = counting->body->nights;
        return STATUS_OK;
    }
    if (!happened_is_purchase(row->kind))
        return STATUS_OK;
    status = happened_read(counting->decision->arena, counting->event, &happened, err);
    if (status == STATUS_OK)
        status = purchase_facts_read(counting->decision->arena, row->facts, &facts, err);
    if (status != STATUS_OK || !belongs(counting, facts.organisation))
        return status;
    out->spend = happened.purchase.total;
    out->purchases = !happened.came_back;
    return STATUS_OK;
}

static bool same(const struct contract_count *a, const struct contract_count *b)
{
    return a->spend == b->spend && a->purchases == b->purchases && a->nights == b->nights &&
           (a->day == b->day || (a->spend == 0 && a->purchases == 0 && a->nights == 0));
}

static bool alive(const struct person *person)
{
    return person->member != NULL && person->member->status == MEMBER_ACTIVE;
}

static struct journal_row *add_progress(struct decision *decision, const struct person *holder,
                                        const struct contract *contract, const struct past_event *event)
{
    struct builder facts = {.arena = decision->arena};
    struct journal_row *row = journal_add(decision, holder->member, 0, "contract_progress", decision->now);

    builder_string(&facts, "{\"contract\":");
    facts_string(&facts, contract->code);
    builder_char(&facts, '}');
    row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, decision->now);
    row->cause = event->row.id;
    row->facts = builder_done(&facts);
    return row;
}

static enum status count_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct count_contract *body = command->body;
    const struct contract_clock clock = contract_clock_of(decision);
    struct contract contract;
    const struct counting counting = {
        decision, body, &contract, decision->events[0], &decision->subjects[0], &decision->subjects[body->holder]};
    struct contract_count after;
    struct journal_row *row;

    if (reaction_done(command) || counting.event == NULL || body->load.contract.id == 0 || !alive(counting.buyer) ||
        !alive(counting.holder))
        return STATUS_OK;
    contract_copy(decision->arena, &body->load.contract, &contract);
    contract.loaded_capacity = contract.loaded_count;
    contract.period_capacity = contract.period_count;
    contract.term_capacity = contract.term_count;
    contract_advance(&clock, &contract);
    enum status status = count_now(&counting, &after, err);
    if (status != STATUS_OK || same(&body->load.before, &after))
        return status;
    row = add_progress(decision, counting.holder, &contract, counting.event);
    reaction_keep(decision, command, row);
    contract_recount(&clock, &contract, &body->load.before, &after);
    store_contract_count(decision, &contract, &after);
    return contract_keep(decision, counting.holder, &contract, &row, err);
}

const struct command_type count_contract_type = {
    .name = "count_contract", .loads = LOAD_FOLLOWERS, .load = contracts_load, .decide = count_decide};
