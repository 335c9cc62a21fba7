#include "features/referrals/referrals_api.h"

#include <stddef.h>
#include <string.h>

#include "api/page.h"
#include "features/customers/member_reference_api.h"
#include "features/referrals/referrals_store.h"

/* ---- shapes ---- */

struct code_input {
    struct text programme, device;
};
static const struct field code_input_fields[] = {
    {.name = "programme",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct code_input, programme),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    {.name = "device",
     .type = FIELD_TEXT,
     .offset = offsetof(struct code_input, device),
     .maximum = REFERRAL_MARK_MAX,
     .about = "What tells the member's device from others; only a hash is kept."},
};
const struct shape referral_code_input_shape = {
    .name = "ReferralCodeInput", .size = sizeof(struct code_input), SHAPE_FIELDS(code_input_fields)};

static const struct field code_fields[] = {
    {.name = "programme", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "link", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "With the code in it."},
};
const struct shape referral_code_shape = {.name = "ReferralCode", SHAPE_FIELDS(code_fields)};

static const struct field offer_fields[] = {
    {.name = "valid", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "programme", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "friend_points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "What the friend gets."},
};
const struct shape referral_offer_shape = {
    .name = "ReferralOffer", .about = "What a code gives to who uses it.", SHAPE_FIELDS(offer_fields)};

struct join_input {
    struct member_reference *member;
    struct text code, device, payment, store, channel;
};
static const struct field join_fields[] = {
    {.name = "code",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct join_input, code),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    {.name = "member",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct join_input, member),
     .shape = &member_reference_shape,
     .about = "The friend."},
    {.name = "device",
     .type = FIELD_TEXT,
     .offset = offsetof(struct join_input, device),
     .maximum = REFERRAL_MARK_MAX,
     .about = "What tells the device from others; only a hash is kept."},
    {.name = "payment",
     .type = FIELD_TEXT,
     .offset = offsetof(struct join_input, payment),
     .maximum = REFERRAL_MARK_MAX,
     .about = "What tells the means of payment from others; only a hash is kept."},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct join_input, store),
     .maximum = CODE_SIZE_MAX},
    {.name = "channel", .type = FIELD_TEXT, .offset = offsetof(struct join_input, channel), .maximum = CODE_SIZE_MAX},
};
const struct shape referral_input_shape = {
    .name = "ReferralInput", .size = sizeof(struct join_input), SHAPE_FIELDS(join_fields)};

static const struct field referral_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "rfr"},
    {.name = "programme", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "referrer", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "friend", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "state",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "joined, held, rewarded, refused, or expired: no purchase came in time."},
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "Why it was held: device, payment or velocity."},
    {.name = "joined_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "purchase", .type = FIELD_ID, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .prefix = "evt"},
    {.name = "qualified_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "referrer_points",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "Given to the referrer; 0 of a rewarded one: over the cap."},
    {.name = "friend_points", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "decided_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "decided_by", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
const struct shape referral_shape = {.name = "Referral", SHAPE_FIELDS(referral_fields)};

struct held_query {
    struct page page;
};
static const struct field held_fields[] = {PAGE_FIELDS(struct held_query)};
const struct shape referral_query_shape = {
    .name = "ReferralQuery", .size = sizeof(struct held_query), SHAPE_FIELDS(held_fields)};

struct decision_input {
    bool approve;
    struct text reason;
};
static const struct field decision_fields[] = {
    {.name = "approve",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct decision_input, approve)},
    {.name = "reason",
     .type = FIELD_TEXT,
     .offset = offsetof(struct decision_input, reason),
     .maximum = 500,
     .about = "For the audit."},
};
const struct shape referral_decision_shape = {
    .name = "ReferralDecision", .size = sizeof(struct decision_input), SHAPE_FIELDS(decision_fields)};

/* ---- replies ---- */

static void write_time(struct json_writer *writer, const char *name, int64_t at)
{
    if (at != 0)
        writer_instant(writer, name, at);
    else
        writer_null(writer, name);
}

static void write_or_null(struct json_writer *writer, const char *name, struct text text)
{
    if (text.size > 0)
        writer_text(writer, name, text);
    else
        writer_null(writer, name);
}

static void write_referral(struct json_writer *writer, const struct referral *referral, bool over)
{
    writer_id(writer, "id", "rfr", referral->id);
    writer_text(writer, "programme", referral->programme);
    writer_id(writer, "referrer", "mbr", referral->referrer);
    writer_id(writer, "friend", "mbr", referral->friend_member);
    writer_string(writer, "state", over ? "expired" : referral_states[referral->state]);
    write_or_null(writer, "reason", referral->reason);
    writer_instant(writer, "joined_at", referral->joined_at);
    writer_id(writer, "purchase", "evt", referral->purchase);
    write_time(writer, "qualified_at", referral->qualified_at);
    writer_integer(writer, "referrer_points", referral->referrer_points);
    writer_integer(writer, "friend_points", referral->friend_points);
    write_time(writer, "decided_at", referral->decided_at);
    write_or_null(writer, "decided_by", referral->decided_by);
}

/* ---- codes ---- */

static const struct referral_programme *terms_of(const struct call *call, struct text programme)
{
    const struct definition *definition =
        definition_at(call->programmes, &referral_programme_kind, programme, call->now);

    return definition != NULL ? definition->parsed : NULL;
}

static void write_code(struct json_writer *writer, struct arena *arena, struct text programme, struct text code,
                       struct text link)
{
    struct builder out = {.arena = arena};
    const char *place = link.size > 0 ? strstr(text_string(arena, link), "{code}") : NULL;

    writer_text(writer, "programme", programme);
    writer_text(writer, "code", code);
    if (place == NULL) {
        writer_null(writer, "link");
        return;
    }
    size_t before = link.size - strlen(place);
    builder_bytes(&out, link.bytes, before);
    builder_text(&out, code);
    builder_string(&out, place + strlen("{code}"));
    writer_text(writer, "link", builder_done(&out));
}

struct code_reply {
    struct arena *arena;
    struct text programme, link;
};

static int add_mark(struct call *call, struct command *command, const char *kind, struct text mark)
{
    return mark.size == 0 ? -1
                          : command_claim(command, call->arena, kind, referral_mark(call->engine, call->arena, mark));
}

enum status referral_code_make_handle(struct call *call, struct item *item, struct error *err)
{
    const struct code_input *input = item->body;
    const struct referral_programme *terms = terms_of(call, input->programme);
    struct code_reply *reply = arena_alloc(call->arena, sizeof *reply);
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &make_referral_code_type, sizeof(struct make_referral_code));
    struct make_referral_code *body = command->body;
    command_claim(command, call->arena, REFERRAL_CODE_CLAIM, referral_code_make(call->arena));
    body->programme = input->programme;
    body->device_claim = add_mark(call, command, REFERRAL_DEVICE_CLAIM, input->device);
    *reply = (struct code_reply){.arena = call->arena, .programme = input->programme};
    if (terms != NULL) {
        body->load.parts = terms->when.parts;
        reply->link = text_copy(call->arena, terms->link);
    }
    item->user = reply;
    command_subject_member(command, member);
    return STATUS_OK;
}

void referral_code_make_finish(struct item *item, struct json_writer *writer)
{
    const struct make_referral_code *body = item->command->body;
    const struct code_reply *reply = item->user;

    if (body->existed)
        item->status = 200;
    write_code(writer, reply->arena, reply->programme, body->code, reply->link);
}

/* The person of the path, its codes and referrals. */
static enum status view_member(struct call *call, struct person *person, struct referral_state_of *state,
                               struct error *err)
{
    struct storage_session *session;
    int64_t member = 0;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_view(call->engine, session, member, call->arena, person, err);
    if (status == STATUS_OK)
        status = referrals_read(session, call->arena, person, state, err);
    call_read_end(call, session);
    return status;
}

enum status referral_code_list_handle(struct call *call, struct item *item, struct error *err)
{
    struct referral_state_of state;
    struct person person;
    enum status status = view_member(call, &person, &state, err);

    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < state.code_count; i++) {
        const struct referral_programme *terms = terms_of(call, state.codes[i].programme);
        writer_object(&item->writer, NULL);
        write_code(&item->writer, call->arena, state.codes[i].programme, state.codes[i].code,
                   terms != NULL ? terms->link : TEXT(""));
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}

/* The programme of a code: that of whose it is. */
static enum status programme_of(struct call *call, struct text code, struct text *out, struct error *err)
{
    struct referral_state_of state = {.referrals = NULL};
    struct storage_session *session;
    int64_t reference, member;
    struct person person;
    enum status status = call_read_begin(call, &session, err);

    *out = TEXT("");
    if (status != STATUS_OK)
        return status;
    status = engine_claim_find(session, REFERRAL_CODE_CLAIM, code, &reference, &member, err);
    if (status == STATUS_OK && member != 0) {
        status = engine_view(call->engine, session, member, call->arena, &person, err);
        if (status == STATUS_OK)
            status = referrals_read(session, call->arena, &person, &state, err);
    }
    call_read_end(call, session);
    for (size_t i = 0; i < state.code_count; i++)
        if (text_equal(state.codes[i].code, code))
            *out = state.codes[i].programme;
    return status;
}

enum status referral_offer_handle(struct call *call, struct item *item, struct error *err)
{
    struct text programme;
    enum status status = programme_of(call, referral_code_read(call->arena, call->parameters[0]), &programme, err);

    if (status != STATUS_OK)
        return status;
    const struct referral_programme *terms = programme.size > 0 ? terms_of(call, programme) : NULL;
    writer_boolean(&item->writer, "valid", terms != NULL);
    write_or_null(&item->writer, "programme", terms != NULL ? programme : TEXT(""));
    write_or_null(&item->writer, "name", terms != NULL ? terms->name : TEXT(""));
    writer_integer(&item->writer, "friend_points", terms != NULL ? terms->friend_reward.points : 0);
    return STATUS_OK;
}

/* ---- joining ---- */

static enum status read_chain(struct call *call, struct join_referral *body, struct error *err)
{
    struct storage_session *session;
    int64_t reference, member, *chain = NULL;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = engine_claim_find(session, REFERRAL_CODE_CLAIM, body->code, &reference, &member, err);
    if (status == STATUS_OK)
        status = referral_chain(session, call->arena, member, &chain, &body->chain_count, err);
    call_read_end(call, session);
    body->chain = chain;
    return status;
}

enum status referral_join_handle(struct call *call, struct item *item, struct error *err)
{
    const struct join_input *input = item->body;
    struct command *command = item_command(item, &join_referral_type, sizeof(struct join_referral));
    struct join_referral *body = command->body;
    enum status status = member_reference_apply(call, command, input->member, "member", err);

    if (status != STATUS_OK)
        return status;
    body->code = referral_code_read(call->arena, input->code);
    body->code_claim = command_claim(command, call->arena, REFERRAL_CODE_CLAIM, body->code);
    body->device_claim = add_mark(call, command, REFERRAL_DEVICE_CLAIM, input->device);
    body->payment_claim = add_mark(call, command, REFERRAL_PAYMENT_CLAIM, input->payment);
    body->store = input->store;
    body->channel = input->channel;
    command_subject_claims(command, body->code_claim, 1);
    return read_chain(call, body, err);
}

void referral_join_finish(struct item *item, struct json_writer *writer)
{
    write_referral(writer, &((const struct join_referral *)item->command->body)->result, false);
}

/* ---- lists ---- */

enum status referral_list_handle(struct call *call, struct item *item, struct error *err)
{
    struct referral_state_of state;
    struct person person;
    enum status status = view_member(call, &person, &state, err);

    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = state.referral_count; i-- > 0;) {
        writer_object(&item->writer, NULL);
        write_referral(&item->writer, &state.referrals[i],
                       referral_is_over(call->programmes, &state.referrals[i], call->now));
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}

enum status referral_held_handle(struct call *call, struct item *item, struct error *err)
{
    const struct held_query *query = call->query;
    struct cursor cursor = {.integer_count = 2};
    struct referral_page page = {.limit = (size_t)query->page.limit + 1};
    struct storage_session *session;
    struct referral *referrals;
    size_t count;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    if (given)
        page = (struct referral_page){cursor.integers[0], cursor.integers[1], page.limit};
    status = referrals_held(session, call->arena, &page, &referrals, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = count == page.limit;
    count -= more;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count; i++) {
        writer_object(&item->writer, NULL);
        write_referral(&item->writer, &referrals[i], false);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    if (more) {
        cursor.integers[0] = referrals[count - 1].joined_at;
        cursor.integers[1] = referrals[count - 1].id;
    }
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

/* ---- deciding ---- */

enum status referral_decide_handle(struct call *call, struct item *item, struct error *err)
{
    const struct decision_input *input = item->body;
    struct storage_session *session;
    struct referral referral;
    int64_t id;
    enum status status = call_path_id(call, 0, "rfr", &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = referral_read(session, call->arena, id, &referral, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &decide_referral_type, sizeof(struct decide_referral));
    struct decide_referral *body = command->body;
    body->id = id;
    body->approve = input->approve;
    body->reason = input->reason;
    body->by = call->actor;
    command_subject_member(command, referral.friend_member);
    command_subject_member(command, referral.referrer);
    return STATUS_OK;
}

void referral_decide_finish(struct item *item, struct json_writer *writer)
{
    write_referral(writer, &((const struct decide_referral *)item->command->body)->result, false);
}
