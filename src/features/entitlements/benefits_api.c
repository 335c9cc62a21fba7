#include "features/entitlements/benefits_api.h"

#include <stddef.h>

#include "api/page.h"
#include "features/entitlements/entitled_store.h"
#include "features/entitlements/tier_given.h"
#include "features/points/context_api.h"

enum { REFERENCE_MAX = 200, DAYS_MAX = 3660, UNITS_MAX = BENEFIT_USES_MAX };

static const struct programme *programme_now(const struct call *call)
{
    return programme_at(call->programmes, call->now);
}

enum status entitled_of_path(struct call *call, struct person *person, struct entitled *entitled, struct error *err)
{
    struct storage_session *session;
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_view(call->engine, session, member, call->arena, person, err);
    if (status == STATUS_OK)
        status = entitled_read(session, call->arena, person, entitled, err);
    call_read_end(call, session);
    return status;
}

/* ---- what a member is entitled to ---- */

static const struct field left_fields[] = {
    {.name = "per", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = benefit_period_names},
    {.name = "from", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "until",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "What is left may be used before this."},
    {.name = "allowed",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "In the period, with what was carried over."},
    {.name = "used", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "left", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape left_shape = {.name = "BenefitLeft", SHAPE_FIELDS(left_fields)};
static const struct field member_benefit_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "about", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "effect", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = benefit_effect_names},
    {.name = "factor", .type = FIELD_DECIMAL, .scale = 4, .about = "Of a multiplier."},
    {.name = "share", .type = FIELD_DECIMAL, .scale = 4, .about = "Of a member price: off the price."},
    {.name = "by",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "everyone, tier, membership, given or condition."},
    {.name = "by_code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Of the tier or membership."},
    {.name = "right",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .prefix = "evt",
     .about = "Of the membership or of what was given."},
    {.name = "until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "stores", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_TEXT, .about = "Empty: all."},
    {.name = "uses",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .shape = &left_shape,
     .about = "null: it holds by itself and is not used up."},
};
const struct shape member_benefit_shape = {.name = "MemberBenefit", SHAPE_FIELDS(member_benefit_fields)};

static void write_instant(struct json_writer *writer, const char *name, int64_t at)
{
    writer_instant(writer, name, at == INT64_MIN ? 0 : at);
}

static void write_left(struct json_writer *writer, const struct benefit *benefit, const struct benefit_left *left)
{
    writer_string(writer, "per", benefit_period_names[benefit->period]);
    write_instant(writer, "from", left->from);
    writer_instant(writer, "until", left->until);
    writer_integer(writer, "allowed", left->allowed);
    writer_integer(writer, "used", left->used);
    writer_integer(writer, "left", left->left);
}

static void write_benefit(struct json_writer *writer, const struct benefit_asker *asker,
                          const struct definition *definition, const struct benefit_holding *holding,
                          const struct entitled *entitled)
{
    const struct benefit *benefit = definition->parsed;
    struct benefit_left left;

    writer_object(writer, NULL);
    writer_text(writer, "code", definition->code);
    writer_text(writer, "name", benefit->name);
    writer_text(writer, "about", benefit->about);
    writer_string(writer, "effect", benefit_effect_names[benefit->effect]);
    if (benefit->effect == EFFECT_MULTIPLIER)
        writer_decimal(writer, "factor", benefit->factor, 4);
    if (benefit->effect == EFFECT_MEMBER_PRICE)
        writer_decimal(writer, "share", benefit->share, 4);
    writer_string(writer, "by", holding->by);
    writer_text(writer, "by_code", holding->code);
    writer_id(writer, "right", "evt", holding->right);
    writer_instant(writer, "until", holding->until);
    writer_list(writer, "stores");
    for (size_t i = 0; i < benefit->store_count; i++)
        writer_text(writer, NULL, benefit->stores[i]);
    writer_end(writer);
    if (benefit_left_of(asker, definition, holding, entitled->uses, entitled->use_count, &left)) {
        writer_object(writer, "uses");
        write_left(writer, benefit, &left);
        writer_end(writer);
    } else {
        writer_null(writer, "uses");
    }
    writer_end(writer);
}

enum status member_benefits_handle(struct call *call, struct item *item, struct error *err)
{
    const struct definition_list *list = definitions_of(call->programmes, &benefit_kind);
    struct entitled entitled = {.parts = benefit_parts(call->programmes, call->now)};
    struct person person;
    struct condition_world world = {.arena = call->arena,
                                    .programmes = call->programmes,
                                    .programme = programme_now(call),
                                    .now = call->now,
                                    .person = &person,
                                    .known = &entitled.known};
    const struct benefit_asker asker = {call->programmes, &person, &world, call->now};
    struct benefit_holding holding;
    enum status status = entitled_of_path(call, &person, &entitled, err);

    if (status != STATUS_OK)
        return status;
    condition_start(&world);
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < list->count; i++)
        if (definition_in_force(&list->items[i], call->now) && benefit_holds(&asker, &list->items[i], &holding))
            write_benefit(&item->writer, &asker, &list->items[i], &holding, &entitled);
    writer_end(&item->writer);
    writer_null(&item->writer, "next");
    return STATUS_OK;
}

/* ---- using one ---- */

struct use_input {
    struct text reference;
    int64_t units;
    struct context_input context;
};
static const struct field use_fields[] = {
    {.name = "units",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct use_input, units),
     .minimum = 1,
     .maximum = UNITS_MAX,
     .fallback = 1},
    {.name = "reference",
     .type = FIELD_TEXT,
     .offset = offsetof(struct use_input, reference),
     .minimum = 1,
     .maximum = REFERENCE_MAX,
     .about = "Names the use: the same one is never counted twice. Needed without an Idempotency-Key."},
    CONTEXT_FIELDS(struct use_input),
};
const struct shape benefit_use_input_shape = {
    .name = "BenefitUseInput", .size = sizeof(struct use_input), SHAPE_FIELDS(use_fields)};

#define USE_FIELDS                                                                                         \
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},                            \
        {.name = "benefit", .type = FIELD_TEXT}, {.name = "units", .type = FIELD_INTEGER},                 \
        {.name = "store", .type = FIELD_TEXT}, {.name = "at", .type = FIELD_INSTANT},                      \
        {.name = "value", .type = FIELD_INTEGER, .about = "Minor units that it was worth to the member."}, \
    {                                                                                                      \
        .name = "reversed", .type = FIELD_BOOLEAN                                                          \
    }
static const struct field one_use_fields[] = {USE_FIELDS};
const struct shape benefit_use_shape = {.name = "BenefitUse", SHAPE_FIELDS(one_use_fields)};
static const struct field used_fields[] = {
    USE_FIELDS,
    {.name = "existed", .type = FIELD_BOOLEAN, .about = "It was counted before."},
    {.name = "left", .type = FIELD_INTEGER, .about = "In the period, afterwards."},
    {.name = "until", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
};
const struct shape benefit_used_shape = {.name = "BenefitUsed", SHAPE_FIELDS(used_fields)};

static void write_use(struct json_writer *writer, const struct benefit_use *use)
{
    writer_id(writer, "id", "evt", use->id);
    writer_text(writer, "benefit", use->code);
    writer_integer(writer, "units", use->units);
    writer_text(writer, "store", use->store);
    writer_instant(writer, "at", use->at);
    writer_integer(writer, "value", use->value);
    writer_boolean(writer, "reversed", use->reversed != 0);
}

/* The command on the member of the path and the benefit of the path. */
static enum status start(struct call *call, struct item *item, const struct command_type *type, size_t body_size,
                         struct error *err)
{
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, type, body_size);
    struct entitled *entitled = command->body; /* each body begins with it */
    command_subject_member(command, member);
    entitled->code = call->parameters[1];
    entitled->parts = benefit_parts(call->programmes, call->now);
    return STATUS_OK;
}

enum status benefit_use_handle(struct call *call, struct item *item, struct error *err)
{
    const struct use_input *input = item->body;
    enum status status = STATUS_OK;

    if (input->reference.size == 0 && call_idempotency_key(call).size == 0)
        status = error_set(err, STATUS_INVALID, "benefit.reference", "reference",
                           "name the use by a reference, or send an Idempotency-Key");
    if (status == STATUS_OK)
        status = start(call, item, &use_benefit_type, sizeof(struct use_benefit), err);
    if (status != STATUS_OK)
        return status;
    struct use_benefit *body = item->command->body;
    body->code = call->parameters[1];
    body->units = input->units;
    body->context = context_of(&input->context);
    body->claim =
        input->reference.size > 0 ? command_claim(item->command, call->arena, "benefit_use", input->reference) : -1;
    return STATUS_OK;
}

void benefit_use_finish(struct item *item, struct json_writer *writer)
{
    const struct use_benefit *body = item->command->body;

    writer_boolean(writer, "existed", body->existed);
    if (body->existed) {
        item->status = 200;
        writer_id(writer, "id", "evt", body->use.id);
        return;
    }
    write_use(writer, &body->use);
    writer_integer(writer, "left", body->left.left);
    writer_instant(writer, "until", body->left.until);
}

void benefit_use_explain(const struct item *item, struct json_writer *writer)
{
    const struct use_benefit *body = item->command != NULL ? item->command->body : NULL;

    if (body == NULL || body->left.allowed == 0)
        return;
    writer_integer(writer, "left", body->left.left);
    writer_integer(writer, "allowed", body->left.allowed);
    writer_instant(writer, "until", body->left.until);
}

enum status benefit_uses_handle(struct call *call, struct item *item, struct error *err)
{
    struct entitled entitled = {.code = call->parameters[1]};
    struct person person;
    enum status status = entitled_of_path(call, &person, &entitled, err);

    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = entitled.use_count; i-- > 0;) {
        writer_object(&item->writer, NULL);
        write_use(&item->writer, &entitled.uses[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    writer_null(&item->writer, "next");
    return STATUS_OK;
}

/* ---- taking a use back ---- */

struct reason_input {
    struct text reason;
};
static const struct field reason_fields[] = {
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct reason_input, reason),
     .minimum = 1,
     .maximum = RIGHT_REASON_MAX},
};
const struct shape benefit_reversal_input_shape = {
    .name = "BenefitReversalInput", .size = sizeof(struct reason_input), SHAPE_FIELDS(reason_fields)};

enum status benefit_reverse_handle(struct call *call, struct item *item, struct error *err)
{
    const struct reason_input *input = item->body;
    int64_t use;
    enum status status = call_path_id(call, 2, "evt", &use, err);

    if (status == STATUS_OK)
        status = start(call, item, &reverse_use_type, sizeof(struct reverse_use), err);
    if (status != STATUS_OK)
        return status;
    struct reverse_use *body = item->command->body;
    body->use = use;
    body->reason = input->reason;
    return STATUS_OK;
}

void benefit_reverse_finish(struct item *item, struct json_writer *writer)
{
    write_use(writer, &((const struct reverse_use *)item->command->body)->result);
}

/* ---- giving one ---- */

struct given_input {
    struct text reason, source;
    int64_t until, days;
};
static const struct field given_fields[] = {
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct given_input, reason),
     .minimum = 1,
     .maximum = RIGHT_REASON_MAX},
    {.name = "source",
     .type = FIELD_TEXT,
     .offset = offsetof(struct given_input, source),
     .maximum = CODE_SIZE_MAX,
     .about = "A code: what it comes from, such as contract."},
    {.name = "until",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct given_input, until),
     .about = "No end when neither this nor days is given."},
    {.name = "days",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct given_input, days),
     .minimum = 1,
     .maximum = DAYS_MAX},
};
const struct shape benefit_given_input_shape = {
    .name = "BenefitGivenInput", .size = sizeof(struct given_input), SHAPE_FIELDS(given_fields)};
static const struct field benefit_given_fields[] = {
    {.name = "right", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "benefit", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "from", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
const struct shape benefit_given_shape = {.name = "BenefitGiven", SHAPE_FIELDS(benefit_given_fields)};

enum status benefit_give_handle(struct call *call, struct item *item, struct error *err)
{
    const struct given_input *input = item->body;
    enum status status = STATUS_OK;

    if (input->until != 0 && input->days != 0)
        status = error_set(err, STATUS_INVALID, "benefit.until", "days", "say until or days");
    if (status == STATUS_OK)
        status = start(call, item, &give_benefit_type, sizeof(struct give_benefit), err);
    if (status != STATUS_OK)
        return status;
    struct give_benefit *body = item->command->body;
    body->code = call->parameters[1];
    body->reason = input->reason;
    body->source = input->source;
    body->days = input->days;
    body->until = input->until != 0 ? input->until : INSTANT_NEVER;
    return STATUS_OK;
}

void benefit_give_finish(struct item *item, struct json_writer *writer)
{
    const struct right *right = &((const struct give_benefit *)item->command->body)->result;

    writer_id(writer, "right", "evt", right->id);
    writer_text(writer, "benefit", right->code);
    writer_instant(writer, "from", right->from);
    writer_instant(writer, "until", right->until);
}
