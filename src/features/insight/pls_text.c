#include "features/insight/pls_text.h"

#include <stdio.h>
#include <string.h>

const char pls_model_ecsi[] = "Image: IMAG*\n"
                              "Expectation: CUEX*\n"
                              "Quality: PERQ*\n"
                              "Value: PERV*\n"
                              "Satisfaction: CUSA*\n"
                              "Complaints: CUSCO*\n"
                              "Loyalty: CUSL*\n"
                              "Image -> Expectation, Satisfaction, Loyalty\n"
                              "Expectation -> Quality, Value, Satisfaction\n"
                              "Quality -> Value, Satisfaction\n"
                              "Value -> Satisfaction\n"
                              "Satisfaction -> Complaints, Loyalty\n"
                              "Complaints -> Loyalty\n";

enum status pls_text_fault(struct error *err, struct pls_place place, const char *format, ...)
{
    char sentence[ERROR_MESSAGE_SIZE], field[ERROR_FIELD_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    snprintf(field, sizeof field, "%d:%d", place.line, place.column);
    return error_set(err, STATUS_INVALID, "pls.model", field, "line %d, column %d of the model: %s", place.line,
                     place.column, sentence);
}

/* The text while it is split. */
struct splitting {
    struct arena *arena;
    const char *at, *end, *line_start;
    int line;
    struct pls_word *words;
    size_t count, capacity;
};

static struct pls_place place_of(const struct splitting *splitting)
{
    int column = 1;

    for (const char *c = splitting->line_start; c < splitting->at; c++)
        column += ((unsigned char)*c & 0xC0) != 0x80; /* characters, not bytes */
    return (struct pls_place){splitting->line, column};
}

static enum status add_word(struct splitting *splitting, enum pls_word_kind kind, struct text text, size_t size,
                            struct error *err)
{
    struct pls_place place = place_of(splitting);

    if (splitting->count >= PLS_WORDS_MAX)
        return pls_text_fault(err, place, "there are more than %d words", PLS_WORDS_MAX);
    splitting->words = arena_grow(splitting->arena, splitting->words, &splitting->capacity, splitting->count + 1,
                                  sizeof *splitting->words);
    splitting->words[splitting->count++] = (struct pls_word){kind, text, place};
    splitting->at += size;
    return STATUS_OK;
}

static enum status add_quoted(struct splitting *splitting, struct error *err)
{
    const char *start = splitting->at + 1, *close = start;

    while (close < splitting->end && *close != '"' && *close != '\n')
        close++;
    if (close == splitting->end || *close != '"')
        return pls_text_fault(err, place_of(splitting), "the quotation mark is not closed on this line");
    if (close == start)
        return pls_text_fault(err, place_of(splitting), "a name is empty");
    return add_word(splitting, PLS_NAME, (struct text){start, (size_t)(close - start)}, (size_t)(close - start) + 2,
                    err);
}

static bool ends_name(const char *at, const char *end)
{
    return strchr(" \t\r\n,:()#\"*", *at) != NULL || (*at == '-' && at + 1 < end && at[1] == '>');
}

static enum status add_name(struct splitting *splitting, struct error *err)
{
    const char *start = splitting->at, *stop = start;

    while (stop < splitting->end && *stop != '\0' && !ends_name(stop, splitting->end))
        stop++;
    const struct text name = {start, (size_t)(stop - start)};

    if (name.size == 0)
        return pls_text_fault(err, place_of(splitting), "'%c' is not understood here",
                              *start >= ' ' && *start < 127 ? *start : '?');
    bool prefix = stop < splitting->end && *stop == '*';

    return add_word(splitting, prefix ? PLS_PREFIX : PLS_NAME, name, name.size + prefix, err);
}

static enum status add_next(struct splitting *splitting, struct error *err)
{
    static const struct {
        char character;
        enum pls_word_kind kind;
    } signs[] = {{':', PLS_COLON}, {'(', PLS_OPEN}, {')', PLS_CLOSE}, {',', PLS_COMMA}};
    const char *at = splitting->at;

    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (*at == signs[i].character)
            return add_word(splitting, signs[i].kind, (struct text){at, 1}, 1, err);
    if (*at == '-' && at + 1 < splitting->end && at[1] == '>')
        return add_word(splitting, PLS_ARROW, (struct text){at, 2}, 2, err);
    return *at == '"' ? add_quoted(splitting, err) : add_name(splitting, err);
}

enum status pls_text_split(struct arena *arena, struct text source, struct pls_word **words, size_t *count,
                           struct error *err)
{
    struct splitting splitting = {
        .arena = arena, .at = source.bytes, .end = source.bytes + source.size, .line_start = source.bytes, .line = 1};
    enum status status = STATUS_OK;

    while (status == STATUS_OK && splitting.at < splitting.end) {
        if (*splitting.at == '\n') {
            status = add_word(&splitting, PLS_END, TEXT("the end of the line"), 1, err);
            splitting.line_start = splitting.at;
            splitting.line++;
        } else if (*splitting.at == '#') {
            while (splitting.at < splitting.end && *splitting.at != '\n')
                splitting.at++;
        } else if (strchr(" \t\r", *splitting.at) != NULL && *splitting.at != '\0') {
            splitting.at++;
        } else {
            status = add_next(&splitting, err);
        }
    }
    if (status == STATUS_OK)
        status = add_word(&splitting, PLS_END, TEXT("the end of the line"), 0, err);
    if (status != STATUS_OK)
        return status;
    *words = splitting.words;
    *count = splitting.count;
    return STATUS_OK;
}
