#include "features/duplicates/record.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "features/customers/name_key.h"

const char *const duplicate_field_names[DUPLICATE_FIELDS] = {"family_name", "given_name", "birthday", "phone",
                                                             "email",       "code",       "address",  "postal_code",
                                                             "city",        "region",     "gender"};

enum {
    CHUNK_BITS = 16,
    CHUNK_SIZE = 1 << CHUNK_BITS,
    CHUNKS_MAX = 8192,
    SLOTS_FIRST = 1 << 16,
    SCRATCH_BYTES = 1 << 22,
    CODE_DIGITS_MAX = 40,
    TEXT_SIZE_MAX = 400, /* of what is compared; the rest is not looked at */
    YEAR_MIN = 1850,
    YEAR_MAX = 2150,
};

/* Kinds of texts beside the fields themselves. */
enum { KIND_READING = DUPLICATE_FIELDS, KIND_NUMBERS };

struct duplicate_base {
    struct arena *arena, *scratch;
    struct arena *slot_arena; /* of `slots`: replaced when they grow */
    struct duplicate_value *values[CHUNKS_MAX];
    struct duplicate_record *records[CHUNKS_MAX];
    uint32_t *slots; /* of the hash table: numbers of values; 0: free */
    size_t slot_count, value_count, record_count;
    size_t known[DUPLICATE_FIELDS];
};

static const size_t SLOT_BYTES_MAX = (size_t)4 << 30;

struct duplicate_base *duplicate_base_new(struct arena *arena)
{
    struct duplicate_base *base = arena_alloc(arena, sizeof *base);

    base->arena = arena;
    base->scratch = arena_new((size_t)SCRATCH_BYTES);
    base->slot_arena = arena_new(SLOT_BYTES_MAX);
    if (base->scratch == NULL || base->slot_arena == NULL)
        abort();
    base->slot_count = SLOTS_FIRST;
    base->slots = arena_array(base->slot_arena, base->slot_count, sizeof *base->slots);
    base->value_count = 1;
    base->values[0] = arena_array(arena, CHUNK_SIZE, sizeof **base->values);
    return base;
}

void duplicate_base_free(struct duplicate_base *base)
{
    if (base == NULL)
        return;
    arena_free(base->scratch);
    arena_free(base->slot_arena);
}

static struct duplicate_value *value_at(const struct duplicate_base *base, uint32_t number)
{
    return &base->values[number >> CHUNK_BITS][number & (CHUNK_SIZE - 1)];
}

const struct duplicate_value *duplicate_value_at(const struct duplicate_base *base, uint32_t number)
{
    return value_at(base, number);
}

size_t duplicate_base_count(const struct duplicate_base *base)
{
    return base->record_count;
}

size_t duplicate_base_known(const struct duplicate_base *base, enum duplicate_field field)
{
    return base->known[field];
}

const struct duplicate_record *duplicate_record_at(const struct duplicate_base *base, size_t index)
{
    return &base->records[index >> CHUNK_BITS][index & (CHUNK_SIZE - 1)];
}

/* ---- distinct texts ---- */

/* FNV-1a, then mixed as its low bits are weak. */
static uint64_t hash_bytes(uint16_t kind, struct text text)
{
    uint64_t hash = 14695981039346656037u ^ kind;

    for (size_t i = 0; i < text.size; i++)
        hash = (hash ^ (unsigned char)text.bytes[i]) * 1099511628211u;
    hash ^= hash >> 32;
    return hash * 0x9e3779b97f4a7c15u >> 16;
}

static void grow_slots(struct duplicate_base *base)
{
    struct arena *arena = arena_new(SLOT_BYTES_MAX);

    if (arena == NULL)
        abort();
    base->slot_count *= 2;
    arena_free(base->slot_arena);
    base->slot_arena = arena;
    base->slots = arena_array(arena, base->slot_count, sizeof *base->slots);
    for (uint32_t number = 1; number < base->value_count; number++) {
        const struct duplicate_value *value = value_at(base, number);
        size_t slot = (size_t)hash_bytes(value->kind, duplicate_value_text(value)) & (base->slot_count - 1);
        while (base->slots[slot] != 0)
            slot = (slot + 1) & (base->slot_count - 1);
        base->slots[slot] = number;
    }
}

/* The number of a text of its kind; `*fresh` when it was not there. Empty: 0. */
static uint32_t intern(struct duplicate_base *base, uint16_t kind, struct text text, bool *fresh)
{
    *fresh = false;
    if (text.size == 0)
        return 0;
    if (base->value_count * 2 > base->slot_count)
        grow_slots(base);
    size_t slot = (size_t)hash_bytes(kind, text) & (base->slot_count - 1);
    for (; base->slots[slot] != 0; slot = (slot + 1) & (base->slot_count - 1)) {
        const struct duplicate_value *value = value_at(base, base->slots[slot]);
        if (value->kind == kind && text_equal(duplicate_value_text(value), text))
            return base->slots[slot];
    }
    uint32_t number = (uint32_t)base->value_count++;
    assert(number >> CHUNK_BITS < CHUNKS_MAX);
    if (base->values[number >> CHUNK_BITS] == NULL)
        base->values[number >> CHUNK_BITS] = arena_array(base->arena, CHUNK_SIZE, sizeof **base->values);
    *value_at(base, number) = (struct duplicate_value){
        .bytes = arena_copy(base->arena, text.bytes, text.size), .size = (uint32_t)text.size, .kind = kind};
    base->slots[slot] = number;
    *fresh = true;
    return number;
}

static uint32_t intern_known(struct duplicate_base *base, enum duplicate_field field, struct text text)
{
    bool fresh;
    uint32_t number = intern(base, (uint16_t)field, text, &fresh);

    if (number != 0) {
        value_at(base, number)->count++;
        base->known[field]++;
    }
    return number;
}

/* ---- normal forms ---- */

static struct text clip(struct text text)
{
    return (struct text){text.bytes, text.size < TEXT_SIZE_MAX ? text.size : TEXT_SIZE_MAX};
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters and digits only, folded; ASCII without ICU. */
static struct text fold(struct arena *arena, struct text text)
{
    text = clip(text);
    char *out = arena_alloc(arena, text.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        if ((unsigned char)c >= 0x80)
            return name_fold(arena, text);
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + ('a' - 'A'));
        if ((c >= 'a' && c <= 'z') || is_digit(c))
            out[size++] = c;
    }
    return (struct text){out, size};
}

/* The runs of digits, with a dot after each: "12 High Street, flat 3" gives "12.3." */
static struct text digit_runs(struct arena *arena, struct text text)
{
    char *out = arena_alloc(arena, 2 * text.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < text.size; i++)
        if (is_digit(text.bytes[i])) {
            out[size++] = text.bytes[i];
            if (i + 1 == text.size || !is_digit(text.bytes[i + 1]))
                out[size++] = '.';
        }
    return (struct text){out, size};
}

static struct text digits_of(struct arena *arena, struct text text)
{
    char *out = arena_alloc(arena, text.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < text.size && size < CODE_DIGITS_MAX; i++)
        if (is_digit(text.bytes[i]))
            out[size++] = text.bytes[i];
    return (struct text){out, size};
}

/* Without the signs of an international call and without China's own code, so that both ways of writing agree. */
static struct text normal_phone(struct arena *arena, struct text text)
{
    struct text digits = digits_of(arena, text);

    while (digits.size > 4 && digits.bytes[0] == '0') {
        digits.bytes++;
        digits.size--;
    }
    if (digits.size == 13 && text_starts_with(digits, TEXT("86"))) {
        digits.bytes += 2;
        digits.size -= 2;
    }
    return digits.size >= 5 ? digits : TEXT("");
}

static struct text normal_email(struct arena *arena, struct text text)
{
    text = clip(text_trim(text));
    char *out = arena_alloc(arena, text.size + 1);
    bool at = false;

    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
        at |= c == '@';
    }
    return at ? (struct text){out, text.size} : TEXT("");
}

static int32_t day_number(int64_t year, int64_t month, int64_t day)
{
    if (month > 12 && day <= 12) {
        int64_t other = month;
        month = day;
        day = other;
    }
    bool year_known = year >= YEAR_MIN && year <= YEAR_MAX;
    if ((!year_known && year != 0) || month < 1 || month > 12 || day < 1 || day > 31)
        return 0;
    return (int32_t)(year * 10000 + month * 100 + day);
}

/* The runs of digits decide: year, month, day or day, month, year; one run of eight; two runs without a year. */
static int32_t parse_birthday(struct text text)
{
    int64_t runs[3] = {0, 0, 0};
    size_t sizes[3] = {0, 0, 0}, count = 0;

    for (size_t i = 0; i < text.size && text.bytes[i] != 'T'; i++) {
        if (!is_digit(text.bytes[i]))
            continue;
        if (i == 0 || !is_digit(text.bytes[i - 1]))
            count++;
        if (count > 3)
            break;
        if (sizes[count - 1]++ < 9)
            runs[count - 1] = runs[count - 1] * 10 + (text.bytes[i] - '0');
    }
    if (count == 1 && sizes[0] == 8)
        return day_number(runs[0] / 10000, runs[0] / 100 % 100, runs[0] % 100);
    if (count == 2 && sizes[0] <= 2 && sizes[1] <= 2)
        return day_number(0, runs[0], runs[1]);
    if (count == 3 && sizes[0] == 4)
        return day_number(runs[0], runs[1], runs[2]);
    if (count >= 3 && sizes[2] == 4)
        return day_number(runs[2], runs[1], runs[0]);
    return 0;
}

/* ---- fields that carry more than their text ---- */

static uint32_t add_name(struct duplicate_base *base, enum duplicate_field field, struct text folded)
{
    bool fresh, any;
    uint32_t number = intern(base, (uint16_t)field, folded, &fresh);

    if (number == 0)
        return 0;
    if (fresh) {
        struct text reading = name_reading(base->scratch, folded, field == DUPLICATE_FAMILY_NAME);
        uint32_t as = intern(base, KIND_READING, reading, &any);
        value_at(base, number)->reading = as;
    }
    value_at(base, number)->count++;
    base->known[field]++;
    return number;
}

static int compare_grams(const void *a, const void *b)
{
    const uint16_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

/* Pairs of neighbouring characters, as sixteen bits each. */
static size_t list_grams(struct text folded, uint16_t grams[ADDRESS_GRAMS_MAX])
{
    size_t count = 0, first = 0, second = 0;

    while (second < folded.size && count < ADDRESS_GRAMS_MAX) {
        size_t end = second + 1;
        while (end < folded.size && ((unsigned char)folded.bytes[end] & 0xc0) == 0x80)
            end++;
        if (second > 0)
            grams[count++] = (uint16_t)hash_bytes(0, (struct text){folded.bytes + first, end - first});
        first = second;
        second = end;
    }
    if (count > 1)
        qsort(grams, count, sizeof *grams, compare_grams);
    return count;
}

static uint32_t add_address(struct duplicate_base *base, struct text address)
{
    bool fresh, any;
    struct text folded = fold(base->scratch, address);
    uint32_t number = intern(base, DUPLICATE_ADDRESS, folded, &fresh);

    if (number == 0)
        return 0;
    if (fresh) {
        uint16_t grams[ADDRESS_GRAMS_MAX];
        size_t count = list_grams(folded, grams);
        uint32_t numbers = intern(base, KIND_NUMBERS, digit_runs(base->scratch, clip(address)), &any);
        struct duplicate_value *value = value_at(base, number);
        value->grams = arena_copy(base->arena, grams, count * sizeof *grams);
        value->gram_count = (uint16_t)count;
        value->reading = numbers;
    }
    value_at(base, number)->count++;
    base->known[DUPLICATE_ADDRESS]++;
    return number;
}

static void add_names(struct duplicate_base *base, const struct duplicate_person *person,
                      struct duplicate_record *record)
{
    struct text family = fold(base->scratch, person->family_name), given = fold(base->scratch, person->given_name);

    if (family.size == 0 && given.size == 0 && person->name.size > 0)
        name_split(base->scratch, clip(person->name), &family, &given);
    record->family = add_name(base, DUPLICATE_FAMILY_NAME, family);
    record->given = add_name(base, DUPLICATE_GIVEN_NAME, given);
}

static void add_lists(struct duplicate_base *base, const struct duplicate_person *person,
                      struct duplicate_record *record)
{
    for (size_t i = 0, n = 0; i < person->phone_count; i++) {
        uint32_t number = intern_known(base, DUPLICATE_PHONE, normal_phone(base->scratch, person->phones[i]));
        if (number != 0)
            record->phones[n++] = number;
    }
    for (size_t i = 0, n = 0; i < person->email_count; i++) {
        uint32_t number = intern_known(base, DUPLICATE_EMAIL, normal_email(base->scratch, person->emails[i]));
        if (number != 0)
            record->emails[n++] = number;
    }
}

size_t duplicate_base_add(struct duplicate_base *base, int64_t id, const struct duplicate_person *person)
{
    size_t index = base->record_count++;

    assert(index < PERSONS_MAX);
    if (base->records[index >> CHUNK_BITS] == NULL)
        base->records[index >> CHUNK_BITS] = arena_array(base->arena, CHUNK_SIZE, sizeof **base->records);
    struct duplicate_record *record = &base->records[index >> CHUNK_BITS][index & (CHUNK_SIZE - 1)];
    record->id = id;
    arena_reset(base->scratch);
    add_names(base, person, record);
    add_lists(base, person, record);
    record->birthday = parse_birthday(person->birthday);
    if (person->lunar)
        record->birthday = -record->birthday;
    base->known[DUPLICATE_BIRTHDAY] += record->birthday != 0;
    record->code = intern_known(base, DUPLICATE_CODE, fold(base->scratch, person->code));
    record->address = add_address(base, person->address);
    record->postcode = intern_known(base, DUPLICATE_POSTCODE, fold(base->scratch, person->postcode));
    record->city = intern_known(base, DUPLICATE_CITY, fold(base->scratch, person->city));
    record->region = intern_known(base, DUPLICATE_REGION, fold(base->scratch, person->region));
    record->gender = intern_known(base, DUPLICATE_GENDER, fold(base->scratch, person->gender));
    return index;
}
