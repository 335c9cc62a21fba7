#include "features/duplicates/queue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "features/customers/rows.h"
#include "features/duplicates/compare.h"
#include "foundation/map.h"

enum { PAIR_HASH_BITS = 56, PHONE_SHOWN = 4, YEAR_SHOWN = 4, NUMBER_SIZE = 40 };

static const char MODEL_KIND[] = "fellegi-sunter-1";

const char *queue_pair_state(const struct queue_pair *pair)
{
    if (pair->leaders[0] == pair->leaders[1])
        return "merged";
    switch (pair->state) {
    case DUPLICATE_LATER:
        return "later";
    case DUPLICATE_DIFFERENT:
        return "different";
    case DUPLICATE_MERGED:
        return "unmerged";
    default:
        return "open";
    }
}

int64_t queue_pair_id(int64_t one, int64_t other)
{
    int64_t members[] = {one < other ? one : other, one < other ? other : one};
    uint64_t hash = hash_stable((struct text){(const char *)members, sizeof members});

    return (int64_t)(hash & (((uint64_t)1 << PAIR_HASH_BITS) - 1)) * BUCKET_COUNT + id_bucket(members[0]);
}

/* ---- the model as a text ---- */

static void add_chances(struct builder *out, const struct linkage_model *model,
                        const double (*chances)[LINKAGE_LEVELS_MAX])
{
    for (size_t field = 0; field < model->field_count; field++)
        for (size_t level = 0; level < model->level_count[field]; level++)
            builder_format(out, " %.17g", chances[field][level]);
}

struct text linkage_text(struct arena *arena, const struct linkage_model *model)
{
    struct builder out = {.arena = arena};

    builder_format(&out, "%s %.17g", MODEL_KIND, model->share);
    add_chances(&out, model, model->same);
    add_chances(&out, model, model->other);
    return builder_done(&out);
}

/* The next number of the text; false at the end, or for what is no chance. */
static bool next_chance(struct text *rest, double *out)
{
    char number[NUMBER_SIZE];
    size_t size = 0;
    char *end;

    while (rest->size > 0 && rest->bytes[0] == ' ') {
        rest->bytes++;
        rest->size--;
    }
    while (size < rest->size && rest->bytes[size] != ' ' && size + 1 < sizeof number) {
        number[size] = rest->bytes[size];
        size++;
    }
    number[size] = '\0';
    *out = strtod(number, &end);
    *rest = (struct text){rest->bytes + size, rest->size - size};
    return size > 0 && *end == '\0' && *out > 0 && *out < 1;
}

bool linkage_from_text(struct text text, struct linkage_model *out)
{
    struct text rest = {text.bytes, text.size};
    struct linkage_model model;
    size_t kind = strlen(MODEL_KIND);

    if (!text_starts_with(text, text_from(MODEL_KIND)))
        return false;
    rest = (struct text){text.bytes + kind, text.size - kind};
    duplicate_model_usual(&model);
    bool whole = next_chance(&rest, &model.share);
    for (int round = 0; round < 2; round++)
        for (size_t field = 0; field < model.field_count; field++)
            for (size_t level = 0; whole && level < model.level_count[field]; level++)
                whole = next_chance(&rest, round == 0 ? &model.same[field][level] : &model.other[field][level]);
    if (whole && rest.size == 0)
        *out = model;
    return whole && rest.size == 0;
}

/* ---- merging ---- */

static enum status merge_duplicate_decide(struct decision *decision, struct command *command, struct error *err)
{
    const struct merge_duplicate *body = command->body;
    enum status status = merge_members_type.decide(decision, command, err);

    if (status == STATUS_OK)
        store_pair_merged(decision, body->pair);
    return status;
}

const struct command_type merge_duplicate_type = {.name = "merge_duplicate",
                                                  .loads = LOAD_ALONE | LOAD_REGROUPS,
                                                  .load = customers_load,
                                                  .decide = merge_duplicate_decide};

/* ---- masking ---- */

static size_t first_character(struct text value)
{
    size_t size = value.size > 0;

    while (size < value.size && ((unsigned char)value.bytes[size] & 0xc0) == 0x80)
        size++;
    return size;
}

struct text mask_text(struct arena *arena, struct text value, enum masking masking)
{
    struct builder out = {.arena = arena};
    const char *at;

    if (value.size == 0)
        return value;
    switch (masking) {
    case MASK_NOTHING:
        return value;
    case MASK_NAME:
        builder_bytes(&out, value.bytes, first_character(value));
        break;
    case MASK_PHONE:
        builder_string(&out, "***");
        if (value.size > 2 * PHONE_SHOWN - 1)
            builder_bytes(&out, value.bytes + value.size - PHONE_SHOWN, PHONE_SHOWN);
        return builder_done(&out);
    case MASK_EMAIL:
        at = memchr(value.bytes, '@', value.size);
        builder_bytes(&out, value.bytes, first_character(value));
        builder_string(&out, "***");
        if (at != NULL)
            builder_bytes(&out, at, (size_t)(value.bytes + value.size - at));
        return builder_done(&out);
    case MASK_DAY:
        if (value.size > YEAR_SHOWN && value.bytes[0] != '-')
            builder_bytes(&out, value.bytes, YEAR_SHOWN);
        builder_string(&out, "-**-**");
        return builder_done(&out);
    case MASK_ALL:
        break;
    }
    builder_string(&out, "***");
    return builder_done(&out);
}
