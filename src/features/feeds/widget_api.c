/* The feed as a small page for a frame, without a script and without a cookie; and the script that puts the frame into a page. */
#include <stddef.h>

#include "features/feeds/feeds_api.h"
#include "features/programme/feed_policy.h"

struct widget_query {
    int language;
};
static const char *const languages[] = {"en", "zh-CN", "zh-TW", NULL};
static const struct field widget_query_fields[] = {
    {.name = "language",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct widget_query, language),
     .choices = languages},
};
const struct shape widget_query_shape = {
    .name = "WidgetQuery", .size = sizeof(struct widget_query), SHAPE_FIELDS(widget_query_fields)};

/* ---- the page ---- */

/* Whoever changes a byte of it changes the digest below, which is all that the page's policy lets through. */
static const char style[] = "body{font:15px/1.45 system-ui,sans-serif;margin:0;color:#1c1c1c;background:transparent}"
                            "article{border:1px solid #ddd;border-radius:8px;padding:12px 14px;margin:0 0 10px}"
                            "h2{font-size:16px;margin:0 0 4px}p{margin:4px 0}small{color:#595959}"
                            "img{max-width:100%;border-radius:6px;display:block;margin:0 0 8px}a{color:inherit}";
const char widget_style_digest[] = "YMOiPxqi3tmGmr83CbYt9ytqovB/we9vY80JZmr5nBE=";

static const struct words {
    const char *language, *title, *nothing, *until, *spend, *points, *members, *code;
} words[ADVERTISED_LANGUAGES] = {
    {"en", "Offers", "Nothing at the moment.", "until ", "from ", " points", "members only", "with a code"},
    {"zh-CN", "优惠", "目前没有优惠。", "截至 ", "满 ", " 积分", "会员专享", "凭优惠码"},
    {"zh-TW", "優惠", "目前沒有優惠。", "截至 ", "滿 ", " 點", "會員專享", "憑優惠碼"},
};

static void put(struct builder *out, struct text text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        if (c == '<')
            builder_string(out, "&lt;");
        else if (c == '>')
            builder_string(out, "&gt;");
        else if (c == '&')
            builder_string(out, "&amp;");
        else if (c == '"')
            builder_string(out, "&quot;");
        else if (c == '\'')
            builder_string(out, "&#39;");
        else
            builder_char(out, c);
    }
}

static void put_local_time(struct builder *out, const struct zone *zone, int64_t at)
{
    int64_t local = at + zone_offset_seconds(zone, at) * INSTANT_SECOND;
    int64_t day = local / INSTANT_DAY - (local % INSTANT_DAY < 0),
            minute = (local - day * INSTANT_DAY) / INSTANT_MINUTE;
    char text[DAY_TEXT_SIZE];

    builder_format(out, "%s %02d:%02d", day_format((int32_t)day, text), (int)(minute / 60), (int)(minute % 60));
}

static void put_terms(struct builder *out, const struct feed_asked *asked, const struct advertisement *one)
{
    const struct words *say = &words[asked->language];
    const struct advertised_terms *terms = &one->advertised->terms;
    const struct programme *programme = programme_at(asked->set, one->from);
    char amount[MONEY_TEXT_SIZE];
    const char *between = "<p><small>";
    const char *const next = " · ";

    if (terms->minimum_spend > 0) {
        builder_format(out, "%s%s%s %s", between, say->spend,
                       money_format(terms->minimum_spend, programme->exponent, amount), programme->currency);
        between = next;
    }
    if (terms->points > 0) {
        builder_format(out, "%s%lld%s", between, (long long)terms->points, say->points);
        between = next;
    }
    if (terms->members) {
        builder_format(out, "%s%s", between, say->members);
        between = next;
    }
    if (terms->code) {
        builder_format(out, "%s%s", between, say->code);
        between = next;
    }
    if (one->until != INSTANT_NEVER) {
        builder_format(out, "%s%s", between, say->until);
        put_local_time(out, programme->zone, one->until);
        between = next;
    }
    if (between == next)
        builder_string(out, "</small></p>");
}

static void put_item(struct builder *out, const struct feed_asked *asked, const struct advertisement *one)
{
    int language = advertised_language(one->advertised, asked->language);
    const struct advertised_text *text = &one->advertised->texts[language];

    builder_format(out, "<article lang=\"%s\">", advertised_languages[language]);
    if (text->picture.size > 0) {
        builder_string(out, "<img alt=\"\" src=\"");
        put(out, text->picture);
        builder_string(out, "\">");
    }
    builder_string(out, "<h2>");
    if (text->link.size > 0) {
        builder_string(out, "<a target=\"_blank\" rel=\"noopener noreferrer\" href=\"");
        put(out, text->link);
        builder_string(out, "\">");
    }
    put(out, text->title);
    builder_string(out, text->link.size > 0 ? "</a></h2>" : "</h2>");
    if (text->about.size > 0) {
        builder_string(out, "<p>");
        put(out, text->about);
        builder_string(out, "</p>");
    }
    put_terms(out, asked, one);
    builder_string(out, "</article>\n");
}

/* It loads itself again at the second of the next change. */
struct text widget_page(const struct feed_asked *asked, const struct feed *feed, int64_t now)
{
    const struct words *say = &words[asked->language];
    struct builder out = {.arena = asked->arena};

    builder_format(&out,
                   "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><title>%s</title>"
                   "<meta name=\"viewport\" content=\"width=device-width\">"
                   "<meta http-equiv=\"refresh\" content=\"%lld\"><style>%s</style></head><body>\n",
                   say->language, say->title, (long long)feed_age(feed, now) + 1, style);
    for (size_t i = 0; i < feed->count; i++)
        put_item(&out, asked, feed->items[i]);
    if (feed->count == 0)
        builder_format(&out, "<p>%s</p>\n", say->nothing);
    builder_string(&out, "</body></html>\n");
    return builder_done(&out);
}

static const char *frame_ancestors(struct arena *arena, const struct feed_policy *policy)
{
    struct builder out = {.arena = arena};

    for (size_t i = 0; policy != NULL && i < policy->frame_count; i++) {
        builder_char(&out, ' ');
        builder_text(&out, policy->frames[i]);
    }
    return out.size == 0 ? " 'none'" : text_string(arena, builder_done(&out));
}

static void headers(struct call *call, bool open, int64_t seconds)
{
    call_reply_header(call, "Cache-Control",
                      arena_format(call->arena, "%s, max-age=%lld", open ? "public" : "private", (long long)seconds));
    call_reply_header(call, "X-Content-Type-Options", "nosniff");
    call_reply_header(call, "Referrer-Policy", "no-referrer");
}

enum status widget_page_handle(struct call *call, struct item *item, struct error *err)
{
    const struct widget_query *query = call->query;
    const struct feed_asked asked = {call->arena, call->programmes, call->parameters[0], query->language};
    const struct feed_policy *policy = feed_policy_of(programme_at(call->programmes, call->now), asked.channel);
    struct advertisements all;
    bool open;
    enum status status = feed_enter(call, &open, err);

    (void)item;
    if (status != STATUS_OK)
        return status;
    advertisements_gather(call->arena, call->programmes, asked.channel, &all);
    struct feed feed = feed_at(call->arena, &all, call->now);
    headers(call, open, feed_age(&feed, call->now));
    call_reply_header(call, "Content-Security-Policy",
                      arena_format(call->arena,
                                   "default-src 'none'; img-src https:; style-src 'sha256-%s'; base-uri 'none'; "
                                   "form-action 'none'; frame-ancestors%s",
                                   widget_style_digest, frame_ancestors(call->arena, policy)));
    call_reply_content(call, "text/html; charset=utf-8", widget_page(&asked, &feed, call->now), NULL);
    return STATUS_OK;
}

/* ---- the script ---- */

/* The frame may run no script of ours, has no cookies and cannot reach the page around it; "allow-scripts" lets it load itself again. */
static const char script[] =
    "(function () {\n"
    "    \"use strict\";\n"
    "    var script = document.currentScript, frame = document.createElement(\"iframe\");\n"
    "    var wanted = script.getAttribute(\"data-language\") || document.documentElement.lang || \"en\";\n"
    "    var language = /^zh-(tw|hk|mo|hant)/i.test(wanted) ? \"zh-TW\" : /^zh/i.test(wanted) ? \"zh-CN\" : \"en\";\n"
    "    frame.src = new URL(\"widget.html\", script.src).href + \"?language=\" + language;\n"
    "    frame.title = script.getAttribute(\"data-title\") || \"Offers\";\n"
    "    frame.setAttribute(\"sandbox\", \"allow-scripts allow-popups allow-popups-to-escape-sandbox\");\n"
    "    frame.referrerPolicy = \"no-referrer\";\n"
    "    frame.style.border = \"0\";\n"
    "    frame.style.width = \"100%\";\n"
    "    frame.style.height = script.getAttribute(\"data-height\") || \"360px\";\n"
    "    script.parentNode.insertBefore(frame, script.nextSibling);\n"
    "}());\n";

enum status widget_script_handle(struct call *call, struct item *item, struct error *err)
{
    bool open;
    enum status status = feed_enter(call, &open, err);

    (void)item;
    if (status != STATUS_OK)
        return status;
    headers(call, open, FEED_AGE_SECONDS_MAX);
    call_reply_header(call, "Cross-Origin-Resource-Policy", "cross-origin");
    call_reply_content(call, "text/javascript; charset=utf-8", text_from(script), NULL);
    return STATUS_OK;
}
