/* The catalogue over HTTP: what can be had, what it costs the member, and what is missing. */
#include <stddef.h>

#include "api/page.h"
#include "features/rewards/rewards_api.h"

struct catalogue_query {
    int64_t member;
    struct text store;
    bool all;
};
static const struct field query_fields[] = {
    {.name = "member",
     .type = FIELD_ID,
     .offset = offsetof(struct catalogue_query, member),
     .prefix = "mbr",
     .about = "What it costs this member, and whether the member may have it now."},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct catalogue_query, store),
     .maximum = CODE_SIZE_MAX,
     .about = "What is handed over there."},
    {.name = "all",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct catalogue_query, all),
     .about = "Those too that cannot be had now for another reason than want of points."},
};
const struct shape catalogue_query_shape = {
    .name = "CatalogueQuery", .size = sizeof(struct catalogue_query), SHAPE_FIELDS(query_fields)};

static const struct field slot_fields[] = {
    {.name = "from", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "left", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape slot_shape = {.name = "RewardSlot", SHAPE_FIELDS(slot_fields)};
static const struct field item_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "about", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "pictures", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_TEXT},
    {.name = "partner", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "money", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "Beside the points."},
    {.name = "left", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "Null: any number."},
    {.name = "slots", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &slot_shape},
    {.name = "until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "available", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED, .about = "It can be ordered now."},
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "Why not: reward.points, reward.sold_out ..."},
    {.name = "missing", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Points that the member still needs."},
};
const struct shape catalogue_item_shape = {
    .name = "CatalogueItem", .about = "A reward as the member sees it.", SHAPE_FIELDS(item_fields)};

/* What is asked of each reward. */
struct showing {
    struct call *call;
    struct storage_session *session;
    const struct catalogue_query *query;
    struct person person;
    struct condition_person known;
};

static enum status read_person(struct showing *showing, struct error *err)
{
    struct call *call = showing->call;

    if (showing->query->member == 0)
        return STATUS_OK;
    enum status status =
        engine_view(call->engine, showing->session, showing->query->member, call->arena, &showing->person, err);
    return status == STATUS_OK
               ? reward_person_read(showing->session, call->arena, &showing->person, &showing->known, err)
               : status;
}

/* What is used of the stock, and then of each slot. */
static enum status read_counts(struct showing *showing, const struct reward *reward, int64_t **out, struct error *err)
{
    struct arena *arena = showing->call->arena;
    const char **ids = arena_array(arena, reward->slot_count + 1, sizeof *ids);

    *out = arena_array(arena, reward->slot_count + 1, sizeof **out);
    ids[0] = reward_counter(arena, reward->code);
    for (size_t i = 0; i < reward->slot_count; i++)
        ids[i + 1] = reward_slot_counter(arena, reward->code, &reward->slots[i]);
    return reward_counts_read(showing->session, arena, ids, reward->slot_count + 1, *out, err);
}

/* The first of its times that is to come and has room; NULL: none. */
static const struct reward_slot *free_slot(const struct reward *reward, int64_t now, const int64_t *used,
                                           int64_t *slot_used)
{
    for (size_t i = 0; i < reward->slot_count; i++)
        if (now < reward->slots[i].from && used[i + 1] < reward->slots[i].capacity) {
            *slot_used = used[i + 1];
            return &reward->slots[i];
        }
    *slot_used = 0;
    return NULL;
}

static void write_slots(struct json_writer *writer, const struct reward *reward, int64_t now, const int64_t *used)
{
    writer_list(writer, "slots");
    for (size_t i = 0; i < reward->slot_count; i++) {
        const struct reward_slot *slot = &reward->slots[i];
        if (now >= slot->from)
            continue;
        writer_object(writer, NULL);
        writer_instant(writer, "from", slot->from);
        writer_instant(writer, "until", slot->until);
        writer_integer(writer, "left", slot->capacity > used[i + 1] ? slot->capacity - used[i + 1] : 0);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_reward(const struct showing *showing, struct json_writer *writer, const struct reward *reward,
                         const int64_t *used)
{
    const struct reward_price price = reward_price_of(reward, &showing->person);
    const struct call *call = showing->call;

    writer_text(writer, "code", reward->code);
    writer_text(writer, "name", reward->name);
    writer_text(writer, "about", reward->about);
    writer_list(writer, "pictures");
    for (size_t i = 0; i < reward->picture_count; i++)
        writer_text(writer, NULL, reward->pictures[i]);
    writer_end(writer);
    if (reward->partner.size > 0)
        writer_text(writer, "partner", reward->partner);
    else
        writer_null(writer, "partner");
    writer_text(writer, "wallet", reward->wallet);
    writer_integer(writer, "points", price.points);
    if (price.minor > 0)
        writer_amount(writer, "money", price.minor, programme_at(call->programmes, call->now)->currency);
    else
        writer_null(writer, "money");
    if (reward->stock == INT64_MAX)
        writer_null(writer, "left");
    else
        writer_integer(writer, "left", reward->stock > used[0] ? reward->stock - used[0] : 0);
    write_slots(writer, reward, call->now, used);
    writer_instant(writer, "until", reward->until);
}

static enum status show_reward(struct showing *showing, struct json_writer *writer, const struct reward *reward,
                               struct error *err)
{
    struct call *call = showing->call;
    struct reward_question question = {.set = call->programmes,
                                       .now = call->now,
                                       .person = &showing->person,
                                       .known = &showing->known,
                                       .quantity = 1,
                                       .store = showing->query->store,
                                       .free = showing->query->member == 0,
                                       .arena = call->arena};
    struct error why = {.status = STATUS_OK};
    int64_t *used, missing;
    enum status status = read_counts(showing, reward, &used, err);

    if (status != STATUS_OK)
        return status;
    question.used = used[0];
    question.slot = free_slot(reward, call->now, used, &question.slot_used);
    enum status may = reward_check(reward, &question, &missing, &why);
    if (may == STATUS_INVALID && question.slot == NULL)
        may = error_set(&why, STATUS_CONFLICT, "reward.slot_full", "slot", "none of its times has room");
    if (may != STATUS_OK && missing == 0 && !showing->query->all)
        return STATUS_OK;
    writer_object(writer, NULL);
    write_reward(showing, writer, reward, used);
    writer_boolean(writer, "available", may == STATUS_OK);
    writer_string(writer, "reason", may == STATUS_OK ? NULL : why.code);
    writer_integer(writer, "missing", missing);
    writer_end(writer);
    return STATUS_OK;
}

enum status catalogue_handle(struct call *call, struct item *item, struct error *err)
{
    const struct definition_list *list = definitions_of(call->programmes, &reward_kind);
    struct showing showing = {.call = call, .query = call->query};
    enum status status =
        showing.query->member != 0 ? call_check_member(call, showing.query->member, "member", err) : STATUS_OK;

    if (status == STATUS_OK)
        status = call_read_begin(call, &showing.session, err);
    if (status != STATUS_OK)
        return status;
    status = read_person(&showing, err);
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < list->count && status == STATUS_OK; i++)
        if (definition_in_force(&list->items[i], call->now))
            status = show_reward(&showing, &item->writer, list->items[i].parsed, err);
    writer_end(&item->writer);
    call_read_end(call, showing.session);
    page_end(&item->writer, call->arena, NULL, false);
    return status;
}
