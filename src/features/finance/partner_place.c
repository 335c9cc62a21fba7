#include "features/finance/partner_place.h"

static const struct text beginning = {PARTNER_PLACE, sizeof PARTNER_PLACE - 1};

bool partner_place_is(struct text place)
{
    return text_starts_with(place, beginning);
}

struct text partner_place(struct arena *arena, struct text code)
{
    return text_from(arena_format(arena, PARTNER_PLACE "%.*s", (int)code.size, code.bytes));
}

struct text partner_place_code(struct text place)
{
    if (!partner_place_is(place))
        return (struct text){NULL, 0};
    return (struct text){place.bytes + beginning.size, place.size - beginning.size};
}
