#include "features/definitions/change_store.h"

#include "features/definitions/definition_read.h"
#include "features/definitions/programme_draft_store.h"
#include "features/definitions/references_store.h"
#include "features/programme/programme_store.h"
#include "foundation/instant.h"

struct changing {
    struct storage_session *session;
    const struct definition_change *change;
    struct definition_key key;
    struct definition_changed *changed;
    struct definition_record *record; /* becomes `after` */
};

const char *definition_action_name(enum definition_action action)
{
    static const char *const names[] = {
        [DEFINITION_SAVE] = "definition.saved",         [DEFINITION_DROP] = "definition.dropped",
        [DEFINITION_SUBMIT] = "definition.submitted",   [DEFINITION_APPROVE] = "definition.approved",
        [DEFINITION_REFUSE] = "definition.refused",     [DEFINITION_PUBLISH] = "definition.published",
        [DEFINITION_WITHDRAW] = "definition.withdrawn", [DEFINITION_ROLL_BACK] = "definition.rolled_back",
    };

    return names[action];
}

/* ---- checks ---- */

int64_t definition_change_at(const struct definition_change *change)
{
    return change->at != 0 ? change->at : change->now + PUBLICATION_AHEAD;
}

enum status definition_check(const struct definition_change *change, const void **parsed, struct error *err)
{
    int64_t at = definition_change_at(change);
    const struct definition_input input = {.arena = change->arena,
                                           .code = change->code,
                                           .document = change->document,
                                           .programme = programme_at(change->programmes, at),
                                           .programmes = change->programmes,
                                           .saving = true};

    if (!object_code_is_valid(change->code))
        return error_set(err, STATUS_INVALID, "definition.code", "code",
                         "a code has 1 to %d bytes without spaces, quotes, colons and slashes", CODE_SIZE_MAX);
    if (change->kind != &programme_draft_kind && change->document.size > DEFINITION_DOCUMENT_MAX)
        return error_set(err, STATUS_LIMIT, "definition.size", "document", "a document has at most %d bytes",
                         DEFINITION_DOCUMENT_MAX);
    enum status status = change->kind->parse(&input, parsed, err);
    if (status != STATUS_OK && err != NULL && err->field[0] != '\0')
        error_prefix_field(err, "document.");
    return status;
}

struct definition definition_candidate(const struct definition_change *change, const void *parsed)
{
    return (struct definition){.code = change->code,
                               .from = definition_change_at(change),
                               .until = change->until != 0 ? change->until : INSTANT_NEVER,
                               .document = change->document,
                               .parsed = parsed};
}

static enum status check_time(const struct definition_change *change, int64_t at, struct error *err)
{
    if (at < change->now + PUBLICATION_AHEAD)
        return error_set(err, STATUS_INVALID, "definition.too_soon",
                         change->action == DEFINITION_WITHDRAW ? "at" : "effective_at",
                         "it takes effect at least %lld seconds after it is asked for",
                         (long long)(PUBLICATION_AHEAD / INSTANT_SECOND));
    if (change->until != 0 && change->until <= at)
        return error_set(err, STATUS_INVALID, "definition.range", "until", "it ends before it begins");
    if (change->until != 0 && change->kind == &programme_draft_kind)
        return error_set(err, STATUS_INVALID, "definition.range", "until",
                         "a programme is in force until the next version is");
    return STATUS_OK;
}

/* ---- drafts ---- */

static enum status step(const struct changing *changing, enum draft_action action, enum draft_state *out,
                        struct error *err)
{
    const struct definition_change *change = changing->change;
    const struct draft_step step = {
        .state = changing->record->draft.state,
        .action = action,
        .author = changing->record->draft.author,
        .actor = change->actor,
        .review = change->without_review ? REVIEW_NONE : programme_at(change->programmes, change->now)->review};

    return draft_next(&step, out, err);
}

static enum status save(struct changing *changing, struct text document, struct error *err)
{
    struct definition_change change = *changing->change;
    enum draft_state state;
    const void *parsed;

    change.document = document;
    enum status status = definition_check(&change, &parsed, err);
    if (status == STATUS_OK)
        status = step(changing, DRAFT_SAVE, &state, err);
    if (status != STATUS_OK)
        return status;
    changing->changed->candidate = definition_candidate(&change, parsed);
    changing->record->draft = (struct definition_draft){.state = state,
                                                        .name = definition_name(change.arena, document),
                                                        .document = document,
                                                        .author = change.actor,
                                                        .note = change.note,
                                                        .saved_at = change.now};
    return STATUS_OK;
}

static enum status submit(struct changing *changing, struct error *err)
{
    struct definition_draft *draft = &changing->record->draft;
    enum status status = step(changing, DRAFT_SUBMIT, &draft->state, err);

    if (status == STATUS_OK && changing->change->note.size > 0)
        draft->note = changing->change->note;
    return status;
}

static enum status review(struct changing *changing, enum draft_action action, struct error *err)
{
    struct definition_draft *draft = &changing->record->draft;
    enum status status = step(changing, action, &draft->state, err);

    if (status != STATUS_OK)
        return status;
    draft->reviewer = changing->change->actor;
    draft->review_note = changing->change->note;
    draft->reviewed_at = changing->change->now;
    return STATUS_OK;
}

/* ---- versions ---- */

/* By the configuration, which may lag behind by what one import brings: a count of rows for each publication would be dear. */
static enum status check_count(const struct definition_change *change, struct error *err)
{
    const struct definition_list *list = definitions_of(change->programmes, change->kind);
    size_t live = 0;

    for (size_t i = 0; list->count >= DEFINITIONS_MAX && i < list->count; i++)
        live += list->items[i].until > change->now;
    if (live >= DEFINITIONS_MAX)
        return error_set(err, STATUS_LIMIT, "definition.count", "",
                         "there are already %d versions of this kind in force or to come", DEFINITIONS_MAX);
    return STATUS_OK;
}

static enum status add_release(struct changing *changing, struct definition_release *release, struct error *err)
{
    const struct definition_change *change = changing->change;

    if (change->kind == &programme_draft_kind)
        return programme_draft_publish(changing->session, release, err);
    if (release->version > DEFINITION_VERSIONS_MAX)
        return error_set(err, STATUS_LIMIT, "definition.versions", "", "there are already %d versions",
                         DEFINITION_VERSIONS_MAX);
    enum status status = check_count(change, err);
    return status == STATUS_OK ? definition_release_add(changing->session, change->arena, &changing->key, release, err)
                               : status;
}

/* What the document names has to be there. */
static enum status check_named(struct changing *changing, const struct definition_change *change, const void *parsed,
                               struct error *err)
{
    const struct definition candidate = definition_candidate(change, parsed);
    size_t count;

    if (change->names_later)
        return STATUS_OK;
    struct reference_asked *asked = references_asked(change->arena, change->kind, &candidate, &count);
    return references_check(changing->session, change->arena, asked, count, err);
}

static enum status publish(struct changing *changing, struct error *err)
{
    struct definition_change change = *changing->change;
    struct definition_record *record = changing->record;
    enum draft_state state;
    const void *parsed;
    struct definition_release release = {.version = record->versions + 1,
                                         .from = definition_change_at(&change),
                                         .ends_at = change.until != 0 ? change.until : INSTANT_NEVER,
                                         .published_at = change.now,
                                         .publisher = change.actor,
                                         .author = record->draft.author,
                                         .reviewer = record->draft.reviewer,
                                         .note = change.note.size > 0 ? change.note : record->draft.note,
                                         .document = record->draft.document};
    enum status status = step(changing, DRAFT_PUBLISH, &state, err);

    if (status == STATUS_OK)
        status = check_time(&change, release.from, err);
    if (status == STATUS_OK) {
        change.document = release.document;
        status = definition_check(&change, &parsed, err);
    }
    if (status == STATUS_OK)
        status = check_named(changing, &change, parsed, err);
    if (status == STATUS_OK)
        status = add_release(changing, &release, err);
    if (status != STATUS_OK)
        return status;
    record->name = record->draft.name;
    record->draft = (struct definition_draft){.state = state};
    record->versions = release.version;
    record->withdrawn = false;
    changing->changed->version = release.version;
    changing->changed->candidate = definition_candidate(&change, parsed);
    return STATUS_OK;
}

/* Others that are in force then or later, and would give what is gone. */
static enum status check_namers(const struct definition_change *change, int64_t at, struct error *err)
{
    enum { TOLD_MAX = 3 };
    const struct definition_named named = {change->kind, change->code, at};
    struct builder list = {.arena = change->arena};
    size_t count, told = 0;
    const struct definition_namer *namers = definition_namers(change->arena, change->programmes, &named, &count);

    for (size_t i = 0; i < count; i++) {
        if (namers[i].reference.loose)
            continue;
        if (told++ < TOLD_MAX)
            builder_format(&list, "%s%s '%.*s' (%s)", told > 1 ? ", " : "", namers[i].kind->name,
                           (int)namers[i].definition->code.size, namers[i].definition->code.bytes,
                           namers[i].reference.field);
    }
    if (told == 0)
        return STATUS_OK;
    if (told > TOLD_MAX)
        builder_format(&list, " and %zu more", told - TOLD_MAX);
    struct text names = builder_done(&list);
    return error_set(err, STATUS_CONFLICT, "definition.named", "",
                     "in force or to come still name it: %.*s; withdraw or change them first, or say 'anyway'",
                     (int)names.size, names.bytes);
}

static enum status withdraw(struct changing *changing, struct error *err)
{
    const struct definition_change *change = changing->change;
    const struct definition_end end = {
        .version = change->version, .at = definition_change_at(change), .actor = change->actor, .note = change->note};
    bool left;
    enum status status = check_time(change, end.at, err);

    if (status == STATUS_OK)
        status = definition_release_end(changing->session, change->arena, &changing->key, &end, &left, err);
    if (status == STATUS_OK && !left && !change->anyway)
        status = check_namers(change, end.at, err);
    if (status == STATUS_OK)
        changing->record->withdrawn = !left;
    return status;
}

static enum status old_document(struct changing *changing, struct text *out, struct error *err)
{
    const struct definition_change *change = changing->change;
    const struct release_page page = {&changing->key, change->version < INT64_MAX ? change->version + 1 : INT64_MAX, 1};
    struct definition_release *found;
    size_t count;

    if (change->kind == &programme_draft_kind)
        return programme_draft_document(changing->session, change->arena, change->version, out, err);
    enum status status = definition_releases(changing->session, change->arena, &page, &found, &count, err);
    if (status != STATUS_OK)
        return status;
    if (count == 0 || found[0].version != change->version)
        return error_set(err, STATUS_MISSING, "definition.version_unknown", "version", "there is no such version");
    *out = found[0].document;
    return STATUS_OK;
}

/* ---- a change ---- */

static enum status act(struct changing *changing, struct error *err)
{
    const struct definition_change *change = changing->change;
    struct text document = change->document;
    enum status status = STATUS_OK;

    switch (change->action) {
    case DEFINITION_SAVE:
    case DEFINITION_ROLL_BACK:
        if (change->action == DEFINITION_ROLL_BACK)
            status = old_document(changing, &document, err);
        if (status == STATUS_OK)
            status = save(changing, document, err);
        return status == STATUS_OK && change->publish ? publish(changing, err) : status;
    case DEFINITION_DROP:
        status = step(changing, DRAFT_DROP, &changing->record->draft.state, err);
        if (status == STATUS_OK)
            changing->record->draft = (struct definition_draft){.state = DRAFT_NONE};
        return status;
    case DEFINITION_SUBMIT:
        return submit(changing, err);
    case DEFINITION_APPROVE:
        return review(changing, DRAFT_APPROVE, err);
    case DEFINITION_REFUSE:
        return review(changing, DRAFT_REFUSE, err);
    case DEFINITION_PUBLISH:
        return publish(changing, err);
    case DEFINITION_WITHDRAW:
        return withdraw(changing, err);
    }
    return STATUS_OK;
}

static enum status write_record(const struct changing *changing, struct error *err)
{
    const struct definition_record *record = changing->record;
    enum status status;

    if (record->versions == 0 && record->draft.state == DRAFT_NONE)
        status = definition_drop(changing->session, &changing->key, err);
    else
        status = definition_put(changing->session, &changing->key, record, err);
    if (status != STATUS_OK)
        return status;
    return definition_find(changing->session, changing->change->arena, &changing->key, &changing->changed->after, err);
}

enum status definition_apply(struct storage_session *session, const struct definition_change *change,
                             struct definition_changed *out, struct error *err)
{
    struct definition_changed changed = {.version = 0};
    struct changing changing = {.session = session,
                                .change = change,
                                .key = {change->kind, change->code, change->now},
                                .changed = &changed,
                                .record = &changed.after};
    enum status status = definition_turn(session, err);

    if (status == STATUS_OK)
        status = definition_find(session, change->arena, &changing.key, &changed.before, err);
    if (status != STATUS_OK)
        return status;
    if (change->revision != 0 && change->revision != changed.before.revision)
        return error_set(err, STATUS_STALE, "definition.stale", "If-Match", "it was changed meanwhile");
    if (changed.before.revision == 0 && change->action != DEFINITION_SAVE && change->kind != &programme_draft_kind)
        return definition_unknown(&changing.key, err);
    changed.after = changed.before;
    status = act(&changing, err);
    changed.after.revision++;
    if (status == STATUS_OK)
        status = write_record(&changing, err);
    if (status == STATUS_OK)
        *out = changed;
    return status;
}
