#include "features/events/honour_input_api.h"

#include <stddef.h>

#include "features/events/event_input_api.h"

struct honour_input {
    struct text offer, channel;
    int64_t shown_at;
};

static const struct field fields[] = {
    {.name = "offer",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct honour_input, offer),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    {.name = "channel",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct honour_input, channel),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "Whose feed showed it."},
    {.name = "shown_at",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct honour_input, shown_at)},
};
const struct shape shown_offer_input_shape = {.name = "ShownOfferInput",
                                              .about = "An offer that was shown.",
                                              .size = sizeof(struct honour_input),
                                              SHAPE_FIELDS(fields)};

struct shown_offer *honours_input(struct arena *arena, const struct json_list *list, size_t *count)
{
    const struct honour_input *given = list->items;
    struct shown_offer *honours = arena_array(arena, list->count + 1, sizeof *honours);

    for (size_t i = 0; i < list->count; i++)
        honours[i] =
            (struct shown_offer){.offer = given[i].offer, .channel = given[i].channel, .shown_at = given[i].shown_at};
    *count = list->count;
    return honours;
}

void honours_content(struct builder *content, const struct json_list *list)
{
    const struct honour_input *given = list->items;

    for (size_t i = 0; i < list->count; i++) {
        content_text(content, given[i].offer);
        content_text(content, given[i].channel);
        content_integer(content, given[i].shown_at);
    }
}
