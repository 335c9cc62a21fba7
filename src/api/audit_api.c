/* audit_api.c: the audit trail over the API. */
#include <string.h>

#include "api/audit_store.h"
#include "api/call.h"
#include "api/page.h"
#include "api/routes.h"
#include "foundation/mask.h"

struct audit_query {
    struct page page;
    int64_t from, to;
    struct text actor, what, subject;
};

static const struct field query_fields[] = {
    PAGE_FIELDS(struct audit_query),
    {.name = "from", .type = FIELD_INSTANT, .offset = offsetof(struct audit_query, from)},
    {.name = "to", .type = FIELD_INSTANT, .offset = offsetof(struct audit_query, to)},
    {.name = "actor", .type = FIELD_TEXT, .offset = offsetof(struct audit_query, actor), .maximum = 128},
    {.name = "what", .type = FIELD_TEXT, .offset = offsetof(struct audit_query, what), .maximum = 64},
    {.name = "subject",
     .type = FIELD_TEXT,
     .offset = offsetof(struct audit_query, subject),
     .maximum = ID_TEXT_SIZE,
     .about = "The id of what was changed."},
};
static const struct shape query_shape = {
    .name = "AuditQuery", .size = sizeof(struct audit_query), SHAPE_FIELDS(query_fields)};

static const struct field entry_fields[] = {
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "actor", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "what", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "subject", .type = FIELD_ID, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "before", .type = FIELD_JSON},
    {.name = "after", .type = FIELD_JSON},
};
static const struct shape entry_shape = {.name = "AuditEntry", SHAPE_FIELDS(entry_fields)};

/* The prefix of a subject's id, by the first word of what happened to it. */
static const struct {
    const char *what, *prefix;
} prefixes[] = {{"user", "usr"}, {"session", "usr"}, {"key", "key"}, {"member", "mbr"}, {"job", "job"}};
static const char other_prefix[] = "evt";

static const char *prefix_of(struct text what)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        struct text word = text_from(prefixes[i].what);
        if (text_starts_with(what, word) && what.size > word.size && what.bytes[word.size] == '.')
            return prefixes[i].prefix;
    }
    return other_prefix;
}

static bool read_subject(struct text subject, int64_t *out)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (id_parse(prefixes[i].prefix, subject, out))
            return true;
    return id_parse(other_prefix, subject, out);
}

static void write_entry(const struct call *call, struct json_writer *writer, const struct audit_entry *entry)
{
    bool whole = call_may(call, PERMISSION_MEMBERS_CONTACT);
    writer_object(writer, NULL);
    writer_instant(writer, "at", entry->at);
    writer_text(writer, "actor", entry->actor);
    writer_text(writer, "what", entry->what);
    writer_id(writer, "subject", prefix_of(entry->what), entry->subject);
    writer_raw(writer, "before", whole ? entry->before : mask_contacts_in_json(call->arena, entry->before));
    writer_raw(writer, "after", whole ? entry->after : mask_contacts_in_json(call->arena, entry->after));
    writer_end(writer);
}

static enum status read_filter(struct call *call, struct audit_filter *filter, struct error *err)
{
    const struct audit_query *query = call->query;
    bool given;
    *filter = (struct audit_filter){.from = query->from,
                                    .to = query->to == 0 ? INT64_MAX : query->to,
                                    .actor = query->actor,
                                    .what = query->what,
                                    .limit = query->page.limit + 1,
                                    .before = {.integer_count = 3}};
    if (filter->actor.bytes == NULL)
        filter->actor = TEXT("");
    if (filter->what.bytes == NULL)
        filter->what = TEXT("");
    if (filter->from >= filter->to)
        return error_set(err, STATUS_INVALID, "audit.range", "to", "'to' must be after 'from'");
    if (query->subject.size > 0 && !read_subject(query->subject, &filter->subject))
        return error_set(err, STATUS_INVALID, "json.id", "subject", "this is not an id");
    enum status status = cursor_read(call->arena, query->page.after, &filter->before, &given, err);
    if (status == STATUS_OK && !given)
        for (int i = 0; i < 3; i++)
            filter->before.integers[i] = INT64_MAX;
    return status;
}

static enum status list_handle(struct call *call, struct item *item, struct error *err)
{
    struct audit_filter filter;
    struct audit_rows rows = {.items = NULL};
    struct storage_session *session;
    enum status status = read_filter(call, &filter, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = audit_read(session, call->arena, &filter, &rows, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;

    bool more = rows.count == (size_t)filter.limit;
    size_t shown = more ? rows.count - 1 : rows.count;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < shown; i++)
        if (call_sees_actor(call, rows.items[i].actor))
            write_entry(call, &item->writer, &rows.items[i]);
    writer_end(&item->writer);
    struct cursor last = {.integer_count = 3};
    if (shown > 0) {
        last.integers[0] = rows.items[shown - 1].at;
        last.integers[1] = rows.items[shown - 1].bucket;
        last.integers[2] = rows.items[shown - 1].id;
    }
    page_end(&item->writer, call->arena, &last, more);
    return STATUS_OK;
}

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/audit",
     .operation = "list_audit",
     .summary = "Who changed what, newest first",
     .permission = PERMISSION_AUDIT_READ,
     .scope = SCOPE_ACTOR,
     .query = &query_shape,
     .kind = REPLY_PAGE,
     .reply = &entry_shape,
     .handle = list_handle},
};

const struct feature audit_feature = {
    .name = "audit", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
