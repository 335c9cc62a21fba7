#include "features/points/heads.h"

#include <stdio.h>
#include <string.h>

#include "foundation/encoding.h"
#include "foundation/instant.h"
#include "foundation/secret.h"

enum { FINGERPRINT_GROUPS = 6, GROUP_LETTERS = 4, LETTER_BITS = 5, HEADS_LINE_MAX = 128 };

static const char moment_words[] = "# Patron seals of ";
static const char fingerprint_words[] = "# fingerprint ";

static void write_lines(struct builder *out, const struct heads *heads)
{
    char seal[SEAL_SIZE * 2 + 1];

    for (size_t i = 0; i < heads->count; i++)
        builder_format(out, "%d %lld %s\n", heads->entries[i].bucket, (long long)heads->entries[i].seq,
                       hex_encode(heads->entries[i].seal, SEAL_SIZE, seal));
}

/* The digest of the time and of every line, in a buffer of its own so that no arena is needed. */
static void digest_all(const struct heads *heads, unsigned char digest[DIGEST_SIZE])
{
    char bytes[BUCKET_COUNT * HEADS_LINE_MAX];
    char seal[SEAL_SIZE * 2 + 1];
    size_t size = (size_t)snprintf(bytes, sizeof bytes, "%lld\n", (long long)heads->at);

    for (size_t i = 0; i < heads->count; i++)
        size += (size_t)snprintf(bytes + size, sizeof bytes - size, "%d %lld %s\n", heads->entries[i].bucket,
                                 (long long)heads->entries[i].seq, hex_encode(heads->entries[i].seal, SEAL_SIZE, seal));
    digest_compute(bytes, size, digest);
}

char *heads_fingerprint(const struct heads *heads, char out[HEADS_FINGERPRINT_SIZE])
{
    static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    unsigned char digest[DIGEST_SIZE];
    char day[DAY_TEXT_SIZE];
    size_t bit = 0;

    digest_all(heads, digest);
    size_t size =
        (size_t)snprintf(out, HEADS_FINGERPRINT_SIZE, "%s", day_format((int32_t)(heads->at / INSTANT_DAY), day));
    for (int i = 0; i < FINGERPRINT_GROUPS * GROUP_LETTERS; i++, bit += LETTER_BITS) {
        unsigned pair = (unsigned)digest[bit / 8] << 8 | digest[bit / 8 + 1];
        if (i % GROUP_LETTERS == 0)
            out[size++] = i == 0 ? ' ' : '-';
        out[size++] = letters[pair >> (16 - LETTER_BITS - bit % 8) & 31];
    }
    out[size] = '\0';
    return out;
}

struct text heads_write(struct arena *arena, const struct heads *heads)
{
    struct builder out = {.arena = arena};
    char at[INSTANT_TEXT_SIZE], fingerprint[HEADS_FINGERPRINT_SIZE];

    builder_format(&out, "%s%s\n", moment_words, instant_format(heads->at, at));
    builder_format(&out, "%s%s\n", fingerprint_words, heads_fingerprint(heads, fingerprint));
    builder_string(&out, "# bucket, number of the last row, seal; 'patron verify --heads FILE' compares\n");
    write_lines(&out, heads);
    return builder_done(&out);
}

static bool read_line(const char *line, struct verify_head *head)
{
    int bucket = 0, used = 0;
    long long seq = 0;

    if (sscanf(line, "%d %lld %n", &bucket, &seq, &used) != 2 || bucket < 0 || bucket >= BUCKET_COUNT || seq < 0)
        return false;
    head->bucket = bucket;
    head->seq = seq;
    return hex_decode(text_trim(text_from(line + used)), head->seal, SEAL_SIZE);
}

enum status heads_read(struct arena *arena, struct text text, struct heads *out, struct error *err)
{
    struct heads heads = {.at = 0};
    char *rest = text_string(arena, text), *fingerprint = NULL, ours[HEADS_FINGERPRINT_SIZE];
    bool fine = true;

    for (char *line = strtok_r(rest, "\r\n", &rest); line != NULL && fine; line = strtok_r(NULL, "\r\n", &rest)) {
        if (strncmp(line, moment_words, sizeof moment_words - 1) == 0)
            fine = instant_parse(text_from(line + sizeof moment_words - 1), &heads.at);
        else if (strncmp(line, fingerprint_words, sizeof fingerprint_words - 1) == 0)
            fingerprint = line + sizeof fingerprint_words - 1;
        else if (line[0] != '#')
            fine = heads.count < BUCKET_COUNT && read_line(line, &heads.entries[heads.count++]);
    }
    if (!fine || heads.count == 0)
        return error_set(err, STATUS_INVALID, "verify.heads", "heads", "this is not a file of seals");
    if (fingerprint != NULL && strcmp(fingerprint, heads_fingerprint(&heads, ours)) != 0)
        return error_set(err, STATUS_CONFLICT, "verify.heads_changed", "heads",
                         "the file of seals was changed: its fingerprint is %s, not %s", ours, fingerprint);
    *out = heads;
    return STATUS_OK;
}
