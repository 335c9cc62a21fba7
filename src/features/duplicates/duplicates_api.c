#include "features/duplicates/duplicates_api.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "api/page.h"
#include "features/duplicates/queue_store.h"
#include "features/duplicates/queue_view.h"
#include "features/duplicates/scan_store.h"

enum { WEIGHT_DECIMALS = 3, PROBABILITY_DECIMALS = 6, MILLION = 1000000, SCAN_THREADS = 2 };

/* ---- the scan ---- */

struct scan_body {
    int64_t threshold; /* millionths */
    int nightly;
};
static const char *const switches[] = {"off", "on", NULL};
static const struct field scan_fields[] = {
    {.name = "threshold",
     .type = FIELD_DECIMAL,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct scan_body, threshold),
     .scale = PROBABILITY_DECIMALS,
     .minimum = MILLION / 10,
     .maximum = MILLION - 1,
     .fallback = MILLION / 10 * 9,
     .about = "Pairs of at least this probability are queued."},
    {.name = "nightly",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct scan_body, nightly),
     .choices = switches,
     .about = "on: a scan every night from now on; off: no more."},
};
const struct shape duplicates_scan_shape = {
    .name = "DuplicateScan", .size = sizeof(struct scan_body), SHAPE_FIELDS(scan_fields)};
static bool go_on(void *context, size_t done, size_t total)
{
    struct job *job = context;

    job_progress(job, (int64_t)done, (int64_t)total);
    return !job_cancelled(job);
}

static enum status run(struct job *job, struct engine *engine, struct arena *arena, void *input, struct error *err)
{
    const double *threshold = input;
    const struct scan scan = {.threshold = *threshold, .threads = SCAN_THREADS, .go_on = go_on, .context = job};
    struct scan_result result;

    (void)arena;
    job_message(job, "comparing members");
    enum status status = duplicates_scan(engine, &scan, &result, err);
    if (status != STATUS_OK || result.stopped)
        return status;
    job_count(job, "members", (int64_t)result.members);
    job_count(job, "pairs", (int64_t)result.pairs);
    if (result.cut > 0)
        job_count(job, "left_out", (int64_t)result.cut);
    job_message(job, "%zu pairs are probably one person", result.pairs);
    return STATUS_OK;
}

const struct job_kind duplicates_job = {
    .name = "duplicates", .permission = PERMISSION_MEMBERS_MERGE, .run = run, .release = free};

static enum status set_nightly(struct call *call, bool nightly, struct error *err)
{
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = queue_nightly_put(session, nightly, err);
    if (status == STATUS_OK)
        status = call_audit(call, "duplicates.nightly", 0, (struct text){NULL, 0},
                            nightly ? TEXT("{\"nightly\":\"on\"}") : TEXT("{\"nightly\":\"off\"}"), err);
    if (status == STATUS_OK)
        return call_write_commit(call, session, err);
    call_write_rollback(call, session);
    return status;
}

enum status duplicates_scan_handle(struct call *call, struct item *item, struct error *err)
{
    const struct scan_body *body = item->body;
    double *threshold = malloc(sizeof *threshold);
    enum status status = STATUS_OK;

    if (threshold == NULL)
        return error_set(err, STATUS_LIMIT, "duplicates.memory", "", "there is no memory to search with");
    *threshold = (double)body->threshold / MILLION;
    if (body->nightly >= 0)
        status = set_nightly(call, body->nightly == 1, err);
    if (status != STATUS_OK) {
        free(threshold);
        return status;
    }
    return call_job(call, item, &duplicates_job, threshold, err);
}

/* ---- the queue ---- */

static const char *const listed_states[] = {"open", "later", "different", "merged", NULL};
static const char *const shown_states[] = {"open", "later", "different", "merged", "unmerged", NULL};

struct duplicates_query {
    struct page page;
    int state;
};
static const struct field query_fields[] = {
    PAGE_FIELDS(struct duplicates_query),
    {.name = "state",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct duplicates_query, state),
     .choices = listed_states,
     .about = "open when absent; merged lists those merged by a decision, also when that was undone."},
};
const struct shape duplicates_query_shape = {
    .name = "DuplicatesQuery", .size = sizeof(struct duplicates_query), SHAPE_FIELDS(query_fields)};

static const struct field person_fields[] = {
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "members", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_TEXT},
    {.name = "family_name", .type = FIELD_TEXT},
    {.name = "given_name", .type = FIELD_TEXT},
    {.name = "display_name", .type = FIELD_TEXT},
    {.name = "gender", .type = FIELD_TEXT},
    {.name = "birthday", .type = FIELD_TEXT},
    {.name = "birthday_calendar", .type = FIELD_TEXT},
    {.name = "language", .type = FIELD_TEXT},
    {.name = "time_zone", .type = FIELD_TEXT},
    {.name = "country", .type = FIELD_TEXT},
    {.name = "region", .type = FIELD_TEXT},
    {.name = "city", .type = FIELD_TEXT},
    {.name = "address", .type = FIELD_TEXT},
    {.name = "postal_code", .type = FIELD_TEXT},
    {.name = "phones", .type = FIELD_LIST, .element = FIELD_TEXT},
    {.name = "emails", .type = FIELD_LIST, .element = FIELD_TEXT},
};
static const struct shape person_shape = {.name = "DuplicatePerson",
                                          .about = "Masked for whoever may not see phones and e-mails whole.",
                                          SHAPE_FIELDS(person_fields)};
static const struct field evidence_fields[] = {
    {.name = "field", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "level", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "first", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "The value as compared."},
    {.name = "second", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "weight",
     .type = FIELD_DECIMAL,
     .flags = FIELD_REQUIRED,
     .scale = WEIGHT_DECIMALS,
     .about = "Bits for being one person; negative: against it."},
};
static const struct shape evidence_shape = {.name = "DuplicateEvidence", SHAPE_FIELDS(evidence_fields)};
static const struct field duplicate_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "dup"},
    {.name = "state", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = shown_states},
    {.name = "probability", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = PROBABILITY_DECIMALS},
    {.name = "weight", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = WEIGHT_DECIMALS},
    {.name = "rarity",
     .type = FIELD_DECIMAL,
     .flags = FIELD_REQUIRED,
     .scale = WEIGHT_DECIMALS,
     .about = "The part of the weight that comes of rare values."},
    {.name = "found_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "decided_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
    {.name = "first", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .shape = &person_shape},
    {.name = "second", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .shape = &person_shape},
    {.name = "evidence",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &evidence_shape,
     .about = "The fields that both have, as they are now."},
};
const struct shape duplicate_shape = {
    .name = "Duplicate", .about = "Two persons that are probably one.", SHAPE_FIELDS(duplicate_fields)};

static void write_texts(struct json_writer *writer, const char *name, const struct text *texts, size_t count)
{
    writer_list(writer, name);
    for (size_t i = 0; i < count; i++)
        writer_text(writer, NULL, texts[i]);
    writer_end(writer);
}

static void write_person(struct json_writer *writer, const char *name, const struct queue_person *person)
{
    writer_object(writer, name);
    writer_id(writer, "member", "mbr", person->members[0]);
    writer_list(writer, "members");
    for (size_t i = 0; i < person->member_count; i++)
        writer_id(writer, NULL, "mbr", person->members[i]);
    writer_end(writer);
    for (size_t i = 0; i < PROFILE_FIELD_COUNT; i++)
        writer_text(writer, profile_field_names[i], person->profile.fields[i]);
    write_texts(writer, "phones", person->phones, person->phone_count);
    write_texts(writer, "emails", person->emails, person->email_count);
    writer_end(writer);
}

static void write_view(struct json_writer *writer, const struct queue_view *view)
{
    writer_id(writer, "id", "dup", view->pair.id);
    writer_string(writer, "state", queue_pair_state(&view->pair));
    writer_decimal(writer, "probability", view->pair.probability, PROBABILITY_DECIMALS);
    writer_decimal(writer, "weight", view->pair.score, WEIGHT_DECIMALS);
    writer_decimal(writer, "rarity", view->pair.rarity, WEIGHT_DECIMALS);
    writer_instant(writer, "found_at", view->pair.found_at);
    writer_instant(writer, "decided_at", view->pair.decided_at);
    write_person(writer, "first", &view->persons[0]);
    write_person(writer, "second", &view->persons[1]);
    writer_list(writer, "evidence");
    for (size_t i = 0; i < view->evidence_count; i++) {
        const struct duplicate_evidence *evidence = &view->evidence[i];
        writer_object(writer, NULL);
        writer_string(writer, "field", duplicate_field_names[evidence->field]);
        writer_string(writer, "level", evidence->level);
        writer_text(writer, "first", evidence->first);
        writer_text(writer, "second", evidence->second);
        writer_decimal(writer, "weight", llround(evidence->weight * 1000), WEIGHT_DECIMALS);
        writer_end(writer);
    }
    writer_end(writer);
}

static bool is_masked(const struct call *call)
{
    return !call_may(call, PERMISSION_MEMBERS_CONTACT);
}

/* Of each pair, whether the caller sees both persons. */
static enum status pairs_inside(struct call *call, struct storage_session *session, const struct queue_pair *pairs,
                                size_t count, bool **out, struct error *err)
{
    int64_t *leaders = arena_array(call->arena, 2 * count + 1, sizeof *leaders);
    bool *inside = arena_array(call->arena, 2 * count + 1, sizeof *inside);

    for (size_t i = 0; i < 2 * count; i++)
        leaders[i] = pairs[i / 2].leaders[i % 2];
    enum status status = call_members_inside(call, session, &(struct scope_people){leaders, 2 * count, inside}, err);
    for (size_t i = 0; i < count; i++)
        inside[i] = inside[2 * i] && inside[2 * i + 1];
    *out = inside;
    return status;
}

enum status duplicates_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct duplicates_query *query = call->query;
    struct queue_page page = {.state = query->state, .limit = query->page.limit + 1};
    struct cursor cursor = {.integer_count = 2};
    struct storage_session *session;
    struct queue_list list;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &page.given, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    page.score = cursor.integers[0];
    page.id = cursor.integers[1];
    status = queue_pairs_list(session, call->arena, &page, &list, err);
    bool more = status == STATUS_OK && list.count > (size_t)query->page.limit;
    size_t shown = status == STATUS_OK ? list.count - more : 0;
    struct queue_view *views = arena_array(call->arena, shown + 1, sizeof *views);
    bool *inside = NULL;
    if (status == STATUS_OK)
        status = pairs_inside(call, session, list.pairs, shown, &inside, err);
    if (status == STATUS_OK)
        status = queue_views_read(session, call->arena, &(struct queue_list){.pairs = list.pairs, .count = shown},
                                  is_masked(call), views, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < shown; i++) {
        if (inside[i]) {
            writer_object(&item->writer, NULL);
            write_view(&item->writer, &views[i]);
            writer_end(&item->writer);
        }
        cursor.integers[0] = list.pairs[i].score;
        cursor.integers[1] = list.pairs[i].id;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

/* STATUS_FORBIDDEN `auth.scope` unless the caller sees both. */
static enum status find_pair(struct call *call, struct storage_session *session, int64_t id, struct queue_pair *out,
                             struct error *err)
{
    bool *inside;
    enum status status = queue_pair_get(session, id, out, err);

    if (status == STATUS_OK)
        status = pairs_inside(call, session, out, 1, &inside, err);
    if (status == STATUS_OK && !inside[0])
        return error_set(err, STATUS_FORBIDDEN, "auth.scope", "",
                         "one of the two was never in the part of the company that you see");
    return status;
}

static enum status read_pair(struct call *call, int64_t *id, struct queue_pair *out, struct error *err)
{
    struct storage_session *session;
    enum status status = call_path_id(call, 0, "dup", id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = find_pair(call, session, *id, out, err);
    call_read_end(call, session);
    return status;
}

enum status duplicate_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct queue_view *view = arena_alloc(call->arena, sizeof *view);
    struct storage_session *session;
    struct queue_pair pair;
    int64_t id;
    enum status status = call_path_id(call, 0, "dup", &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = find_pair(call, session, id, &pair, err);
    if (status == STATUS_OK)
        status = queue_views_read(session, call->arena, &(struct queue_list){.pairs = &pair, .count = 1},
                                  is_masked(call), view, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        write_view(&item->writer, view);
    return status;
}

/* ---- deciding ---- */

enum decision_choice { CHOOSE_MERGE, CHOOSE_DIFFERENT, CHOOSE_LATER };
static const char *const choices[] = {"merge", "different", "later", NULL};

struct decision_body {
    int decision;
    int64_t leader;
    bool accept_conflicts;
};
static const struct field decision_fields[] = {
    {.name = "decision",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct decision_body, decision),
     .choices = choices,
     .about = "different: never asked again; later: asked again after a week."},
    {.name = "leader",
     .type = FIELD_ID,
     .offset = offsetof(struct decision_body, leader),
     .prefix = "mbr",
     .about = "Of a merge: the member who stays; the first when absent."},
    {.name = "accept_conflicts",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct decision_body, accept_conflicts),
     .about = "Merge although birthday or gender differ."},
};
const struct shape duplicate_decision_shape = {
    .name = "DuplicateDecision", .size = sizeof(struct decision_body), SHAPE_FIELDS(decision_fields)};
static const struct field decided_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "dup"},
    {.name = "state", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = shown_states},
    {.name = "merge", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "evt"},
    {.name = "into", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "mbr"},
    {.name = "from", .type = FIELD_ID, .flags = FIELD_NULLABLE, .prefix = "mbr"},
};
const struct shape duplicate_decided_shape = {.name = "DuplicateDecided", SHAPE_FIELDS(decided_fields)};

static void write_decided(struct json_writer *writer, int64_t id, const char *state, const struct merge_members *merge)
{
    writer_id(writer, "id", "dup", id);
    writer_string(writer, "state", state);
    writer_id(writer, "merge", "evt", merge == NULL ? 0 : merge->merge);
    writer_id(writer, "into", "mbr", merge == NULL ? 0 : merge->into);
    writer_id(writer, "from", "mbr", merge == NULL ? 0 : merge->from);
}

static enum status start_merge(struct item *item, const struct queue_pair *pair, const struct decision_body *given,
                               struct error *err)
{
    bool second = given->leader == pair->members[1] || given->leader == pair->leaders[1];

    if (given->leader != 0 && !second && given->leader != pair->members[0] && given->leader != pair->leaders[0])
        return error_set(err, STATUS_INVALID, "duplicate.leader", "leader", "the leader is neither of the two");
    struct command *command = item_command(item, &merge_duplicate_type, sizeof(struct merge_duplicate));
    struct merge_duplicate *body = command->body;
    body->pair = pair->id;
    body->merge.accept_conflicts = given->accept_conflicts;
    body->merge.load.parts[0] = body->merge.load.parts[1] = PART_PROFILE | PART_DAYS;
    command_subject_member(command, pair->leaders[second ? 1 : 0]);
    command_subject_member(command, pair->leaders[second ? 0 : 1]);
    return STATUS_OK;
}

enum status duplicate_decide_write(struct storage_session *session, struct arena *arena, const struct queue_pair *pair,
                                   enum duplicate_state state, const struct audit_entry *by, struct error *err)
{
    struct audit_entry entry = *by;
    struct queue_pair after = *pair;

    if (pair->leaders[0] == pair->leaders[1])
        return error_set(err, STATUS_CONFLICT, "duplicate.merged", "decision",
                         "the two are one person already: undo the merge first");
    after.state = (int)state;
    entry.what = TEXT("duplicate.decided");
    entry.subject = pair->id;
    entry.before = text_from(arena_format(arena, "{\"state\":\"%s\"}", queue_pair_state(pair)));
    entry.after = text_from(arena_format(arena, "{\"state\":\"%s\"}", queue_pair_state(&after)));
    enum status status = queue_pair_decide(session, pair->id, state, by->at, err);
    return status == STATUS_OK ? audit_write(session, &entry, err) : status;
}

static enum status decide_now(struct call *call, struct item *item, const struct queue_pair *pair,
                              enum duplicate_state state, struct error *err)
{
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = duplicate_decide_write(session, call->arena, pair, state,
                                    &(struct audit_entry){.at = call->now, .actor = call->actor}, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    write_decided(&item->writer, pair->id, state == DUPLICATE_LATER ? "later" : "different", NULL);
    return call_write_commit(call, session, err);
}

enum status duplicate_decide_handle(struct call *call, struct item *item, struct error *err)
{
    const struct decision_body *given = item->body;
    struct queue_pair pair;
    int64_t id;
    enum status status = read_pair(call, &id, &pair, err);

    if (status != STATUS_OK)
        return status;
    if (given->decision == CHOOSE_MERGE)
        return start_merge(item, &pair, given, err);
    return decide_now(call, item, &pair, given->decision == CHOOSE_LATER ? DUPLICATE_LATER : DUPLICATE_DIFFERENT, err);
}

void duplicate_decide_finish(struct item *item, struct json_writer *writer)
{
    const struct merge_duplicate *body = item->command->body;

    write_decided(writer, body->pair, "merged", &body->merge);
}
