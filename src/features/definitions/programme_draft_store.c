#include "features/definitions/programme_draft_store.h"

#include "features/programme/programme_store.h"
#include "foundation/instant.h"

static enum status parse(const struct definition_input *input, const void **out, struct error *err)
{
    struct programme *programme = arena_alloc(input->arena, sizeof *programme);

    *out = programme;
    return programme_parse(input->arena, input->document, programme, err);
}

const struct definition_kind programme_draft_kind = {.name = "programme", .plural = "programme", .parse = parse};

static struct definition_period period_of(const struct programme_set *set, size_t index)
{
    const struct programme *programme = &set->versions[index];
    int64_t until = index + 1 < set->version_count ? set->versions[index + 1].effective_at : INSTANT_NEVER;

    return (struct definition_period){programme->version, programme->version == 0 ? 0 : programme->effective_at, until};
}

enum status definition_look(struct storage_session *session, struct arena *arena, const struct programme_set *set,
                            const struct definition_key *key, struct definition_record *out, struct error *err)
{
    enum status status = definition_find(session, arena, key, out, err);

    if (status != STATUS_OK || key->kind != &programme_draft_kind)
        return status;
    const struct programme *current = programme_at(set, key->now);
    size_t index = (size_t)(current - set->versions);
    out->current = period_of(set, index);
    out->document = current->source;
    if (index + 1 < set->version_count)
        out->next = period_of(set, index + 1);
    return STATUS_OK;
}

enum status programme_draft_publish(struct storage_session *session, struct definition_release *release,
                                    struct error *err)
{
    struct programme_version version = {.published_at = release->published_at,
                                        .effective_at = release->from,
                                        .author = release->author,
                                        .note = release->note,
                                        .source = release->document};
    enum status status = programme_publish(session, &version, err);

    if (status == STATUS_OK)
        release->version = version.version;
    return status;
}

enum status programme_draft_document(struct storage_session *session, struct arena *arena, int64_t version,
                                     struct text *out, struct error *err)
{
    const struct version_page page = {version < INT64_MAX ? version + 1 : INT64_MAX, 1};
    struct programme_version *found;
    size_t count;

    if (version == 0) {
        *out = programme_default_source();
        return STATUS_OK;
    }
    enum status status = programme_versions(session, arena, page, &found, &count, err);
    if (status != STATUS_OK)
        return status;
    if (count == 0 || found[0].version != version)
        return error_set(err, STATUS_MISSING, "definition.version_unknown", "version", "there is no such version");
    *out = found[0].source;
    return STATUS_OK;
}
