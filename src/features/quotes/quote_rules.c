#include "features/quotes/quote_rules.h"

#include "features/earning/accrual.h"
#include "features/events/rules_of_event.h"

unsigned quote_rules_parts(const struct programme_set *programmes)
{
    return accrual_needs(programmes, TEXT("purchase")).parts;
}

enum status quote_rules_earn(const struct quote_earning *earning, struct quoted *quoted, struct error *err)
{
    const struct condition_world *world = earning->world->conditions;
    const struct earning_input *input = earning->input;
    const struct accrual_event event = {.triggers = {TEXT("purchase")},
                                        .trigger_count = 1,
                                        .at = input->at,
                                        .now = world->now,
                                        .programmes = world->programmes,
                                        .programme = earning->programme,
                                        .store_zone = rules_store_zone(world->programmes, input->store),
                                        .store = input->store,
                                        .channel = input->channel,
                                        .tier = input->tier,
                                        .person = earning->person,
                                        .known = world->known,
                                        .shown = quoted->shown,
                                        .input = input,
                                        .base = earning->base,
                                        .base_count = earning->base_count};
    struct accrual_outcome *outcomes;
    size_t count;
    enum status status = accrual_apply(&event, false, world->arena, &outcomes, &count, err);

    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (outcomes[i].points > 0)
            quoted_earn(
                world->arena, quoted,
                &(struct quoted_earning){outcomes[i].definition->code, outcomes[i].rule->wallet, outcomes[i].points});
    return status;
}
