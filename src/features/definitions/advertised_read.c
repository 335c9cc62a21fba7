#include "features/definitions/advertised_read.h"

/* What a browser follows or shows: never "javascript:" and its kind. */
static enum status read_address(const struct object *object, const char *name, struct text *out)
{
    TRY(object_text(object, name, false, ADVERTISED_ADDRESS_MAX, out));
    return out->size == 0 || text_starts_with(*out, TEXT("https://"))
               ? STATUS_OK
               : object_refuse(object, name, "an address that begins with https:// is expected");
}

static enum status read_texts(const struct object *object, struct advertised *advertised)
{
    static const char *const fields[] = {"title", "text", "picture", "link", NULL};
    struct object texts = object_nested(object, "texts");
    bool any = false;

    if (texts.json == NULL)
        return object_missing(object, "texts");
    TRY(object_check(&texts, advertised_languages));
    for (size_t i = 0; i < ADVERTISED_LANGUAGES; i++) {
        struct object one = object_nested(&texts, advertised_languages[i]);
        struct advertised_text *text = &advertised->texts[i];
        if (one.json == NULL)
            continue;
        any = true;
        TRY(object_check(&one, fields));
        TRY(object_text(&one, "title", true, ADVERTISED_TITLE_MAX, &text->title));
        TRY(object_text(&one, "text", false, ADVERTISED_TEXT_MAX, &text->about));
        TRY(read_address(&one, "picture", &text->picture));
        TRY(read_address(&one, "link", &text->link));
        if (text->title.size == 0)
            return object_refuse(&one, "title", "what is shown has a title");
    }
    return any ? STATUS_OK : object_refuse(object, "texts", "words in one language at least are expected");
}

static enum status read_times(const struct object *object, struct advertised *advertised)
{
    const struct advertised_terms *terms = &advertised->terms;

    advertised->from = INT64_MIN;
    advertised->until = INSTANT_NEVER;
    TRY(object_instant(object, "from", &advertised->from));
    TRY(object_instant(object, "until", &advertised->until));
    if (advertised->from < terms->from)
        advertised->from = terms->from;
    if (advertised->until > terms->until)
        advertised->until = terms->until;
    return advertised->from < advertised->until
               ? STATUS_OK
               : object_refuse(object, "until", "it is shown for no moment in which it is to be had");
}

static enum status read_channels(const struct object *object, struct advertised *advertised)
{
    if (json_object_get(object->json, "channels") == NULL)
        return object_missing(object, "channels");
    TRY(object_codes(object, "channels", &advertised->channels, &advertised->channel_count));
    if (advertised->channel_count == 0 || advertised->channel_count > ADVERTISED_CHANNELS_MAX)
        return object_refuse(object, "channels", "1 to 50 channels are expected");
    for (size_t i = 0; i < advertised->channel_count; i++)
        if (!object_code_is_valid(advertised->channels[i]))
            return object_refuse(object, "channels", "a channel has no spaces, quotes, colons or slashes");
    return STATUS_OK;
}

enum status object_advertised(const struct object *document, struct advertised_terms terms,
                              const struct advertised **out)
{
    static const char *const fields[] = {"channels", "from", "until", "texts", NULL};
    struct object object = object_nested(document, "advertised");

    *out = NULL;
    if (object.json == NULL)
        return STATUS_OK;
    struct advertised *advertised = arena_alloc(document->arena, sizeof *advertised);
    *advertised = (struct advertised){.terms = terms};
    TRY(object_check(&object, fields));
    TRY(read_channels(&object, advertised));
    TRY(read_texts(&object, advertised));
    TRY(read_times(&object, advertised));
    *out = advertised;
    return STATUS_OK;
}
