#include "features/reactions/reaction.h"

#include <assert.h>
#include <string.h>

struct text reaction_key(struct arena *arena, const char *reaction, int64_t journal_id, const char *part)
{
    return text_from(arena_format(arena, "%s:%lld%s%s", reaction, (long long)journal_id, part != NULL ? ":" : "",
                                  part != NULL ? part : ""));
}

static const struct claim_key *claim_of(const struct command *command)
{
    assert(command->claim_count > 0);
    assert(strcmp(command->claims[0].kind, REACTION_CLAIM) == 0);
    return &command->claims[0];
}

bool reaction_done(const struct command *command)
{
    return claim_of(command)->reference != 0;
}

void reaction_keep(struct decision *decision, const struct command *command, const struct journal_row *row)
{
    claim_take(decision, REACTION_CLAIM, claim_of(command)->key, row->id, row->member);
}
