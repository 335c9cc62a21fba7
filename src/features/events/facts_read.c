/* facts_read.c: facts as they are read: in one pass, by tables of their members. */
#include <string.h>

#include "features/events/facts.h"
#include "foundation/json_cursor.h"

/* ---- what there is to read ---- */

enum kept_type {
    KEPT_INTEGER, /* int64_t; 0: not there */
    KEPT_SMALL,   /* int32_t */
    KEPT_KNOWN,   /* int64_t, where 0 is known, and TERMS_UNKNOWN is not */
    KEPT_FLAG,    /* bool: 1 */
    KEPT_TEXT,    /* struct text */
    KEPT_TEXTS,   /* const struct text *, with an empty one after the last; NULL: none */
    KEPT_LIST,    /* an array; NULL: none */
};

#define UNCOUNTED SIZE_MAX

struct facts_shape;

/* A member of an object: where it goes. */
struct kept {
    struct text name;
    enum kept_type type;
    size_t offset;
    size_t count; /* of texts and lists: offset of their count, or UNCOUNTED */
    const struct facts_shape *shape;
};

/* Facts stand in the order in which they are written: each is looked for behind the one before it. */
struct facts_shape {
    size_t size;
    const void *blank; /* without any member; NULL: zeroed */
    bool positional;   /* written as a list, without names */
    const struct kept *members;
    size_t member_count;
};

#define NAME(literal)                  \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }
#define KEPT(kind, member, name, type)                            \
    {                                                             \
        NAME(name), type, offsetof(kind, member), UNCOUNTED, NULL \
    }
#define KEPT_MANY(kind, member, number, name, type, shape)                      \
    {                                                                           \
        NAME(name), type, offsetof(kind, member), offsetof(kind, number), shape \
    }
#define MEMBERS(array) (array), sizeof(array) / sizeof *(array)

static const struct kept bonus_members[] = {
    KEPT(struct bonus_facts, multiplier, "multiplier", KEPT_TEXT),
    KEPT(struct bonus_facts, bonus, "bonus", KEPT_INTEGER),
    KEPT(struct bonus_facts, progress, "progress", KEPT_TEXT),
    KEPT(struct bonus_facts, budget, "budget", KEPT_FLAG),
};
static const struct facts_shape bonus_shape = {sizeof(struct bonus_facts), NULL, false, MEMBERS(bonus_members)};

static const struct kept earned_members[] = {
    KEPT(struct earned_facts, rule, "rule", KEPT_TEXT),
    KEPT(struct earned_facts, wallet, "wallet", KEPT_TEXT),
    KEPT(struct earned_facts, points, "points", KEPT_INTEGER),
    KEPT_MANY(struct earned_facts, bonuses, bonus_count, "bonuses", KEPT_LIST, &bonus_shape),
    KEPT(struct earned_facts, version, "version", KEPT_INTEGER),
    KEPT_MANY(struct earned_facts, uses, use_count, "uses", KEPT_TEXTS, NULL),
    KEPT(struct earned_facts, budget, "budget", KEPT_FLAG),
};
static const struct facts_shape earned_shape = {sizeof(struct earned_facts), NULL, false, MEMBERS(earned_members)};

static const struct kept card_members[] = {
    KEPT(struct gift_paid, card, "", KEPT_INTEGER),
    KEPT(struct gift_paid, charge, "", KEPT_INTEGER),
    KEPT(struct gift_paid, minor, "", KEPT_INTEGER),
    KEPT(struct gift_paid, bucket, "", KEPT_SMALL),
};
static const struct facts_shape card_shape = {sizeof(struct gift_paid), NULL, true, MEMBERS(card_members)};

static const struct kept discount_members[] = {
    KEPT(struct line_discount, kind, "kind", KEPT_TEXT),
    KEPT(struct line_discount, code, "code", KEPT_TEXT),
    KEPT(struct line_discount, amount, "amount", KEPT_INTEGER),
};
static const struct facts_shape discount_shape = {sizeof(struct line_discount), NULL, false, MEMBERS(discount_members)};

static const struct kept modifier_members[] = {
    KEPT(struct line_modifier, code, "code", KEPT_TEXT),
    KEPT(struct line_modifier, quantity_milli, "quantity", KEPT_INTEGER),
    KEPT(struct line_modifier, price, "price", KEPT_INTEGER),
};
static const struct facts_shape modifier_shape = {sizeof(struct line_modifier), NULL, false, MEMBERS(modifier_members)};

static const struct line_terms unknown_terms = {
    .unit_cost = TERMS_UNKNOWN, .cost = TERMS_UNKNOWN, .tax = TERMS_UNKNOWN};
static const struct kept terms_members[] = {
    KEPT(struct line_terms, line, "line", KEPT_SMALL),
    KEPT(struct line_terms, shipping, "shipping", KEPT_FLAG),
    KEPT(struct line_terms, unit_cost, "unit_cost", KEPT_KNOWN),
    KEPT(struct line_terms, cost, "cost", KEPT_KNOWN),
    KEPT(struct line_terms, tax, "tax", KEPT_KNOWN),
    KEPT(struct line_terms, net, "net", KEPT_INTEGER),
    {NAME("above"), KEPT_TEXTS, offsetof(struct line_terms, above), UNCOUNTED, NULL},
    KEPT_MANY(struct line_terms, discounts, discount_count, "discounts", KEPT_LIST, &discount_shape),
    KEPT_MANY(struct line_terms, modifiers, modifier_count, "modifiers", KEPT_LIST, &modifier_shape),
};
static const struct facts_shape terms_shape = {sizeof(struct line_terms), &unknown_terms, false,
                                               MEMBERS(terms_members)};

static const struct kept offer_members[] = {
    KEPT(struct offer_facts, code, "code", KEPT_TEXT),
    KEPT(struct offer_facts, amount, "amount", KEPT_INTEGER),
    KEPT(struct offer_facts, uses, "uses", KEPT_FLAG),
    KEPT(struct offer_facts, budget, "budget", KEPT_FLAG),
    KEPT(struct offer_facts, member, "member", KEPT_FLAG),
    KEPT(struct offer_facts, member_day, "member_day", KEPT_FLAG),
    KEPT(struct offer_facts, day, "day", KEPT_SMALL),
    KEPT(struct offer_facts, coupon, "coupon", KEPT_TEXT),
    KEPT(struct offer_facts, series, "series", KEPT_TEXT),
    KEPT(struct offer_facts, benefit, "benefit", KEPT_FLAG),
    KEPT(struct offer_facts, membership, "membership", KEPT_INTEGER),
};
static const struct facts_shape offer_shape = {sizeof(struct offer_facts), NULL, false, MEMBERS(offer_members)};

static const struct kept honour_members[] = {
    KEPT(struct honour_facts, offer, "offer", KEPT_TEXT),
    KEPT(struct honour_facts, channel, "channel", KEPT_TEXT),
    KEPT(struct honour_facts, shown_at, "shown_at", KEPT_INTEGER),
    KEPT(struct honour_facts, value, "value", KEPT_INTEGER),
};
static const struct facts_shape honour_shape = {sizeof(struct honour_facts), NULL, false, MEMBERS(honour_members)};

static const struct kept purchase_members[] = {
    KEPT(struct purchase_facts, version, "programme", KEPT_INTEGER),
    KEPT(struct purchase_facts, tier, "tier", KEPT_TEXT),
    KEPT(struct purchase_facts, qualifying, "qualifying", KEPT_INTEGER),
    KEPT(struct purchase_facts, boosts, "boosts", KEPT_TEXT),
    KEPT(struct purchase_facts, paid_minor, "paid", KEPT_INTEGER),
    KEPT(struct purchase_facts, prepaid, "prepaid", KEPT_INTEGER),
    KEPT(struct purchase_facts, payment_count, "payments", KEPT_INTEGER),
    KEPT_MANY(struct purchase_facts, earned, earned_count, "earned", KEPT_LIST, &earned_shape),
    KEPT(struct purchase_facts, currency, "currency", KEPT_TEXT),
    KEPT(struct purchase_facts, original, "original", KEPT_INTEGER),
    KEPT(struct purchase_facts, event_id, "event", KEPT_TEXT),
    KEPT(struct purchase_facts, till, "till", KEPT_TEXT),
    KEPT(struct purchase_facts, employee, "employee", KEPT_TEXT),
    KEPT(struct purchase_facts, plain, "plain", KEPT_FLAG),
    KEPT(struct purchase_facts, organisation, "organisation", KEPT_INTEGER),
    KEPT(struct purchase_facts, contact, "contact", KEPT_INTEGER),
    KEPT(struct purchase_facts, contract, "contract", KEPT_TEXT),
    KEPT(struct purchase_facts, contact_share, "contact_share", KEPT_INTEGER),
    KEPT_MANY(struct purchase_facts, cards, card_count, "cards", KEPT_LIST, &card_shape),
    KEPT(struct purchase_facts, money, "money", KEPT_INTEGER),
    KEPT(struct purchase_facts, written_off, "written_off", KEPT_INTEGER),
    KEPT(struct purchase_facts, exchange, "exchange", KEPT_INTEGER),
    KEPT(struct purchase_facts, unreceipted, "unreceipted", KEPT_FLAG),
    KEPT_MANY(struct purchase_facts, terms, term_count, "lines", KEPT_LIST, &terms_shape),
    KEPT(struct purchase_facts, quote, "quote", KEPT_INTEGER),
    KEPT(struct purchase_facts, settled_reserved, "reserved", KEPT_FLAG),
    KEPT_MANY(struct purchase_facts, offers, offer_count, "offers", KEPT_LIST, &offer_shape),
    KEPT_MANY(struct purchase_facts, honours, honour_count, "honour", KEPT_LIST, &honour_shape),
    KEPT_MANY(struct purchase_facts, shown.codes, shown.code_count, "codes", KEPT_TEXTS, NULL),
    KEPT_MANY(struct purchase_facts, shown.coupons, shown.coupon_count, "coupons", KEPT_TEXTS, NULL),
    KEPT(struct purchase_facts, own_sale, "own_sale", KEPT_FLAG),
};
static const struct facts_shape purchase_shape = {sizeof(struct purchase_facts), NULL, false,
                                                  MEMBERS(purchase_members)};

/* Of the same facts, only the terms of the lines. */
struct lines_facts {
    const struct line_terms *terms;
    size_t count;
};
static const struct kept lines_members[] = {
    KEPT_MANY(struct lines_facts, terms, count, "lines", KEPT_LIST, &terms_shape),
};
static const struct facts_shape lines_shape = {sizeof(struct lines_facts), NULL, false, MEMBERS(lines_members)};

/* The words of a modifier, in the detail. */
struct modifier_words {
    int32_t line, modifier;
    struct text text;
};
struct detail_words {
    const struct modifier_words *words;
    size_t count;
};
static const struct kept words_members[] = {
    KEPT(struct modifier_words, line, "line", KEPT_SMALL),
    KEPT(struct modifier_words, modifier, "modifier", KEPT_SMALL),
    KEPT(struct modifier_words, text, "text", KEPT_TEXT),
};
static const struct facts_shape words_shape = {sizeof(struct modifier_words), NULL, false, MEMBERS(words_members)};
static const struct kept detail_members[] = {
    KEPT_MANY(struct detail_words, words, count, "modifiers", KEPT_LIST, &words_shape),
};
static const struct facts_shape detail_shape = {sizeof(struct detail_words), NULL, false, MEMBERS(detail_members)};

/* ---- reading it ---- */

static void read_value(struct json_cursor *cursor, const struct kept *kept, char *out);

/* NULL: facts have no member of that name. `*next` is where it is looked for first. */
static const struct kept *kept_named(const struct facts_shape *shape, struct text name, size_t *next)
{
    for (size_t tried = 0; tried < shape->member_count; tried++) {
        const struct kept *kept = &shape->members[*next];
        *next = *next + 1 < shape->member_count ? *next + 1 : 0;
        if (text_equal(name, kept->name))
            return kept;
    }
    return NULL;
}

/* False: it is no object, nor a list where one is written so. */
static bool read_object(struct json_cursor *cursor, const struct facts_shape *shape, char *out)
{
    const struct kept *kept;
    struct text name;
    size_t next = 0;

    if (shape->blank != NULL)
        memcpy(out, shape->blank, shape->size);
    if (!(shape->positional ? json_cursor_enter_list(cursor) : json_cursor_enter_object(cursor)))
        return false;
    while (shape->positional ? json_cursor_next_element(cursor) : json_cursor_next_member(cursor, &name)) {
        if (shape->positional)
            kept = next < shape->member_count ? &shape->members[next++] : NULL;
        else
            kept = kept_named(shape, name, &next);
        if (kept != NULL)
            read_value(cursor, kept, out);
        else
            json_cursor_skip(cursor);
    }
    return true;
}

/* Room for one element more, and an empty one behind it. Few facts have more than two of anything. */
static char *room(struct arena *arena, char *items, size_t *capacity, size_t count, size_t size)
{
    if (items != NULL)
        return arena_grow(arena, items, capacity, count + 2, size);
    *capacity = 3;
    return arena_array(arena, *capacity, size);
}

static void read_list(struct json_cursor *cursor, const struct kept *kept, char *out)
{
    size_t size = kept->shape != NULL ? kept->shape->size : sizeof(struct text), count = 0, capacity = 0;
    char *items = NULL;

    if (json_cursor_enter_list(cursor))
        while (json_cursor_next_element(cursor)) {
            items = room(cursor->arena, items, &capacity, count, size);
            char *item = items + size * count++;
            if (kept->shape != NULL)
                (void)read_object(cursor, kept->shape, item);
            else
                *(struct text *)item = json_cursor_take_text(cursor);
        }
    memcpy(out + kept->offset, &items, sizeof items);
    if (kept->count != UNCOUNTED)
        *(size_t *)(out + kept->count) = count;
}

static void read_value(struct json_cursor *cursor, const struct kept *kept, char *out)
{
    char *target = out + kept->offset;

    switch (kept->type) {
    case KEPT_INTEGER:
        *(int64_t *)target = json_cursor_take_integer(cursor, 0);
        break;
    case KEPT_SMALL:
        *(int32_t *)target = (int32_t)json_cursor_take_integer(cursor, 0);
        break;
    case KEPT_KNOWN:
        *(int64_t *)target = json_cursor_take_integer(cursor, TERMS_UNKNOWN);
        break;
    case KEPT_FLAG:
        *(bool *)target = json_cursor_take_integer(cursor, 0) == 1;
        break;
    case KEPT_TEXT:
        *(struct text *)target = json_cursor_take_text(cursor);
        break;
    case KEPT_TEXTS:
    case KEPT_LIST:
        read_list(cursor, kept, out);
    }
}

/* False, and `out` blank, when the text is no object. Texts live in `arena`. */
static bool read_whole(struct arena *arena, struct text json, const struct facts_shape *shape, void *out)
{
    struct json_cursor cursor;

    json_cursor_start(&cursor, arena, text_copy(arena, json));
    if (read_object(&cursor, shape, out) && json_cursor_done(&cursor))
        return true;
    memset(out, 0, shape->size);
    return false;
}

static enum status facts_defect(struct error *err)
{
    return error_set(err, STATUS_DEFECT, "event.facts", "", "the facts of the event cannot be read");
}

enum status purchase_facts_read(struct arena *arena, struct text json, struct purchase_facts *out, struct error *err)
{
    *out = (struct purchase_facts){0};
    return json.size == 0 || read_whole(arena, json, &purchase_shape, out) ? STATUS_OK : facts_defect(err);
}

enum status terms_facts_read(struct arena *arena, struct text json, const struct line_terms **terms, size_t *count,
                             struct error *err)
{
    struct lines_facts lines = {0};
    bool read = json.size == 0 || read_whole(arena, json, &lines_shape, &lines);

    *terms = lines.terms;
    *count = lines.count;
    return read ? STATUS_OK : facts_defect(err);
}

/* ---- what hangs on lines ---- */

static void give_words(struct arena *arena, const struct modifier_words *words, struct line_terms *terms)
{
    if (words->modifier < 1 || (size_t)words->modifier > terms->modifier_count)
        return;
    struct line_modifier *modifiers = arena_copy(arena, terms->modifiers, terms->modifier_count * sizeof *modifiers);
    modifiers[words->modifier - 1].text = words->text;
    terms->modifiers = modifiers;
}

void modifier_texts_read(struct arena *arena, struct text detail, struct purchase_facts *facts)
{
    struct detail_words found = {0};
    struct line_terms *terms = arena_copy(arena, facts->terms, facts->term_count * sizeof *terms);

    if (detail.size > 0)
        (void)read_whole(arena, detail, &detail_shape, &found);
    for (size_t i = 0; i < found.count; i++)
        for (size_t t = 0; t < facts->term_count; t++)
            if (terms[t].line == found.words[i].line)
                give_words(arena, &found.words[i], &terms[t]);
    facts->terms = terms;
}

void row_attach_terms(struct arena *arena, struct journal_row *row)
{
    struct purchase_facts facts = {0};
    struct error ignored;

    if (row->line_count == 0 ||
        terms_facts_read(arena, row->facts, &facts.terms, &facts.term_count, &ignored) != STATUS_OK)
        return;
    modifier_texts_read(arena, row->detail, &facts);
    terms_attach(row->lines, row->line_count, facts.terms, facts.term_count);
}
