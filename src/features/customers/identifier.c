#include "features/customers/identifier.h"

#include <string.h>

#include "features/customers/phone_shim.h"

const char *const identifier_kinds[] = {"phone", "email", "card", "openid", "external", "registration", "vat", NULL};

/* What systems write when they know nobody. Compared without case, after trimming. */
static const char *const placeholders[] = {
    "null",   "nil",   "none",    "n/a",     "na",      "nan",    "undefined", "unknown",  "anonymous",
    "anonym", "guest", "default", "dummy",   "empty",   "nobody", "noname",    "noemail",  "nophone",
    "no",     "test",  "tester",  "testing", "example", "admin",  "user",      "customer", "walk-in",
    "walkin", "xxx",   "-",       "--",      "?",       "无",     "无名",      "没有",     "匿名",
    "散客",   "游客",  "測試",    "测试",    "(null)",  "void",   "0",         NULL};

/* The part of an e-mail address before the @ that nobody answers. */
static const char *const placeholder_mailboxes[] = {"test", "tester",  "testing", "noreply",  "no-reply", "none",
                                                    "null", "na",      "n/a",     "nomail",   "noemail",  "anonymous",
                                                    "no",   "unknown", "nobody",  "no-email", "guest",    NULL};

const char *identifier_kind(struct text name)
{
    for (size_t i = 0; identifier_kinds[i] != NULL; i++)
        if (text_equals(name, identifier_kinds[i]))
            return identifier_kinds[i];
    return NULL;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct text lower_copy(struct arena *arena, struct text text)
{
    char *bytes = arena_string(arena, text.bytes, text.size);

    for (size_t i = 0; i < text.size; i++)
        bytes[i] = lower(bytes[i]);
    return (struct text){bytes, text.size};
}

static bool listed(struct text text, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (text_equals(text, words[i]))
            return true;
    return false;
}

/* Four or more of one digit, or a run such as 123456 or 987654 as the whole number. */
static bool is_filler_number(struct text text)
{
    char digits[64];
    size_t count = 0;

    for (size_t i = 0; i < text.size && count < sizeof digits; i++)
        if (is_digit(text.bytes[i]))
            digits[count++] = text.bytes[i];
        else if (text.bytes[i] != '-' && text.bytes[i] != ' ' && text.bytes[i] != '+')
            return false;
    if (count == 0)
        return true;
    bool same = count >= 4, up = count >= 6, down = count >= 6;
    for (size_t i = 1; i < count; i++) {
        same = same && digits[i] == digits[0];
        up = up && (digits[i] - '0') == (digits[i - 1] - '0' + 1) % 10;
        down = down && (digits[i - 1] - '0') == (digits[i] - '0' + 1) % 10;
    }
    return same || up || down;
}

static enum status placeholder(struct text value, const char *kind, struct error *err)
{
    return error_set(err, STATUS_INVALID, "identifier.placeholder", kind,
                     "'%.*s' stands for an unknown customer and cannot identify anybody", (int)value.size, value.bytes);
}

static enum status normalise_phone(struct arena *arena, struct text value, struct text region, struct text *out,
                                   struct error *err)
{
    char phone[PHONE_SIZE];
    const char *home = region.size > 0 ? text_string(arena, region) : "CN";

    if (!phone_normalise(value.bytes, value.size, home, phone))
        return error_set(err, STATUS_INVALID, "identifier.phone", "phone", "'%.*s' is not a phone number (region %s)",
                         (int)value.size, value.bytes, home);
    *out = text_copy(arena, text_from(phone));
    return STATUS_OK;
}

static bool is_domain(struct text domain)
{
    size_t label = 0, dots = 0;

    for (size_t i = 0; i < domain.size; i++) {
        char c = domain.bytes[i];
        if (c == '.') {
            if (label == 0 || domain.bytes[i - 1] == '-')
                return false;
            label = 0;
            dots++;
        } else {
            bool letter = is_digit(c) || (c >= 'a' && c <= 'z') || (c == '-' && label > 0) || (unsigned char)c >= 0x80;
            if (!letter || ++label > 63)
                return false;
        }
    }
    return dots > 0 && label > 1;
}

static bool is_mailbox(struct text mailbox)
{
    if (mailbox.size == 0 || mailbox.size > 64 || mailbox.bytes[0] == '.' || mailbox.bytes[mailbox.size - 1] == '.')
        return false;
    for (size_t i = 0; i < mailbox.size; i++) {
        char c = mailbox.bytes[i];
        bool letter = is_digit(c) || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80 ||
                      strchr(".!#$%&'*+/=?^_`{|}~-", c) != NULL;
        if (!letter || (c == '.' && mailbox.bytes[i + 1] == '.'))
            return false;
    }
    return true;
}

static enum status normalise_email(struct arena *arena, struct text value, struct text *out, struct error *err)
{
    struct text email = lower_copy(arena, value);
    const char *at = memrchr(email.bytes, '@', email.size);
    struct text mailbox = {email.bytes, at != NULL ? (size_t)(at - email.bytes) : 0};
    struct text domain = {at != NULL ? at + 1 : NULL, at != NULL ? email.size - mailbox.size - 1 : 0};

    if (!is_mailbox(mailbox) || !is_domain(domain))
        return error_set(err, STATUS_INVALID, "identifier.email", "email", "'%.*s' is not an e-mail address",
                         (int)value.size, value.bytes);
    if (listed(mailbox, placeholder_mailboxes) || is_filler_number(mailbox))
        return placeholder(value, "email", err);
    *out = email;
    return STATUS_OK;
}

/* Of cards, and of the registers of companies. */
static enum status normalise_card(struct arena *arena, struct text value, const char *kind, struct text *out,
                                  struct error *err)
{
    char *card = arena_alloc(arena, value.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < value.size; i++) {
        char c = value.bytes[i];
        if (c == ' ' || c == '-' || c == '.' || c == '/' || c == '_')
            continue;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (!is_digit(c) && !(c >= 'A' && c <= 'Z'))
            return error_set(err, STATUS_INVALID, "identifier.card", kind,
                             "a number of kind %s has letters and digits only", kind);
        card[size++] = c;
    }
    *out = (struct text){card, size};
    return STATUS_OK;
}

enum status identifier_normalise(struct arena *arena, struct text kind, struct text value, struct text region,
                                 struct identifier *out, struct error *err)
{
    const char *name = identifier_kind(kind);
    struct text trimmed = text_trim(value), normal = trimmed;
    enum status status = STATUS_OK;

    if (name == NULL)
        return error_set(err, STATUS_INVALID, "identifier.kind", "kind",
                         "'%.*s' is not a kind of identifier: phone, email, card, openid, external, registration, vat",
                         (int)kind.size, kind.bytes);
    if (trimmed.size == 0 || trimmed.size > IDENTIFIER_SIZE_MAX)
        return error_set(err, STATUS_INVALID, "identifier.size", name, "an identifier has 1 to %d bytes",
                         IDENTIFIER_SIZE_MAX);
    /* Ids of other systems are small numbers often enough: only words and zeros stand for nobody there. */
    bool numbered = strcmp(name, "external") == 0 || strcmp(name, "openid") == 0;
    bool zeros = strspn(text_string(arena, trimmed), "0") == trimmed.size;
    if (listed(lower_copy(arena, trimmed), placeholders) || zeros || (!numbered && is_filler_number(trimmed)))
        return placeholder(trimmed, name, err);
    if (strcmp(name, "phone") == 0)
        status = normalise_phone(arena, trimmed, region, &normal, err);
    else if (strcmp(name, "email") == 0)
        status = normalise_email(arena, trimmed, &normal, err);
    else if (strcmp(name, "card") == 0 || strcmp(name, "registration") == 0 || strcmp(name, "vat") == 0)
        status = normalise_card(arena, trimmed, name, &normal, err);
    if (status != STATUS_OK)
        return status;
    if (normal.size == 0 || is_filler_number(normal))
        if (!numbered)
            return placeholder(trimmed, name, err);
    *out = (struct identifier){name, numbered ? text_copy(arena, normal) : normal};
    return STATUS_OK;
}

struct text identifier_last_digits(struct identifier identifier)
{
    struct text value = identifier.value;
    bool dialled = strcmp(identifier.kind, "phone") == 0 || strcmp(identifier.kind, "card") == 0;

    if (!dialled || value.size < 4)
        return (struct text){NULL, 0};
    for (size_t i = value.size - 4; i < value.size; i++)
        if (!is_digit(value.bytes[i]))
            return (struct text){NULL, 0};
    return (struct text){value.bytes + value.size - 4, 4};
}
