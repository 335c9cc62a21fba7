#include "features/definitions/advertised.h"

const char *const advertised_languages[] = {"en", "zh-CN", "zh-TW", NULL};

int advertised_language(const struct advertised *advertised, int language)
{
    static const int instead[ADVERTISED_LANGUAGES][ADVERTISED_LANGUAGES] = {{0, 1, 2}, {1, 2, 0}, {2, 1, 0}};

    for (size_t i = 0; i < ADVERTISED_LANGUAGES; i++)
        if (advertised->texts[instead[language][i]].title.size > 0)
            return instead[language][i];
    return language;
}

bool advertisement_of(const struct definition_kind *kind, const struct definition *definition, struct text channel,
                      struct advertisement *out)
{
    const struct advertised *advertised = kind->advertised != NULL ? kind->advertised(definition->parsed) : NULL;
    size_t found = 0;

    if (advertised == NULL)
        return false;
    while (found < advertised->channel_count && !text_equal(advertised->channels[found], channel))
        found++;
    *out = (struct advertisement){kind, definition, advertised, definition->from, definition->until};
    if (advertised->from > out->from)
        out->from = advertised->from;
    if (advertised->until < out->until)
        out->until = advertised->until;
    return found < advertised->channel_count && out->from < out->until;
}

bool advertisement_at(const struct programme_set *set, const struct definition_kind *kind, struct text code,
                      struct text channel, int64_t at, struct advertisement *out)
{
    const struct definition *definition = definition_at(set, kind, code, at);

    return definition != NULL && advertisement_of(kind, definition, channel, out) && out->from <= at && at < out->until;
}
