#include "features/partners/partner_facts.h"

#include <string.h>

#include "features/points/context.h"
#include "features/redemption/fraud_facts.h"

enum { NAME_MAX = 24 };

struct text partner_facts_write(struct arena *arena, const struct partner_facts *facts)
{
    const struct partner_earning *earning = &facts->earning;
    struct builder out = {.arena = arena};

    fact_code(&out, "partner", facts->partner);
    fact_code(&out, "partner_store", facts->store);
    fact_code(&out, "till", facts->till);
    fact_code(&out, "receipt", facts->receipt);
    fact_code(&out, "reference", facts->reference);
    fact_code(&out, "reason", facts->reason);
    fact_code(&out, "proof", facts->proof);
    fact_code(&out, "currency", text_from(facts->currency));
    fact_number(&out, "minor", facts->minor);
    fact_code(&out, "wallet", earning->wallet);
    fact_number(&out, "points", facts->points);
    if (facts->written_off > 0)
        fact_number(&out, "written_off", facts->written_off);
    if (earning->points > 0) {
        fact_number(&out, "rate", earning->points);
        fact_number(&out, "per", earning->per);
        fact_number(&out, "minimum", earning->minimum);
        fact_number(&out, "rounding", earning->rounding);
    }
    builder_char(&out, '}');
    return builder_done(&out);
}

/* Texts have a backslash before their quotes, so that none looks like a name. */
static int64_t number_of(struct text json, const char *name)
{
    char sought[NAME_MAX];
    size_t size = strlen(name) + 3;
    int64_t value = 0;

    sought[0] = '"';
    memcpy(sought + 1, name, size - 3);
    memcpy(sought + size - 2, "\":", 2);
    for (size_t i = 0; i + size < json.size; i++) {
        size_t digits = 0;
        if (memcmp(json.bytes + i, sought, size) != 0)
            continue;
        const char *at = json.bytes + i + size;
        while (i + size + digits < json.size && at[digits] >= '0' && at[digits] <= '9')
            digits++;
        return text_to_integer((struct text){at, digits}, &value) ? value : 0;
    }
    return 0;
}

void partner_facts_read(struct arena *arena, struct text json, struct partner_facts *out)
{
    struct text currency = fact_find(arena, json, "currency");
    int64_t rounding = number_of(json, "rounding");

    *out = (struct partner_facts){
        .partner = fact_find(arena, json, "partner"),
        .store = fact_find(arena, json, "partner_store"),
        .till = fact_find(arena, json, "till"),
        .receipt = fact_find(arena, json, "receipt"),
        .minor = number_of(json, "minor"),
        .points = number_of(json, "points"),
        .written_off = number_of(json, "written_off"),
        .reference = fact_find(arena, json, "reference"),
        .earning = {.wallet = fact_find(arena, json, "wallet"),
                    .points = number_of(json, "rate"),
                    .per = number_of(json, "per"),
                    .minimum = number_of(json, "minimum"),
                    .rounding = rounding <= ROUNDING_CEIL ? (enum rounding)rounding : ROUNDING_FLOOR}};
    for (size_t i = 0; i < currency.size && i < CURRENCY_SIZE - 1; i++)
        out->currency[i] = currency.bytes[i];
}
