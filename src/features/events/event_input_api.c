#include "features/events/event_input_api.h"

#include <string.h>

#include "foundation/map.h"

int64_t event_input_at(const struct call *call, const struct event_input *input)
{
    return event_instant((struct event_moment){.at_given = input->at != 0,
                                               .sent_given = input->sent_at != 0,
                                               .at = input->at,
                                               .sent_at = input->sent_at,
                                               .received_at = call->now});
}

int32_t event_input_day(const struct call *call, const struct event_input *input, int64_t at)
{
    return input->business_day != FIELD_DAY_ABSENT ? input->business_day
                                                   : business_day(call->programmes, input->store, at);
}

enum status event_input_check(const struct call *call, const struct event_input *input, int32_t day, struct error *err)
{
    return event_check_place(call->programmes, input->store, input->employee, day, err);
}

void content_text(struct builder *content, struct text text)
{
    builder_integer(content, (int64_t)text.size);
    builder_char(content, ':');
    builder_text(content, text);
}

void content_integer(struct builder *content, int64_t value)
{
    builder_integer(content, value);
    builder_char(content, ';');
}

/* Not sent_at: a device that sends again sends later. */
void content_input(struct builder *content, const struct event_input *input)
{
    content_text(content, input->store);
    content_text(content, input->till);
    content_text(content, input->receipt);
    content_integer(content, input->at);
    content_integer(content, input->business_day);
    if (input->employee.size > 0)
        content_text(content, input->employee);
    if (input->member == NULL)
        return;
    content_integer(content, input->member->id);
    content_text(content, input->member->phone);
    content_text(content, input->member->email);
    content_text(content, input->member->card);
    content_text(content, input->member->openid);
    content_text(content, input->member->external);
}

struct text event_input_identity(const struct call *call, struct command *command, const struct event_input *input,
                                 int32_t day, struct text content, struct event_identity *identity)
{
    unsigned char digest[DIGEST_SIZE];
    struct text key = {NULL, 0};

    *identity = EVENT_IDENTITY_NONE;
    if (input->receipt.size > 0) {
        const struct receipt receipt = {day, input->channel, input->store, input->till, input->receipt};
        key = receipt_key(call->arena, &receipt);
        identity->receipt_claim = command_claim(command, call->arena, "receipt", key);
        identity->receipt_reference = (int)command->event_count;
        identity->at = event_input_at(call, input);
        command->events[command->event_count++] = (struct event_reference){.claim = identity->receipt_claim};
    }
    if (input->event_id.size == 0)
        return key;
    identity->event_claim =
        command_claim(command, call->arena, "event", event_key(call->arena, input->channel, input->event_id));
    identity->event_reference = (int)command->event_count;
    command->events[command->event_count++] = (struct event_reference){.claim = identity->event_claim};
    digest_compute(content.bytes, content.size, digest);
    memcpy(identity->digest, digest, SEAL_SIZE);
    return key;
}

int event_input_bucket(const struct command *command, const struct event_identity *identity, struct text fallback)
{
    struct text key = fallback;

    if (identity->receipt_claim >= 0)
        key = command->claims[identity->receipt_claim].key;
    else if (identity->event_claim >= 0)
        key = command->claims[identity->event_claim].key;
    return (int)(hash_stable(key) % BUCKET_COUNT);
}
