#include "cli/member.h"

#include <string.h>

#include "features/customers/identifier.h"
#include "features/customers/policy.h"
#include "foundation/id.h"

static enum status find_identifier(struct cli *cli, struct storage_session *session, struct text kind,
                                   struct text value, int64_t *member, struct error *err)
{
    struct identifier identifier;
    int64_t reference = 0;
    struct configuration configuration = engine_configuration(cli->opened.engine);
    struct text region =
        customers_policy_at(configuration.programmes, clock_now(engine_clock(cli->opened.engine))).region;
    enum status status = identifier_normalise(cli->arena, kind, value, region, &identifier, err);
    engine_configuration_release(cli->opened.engine, configuration);
    if (status == STATUS_OK)
        status = engine_claim_find(session, identifier.kind, identifier.value, &reference, member, err);
    return status;
}

enum status cli_member(struct cli *cli, struct storage_session *session, const char *word, int64_t *member,
                       struct error *err)
{
    const char *colon = strchr(word, ':');
    enum status status = STATUS_OK;
    if (id_parse("mbr", text_from(word), member))
        return STATUS_OK;
    *member = 0;
    if (colon != NULL) {
        status = find_identifier(cli, session, (struct text){word, (size_t)(colon - word)}, text_from(colon + 1),
                                 member, err);
    } else {
        status = find_identifier(cli, session, TEXT("external"), text_from(word), member, err);
        if (status == STATUS_OK && *member == 0 &&
            find_identifier(cli, session, TEXT("card"), text_from(word), member, NULL) != STATUS_OK)
            *member = 0;
    }
    if (status == STATUS_OK && *member == 0)
        return error_set(err, STATUS_MISSING, "member.unknown", "member", "nobody is known as '%s'", word);
    return status;
}
