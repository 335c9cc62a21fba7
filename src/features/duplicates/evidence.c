#include "features/duplicates/evidence.h"

static struct text list_text(struct arena *arena, const struct duplicate_base *base, const uint32_t *numbers,
                             size_t size)
{
    struct builder builder = {.arena = arena};

    for (size_t i = 0; i < size && numbers[i] != 0; i++) {
        if (i > 0)
            builder_char(&builder, ' ');
        builder_text(&builder, duplicate_value_text(duplicate_value_at(base, numbers[i])));
    }
    return builder_done(&builder);
}

static struct text birthday_text(struct arena *arena, int32_t birthday)
{
    int32_t day = birthday < 0 ? -birthday : birthday;

    if (day == 0)
        return TEXT("");
    const char *mark = birthday < 0 ? " lunar" : "";
    if (day < 10000)
        return text_from(arena_format(arena, "--%02d-%02d%s", day / 100, day % 100, mark));
    return text_from(arena_format(arena, "%04d-%02d-%02d%s", day / 10000, day / 100 % 100, day % 100, mark));
}

static struct text value_of(struct arena *arena, const struct duplicate_base *base,
                            const struct duplicate_record *record, enum duplicate_field field)
{
    switch (field) {
    case DUPLICATE_FAMILY_NAME:
        return list_text(arena, base, &record->family, 1);
    case DUPLICATE_GIVEN_NAME:
        return list_text(arena, base, &record->given, 1);
    case DUPLICATE_BIRTHDAY:
        return birthday_text(arena, record->birthday);
    case DUPLICATE_PHONE:
        return list_text(arena, base, record->phones, PERSON_PHONES_MAX);
    case DUPLICATE_EMAIL:
        return list_text(arena, base, record->emails, PERSON_EMAILS_MAX);
    case DUPLICATE_CODE:
        return list_text(arena, base, &record->code, 1);
    case DUPLICATE_ADDRESS:
        return list_text(arena, base, &record->address, 1);
    case DUPLICATE_POSTCODE:
        return list_text(arena, base, &record->postcode, 1);
    case DUPLICATE_CITY:
        return list_text(arena, base, &record->city, 1);
    case DUPLICATE_REGION:
        return list_text(arena, base, &record->region, 1);
    case DUPLICATE_GENDER:
        return list_text(arena, base, &record->gender, 1);
    case DUPLICATE_FIELDS:
        break;
    }
    return TEXT("");
}

/* Exchanged names are shown beside what they were compared with. */
static enum duplicate_field exchanged(enum duplicate_field field)
{
    return field == DUPLICATE_FAMILY_NAME ? DUPLICATE_GIVEN_NAME : DUPLICATE_FAMILY_NAME;
}

size_t duplicate_evidence_list(struct arena *arena, const struct duplicate_base *base,
                               const struct linkage_model *model, size_t a, size_t b,
                               struct duplicate_evidence out[DUPLICATE_FIELDS])
{
    const struct duplicate_record *first = duplicate_record_at(base, a), *second = duplicate_record_at(base, b);
    struct duplicate_comparison comparison;
    size_t count = 0;

    duplicate_compare(base, first, second, &comparison);
    for (int i = 0; i < DUPLICATE_FIELDS; i++) {
        enum duplicate_field field = (enum duplicate_field)i;
        unsigned level = linkage_level(comparison.code, (size_t)i);
        bool name = field == DUPLICATE_FAMILY_NAME || field == DUPLICATE_GIVEN_NAME;
        if (level == LINKAGE_MISSING)
            continue;
        enum duplicate_field across = comparison.swapped && name ? exchanged(field) : field;
        out[count++] = (struct duplicate_evidence){
            .field = field,
            .level = comparison.swapped && name ? "swapped" : duplicate_level_name(field, level),
            .first = value_of(arena, base, first, field),
            .second = value_of(arena, base, second, across),
            .weight = linkage_field_weight(model, (size_t)i, level),
        };
    }
    return count;
}
