#include "features/events/facts.h"

#include <jansson.h>

void facts_string(struct builder *builder, struct text text)
{
    builder_char(builder, '"');
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        if (c == '"' || c == '\\') {
            builder_char(builder, '\\');
            builder_char(builder, (char)c);
        } else if (c < 0x20) {
            builder_format(builder, "\\u%04x", c);
        } else {
            builder_char(builder, (char)c);
        }
    }
    builder_char(builder, '"');
}

/* ---- writing ---- */

static void member_name(struct builder *out, const char *name)
{
    if (out->bytes[out->size - 1] != '{')
        builder_char(out, ',');
    builder_char(out, '"');
    builder_string(out, name);
    builder_bytes(out, "\":", 2);
}

static void write_integer(struct builder *out, const char *name, int64_t value)
{
    if (value == 0)
        return;
    member_name(out, name);
    builder_integer(out, value);
}

static void write_text(struct builder *out, const char *name, struct text value)
{
    if (value.size == 0)
        return;
    member_name(out, name);
    facts_string(out, value);
}

static void write_bonuses(struct builder *out, const struct earned_facts *earned)
{
    if (earned->bonus_count == 0)
        return;
    member_name(out, "bonuses");
    builder_char(out, '[');
    for (size_t i = 0; i < earned->bonus_count; i++) {
        if (i > 0)
            builder_char(out, ',');
        builder_char(out, '{');
        write_text(out, "multiplier", earned->bonuses[i].multiplier);
        write_integer(out, "bonus", earned->bonuses[i].bonus);
        write_text(out, "progress", earned->bonuses[i].progress);
        write_integer(out, "budget", earned->bonuses[i].budget ? 1 : 0);
        builder_char(out, '}');
    }
    builder_char(out, ']');
}

static void write_earned(struct builder *out, const struct purchase_facts *facts)
{
    if (facts->earned_count == 0)
        return;
    member_name(out, "earned");
    builder_char(out, '[');
    for (size_t i = 0; i < facts->earned_count; i++) {
        if (i > 0)
            builder_char(out, ',');
        builder_char(out, '{');
        write_text(out, "rule", facts->earned[i].rule);
        write_text(out, "wallet", facts->earned[i].wallet);
        write_integer(out, "points", facts->earned[i].points);
        write_bonuses(out, &facts->earned[i]);
        builder_char(out, '}');
    }
    builder_char(out, ']');
}

static void write_digest(struct builder *out, const struct purchase_facts *facts)
{
    static const char hex[] = "0123456789abcdef";

    if (!facts->digest_given)
        return;
    member_name(out, "digest");
    builder_char(out, '"');
    for (size_t i = 0; i < SEAL_SIZE; i++) {
        builder_char(out, hex[facts->digest[i] >> 4]);
        builder_char(out, hex[facts->digest[i] & 15]);
    }
    builder_char(out, '"');
}

struct text purchase_facts_write(struct arena *arena, const struct purchase_facts *facts)
{
    struct builder out = {.arena = arena};

    builder_char(&out, '{');
    write_integer(&out, "programme", facts->version);
    write_text(&out, "tier", facts->tier);
    write_integer(&out, "qualifying", facts->qualifying);
    write_integer(&out, "paid", facts->paid_minor);
    write_integer(&out, "payments", facts->payment_count);
    write_earned(&out, facts);
    write_text(&out, "currency", facts->currency);
    write_integer(&out, "original", facts->original);
    write_text(&out, "event", facts->event_id);
    write_text(&out, "till", facts->till);
    write_text(&out, "employee", facts->employee);
    write_digest(&out, facts);
    write_integer(&out, "money", facts->money);
    write_integer(&out, "written_off", facts->written_off);
    builder_char(&out, '}');
    return out.size == 2 ? (struct text){NULL, 0} : builder_done(&out);
}

/* ---- reading ---- */

static struct text read_text(struct arena *arena, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    if (!json_is_string(value))
        return (struct text){NULL, 0};
    return text_copy(arena, (struct text){json_string_value(value), json_string_length(value)});
}

static int64_t read_integer(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void read_bonuses(struct arena *arena, const json_t *list, struct earned_facts *earned)
{
    size_t count = json_array_size(list);
    struct bonus_facts *bonuses = arena_array(arena, count + 1, sizeof *bonuses);

    for (size_t i = 0; i < count; i++) {
        const json_t *bonus = json_array_get(list, i);
        bonuses[i] = (struct bonus_facts){.multiplier = read_text(arena, bonus, "multiplier"),
                                          .bonus = read_integer(bonus, "bonus"),
                                          .progress = read_text(arena, bonus, "progress"),
                                          .budget = read_integer(bonus, "budget") == 1};
    }
    earned->bonuses = bonuses;
    earned->bonus_count = count;
}

static void read_earned(struct arena *arena, const json_t *list, struct purchase_facts *out)
{
    size_t count = json_array_size(list);
    struct earned_facts *earned = arena_array(arena, count + 1, sizeof *earned);

    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(list, i);
        earned[i].rule = read_text(arena, entry, "rule");
        earned[i].wallet = read_text(arena, entry, "wallet");
        earned[i].points = read_integer(entry, "points");
        read_bonuses(arena, json_object_get(entry, "bonuses"), &earned[i]);
    }
    out->earned = earned;
    out->earned_count = count;
}

enum status purchase_facts_read(struct arena *arena, struct text json, struct purchase_facts *out, struct error *err)
{
    *out = (struct purchase_facts){0};
    if (json.size == 0)
        return STATUS_OK;
    json_t *object = json_loadb(json.bytes, json.size, 0, NULL);
    if (!json_is_object(object)) {
        json_decref(object);
        return error_set(err, STATUS_DEFECT, "event.facts", "", "the facts of the event cannot be read");
    }
    out->version = read_integer(object, "programme");
    out->tier = read_text(arena, object, "tier");
    out->qualifying = read_integer(object, "qualifying");
    out->paid_minor = read_integer(object, "paid");
    out->payment_count = read_integer(object, "payments");
    out->currency = read_text(arena, object, "currency");
    out->original = read_integer(object, "original");
    out->event_id = read_text(arena, object, "event");
    out->till = read_text(arena, object, "till");
    out->employee = read_text(arena, object, "employee");
    out->money = read_integer(object, "money");
    out->written_off = read_integer(object, "written_off");
    read_earned(arena, json_object_get(object, "earned"), out);
    json_decref(object);
    return STATUS_OK;
}
