#include "features/duplicates/compare.h"

#include <math.h>
#include <string.h>

#include "mathematics/text_distance.h"

enum { NAME_CLOSE_LETTERS = 4, CODE_LETTERS = 5, LEVEL_NAMES = 5, NAME_DIFFERENT = 4 };

static const double NAME_CLOSE = 0.9, NAME_ALIKE = 0.8, CITY_CLOSE = 0.88;
static const double ADDRESS_CLOSE = 0.8, ADDRESS_ALIKE = 0.6, ADDRESS_PARTLY = 0.4;
static const double RARITY_MAX = 6; /* bits, for one field */

/* Of each field: its levels, how often pairs of one person have them and pairs of two. */
static const struct {
    size_t levels;
    const char *names[LEVEL_NAMES];
    double same[LEVEL_NAMES], other[LEVEL_NAMES];
    bool rarity;
} fields[DUPLICATE_FIELDS] = {
    [DUPLICATE_FAMILY_NAME] = {5,
                               {"equal", "same sound", "one slip", "alike", "different"},
                               {0.80, 0.05, 0.08, 0.03, 0.04},
                               {0.02, 0.01, 0.005, 0.025, 0.94},
                               true},
    [DUPLICATE_GIVEN_NAME] = {5,
                              {"equal", "same sound", "one slip", "alike", "different"},
                              {0.75, 0.06, 0.09, 0.05, 0.05},
                              {0.005, 0.003, 0.007, 0.035, 0.95},
                              true},
    [DUPLICATE_BIRTHDAY] = {4,
                            {"equal", "one digit wrong", "partly equal", "different"},
                            {0.86, 0.07, 0.04, 0.03},
                            {0.00006, 0.0015, 0.03, 0.96844},
                            false},
    [DUPLICATE_PHONE] =
        {3, {"equal", "one digit wrong", "different"}, {0.30, 0.30, 0.40}, {0.000001, 0.00001, 0.999989}, true},
    [DUPLICATE_EMAIL] =
        {3, {"equal", "one slip", "different"}, {0.20, 0.30, 0.50}, {0.000001, 0.00002, 0.999979}, true},
    [DUPLICATE_CODE] =
        {3, {"equal", "one character wrong", "different"}, {0.90, 0.08, 0.02}, {0.000001, 0.00001, 0.999989}, true},
    [DUPLICATE_ADDRESS] = {5,
                           {"equal", "one slip", "alike", "partly equal", "different"},
                           {0.45, 0.20, 0.10, 0.08, 0.17},
                           {0.00002, 0.00005, 0.002, 0.03, 0.96793},
                           true},
    [DUPLICATE_POSTCODE] =
        {3, {"equal", "one digit wrong", "different"}, {0.80, 0.08, 0.12}, {0.005, 0.015, 0.98}, true},
    [DUPLICATE_CITY] = {3, {"equal", "one slip", "different"}, {0.85, 0.07, 0.08}, {0.05, 0.01, 0.94}, true},
    [DUPLICATE_REGION] = {2, {"equal", "different"}, {0.93, 0.07}, {0.15, 0.85}, false},
    [DUPLICATE_GENDER] = {2, {"equal", "different"}, {0.98, 0.02}, {0.5, 0.5}, false},
};

void duplicate_model_usual(struct linkage_model *out)
{
    memset(out, 0, sizeof *out);
    out->field_count = DUPLICATE_FIELDS;
    for (size_t field = 0; field < DUPLICATE_FIELDS; field++) {
        out->level_count[field] = fields[field].levels;
        memcpy(out->same[field], fields[field].same, sizeof fields[field].same);
        memcpy(out->other[field], fields[field].other, sizeof fields[field].other);
    }
}

const char *duplicate_level_name(enum duplicate_field field, unsigned level)
{
    return level < fields[field].levels ? fields[field].names[level] : "unknown";
}

/* ---- names ---- */

static struct text text_at(const struct duplicate_base *base, uint32_t number)
{
    return duplicate_value_text(duplicate_value_at(base, number));
}

/* Family and given names are of two kinds, so that equal texts have different numbers when names are swapped. */
static unsigned compare_names(const struct duplicate_base *base, uint32_t a, uint32_t b)
{
    if (a == 0 || b == 0)
        return LINKAGE_MISSING;
    if (a == b)
        return 0;
    uint32_t first = duplicate_value_at(base, a)->reading, second = duplicate_value_at(base, b)->reading;
    if (first == second)
        return 1;
    struct text x = text_at(base, first), y = text_at(base, second);
    size_t shorter = x.size < y.size ? x.size : y.size;
    if (shorter == 0)
        return 4;
    if (shorter == 1)
        return x.bytes[0] == y.bytes[0] ? 3 : 4;
    double alike = jaro_winkler(x, y);
    if (alike >= NAME_CLOSE || (shorter >= NAME_CLOSE_LETTERS && alike > 0.5 && edit_distance(x, y, 1) <= 1))
        return 2;
    return alike >= NAME_ALIKE || (shorter >= NAME_CLOSE_LETTERS && (text_starts_with(x, y) || text_starts_with(y, x)))
               ? 3
               : 4;
}

/* How badly two parts agree, for the choice between names as they stand and names swapped. */
static unsigned disagreement(unsigned level)
{
    return level == LINKAGE_MISSING ? 3 : level;
}

static void compare_name(const struct duplicate_base *base, const struct duplicate_record *a,
                         const struct duplicate_record *b, unsigned levels[DUPLICATE_FIELDS], bool *swapped)
{
    unsigned family = compare_names(base, a->family, b->family), given = compare_names(base, a->given, b->given);

    *swapped = false;
    if (disagreement(family) + disagreement(given) >= 3) {
        unsigned crossed = compare_names(base, a->family, b->given), back = compare_names(base, a->given, b->family);
        if (disagreement(crossed) + disagreement(back) + 1 < disagreement(family) + disagreement(given)) {
            family = crossed;
            given = back;
            *swapped = true;
        }
    }
    levels[DUPLICATE_FAMILY_NAME] = family;
    levels[DUPLICATE_GIVEN_NAME] = given;
}

/* ---- birthdays ---- */

static unsigned compare_days(int32_t a, int32_t b)
{
    if (a == 0 || b == 0 || (a < 0) != (b < 0))
        return LINKAGE_MISSING;
    if (a == b)
        return 0;
    a = a < 0 ? -a : a;
    b = b < 0 ? -b : b;
    int32_t years[] = {a / 10000, b / 10000}, months[] = {a / 100 % 100, b / 100 % 100}, days[] = {a % 100, b % 100};
    bool year = years[0] == years[1] || years[0] == 0 || years[1] == 0;
    if (year && ((months[0] == months[1] && days[0] == days[1]) || (months[0] == days[1] && days[0] == months[1])))
        return 1;
    int wrong = 0, swaps = 0, before = 0;
    for (int32_t i = 0, x = a, y = b; i < 8; i++, x /= 10, y /= 10) {
        if (x % 10 != y % 10) {
            wrong++;
            swaps += before != 0 && before == x % 10 * 10 + y % 10 + 1;
            before = y % 10 * 10 + x % 10 + 1;
        } else {
            before = 0;
        }
    }
    if (wrong == 1 || (wrong == 2 && swaps == 1))
        return 1;
    return (years[0] == years[1]) + (months[0] == months[1]) + (days[0] == days[1]) >= 2 ? 2 : 3;
}

/* ---- phones, e-mails, codes ---- */

static unsigned compare_codes(const struct duplicate_base *base, uint32_t a, uint32_t b)
{
    struct text x, y;

    if (a == b)
        return 0;
    x = text_at(base, a);
    y = text_at(base, b);
    return x.size >= CODE_LETTERS && edit_distance(x, y, 1) <= 1 ? 1 : 2;
}

static struct text local_part(struct text email)
{
    const char *at = memchr(email.bytes, '@', email.size);

    return (struct text){email.bytes, at == NULL ? email.size : (size_t)(at - email.bytes)};
}

/* Addresses that are merely alike say nothing that the names have not said: most are made of the name. */
static unsigned compare_emails(const struct duplicate_base *base, uint32_t a, uint32_t b)
{
    if (a == b)
        return 0;
    struct text x = text_at(base, a), y = text_at(base, b), left = local_part(x), right = local_part(y);
    return edit_distance(x, y, 1) <= 1 || (left.size >= CODE_LETTERS && text_equal(left, right)) ? 1 : 2;
}

/* The best agreement of any two values. The lists end at their size or at the first 0. */
static unsigned compare_lists(const struct duplicate_base *base, const uint32_t *a, const uint32_t *b, size_t size,
                              unsigned (*compare)(const struct duplicate_base *, uint32_t, uint32_t), uint32_t *common)
{
    unsigned best = LINKAGE_MISSING;

    *common = 0;
    for (size_t i = 0; i < size && a[i] != 0; i++)
        for (size_t j = 0; j < size && b[j] != 0; j++) {
            unsigned level = compare(base, a[i], b[j]);
            if (level < best)
                best = level;
            if (level == 0)
                *common = a[i];
        }
    return best;
}

/* ---- places ---- */

static unsigned compare_addresses(const struct duplicate_base *base, uint32_t a, uint32_t b)
{
    if (a == 0 || b == 0)
        return LINKAGE_MISSING;
    if (a == b)
        return 0;
    const struct duplicate_value *x = duplicate_value_at(base, a), *y = duplicate_value_at(base, b);
    double share = dice_share(x->grams, x->gram_count, y->grams, y->gram_count);
    if (share >= ADDRESS_CLOSE && x->reading == y->reading)
        return 1;
    return share >= ADDRESS_ALIKE ? 2 : share >= ADDRESS_PARTLY ? 3 : 4;
}

static unsigned compare_cities(const struct duplicate_base *base, uint32_t a, uint32_t b)
{
    if (a == 0 || b == 0)
        return LINKAGE_MISSING;
    return a == b ? 0 : jaro_winkler(text_at(base, a), text_at(base, b)) >= CITY_CLOSE ? 1 : 2;
}

static unsigned compare_postcodes(const struct duplicate_base *base, uint32_t a, uint32_t b)
{
    if (a == 0 || b == 0)
        return LINKAGE_MISSING;
    return a == b ? 0 : edit_distance(text_at(base, a), text_at(base, b), 1) <= 1 ? 1 : 2;
}

static unsigned compare_words(uint32_t a, uint32_t b)
{
    return a == 0 || b == 0 ? LINKAGE_MISSING : a != b;
}

static void compare_places(const struct duplicate_base *base, const struct duplicate_record *a,
                           const struct duplicate_record *b, unsigned levels[DUPLICATE_FIELDS])
{
    levels[DUPLICATE_ADDRESS] = compare_addresses(base, a->address, b->address);
    levels[DUPLICATE_POSTCODE] = compare_postcodes(base, a->postcode, b->postcode);
    levels[DUPLICATE_CITY] = compare_cities(base, a->city, b->city);
    levels[DUPLICATE_REGION] = compare_words(a->region, b->region);
}

/* What those who live together share, whoever they are. */
static const enum duplicate_field household[] = {DUPLICATE_FAMILY_NAME, DUPLICATE_ADDRESS, DUPLICATE_POSTCODE,
                                                 DUPLICATE_CITY, DUPLICATE_REGION};

/*
 * The fields of a place follow from each other: where the narrower agrees, agreement of the wider says nothing more. And a
 * family under one roof is not one person: where given names differ, what it shares says nothing.
 */
static void drop_what_follows(unsigned levels[DUPLICATE_FIELDS])
{
    bool known = levels[DUPLICATE_ADDRESS] <= 1;

    if (levels[DUPLICATE_GIVEN_NAME] == NAME_DIFFERENT) {
        for (size_t i = 0; i < sizeof household / sizeof household[0]; i++)
            if (levels[household[i]] == 0 || (household[i] == DUPLICATE_ADDRESS && known))
                levels[household[i]] = LINKAGE_MISSING;
        return;
    }
    for (size_t field = DUPLICATE_POSTCODE; field <= DUPLICATE_REGION; field++) {
        bool agrees = levels[field] == 0;
        if (known && agrees)
            levels[field] = LINKAGE_MISSING;
        known |= agrees;
    }
}

void duplicate_compare(const struct duplicate_base *base, const struct duplicate_record *a,
                       const struct duplicate_record *b, struct duplicate_comparison *out)
{
    unsigned levels[DUPLICATE_FIELDS];

    memset(out, 0, sizeof *out);
    compare_name(base, a, b, levels, &out->swapped);
    levels[DUPLICATE_BIRTHDAY] = compare_days(a->birthday, b->birthday);
    levels[DUPLICATE_PHONE] =
        compare_lists(base, a->phones, b->phones, PERSON_PHONES_MAX, compare_codes, &out->common[DUPLICATE_PHONE]);
    levels[DUPLICATE_EMAIL] =
        compare_lists(base, a->emails, b->emails, PERSON_EMAILS_MAX, compare_emails, &out->common[DUPLICATE_EMAIL]);
    levels[DUPLICATE_CODE] = compare_lists(base, &a->code, &b->code, 1, compare_codes, &out->common[DUPLICATE_CODE]);
    compare_places(base, a, b, levels);
    levels[DUPLICATE_GENDER] = compare_words(a->gender, b->gender);
    drop_what_follows(levels);

    const uint32_t values[DUPLICATE_FIELDS] = {[DUPLICATE_FAMILY_NAME] = a->family,
                                               [DUPLICATE_GIVEN_NAME] = a->given,
                                               [DUPLICATE_ADDRESS] = a->address,
                                               [DUPLICATE_POSTCODE] = a->postcode,
                                               [DUPLICATE_CITY] = a->city};
    for (size_t field = 0; field < DUPLICATE_FIELDS; field++) {
        out->code |= (uint64_t)levels[field] << (LINKAGE_BITS * field);
        if (values[field] != 0)
            out->common[field] = levels[field] == 0 ? values[field] : 0;
    }
}

double duplicate_rarity(const struct duplicate_base *base, const struct linkage_model *model,
                        const struct duplicate_comparison *comparison)
{
    double sum = 0;

    for (size_t field = 0; field < DUPLICATE_FIELDS; field++) {
        if (!fields[field].rarity || comparison->common[field] == 0 || linkage_level(comparison->code, field) != 0)
            continue;
        double count = duplicate_value_at(base, comparison->common[field])->count;
        double known = (double)duplicate_base_known(base, (enum duplicate_field)field);
        double rarity = log2(model->other[field][0] * known / fmax(count, 2));
        sum += fmax(-RARITY_MAX, fmin(RARITY_MAX, rarity));
    }
    return sum;
}
