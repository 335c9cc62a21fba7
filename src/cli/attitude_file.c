#include "cli/attitude_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "features/exchange/value.h"

enum { ANSWERS_MAX = 20000000 };

static const double WEIGHT_MAX = 1e6;

/* The file while it is read. */
struct reading {
    struct cli *cli;
    struct purchase_file *purchases;
    struct map *numbers; /* name to number + 1 */
    struct loyalty_scale scales[LOYALTY_PARTS];
    int parts[LOYALTY_PARTS]; /* places of columns; -1: none */
    int customer, date;
    struct attitude_file file;
    size_t capacity, name_capacity;
};

static bool number_of_text(const char *start, size_t size, double *out)
{
    char copy[64], *end;

    if (size == 0 || size >= sizeof copy)
        return false;
    memcpy(copy, start, size);
    copy[size] = '\0';
    *out = strtod(copy, &end);
    return *end == '\0' && isfinite(*out);
}

/* ---- weights and scales ---- */

static enum status set_weight(struct loyalty_weights *weights, struct text name, struct text weight, struct error *err)
{
    double value;

    if (!number_of_text(weight.bytes, weight.size, &value) || value > WEIGHT_MAX ||
        !loyalty_weights_set(weights, name, value))
        return error_set(err, STATUS_INVALID, "loyalty.weight", "weight",
                         "'%.*s' = '%.*s' is not the weight of a side or a part", (int)name.size, name.bytes,
                         (int)weight.size, weight.bytes);
    return STATUS_OK;
}

static enum status read_weights(const char *path, struct loyalty_weights *out, struct error *err)
{
    const struct reader_options how = {.path = path, .header = READER_HEADER_AUTO};
    struct reader *reader = NULL;
    enum status status = reader_open(&how, &reader, err);

    for (bool end = false; status == STATUS_OK && !end;) {
        struct record record;

        status = reader_next(reader, &record, &end, err);
        if (status == STATUS_OK && !end)
            status =
                record.field_count == 2
                    ? set_weight(out, text_trim(record.fields[0]), text_trim(record.fields[1]), err)
                    : error_set(err, STATUS_INVALID, "loyalty.weight", "weights", "a line of weights is NAME,WEIGHT");
        if (status == STATUS_INVALID)
            error_add_context(err, "line %lld", (long long)record.line);
    }
    reader_close(reader);
    return status;
}

enum status attitude_weights_read(struct cli *cli, struct loyalty_weights *out, struct error *err)
{
    struct loyalty_weights weights = loyalty_weights_usual;
    const char *path = cli_value(cli, "weights"), *given;
    enum status status = path != NULL ? read_weights(path, &weights, err) : STATUS_OK;
    double sum = 0;

    for (size_t i = 0; status == STATUS_OK && (given = cli_value_at(cli, "weight", i)) != NULL; i++) {
        const char *sign = strchr(given, '=');
        struct text name = {given, sign == NULL ? strlen(given) : (size_t)(sign - given)};

        status = set_weight(&weights, name, text_from(sign == NULL ? "" : sign + 1), err);
    }
    for (int i = 0; i < LOYALTY_SIDES; i++)
        sum += weights.sides[i];
    if (status == STATUS_OK && sum == 0)
        status = error_set(err, STATUS_INVALID, "loyalty.weight", "weight", "no side has a weight above 0");
    if (status == STATUS_OK)
        *out = weights;
    return status;
}

static enum status read_scales(struct reading *reading, struct error *err)
{
    const char *given;

    for (int i = 0; i < LOYALTY_PARTS; i++)
        reading->scales[i] = loyalty_part_scale((enum loyalty_part)i);
    for (size_t i = 0; (given = cli_value_at(reading->cli, "scale", i)) != NULL; i++) {
        const char *sign = strchr(given, '='), *dots = sign == NULL ? NULL : strstr(sign, "..");
        enum loyalty_part part;
        struct loyalty_scale scale;

        if (dots == NULL || !loyalty_part_from((struct text){given, (size_t)(sign - given)}, &part) ||
            !number_of_text(sign + 1, (size_t)(dots - sign - 1), &scale.low) ||
            !number_of_text(dots + 2, strlen(dots + 2), &scale.high) || scale.low == scale.high)
            return error_set(err, STATUS_INVALID, "loyalty.scale", "scale",
                             "'%s' is not a scale such as recommendation=0..10", given);
        reading->scales[part] = scale;
    }
    return STATUS_OK;
}

/* ---- answers ---- */

static enum status find_columns(struct reading *reading, const struct text *columns, size_t count, struct error *err)
{
    const char *customer = cli_value(reading->cli, "customer");
    size_t found = 0;

    reading->customer = 0;
    reading->date = -1;
    for (int i = 0; i < LOYALTY_PARTS; i++)
        reading->parts[i] = -1;
    for (size_t i = 0; i < count; i++) {
        struct text name = text_trim(columns[i]);
        enum loyalty_part part;

        if (customer != NULL && text_equals(name, customer))
            reading->customer = (int)i;
        else if (text_equals(name, "date"))
            reading->date = (int)i;
        else if (loyalty_part_from(name, &part) && part != LOYALTY_REPEAT && part != LOYALTY_RECENCY &&
                 part != LOYALTY_TENURE) {
            reading->parts[part] = (int)i;
            reading->file.known[part] = true;
            found++;
        }
    }
    reading->file.dated = reading->date >= 0;
    if (found == 0)
        return error_set(err, STATUS_INVALID, "loyalty.part", "attitudes",
                         "no column is named as a part of the index, such as recommendation, satisfaction or trust");
    return STATUS_OK;
}

static bool is_missing(struct text value)
{
    return value.size == 0 || text_equals(value, "NA") || text_equals(value, "NULL") || text_equals(value, "NaN");
}

static enum status read_part(const struct reading *reading, int part, struct text value, double *out, struct error *err)
{
    const struct loyalty_scale *scale = &reading->scales[part];
    char plain[NUMBER_TEXT_SIZE];

    if (is_missing(value))
        return STATUS_OK;
    enum status status = number_plain(value, cli_flag(reading->cli, "decimal-comma"), plain, err);

    if (status != STATUS_OK)
        return status;
    double share = (strtod(plain, NULL) - scale->low) / (scale->high - scale->low);

    if (!(share >= 0 && share <= 1))
        return error_set(err, STATUS_INVALID, "loyalty.scale", loyalty_part_name((enum loyalty_part)part),
                         "%s is not between %g and %g: say --scale %s=LOW..HIGH", plain, scale->low, scale->high,
                         loyalty_part_name((enum loyalty_part)part));
    *out = share;
    return STATUS_OK;
}

static uint32_t number_of(struct reading *reading, struct text name)
{
    struct purchase_file *purchases = reading->purchases;
    const void *known = map_get(reading->numbers, name);
    struct text copy;

    if (known != NULL)
        return (uint32_t)((uintptr_t)known - 1);
    copy = text_copy(reading->cli->arena, name);
    purchases->names = arena_lengthen(reading->cli->arena, purchases->names, &reading->name_capacity,
                                      purchases->customer_count + 1, sizeof *purchases->names);
    purchases->names[purchases->customer_count++] = copy;
    map_put(reading->numbers, copy, (void *)(uintptr_t)purchases->customer_count);
    return (uint32_t)(purchases->customer_count - 1);
}

static struct text field_of(const struct record *record, int place)
{
    return (size_t)place < record->field_count ? text_trim(record->fields[place]) : TEXT("");
}

static enum status add_row(struct reading *reading, const struct record *record, struct error *err)
{
    struct loyalty_answer answer = {.day = LOYALTY_UNDATED};
    struct text name = field_of(record, reading->customer);
    struct moment moment;

    if (name.size == 0)
        return error_set(err, STATUS_INVALID, "import.no_identifier", "customer", "the row names nobody");
    if (reading->date >= 0) {
        enum status status =
            moment_parse(field_of(record, reading->date), cli_value(reading->cli, "date-format"), &moment, err);

        if (status != STATUS_OK)
            return status;
        answer.day = moment.absolute ? (int32_t)(moment.instant / INSTANT_DAY) : moment.day;
    }
    for (int i = 0; i < LOYALTY_PARTS; i++) {
        answer.parts[i] = NAN;
        if (reading->parts[i] < 0)
            continue;
        enum status status = read_part(reading, i, field_of(record, reading->parts[i]), &answer.parts[i], err);

        if (status != STATUS_OK)
            return status;
    }
    if (reading->file.count >= ANSWERS_MAX)
        return error_set(err, STATUS_LIMIT, "analyze.rows", "", "there are more than %d answers", ANSWERS_MAX);
    answer.customer = number_of(reading, name);
    reading->file.answers = arena_lengthen(reading->cli->arena, reading->file.answers, &reading->capacity,
                                           reading->file.count + 1, sizeof *reading->file.answers);
    reading->file.answers[reading->file.count++] = answer;
    return STATUS_OK;
}

static enum status read_rows(struct reading *reading, struct reader *reader, struct error *err)
{
    enum status status = STATUS_OK;
    size_t known = 0;

    for (;;) {
        struct record record = {0};
        bool end = false;
        size_t count;

        status = reader_next(reader, &record, &end, err);
        if (end || (status != STATUS_OK && status != STATUS_INVALID))
            return status;
        const struct text *columns = reader_columns(reader, &count);

        if (status == STATUS_OK && count != known) {
            known = count;
            status = find_columns(reading, columns, count, err);
            if (status != STATUS_OK)
                return status;
        }
        if (status == STATUS_OK)
            status = add_row(reading, &record, err);
        if (status == STATUS_INVALID && reading->file.refused++ == 0)
            fprintf(stderr, "attitudes, line %lld: %s\n", (long long)record.line, err->message);
        if (status != STATUS_OK && status != STATUS_INVALID)
            return status;
    }
}

enum status attitude_file_read(struct cli *cli, struct purchase_file *purchases, struct attitude_file *out,
                               struct error *err)
{
    const struct reader_options how = {.path = cli_value(cli, "attitudes")};
    struct reading reading = {.cli = cli, .purchases = purchases};
    struct reader *reader = NULL;
    enum status status = read_scales(&reading, err);

    if (status != STATUS_OK)
        return status;
    reading.numbers = map_new(cli->arena, purchases->customer_count + 64);
    reading.name_capacity = purchases->customer_count;
    for (size_t i = 0; i < purchases->customer_count; i++)
        map_put(reading.numbers, purchases->names[i], (void *)(uintptr_t)(i + 1));
    status = reader_open(&how, &reader, err);
    if (status == STATUS_OK)
        status = read_rows(&reading, reader, err);
    reader_close(reader);
    if (status != STATUS_OK) {
        error_add_context(err, "attitudes");
        return status;
    }
    if (reading.file.refused > 0)
        fprintf(stderr, "%lld rows of attitudes could not be read\n", (long long)reading.file.refused);
    *out = reading.file;
    return STATUS_OK;
}
