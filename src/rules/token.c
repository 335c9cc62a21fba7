#include "rules/token.h"

#include <stdbool.h>
#include <string.h>

#include "rules/unicode.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool starts_name(char c)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char peek(const struct token_reader *reader, size_t ahead)
{
    size_t at = reader->at + ahead;
    return at < reader->source.size ? reader->source.bytes[at] : '\0';
}

static bool skip_space(struct token_reader *reader)
{
    size_t start = reader->at;
    while (reader->at < reader->source.size) {
        char c = peek(reader, 0);
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
            reader->at++;
        } else if (c == '/' && peek(reader, 1) == '/') {
            while (reader->at < reader->source.size && peek(reader, 0) != '\n' && peek(reader, 0) != '\r')
                reader->at++;
        } else {
            break;
        }
    }
    return reader->at > start;
}

static enum status fail(size_t at, size_t *failed_at, struct error *err, const char *what)
{
    *failed_at = at;
    return error_set(err, STATUS_INVALID, "rules.syntax", "expression", "%s", what);
}

static void read_digits(struct token_reader *reader)
{
    while (is_digit(peek(reader, 0)))
        reader->at++;
}

static enum token_kind read_number(struct token_reader *reader)
{
    enum token_kind kind = TOKEN_INT;
    if (peek(reader, 0) == '0' && (peek(reader, 1) == 'x' || peek(reader, 1) == 'X') && is_hex(peek(reader, 2))) {
        reader->at += 2;
        while (is_hex(peek(reader, 0)))
            reader->at++;
    } else {
        read_digits(reader);
        if (peek(reader, 0) == '.' && is_digit(peek(reader, 1))) {
            kind = TOKEN_DOUBLE;
            reader->at++;
            read_digits(reader);
        }
        char c = peek(reader, 0);
        size_t sign = peek(reader, 1) == '+' || peek(reader, 1) == '-';
        if ((c == 'e' || c == 'E') && is_digit(peek(reader, 1 + sign))) {
            kind = TOKEN_DOUBLE;
            reader->at += 1 + sign;
            read_digits(reader);
        }
    }
    if (kind == TOKEN_INT && (peek(reader, 0) == 'u' || peek(reader, 0) == 'U')) {
        reader->at++;
        return TOKEN_UINT;
    }
    return kind;
}

/* How many letters before a quote: of "", r"", b"", br"". Zero with `*quoted` false when no literal starts here. */
static size_t literal_prefix(const struct token_reader *reader, bool *quoted, bool *bytes, bool *raw)
{
    size_t ahead = 0;
    *bytes = peek(reader, 0) == 'b' || peek(reader, 0) == 'B';
    ahead += *bytes;
    *raw = peek(reader, ahead) == 'r' || peek(reader, ahead) == 'R';
    ahead += *raw;
    *quoted = peek(reader, ahead) == '"' || peek(reader, ahead) == '\'';
    return ahead;
}

static enum status read_literal(struct token_reader *reader, size_t prefix, bool raw, size_t *failed_at,
                                struct error *err)
{
    size_t start = reader->at;
    reader->at += prefix;
    char quote = peek(reader, 0);
    bool triple = peek(reader, 1) == quote && peek(reader, 2) == quote;
    reader->at += triple ? 3 : 1;
    while (reader->at < reader->source.size) {
        char c = peek(reader, 0);
        if (c == '\\' && !raw) {
            reader->at += 2;
            continue;
        }
        if (!triple && (c == '\n' || c == '\r'))
            return fail(start, failed_at, err,
                        "a literal in single quotes ends on its line; three quotes may span lines");
        if (c == quote && (!triple || (peek(reader, 1) == quote && peek(reader, 2) == quote))) {
            reader->at += triple ? 3 : 1;
            return STATUS_OK;
        }
        reader->at++;
    }
    reader->at = reader->source.size;
    return fail(start, failed_at, err, "the literal has no closing quote");
}

static enum token_kind read_sign(struct token_reader *reader)
{
    static const struct {
        const char *text;
        enum token_kind kind;
    } signs[] = {
        {"&&", TOKEN_AND},       {"||", TOKEN_OR},         {"==", TOKEN_EQUAL},
        {"!=", TOKEN_UNEQUAL},   {"<=", TOKEN_LESS_EQUAL}, {">=", TOKEN_GREATER_EQUAL},
        {"<", TOKEN_LESS},       {">", TOKEN_GREATER},     {".", TOKEN_DOT},
        {",", TOKEN_COMMA},      {":", TOKEN_COLON},       {"?", TOKEN_QUESTION},
        {"(", TOKEN_OPEN},       {")", TOKEN_CLOSE},       {"[", TOKEN_OPEN_LIST},
        {"]", TOKEN_CLOSE_LIST}, {"{", TOKEN_OPEN_MAP},    {"}", TOKEN_CLOSE_MAP},
        {"+", TOKEN_PLUS},       {"-", TOKEN_MINUS},       {"*", TOKEN_TIMES},
        {"/", TOKEN_DIVIDE},     {"%", TOKEN_REMAINDER},   {"!", TOKEN_NOT},
    };
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        size_t size = strlen(signs[i].text);
        if (peek(reader, 0) == signs[i].text[0] && (size == 1 || peek(reader, 1) == signs[i].text[1])) {
            reader->at += size;
            return signs[i].kind;
        }
    }
    return TOKEN_END;
}

static bool read_quoted_name(struct token_reader *reader)
{
    size_t at = 1;
    for (char c; (c = peek(reader, at)) != '`'; at++)
        if (!starts_name(c) && !is_digit(c) && c != '.' && c != '-' && c != '/' && c != ' ')
            return false;
    reader->at += at + 1;
    return at > 1;
}

static enum status read_word(struct token_reader *reader, struct token *token, size_t *failed_at, struct error *err)
{
    bool quoted, bytes, raw;
    char c = peek(reader, 0);
    size_t prefix = literal_prefix(reader, &quoted, &bytes, &raw);
    if (quoted) {
        token->kind = bytes ? TOKEN_BYTES : TOKEN_STRING;
        return read_literal(reader, prefix, raw, failed_at, err);
    }
    if (starts_name(c)) {
        while (starts_name(peek(reader, 0)) || is_digit(peek(reader, 0)))
            reader->at++;
        token->kind = TOKEN_NAME;
        return STATUS_OK;
    }
    if (is_digit(c) || (c == '.' && is_digit(peek(reader, 1)))) {
        token->kind = read_number(reader);
        if (starts_name(peek(reader, 0)))
            return fail(reader->at, failed_at, err, "a letter follows the number");
        return STATUS_OK;
    }
    if (c == '`') {
        if (!read_quoted_name(reader))
            return fail(reader->at, failed_at, err, "a name in back-quotes holds letters, digits, _ . - / and spaces");
        token->kind = TOKEN_QUOTED_NAME;
        return STATUS_OK;
    }
    token->kind = read_sign(reader);
    if (token->kind == TOKEN_END)
        return fail(reader->at, failed_at, err, "a character that has no meaning here");
    return STATUS_OK;
}

enum status token_next(struct token_reader *reader, struct token *out, size_t *failed_at, struct error *err)
{
    skip_space(reader);
    struct token token = {.kind = TOKEN_END, .at = reader->at};
    if (reader->at < reader->source.size) {
        enum status status = read_word(reader, &token, failed_at, err);
        if (status != STATUS_OK)
            return status;
    }
    token.text = (struct text){reader->source.bytes + token.at, reader->at - token.at};
    if (token.kind == TOKEN_QUOTED_NAME)
        token.text = (struct text){token.text.bytes + 1, token.text.size - 2};
    if (token.kind == TOKEN_NAME && text_equals(token.text, "in"))
        token.kind = TOKEN_IN;
    *out = token;
    return STATUS_OK;
}

struct rule_place token_place(struct text source, size_t at)
{
    struct rule_place place = {1, 1};
    size_t start = 0;
    for (size_t i = 0; i < at && i < source.size; i++)
        if (source.bytes[i] == '\n') {
            place.line++;
            start = i + 1;
        }
    place.column += (int)unicode_count((struct text){source.bytes + start, at - start});
    return place;
}
