#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

#include "features/exchange/reader_internal.h"

static enum status read_failed(const struct input *input, const char *what, struct error *err)
{
    return error_set(err, STATUS_IO, "import.read", "", "the file cannot be read at byte %lld: %s",
                     (long long)input->position, what);
}

static enum status read_raw(struct input *input, struct error *err)
{
    input->raw_used = 0;
    input->raw_size = fread(input->raw, 1, sizeof input->raw, input->file);
    input->position += (int64_t)input->raw_size;
    if (input->raw_size < sizeof input->raw) {
        if (ferror(input->file))
            return read_failed(input, strerror(errno), err);
        input->file_ended = true;
    }
    return STATUS_OK;
}

/* Unpacked bytes; several gzip members after another are one file. */
static enum status unpack(struct input *input, char *out, size_t size, size_t *got, struct error *err)
{
    *got = 0;
    input->unpack.next_out = (unsigned char *)out;
    input->unpack.avail_out = (unsigned)size;
    while (input->unpack.avail_out > 0) {
        if (input->raw_used == input->raw_size) {
            if (input->file_ended)
                break;
            enum status status = read_raw(input, err);
            if (status != STATUS_OK)
                return status;
            continue;
        }
        if (input->packed_ended) {
            inflateReset(&input->unpack);
            input->packed_ended = false;
        }
        input->unpack.next_in = input->raw + input->raw_used;
        input->unpack.avail_in = (unsigned)(input->raw_size - input->raw_used);
        int result = inflate(&input->unpack, Z_NO_FLUSH);
        input->raw_used = input->raw_size - input->unpack.avail_in;
        if (result == Z_STREAM_END)
            input->packed_ended = true;
        else if (result != Z_OK)
            return read_failed(input, "its gzip data is damaged", err);
    }
    *got = size - input->unpack.avail_out;
    if (*got == 0 && !input->packed_ended)
        return read_failed(input, "its gzip data is cut off", err);
    return STATUS_OK;
}

static enum status read_plain(struct input *input, char *out, size_t size, size_t *got, struct error *err)
{
    if (input->packed)
        return unpack(input, out, size, got, err);
    *got = 0;
    while (*got < size) {
        if (input->raw_used == input->raw_size) {
            if (input->file_ended)
                break;
            enum status status = read_raw(input, err);
            if (status != STATUS_OK)
                return status;
            continue;
        }
        size_t part = input->raw_size - input->raw_used;
        if (part > size - *got)
            part = size - *got;
        memcpy(out + *got, input->raw + input->raw_used, part);
        input->raw_used += part;
        *got += part;
    }
    return STATUS_OK;
}

/* First what the sample holds, then what follows in the file. */
static enum status read_head(struct input *input, char *out, size_t size, size_t *got, struct error *err)
{
    size_t left = input->sample_size - input->sample_used;
    if (left == 0)
        return read_plain(input, out, size, got, err);
    *got = left < size ? left : size;
    memcpy(out, input->sample + input->sample_used, *got);
    input->sample_used += *got;
    return STATUS_OK;
}

/* Valid UTF-8 but for a character cut off at the end of the sample. */
static bool sample_is_utf8(const struct input *input)
{
    for (size_t cut = 0; cut < 4 && cut <= input->sample_size; cut++)
        if (text_is_utf8((struct text){input->sample, input->sample_size - cut}))
            return true;
    return input->sample_size == 0;
}

/* The name of the encoding that the sample is most likely in, by its mark or by its statistics. */
static const char *guess_encoding(struct input *input)
{
    int32_t mark_size = 0;
    UErrorCode code = U_ZERO_ERROR;
    const char *marked = ucnv_detectUnicodeSignature(input->sample, (int32_t)input->sample_size, &mark_size, &code);
    if (marked != NULL && strcmp(marked, "UTF-8") == 0)
        input->sample_used = (size_t)mark_size;
    else if (marked != NULL)
        return strcmp(marked, "UTF-16LE") == 0 || strcmp(marked, "UTF-16BE") == 0 ? "UTF-16" : marked;
    if (sample_is_utf8(input))
        return NULL;

    const char *found = "windows-1252";
    UCharsetDetector *detector = ucsdet_open(&code);
    ucsdet_setText(detector, input->sample, (int32_t)input->sample_size, &code);
    int32_t count = 0;
    const UCharsetMatch **matches = ucsdet_detectAll(detector, &count, &code);
    static const struct {
        const char *detected, *used;
    } known[] = {{"GB18030", "GB18030"},         {"Big5", "Big5"},
                 {"UTF-16LE", "UTF-16LE"},       {"UTF-16BE", "UTF-16BE"},
                 {"Shift_JIS", "Shift_JIS"},     {"EUC-KR", "EUC-KR"},
                 {"ISO-8859-1", "windows-1252"}, {"windows-1252", "windows-1252"}};
    bool decided = false;
    for (int32_t i = 0; U_SUCCESS(code) && !decided && i < count; i++) {
        const char *match = ucsdet_getName(matches[i], &code);
        for (size_t k = 0; !decided && k < sizeof known / sizeof known[0]; k++)
            if (match != NULL && strcmp(match, known[k].detected) == 0) {
                found = known[k].used;
                decided = true;
            }
    }
    ucsdet_close(detector);
    return found;
}

static enum status set_encoding(struct input *input, const char *encoding, struct error *err)
{
    const char *name = encoding != NULL ? encoding : guess_encoding(input);
    if (name != NULL && (strcasecmp(name, "UTF-8") == 0 || strcasecmp(name, "UTF8") == 0)) {
        if (input->sample_size >= 3 && memcmp(input->sample, "\xEF\xBB\xBF", 3) == 0)
            input->sample_used = 3;
        return STATUS_OK;
    }
    if (name == NULL)
        return STATUS_OK;
    UErrorCode code = U_ZERO_ERROR;
    input->source = ucnv_open(name, &code);
    input->target = ucnv_open("UTF-8", &code);
    if (U_FAILURE(code))
        return error_set(err, STATUS_INVALID, "import.encoding", "encoding", "the encoding '%s' is not known", name);
    input->pivot_source = input->pivot;
    input->pivot_target = input->pivot;
    return STATUS_OK;
}

enum status input_open(struct input *input, const char *path, const char *encoding, struct error *err)
{
    memset(input, 0, sizeof *input);
    input->file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (input->file == NULL)
        return error_set(err, STATUS_IO, "import.open", "file", "'%s' cannot be opened: %s", path, strerror(errno));
    struct stat facts;
    if (fstat(fileno(input->file), &facts) == 0 && S_ISDIR(facts.st_mode))
        return error_set(err, STATUS_IO, "import.open", "file", "'%s' is a directory", path);
    if (S_ISREG(facts.st_mode))
        input->size = facts.st_size;

    enum status status = read_raw(input, err);
    if (status != STATUS_OK)
        return status;
    if (input->raw_size >= 2 && input->raw[0] == 0x1F && input->raw[1] == 0x8B) {
        input->packed = true;
        if (inflateInit2(&input->unpack, 15 + 16) != Z_OK)
            return error_set(err, STATUS_IO, "import.read", "file", "there is no memory to unpack gzip");
    }
    input->sample = malloc(READER_SAMPLE_SIZE);
    if (input->sample == NULL)
        return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory to read with");
    while (input->sample_size < READER_SAMPLE_SIZE) {
        size_t got = 0;
        if (input->packed && input->packed_ended && input->raw_used == input->raw_size && input->file_ended)
            break;
        status =
            read_plain(input, input->sample + input->sample_size, READER_SAMPLE_SIZE - input->sample_size, &got, err);
        if (status != STATUS_OK)
            return status;
        if (got == 0)
            break;
        input->sample_size += got;
    }
    return set_encoding(input, encoding, err);
}

void input_close(struct input *input)
{
    if (input->file != NULL && input->file != stdin)
        fclose(input->file);
    if (input->packed)
        inflateEnd(&input->unpack);
    if (input->source != NULL)
        ucnv_close(input->source);
    if (input->target != NULL)
        ucnv_close(input->target);
    free(input->sample);
}

static enum status convert(struct input *input, char *out, size_t size, size_t *got, struct error *err)
{
    *got = 0;
    while (*got == 0 && !input->convert_ended) {
        if (input->plain_used == input->plain_size && !input->plain_ended) {
            input->plain_used = 0;
            enum status status = read_head(input, input->plain, sizeof input->plain, &input->plain_size, err);
            if (status != STATUS_OK)
                return status;
            input->plain_ended = input->plain_size == 0;
        }
        const char *source = input->plain + input->plain_used;
        char *target = out;
        UErrorCode code = U_ZERO_ERROR;
        ucnv_convertEx(input->target, input->source, &target, out + size, &source, input->plain + input->plain_size,
                       input->pivot, &input->pivot_source, &input->pivot_target,
                       input->pivot + sizeof input->pivot / sizeof input->pivot[0], false, input->plain_ended, &code);
        input->plain_used = (size_t)(source - input->plain);
        *got = (size_t)(target - out);
        if (U_FAILURE(code) && code != U_BUFFER_OVERFLOW_ERROR)
            return read_failed(input, u_errorName(code), err);
        input->convert_ended = input->plain_ended && code != U_BUFFER_OVERFLOW_ERROR;
    }
    return STATUS_OK;
}

enum status input_read(struct input *input, char *out, size_t size, size_t *got, struct error *err)
{
    if (input->source != NULL)
        return convert(input, out, size, got, err);
    return read_head(input, out, size, got, err);
}

struct text input_sample(struct input *input, struct arena *arena)
{
    struct text head = {input->sample + input->sample_used, input->sample_size - input->sample_used};
    if (input->source == NULL)
        return head;
    UErrorCode code = U_ZERO_ERROR;
    size_t size = 4 * head.size + 16;
    char *out = arena_alloc(arena, size);
    char *target = out;
    const char *source = head.bytes;
    UChar pivot[1024];
    UChar *pivot_source = pivot;
    UChar *pivot_target = pivot;
    ucnv_convertEx(input->target, input->source, &target, out + size, &source, head.bytes + head.size, pivot,
                   &pivot_source, &pivot_target, pivot + 1024, true, false, &code);
    ucnv_reset(input->source);
    ucnv_reset(input->target);
    return (struct text){out, (size_t)(target - out)};
}
