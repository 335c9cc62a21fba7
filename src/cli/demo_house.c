/* demo_house.c: the programme of the demo chain and its parts, out of demo_house.jsonl. */
#include <stdlib.h>
#include <string.h>

#include "cli/demo_internal.h"
#include "foundation/instant.h"
#include "foundation/text.h"

extern const char demo_house_source[];

struct text demo_house_lines(struct arena *arena, int32_t today)
{
    static const char mark[] = "{day"; /* and a number with its sign, and a brace */
    struct builder out = {.arena = arena};
    const char *rest = demo_house_source, *found;
    char day[DAY_TEXT_SIZE];

    while ((found = strstr(rest, mark)) != NULL) {
        char *end;
        long ahead = strtol(found + sizeof mark - 1, &end, 10);
        builder_text(&out, (struct text){rest, (size_t)(found - rest)});
        builder_string(&out, day_format(today + (int32_t)ahead, day));
        rest = end + 1;
    }
    builder_string(&out, rest);
    return builder_done(&out);
}
