/* What a decision leaves behind of a contract: rights, journal, rows. */
#include "features/contracts/contract_command.h"
#include "features/events/facts.h"
#include "features/programme/held.h"

struct contract_clock contract_clock_of(const struct decision *decision)
{
    return (struct contract_clock){decision->arena, programme_at(decision->programmes, decision->now)->zone,
                                   decision->now};
}

/* ---- the journal ---- */

/* With the terms as they are from then on, and until when: what is decided again needs no more than the journal. */
static void add_terms(struct builder *facts, const struct zone *zone, const struct contract *contract,
                      const struct contract_change *change)
{
    const struct contract_terms *terms = &contract->terms[contract->term_count - 1];
    int64_t until = contract_terms_until(zone, contract, contract->term_count - 1);

    if (text_equals(change->what, "agreed") || text_equals(change->what, "terms"))
        builder_format(facts, ",\"from\":%lld,\"discount\":%lld,\"factor\":%lld",
                       (long long)zone_day_start(zone, terms->from_day), (long long)terms->discount,
                       (long long)terms->factor);
    if (until != INSTANT_NEVER)
        builder_format(facts, ",\"until\":%lld", (long long)until);
}

static struct text facts_of(struct arena *arena, const struct zone *zone, const struct contract *contract,
                            const struct contract_change *change)
{
    struct builder facts = {.arena = arena};

    builder_string(&facts, "{\"contract\":");
    facts_string(&facts, contract->code);
    if (change->period != 0)
        builder_format(&facts, ",\"period\":%lld", (long long)change->period);
    if (change->day != DAY_NONE)
        builder_format(&facts, ",\"day\":%d", change->day);
    add_terms(&facts, zone, contract, change);
    builder_char(&facts, '}');
    return builder_done(&facts);
}

static struct journal_row *add_row(struct decision *decision, const struct person *person,
                                   const struct contract *contract, const struct contract_change *change)
{
    const char *kind = arena_format(decision->arena, "contract_%.*s", (int)change->what.size, change->what.bytes);
    struct member *holder = group_find(person->group, contract->member);
    struct journal_row *row = journal_add(decision, holder != NULL ? holder : person->member, 0, kind, change->at);

    row->day = zone_day(programme_at(decision->programmes, decision->now)->zone, change->at);
    row->cause = contract->id;
    row->amount = change->amount;
    row->facts = facts_of(decision->arena, programme_at(decision->programmes, decision->now)->zone, contract, change);
    return row;
}

/* ---- rights ---- */

static enum status give(struct decision *decision, const struct person *person, const struct contract *contract,
                        const struct contract_terms *terms, struct error *err)
{
    const struct zone *zone = programme_at(decision->programmes, decision->now)->zone;
    struct right right = {.kind = RIGHT_CONTRACT,
                          .id = terms->row,
                          .code = contract->code,
                          .from = zone_day_start(zone, terms->from_day),
                          .until = terms->until};

    right.sums[RIGHT_SUM_DISCOUNT] = terms->discount;
    right.sums[RIGHT_SUM_FACTOR] = terms->factor;
    return right_give(decision, person, &right, err);
}

static enum status keep_rights(struct decision *decision, const struct person *person, struct contract *contract,
                               struct error *err)
{
    const struct zone *zone = programme_at(decision->programmes, decision->now)->zone;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < contract->term_count && status == STATUS_OK; i++) {
        struct contract_terms *terms = &contract->terms[i];
        int64_t until = contract_terms_until(zone, contract, i);
        if (terms->until == until)
            continue;
        terms->until = until;
        terms->changed = true;
        if (!right_end(decision, person, terms->row, until) && until > decision->now)
            status = give(decision, person, contract, terms, err);
    }
    return status;
}

enum status contract_keep(struct decision *decision, const struct person *person, struct contract *contract,
                          struct journal_row **row, struct error *err)
{
    const struct zone *zone = programme_at(decision->programmes, decision->now)->zone;

    *row = NULL;
    for (size_t i = 0; i < contract->loaded_count; i++) {
        struct contract_change *change = &contract->changes[i];
        if (!change->changed)
            continue;
        struct journal_row *added = add_row(decision, person, contract, change);
        if (*row == NULL)
            *row = added;
        if (contract->id == 0)
            contract->id = added->id;
        for (size_t t = 0; t < contract->term_count; t++)
            if (contract->terms[t].row == 0)
                contract->terms[t].row = added->id;
        store_contract_change(decision, contract, change);
    }
    enum status status = keep_rights(decision, person, contract, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < contract->term_count; i++)
        if (contract->terms[i].changed)
            store_contract_terms(decision, contract, &contract->terms[i]);
    for (size_t i = 0; i < contract->period_count; i++)
        if (contract->periods[i].changed)
            store_contract_period(decision, contract, &contract->periods[i]);
    store_contract(decision, contract, contract_due_at(zone, contract));
    return STATUS_OK;
}

void contract_copy(struct arena *arena, const struct contract *contract, struct contract *out)
{
    struct text *const texts[] = {&out->code,       &out->name,         &out->contacts,    &out->reason,
                                  &out->end_reason, &out->owner.person, &out->owner.place, &out->owner.role};

    *out = *contract;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = text_copy(arena, *texts[i]);
    out->terms = arena_copy(arena, contract->terms, contract->term_count * sizeof *out->terms);
    for (size_t i = 0; i < out->term_count; i++)
        out->terms[i].payment = text_copy(arena, out->terms[i].payment);
    out->periods = arena_copy(arena, contract->periods, contract->period_count * sizeof *out->periods);
    out->changes = arena_copy(arena, contract->changes, contract->loaded_count * sizeof *out->changes);
    for (size_t i = 0; i < out->loaded_count; i++) {
        struct contract_change *change = &out->changes[i];
        change->what = text_copy(arena, change->what);
        change->actor = text_copy(arena, change->actor);
        change->reason = text_copy(arena, change->reason);
        change->reference = text_copy(arena, change->reference);
    }
}
