#include "features/takeover/takeover.h"

#include <assert.h>

#include "foundation/map.h"

struct claim_key takeover_claim(struct arena *arena, const char *kind, struct text id)
{
    return (struct claim_key){.kind = "migration",
                              .key = text_from(arena_format(arena, "%s/%.*s", kind, (int)id.size, id.bytes))};
}

int64_t takeover_digest(struct text says)
{
    int64_t digest = (int64_t)(hash_stable(says) & INT64_MAX);

    return digest != 0 ? digest : 1;
}

enum status takeover_person(struct decision *decision, const struct command *command, struct error *err)
{
    struct takeover *takeover = command->body;
    enum status status;

    takeover->registered = false;
    if (!takeover->register_unknown || decision->subjects[0].member != NULL)
        return customer_require(decision, command, 0, err);
    status =
        customer_register_in(decision, command, 0,
                             (struct customer_registration){.at = takeover->registered_at,
                                                            .erased_before = takeover->load.states[0].erased_before},
                             err);
    takeover->registered = status == STATUS_OK;
    return status;
}

static enum takeover_result compare(const struct decision *decision, int64_t digest, int64_t other, int64_t member)
{
    const struct group *group = decision->subjects[0].group;

    if (member != 0 && (group == NULL || group_find((struct group *)group, member) == NULL))
        return TAKEOVER_ELSEWHERE;
    return digest == other ? TAKEOVER_KNOWN : TAKEOVER_DIFFERENT;
}

bool takeover_check(const struct decision *decision, const struct command *command)
{
    struct takeover *takeover = command->body;
    bool any = false;

    for (size_t i = 0; i < takeover->row_count; i++) {
        struct takeover_row *row = &takeover->rows[i];
        assert(row->claim >= 0);
        const struct claim_key *claim = &command->claims[row->claim];
        row->result =
            claim->reference == 0 ? TAKEOVER_NEW : compare(decision, row->digest, claim->reference, claim->member);
        /* The command itself may name a row twice: its claims were looked up before any was taken. */
        for (size_t before = 0; before < i && row->result == TAKEOVER_NEW; before++)
            if (text_equal(claim->key, command->claims[takeover->rows[before].claim].key))
                row->result = row->digest == takeover->rows[before].digest ? TAKEOVER_KNOWN : TAKEOVER_DIFFERENT;
        any |= row->result == TAKEOVER_NEW;
    }
    return any;
}

void takeover_take(struct decision *decision, const struct command *command, const struct takeover_row *row,
                   int64_t member)
{
    const struct claim_key *claim = &command->claims[row->claim];

    assert(row->result == TAKEOVER_NEW);
    claim_take(decision, claim->kind, claim->key, row->digest, member);
}

enum status takeover_refusal(const struct command *command, const struct takeover_row *row, struct error *err)
{
    struct text key = row->claim >= 0 ? command->claims[row->claim].key : TEXT("tiers");

    switch (row->result) {
    case TAKEOVER_NEW:
    case TAKEOVER_KNOWN:
        return STATUS_OK;
    case TAKEOVER_DIFFERENT:
        return error_set(err, STATUS_CONFLICT, "migration.different", "id",
                         "'%.*s' was taken over before with other values: what was taken over stays", (int)key.size,
                         key.bytes);
    case TAKEOVER_ELSEWHERE:
        return error_set(err, STATUS_CONFLICT, "migration.other_member", "id",
                         "'%.*s' was taken over before for another member", (int)key.size, key.bytes);
    case TAKEOVER_WEAKER:
        return error_set(err, STATUS_CONFLICT, "migration.consent_withdrawn", "state",
                         "the consent is withdrawn here: only the member can give it again");
    }
    assert(false); /* not a result */
    return STATUS_DEFECT;
}
