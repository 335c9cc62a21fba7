#include "features/programme/feed_policy.h"

#include "features/programme/programme_read.h"

const struct feed_policy *feed_policy_of(const struct programme *programme, struct text channel)
{
    for (size_t i = 0; i < programme->feed_count; i++)
        if (text_equal(programme->feeds[i].channel, channel))
            return &programme->feeds[i];
    return NULL;
}

/* It goes into a header as it is: scheme, host and port, nothing else. */
static bool is_origin(struct text origin)
{
    const struct text scheme = TEXT("https://");

    if (!text_starts_with(origin, scheme) || origin.size == scheme.size || origin.size > FEED_FRAME_SIZE_MAX)
        return false;
    for (size_t i = scheme.size; i < origin.size; i++) {
        char c = origin.bytes[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':';
        if (!good)
            return false;
    }
    return true;
}

static enum status read_feed(const struct object *object, struct feed_policy *feed)
{
    static const char *const fields[] = {"channel", "public", "frames", NULL};

    TRY(object_check(object, fields));
    TRY(object_code(object, "channel", true, &feed->channel));
    TRY(object_boolean(object, "public", &feed->open));
    TRY(object_list(object, "frames", (struct range){0, FEED_FRAMES_MAX}, &feed->frame_count));
    struct text *frames = arena_array(object->arena, feed->frame_count + 1, sizeof *frames);
    for (size_t i = 0; i < feed->frame_count; i++) {
        const json_t *one = json_array_get(json_object_get(object->json, "frames"), i);
        frames[i] = text_copy(object->arena, (struct text){json_string_value(one), json_string_length(one)});
        if (!is_origin(frames[i]))
            return object_refuse(object, "frames", "addresses such as https://shop.example are expected");
    }
    feed->frames = frames;
    return STATUS_OK;
}

enum status feed_policies_read(const struct object *document, struct programme *programme)
{
    int64_t minutes = 0;

    TRY(object_integer(document, "promise_grace_minutes", false, (struct range){0, PROMISE_GRACE_MINUTES_MAX},
                       &minutes));
    programme->promise_grace = minutes * INSTANT_MINUTE;
    TRY(object_list(document, "feeds", (struct range){0, FEEDS_MAX}, &programme->feed_count));
    struct feed_policy *feeds = arena_array(document->arena, programme->feed_count + 1, sizeof *feeds);
    for (size_t i = 0; i < programme->feed_count; i++) {
        struct object object = object_element(document, "feeds", i);
        TRY(read_feed(&object, &feeds[i]));
        for (size_t before = 0; before < i; before++)
            if (text_equal(feeds[before].channel, feeds[i].channel))
                return object_refuse(&object, "channel", "each channel has one feed");
    }
    programme->feeds = feeds;
    return STATUS_OK;
}
