#include "features/events/own_sale.h"

bool own_sale_is(const struct seller *seller, const struct person *person)
{
    if (seller->member == 0 || person->member == NULL)
        return false;
    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        bool of_person = member->leader == person->leader->id;
        if (member->id == seller->member || (of_person && member->leader == seller->leader) ||
            (of_person && member->household != 0 && member->household == seller->household))
            return true;
    }
    return false;
}
