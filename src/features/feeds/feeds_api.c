/* What is advertised, its versions and the proof, over HTTP. */
#include "features/feeds/feeds_api.h"

#include <stddef.h>
#include <string.h>

#include "api/page.h"
#include "features/feeds/feeds_store.h"
#include "features/programme/feed_policy.h"
#include "foundation/encoding.h"
#include "foundation/secret.h"

/* ---- shapes ---- */

static const char *const languages[] = {"en", "zh-CN", "zh-TW", NULL};

struct feed_query {
    int language;
    int64_t at;
};
static const struct field feed_query_fields[] = {
    {.name = "language",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct feed_query, language),
     .choices = languages,
     .about = "What is not there in it comes in another."},
    {.name = "at",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct feed_query, at),
     .about = "What was, or by what is published will be, shown then; not without a key."},
};
const struct shape feed_query_shape = {
    .name = "FeedQuery", .size = sizeof(struct feed_query), SHAPE_FIELDS(feed_query_fields)};

static const struct field terms_fields[] = {
    {.name = "minimum_spend", .type = FIELD_AMOUNT},
    {.name = "points", .type = FIELD_INTEGER, .about = "What it costs."},
    {.name = "members", .type = FIELD_BOOLEAN, .about = "Only for members."},
    {.name = "code", .type = FIELD_BOOLEAN, .about = "A code opens it."},
    {.name = "until", .type = FIELD_INSTANT, .about = "When it is over, as far as it is known."},
};
static const struct shape terms_shape = {.name = "AdvertisedTerms", SHAPE_FIELDS(terms_fields)};

#define ITEM_FIELDS                                                                                                  \
    {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "offer, reward, challenge ..."},          \
        {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},                                               \
        {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},                                         \
        {.name = "from", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "Shown since."},  \
        {.name = "until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "Shown until."}, \
        {.name = "language", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},                                           \
        {.name = "title", .type = FIELD_TEXT, .flags = FIELD_REQUIRED}, {.name = "text", .type = FIELD_TEXT},        \
        {.name = "picture", .type = FIELD_TEXT}, {.name = "link", .type = FIELD_TEXT},                               \
    {                                                                                                                \
        .name = "terms", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .shape = &terms_shape                        \
    }
static const struct field item_fields[] = {ITEM_FIELDS};
static const struct shape item_shape = {.name = "Advertised", SHAPE_FIELDS(item_fields)};

static const struct field feed_fields[] = {
    {.name = "channel", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "language", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "from",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "This version of the feed began then; null: longer ago than can be told here."},
    {.name = "until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .about = "The next change."},
    {.name = "items", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &item_shape},
};
const struct shape feed_shape = {.name = "Feed", SHAPE_FIELDS(feed_fields)};

struct feed_versions_query {
    struct page page;
    int64_t from, until;
};
static const struct field versions_query_fields[] = {
    PAGE_FIELDS(struct feed_versions_query),
    {.name = "from",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct feed_versions_query, from),
     .about = "Versions that were shown then or later."},
    {.name = "until",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct feed_versions_query, until),
     .about = "Versions that began before; usually all, what is planned too."},
};
const struct shape feed_versions_query_shape = {
    .name = "FeedVersionsQuery", .size = sizeof(struct feed_versions_query), SHAPE_FIELDS(versions_query_fields)};

static const struct field version_item_fields[] = {
    {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape version_item_shape = {.name = "FeedVersionItem", SHAPE_FIELDS(version_item_fields)};
static const struct field version_fields[] = {
    {.name = "from", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "items",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &version_item_shape},
};
const struct shape feed_version_shape = {.name = "FeedVersion", SHAPE_FIELDS(version_fields)};

struct feed_proof_query {
    struct text item, kind;
    int64_t at;
    int language;
};
static const struct field proof_query_fields[] = {
    {.name = "item",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct feed_proof_query, item),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "The code of what is said to have been shown."},
    {.name = "kind",
     .type = FIELD_TEXT,
     .offset = offsetof(struct feed_proof_query, kind),
     .maximum = CODE_SIZE_MAX,
     .about = "offer, reward ...: when several have the code."},
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED, .offset = offsetof(struct feed_proof_query, at)},
    {.name = "language",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct feed_proof_query, language),
     .choices = languages},
};
const struct shape feed_proof_query_shape = {
    .name = "FeedProofQuery", .size = sizeof(struct feed_proof_query), SHAPE_FIELDS(proof_query_fields)};

static const struct field proof_fields[] = {
    {.name = "channel", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "item", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "shown", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "as", .type = FIELD_OBJECT, .shape = &item_shape, .about = "As it was shown: the version and its words."},
    {.name = "honoured_until",
     .type = FIELD_INSTANT,
     .flags = FIELD_NULLABLE,
     .about = "An offer: the grace of the programme after its end."},
    {.name = "before", .type = FIELD_OBJECT, .shape = &item_shape, .about = "Not shown: the last that was before."},
    {.name = "after", .type = FIELD_OBJECT, .shape = &item_shape, .about = "Not shown: the next that was afterwards."},
};
const struct shape feed_proof_shape = {.name = "FeedProof", SHAPE_FIELDS(proof_fields)};

/* ---- writing ---- */

static void write_instant(struct json_writer *writer, const char *name, int64_t instant)
{
    writer_instant(writer, name, instant == INT64_MIN ? INSTANT_NEVER : instant);
}

static void write_terms(struct json_writer *writer, const struct feed_asked *asked, const struct advertisement *one)
{
    const struct advertised_terms *terms = &one->advertised->terms;
    int64_t until = terms->until < one->definition->until ? terms->until : one->definition->until;

    writer_object(writer, "terms");
    if (terms->minimum_spend > 0)
        writer_amount(writer, "minimum_spend", terms->minimum_spend, programme_at(asked->set, one->from)->currency);
    if (terms->points > 0)
        writer_integer(writer, "points", terms->points);
    if (terms->members)
        writer_boolean(writer, "members", true);
    if (terms->code)
        writer_boolean(writer, "code", true);
    if (until != INSTANT_NEVER)
        writer_instant(writer, "until", until);
    writer_end(writer);
}

static void write_item(struct json_writer *writer, const char *name, const struct feed_asked *asked,
                       const struct advertisement *one)
{
    int language = advertised_language(one->advertised, asked->language);
    const struct advertised_text *text = &one->advertised->texts[language];

    writer_object(writer, name);
    writer_string(writer, "kind", one->kind->name);
    writer_text(writer, "code", one->definition->code);
    writer_integer(writer, "version", one->definition->version);
    write_instant(writer, "from", one->from);
    write_instant(writer, "until", one->until);
    writer_string(writer, "language", advertised_languages[language]);
    writer_text(writer, "title", text->title);
    if (text->about.size > 0)
        writer_text(writer, "text", text->about);
    if (text->picture.size > 0)
        writer_text(writer, "picture", text->picture);
    if (text->link.size > 0)
        writer_text(writer, "link", text->link);
    write_terms(writer, asked, one);
    writer_end(writer);
}

void feed_write(struct json_writer *writer, const struct feed_asked *asked, const struct feed *feed)
{
    writer_text(writer, "channel", asked->channel);
    writer_string(writer, "language", advertised_languages[asked->language]);
    write_instant(writer, "from", feed->from);
    write_instant(writer, "until", feed->until);
    writer_list(writer, "items");
    for (size_t i = 0; i < feed->count; i++)
        write_item(writer, NULL, asked, feed->items[i]);
    writer_end(writer);
}

void feed_version_write(struct json_writer *writer, const struct feed_asked *asked, const struct feed *feed)
{
    (void)asked;
    write_instant(writer, "from", feed->from);
    write_instant(writer, "until", feed->until);
    writer_list(writer, "items");
    for (size_t i = 0; i < feed->count; i++) {
        writer_object(writer, NULL);
        writer_string(writer, "kind", feed->items[i]->kind->name);
        writer_text(writer, "code", feed->items[i]->definition->code);
        writer_integer(writer, "version", feed->items[i]->definition->version);
        writer_end(writer);
    }
    writer_end(writer);
}

/* An offer's end is that of the version, or of its own schedule. */
static void write_honoured(struct json_writer *writer, const struct feed_asked *asked, const struct advertisement *one)
{
    int64_t end = one->definition->until;

    if (strcmp(one->kind->name, "offer") != 0)
        return;
    if (one->advertised->terms.until < end)
        end = one->advertised->terms.until;
    if (end < INSTANT_OPEN)
        end += programme_at(asked->set, end)->promise_grace;
    writer_instant(writer, "honoured_until", end);
}

void feed_proof_write(struct json_writer *writer, const struct feed_asked *asked, struct text code, int64_t at,
                      const struct feed_proof *proof)
{
    writer_text(writer, "channel", asked->channel);
    writer_text(writer, "item", code);
    writer_instant(writer, "at", at);
    writer_boolean(writer, "shown", proof->shown != NULL);
    if (proof->shown != NULL) {
        write_item(writer, "as", asked, proof->shown);
        write_honoured(writer, asked, proof->shown);
    }
    if (proof->before != NULL)
        write_item(writer, "before", asked, proof->before);
    if (proof->after != NULL)
        write_item(writer, "after", asked, proof->after);
}

/* ---- the feed ---- */

enum status feed_enter(const struct call *call, bool *open, struct error *err)
{
    const struct feed_policy *policy = feed_policy_of(programme_at(call->programmes, call->now), call->parameters[0]);

    *open = policy != NULL && policy->open;
    if (*open || call->actor.size > 0)
        return STATUS_OK;
    return error_set(err, STATUS_UNAUTHORISED, "auth.required", "",
                     "this feed is not public: send an API key as 'Authorization: Bearer ptk_...', or sign in");
}

int64_t feed_age(const struct feed *feed, int64_t now)
{
    int64_t left = feed->until == INSTANT_NEVER ? FEED_AGE_SECONDS_MAX : (feed->until - now) / INSTANT_SECOND;

    return left < FEED_AGE_SECONDS_MAX ? left : FEED_AGE_SECONDS_MAX;
}

static struct feed_asked asked_of(const struct call *call, int language)
{
    return (struct feed_asked){call->arena, call->programmes, call->parameters[0], language};
}

/* The reply is the same as long as nothing of it changes. */
static const char *tag_of(struct call *call, const struct feed_asked *asked, const struct feed *feed)
{
    unsigned char digest[DIGEST_SIZE];
    char hex[DIGEST_SIZE * 2 + 1];
    struct json_writer writer;

    writer_start(&writer, call->arena);
    writer_object(&writer, NULL);
    feed_write(&writer, asked, feed);
    writer_end(&writer);
    struct text text = writer_done(&writer);
    digest_compute(text.bytes, text.size, digest);
    return arena_format(call->arena, "\"%.32s\"", hex_encode(digest, DIGEST_SIZE, hex));
}

static bool has_tag(const struct call *call, const char *tag)
{
    struct text given = call_header(call, "If-None-Match");

    return given.size > 0 && memmem(given.bytes, given.size, tag, strlen(tag)) != NULL;
}

static void cache(struct call *call, bool open, int64_t seconds)
{
    call_reply_header(call, "Cache-Control",
                      arena_format(call->arena, "%s, max-age=%lld", open ? "public" : "private", (long long)seconds));
    if (open)
        call_reply_header(call, "Access-Control-Allow-Origin", "*");
}

static enum status write_then(struct call *call, struct item *item, const struct feed_asked *asked, int64_t at,
                              struct error *err)
{
    struct arena *arena = arena_new(ADVERTISEMENTS_ARENA_BYTES);
    struct advertisements all;
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status == STATUS_OK) {
        status = advertisements_read(session, arena, call->programmes, asked->channel, &all, err);
        call_read_end(call, session);
    }
    if (status == STATUS_OK) {
        struct feed feed = feed_at(arena, &all, at);
        feed_write(&item->writer, asked, &feed);
    }
    arena_free(arena);
    return status;
}

enum status feed_handle(struct call *call, struct item *item, struct error *err)
{
    const struct feed_query *query = call->query;
    const struct feed_asked asked = asked_of(call, query->language);
    struct advertisements all;
    bool open;
    enum status status = feed_enter(call, &open, err);

    if (status != STATUS_OK)
        return status;
    if (query->at != 0 && call->actor.size > 0)
        return write_then(call, item, &asked, query->at, err);
    if (query->at != 0)
        return error_set(err, STATUS_UNAUTHORISED, "auth.required", "at", "another time is not told without a key");
    advertisements_gather(call->arena, call->programmes, asked.channel, &all);
    struct feed feed = feed_at(call->arena, &all, call->now);
    const char *tag = tag_of(call, &asked, &feed);
    call_reply_header(call, "ETag", tag);
    cache(call, open, feed_age(&feed, call->now));
    if (has_tag(call, tag))
        item->status = 304;
    else
        feed_write(&item->writer, &asked, &feed);
    return STATUS_OK;
}

/* ---- versions ---- */

static void write_versions(struct item *item, struct arena *arena, const struct advertisements *all, int64_t before)
{
    const struct feed_versions_query *query = item->call->query;
    const struct feed_asked asked = asked_of(item->call, 0);
    const int64_t *changes;
    size_t limit = (size_t)query->page.limit, count = feed_changes(arena, all, before, limit + 1, &changes);
    struct cursor last = {.integer_count = 1};
    bool more = count > limit;

    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count && i < limit; i++) {
        struct feed feed = feed_at(arena, all, changes[i]);
        if (feed.until <= query->from) {
            more = false;
            break;
        }
        writer_object(&item->writer, NULL);
        feed_version_write(&item->writer, &asked, &feed);
        writer_end(&item->writer);
        last.integers[0] = changes[i];
    }
    writer_end(&item->writer);
    page_end(&item->writer, item->call->arena, &last, more);
}

enum status feed_versions_handle(struct call *call, struct item *item, struct error *err)
{
    const struct feed_versions_query *query = call->query;
    struct cursor cursor = {.integer_count = 1};
    struct advertisements all;
    struct storage_session *session;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    struct arena *arena = arena_new(ADVERTISEMENTS_ARENA_BYTES);
    int64_t before = given ? cursor.integers[0] : query->until != 0 ? query->until : INSTANT_NEVER;
    status = advertisements_read(session, arena, call->programmes, call->parameters[0], &all, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        write_versions(item, arena, &all, before);
    arena_free(arena);
    return status;
}

/* ---- the proof ---- */

static enum status find_kind(const struct programme_set *set, struct text name, const struct definition_kind **out,
                             struct error *err)
{
    const struct definition_set *all = set->definitions;

    *out = NULL;
    for (size_t i = 0; name.size > 0 && i < all->count; i++)
        if (text_equals(name, all->lists[i].kind->name))
            *out = all->lists[i].kind;
    return name.size == 0 || *out != NULL
               ? STATUS_OK
               : error_set(err, STATUS_INVALID, "definition.kind", "kind", "there is no such kind of definition");
}

enum status feed_proof_handle(struct call *call, struct item *item, struct error *err)
{
    const struct feed_proof_query *query = call->query;
    const struct feed_asked asked = asked_of(call, query->language);
    const struct definition_kind *kind;
    struct advertisements all;
    struct storage_session *session;
    enum status status = find_kind(call->programmes, query->kind, &kind, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    struct arena *arena = arena_new(ADVERTISEMENTS_ARENA_BYTES);
    status = advertisements_read(session, arena, call->programmes, asked.channel, &all, err);
    call_read_end(call, session);
    if (status == STATUS_OK) {
        struct feed_proof proof = feed_prove(&all, kind, query->item, query->at);
        feed_proof_write(&item->writer, &asked, query->item, query->at, &proof);
    }
    arena_free(arena);
    return status;
}
