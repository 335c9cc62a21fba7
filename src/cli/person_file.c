#include "cli/person_file.h"

#include <stdio.h>
#include <string.h>

#include "features/customers/name_key.h"
#include "features/exchange/reader.h"

enum person_column {
    COLUMN_NONE,
    COLUMN_ID,
    COLUMN_FAMILY_NAME,
    COLUMN_GIVEN_NAME,
    COLUMN_NAME,
    COLUMN_BIRTHDAY,
    COLUMN_PHONE,
    COLUMN_EMAIL,
    COLUMN_CODE,
    COLUMN_ADDRESS,
    COLUMN_POSTCODE,
    COLUMN_CITY,
    COLUMN_REGION,
    COLUMN_GENDER,
};

enum { FILE_PERSONS_MAX = 20000000, ADDRESS_COLUMNS_MAX = 8 };

/* What --map calls the fields, and the names of columns by which they are known, folded: letters and digits only. */
static const struct {
    enum person_column column;
    const char *field;
    const char *names[16];
} known_columns[] = {
    {COLUMN_ID,
     "id",
     {"id", "recid", "recordid", "memberid", "customerid", "externalid", "external", "编号", "会员号"}},
    {COLUMN_FAMILY_NAME, "family_name", {"familyname", "surname", "lastname", "family", "last", "姓", "姓氏"}},
    {COLUMN_GIVEN_NAME, "given_name", {"givenname", "firstname", "forename", "given", "first", "名", "名字"}},
    {COLUMN_NAME, "name", {"name", "fullname", "displayname", "customername", "membername", "姓名"}},
    {COLUMN_BIRTHDAY, "birthday", {"birthday", "dateofbirth", "birthdate", "dob", "born", "生日", "出生日期"}},
    {COLUMN_PHONE,
     "phone",
     {"phone", "mobile", "telephone", "phonenumber", "mobilephone", "tel", "cell", "phone2", "手机", "手机号",
      "手机号码", "电话"}},
    {COLUMN_EMAIL, "email", {"email", "emailaddress", "mail", "邮箱", "电子邮箱"}},
    {COLUMN_CODE,
     "code",
     {"code", "socsecid", "ssn", "nationalid", "idnumber", "idcard", "taxid", "passport", "身份证", "身份证号"}},
    {COLUMN_ADDRESS,
     "address",
     {"streetnumber", "address", "address1", "address2", "address3", "street", "addressline1", "addressline2",
      "housenumber", "地址"}},
    {COLUMN_POSTCODE, "postal_code", {"postalcode", "postcode", "zip", "zipcode", "邮编", "邮政编码"}},
    {COLUMN_CITY, "city", {"city", "suburb", "town", "locality", "城市", "市"}},
    {COLUMN_REGION, "region", {"region", "state", "province", "county", "省", "省份"}},
    {COLUMN_GENDER, "gender", {"gender", "sex", "性别"}},
};
enum { KNOWN_COUNT = sizeof known_columns / sizeof known_columns[0] };

void person_file_help(struct builder *out)
{
    builder_string(out, "\nFields of --map:");
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        builder_format(out, "%s %s", i == 0 ? "" : ",", known_columns[i].field);
    builder_string(out,
                   ".\nColumns are known by usual names, such as surname, first_name, mobile, dob, zip or 姓名.\n");
}

/* The file while it is read. */
struct reading {
    struct cli *cli;
    enum person_column kinds[READER_COLUMNS_MAX];
    bool ignored[READER_COLUMNS_MAX];
    size_t column_count;
    int truth_column; /* -1: none */
    size_t id_capacity, truth_capacity;
    struct text *ids, *truths;
    struct person_file file;
};

/* ---- which column is what ---- */

static enum person_column kind_of_name(struct arena *arena, struct text name)
{
    struct text folded = name_fold(arena, name);

    for (size_t i = 0; i < KNOWN_COUNT; i++)
        for (size_t n = 0; n < 16 && known_columns[i].names[n] != NULL; n++)
            if (text_equals(folded, known_columns[i].names[n]))
                return known_columns[i].column;
    return COLUMN_NONE;
}

static enum status find_column(struct reader *reader, struct text name, size_t *out, struct error *err)
{
    size_t count;
    const struct text *names = reader_columns(reader, &count);

    for (size_t i = 0; i < count; i++)
        if (text_equal(text_trim(names[i]), name)) {
            *out = i;
            return STATUS_OK;
        }
    return error_set(err, STATUS_INVALID, "mapping.column", "", "the file has no column '%.*s'",
                     (int)(name.size > 64 ? 64 : name.size), name.bytes);
}

static enum status map_one(struct reading *reading, struct reader *reader, const char *given, struct error *err)
{
    const char *equals = strchr(given, '=');
    size_t column = 0;

    for (size_t i = 0; equals != NULL && i < KNOWN_COUNT; i++) {
        if (strlen(known_columns[i].field) != (size_t)(equals - given) ||
            strncmp(known_columns[i].field, given, (size_t)(equals - given)) != 0)
            continue;
        enum status status = find_column(reader, text_from(equals + 1), &column, err);
        if (status == STATUS_OK)
            reading->kinds[column] = known_columns[i].column;
        return status;
    }
    return error_set(err, STATUS_INVALID, "mapping.field", "", "'%.80s' is not FIELD=COLUMN with a field that is known",
                     given);
}

/* What is named by the caller comes first; then names that are known, unless that field was named. */
static enum status map_columns(struct reading *reading, struct reader *reader, const char *truth, struct error *err)
{
    const struct cli *cli = reading->cli;
    bool named[COLUMN_GENDER + 1] = {false};
    size_t count, column = 0;
    const struct text *names = reader_columns(reader, &count);
    enum status status = STATUS_OK;
    const char *value;

    reading->column_count = count;
    for (size_t n = 0; status == STATUS_OK && (value = cli_value_at(cli, "map", n)) != NULL; n++)
        status = map_one(reading, reader, value, err);
    if (status == STATUS_OK && (value = cli_value(cli, "id")) != NULL &&
        (status = find_column(reader, text_from(value), &column, err)) == STATUS_OK)
        reading->kinds[column] = COLUMN_ID;
    for (size_t n = 0; status == STATUS_OK && (value = cli_value_at(cli, "ignore", n)) != NULL; n++)
        if ((status = find_column(reader, text_from(value), &column, err)) == STATUS_OK)
            reading->ignored[column] = true;
    if (status == STATUS_OK && truth != NULL &&
        (status = find_column(reader, text_from(truth), &column, err)) == STATUS_OK)
        reading->truth_column = (int)column;
    for (size_t i = 0; i < count; i++)
        named[reading->kinds[i]] = true;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        enum person_column kind = kind_of_name(cli->arena, names[i]);
        if (reading->kinds[i] == COLUMN_NONE && !reading->ignored[i] && !named[kind])
            reading->kinds[i] = kind;
        if (reading->truth_column == (int)i && reading->kinds[i] != COLUMN_ID)
            reading->kinds[i] = COLUMN_NONE;
    }
    return status;
}

static bool has_kind(const struct reading *reading, enum person_column kind)
{
    for (size_t i = 0; i < reading->column_count; i++)
        if (reading->kinds[i] == kind)
            return true;
    return false;
}

static enum status check_columns(const struct reading *reading, struct error *err)
{
    static const enum person_column telling[] = {COLUMN_FAMILY_NAME, COLUMN_GIVEN_NAME, COLUMN_NAME, COLUMN_PHONE,
                                                 COLUMN_EMAIL};

    for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++)
        if (has_kind(reading, telling[i]))
            return STATUS_OK;
    return error_set(err, STATUS_INVALID, "mapping.required", "name",
                     "no column is known for a name, a phone or an e-mail: name one with --map name=COLUMN");
}

/* ---- rows ---- */

static void fill_address(struct reading *reading, const struct record *record, struct duplicate_person *person)
{
    struct text parts[ADDRESS_COLUMNS_MAX];
    size_t count = 0;
    struct builder builder = {.arena = reading->cli->arena};

    for (size_t i = 0; i < record->field_count && i < reading->column_count && count < ADDRESS_COLUMNS_MAX; i++)
        if (reading->kinds[i] == COLUMN_ADDRESS && text_trim(record->fields[i]).size > 0)
            parts[count++] = text_trim(record->fields[i]);
    if (count == 1)
        person->address = parts[0];
    if (count < 2)
        return;
    for (size_t i = 0; i < count; i++) {
        builder_text(&builder, parts[i]);
        builder_char(&builder, ' ');
    }
    person->address = builder_done(&builder);
}

static void fill_person(struct reading *reading, const struct record *record, struct duplicate_person *person,
                        struct text *id)
{
    struct text *const single[] = {[COLUMN_ID] = id,
                                   [COLUMN_FAMILY_NAME] = &person->family_name,
                                   [COLUMN_GIVEN_NAME] = &person->given_name,
                                   [COLUMN_NAME] = &person->name,
                                   [COLUMN_BIRTHDAY] = &person->birthday,
                                   [COLUMN_CODE] = &person->code,
                                   [COLUMN_POSTCODE] = &person->postcode,
                                   [COLUMN_CITY] = &person->city,
                                   [COLUMN_REGION] = &person->region,
                                   [COLUMN_GENDER] = &person->gender};

    for (size_t i = 0; i < record->field_count && i < reading->column_count; i++) {
        struct text value = text_trim(record->fields[i]);
        enum person_column kind = reading->kinds[i];
        if (value.size == 0 || kind == COLUMN_NONE || kind == COLUMN_ADDRESS)
            continue;
        if (kind == COLUMN_PHONE) {
            if (person->phone_count < PERSON_PHONES_MAX)
                person->phones[person->phone_count++] = value;
        } else if (kind == COLUMN_EMAIL) {
            if (person->email_count < PERSON_EMAILS_MAX)
                person->emails[person->email_count++] = value;
        } else if (single[kind]->size == 0) {
            *single[kind] = value;
        }
    }
    fill_address(reading, record, person);
}

static enum status add_row(struct reading *reading, const struct record *record, struct error *err)
{
    struct arena *arena = reading->cli->arena;
    struct duplicate_person person = {.phone_count = 0};
    struct text id = {NULL, 0};
    size_t count = duplicate_base_count(reading->file.base);

    if (count >= FILE_PERSONS_MAX)
        return error_set(err, STATUS_LIMIT, "analyze.rows", "", "there are more than %d rows", FILE_PERSONS_MAX);
    fill_person(reading, record, &person, &id);
    duplicate_base_add(reading->file.base, record->line, &person);
    reading->ids = arena_grow(arena, reading->ids, &reading->id_capacity, count + 1, sizeof *reading->ids);
    reading->ids[count] =
        id.size > 0 ? text_copy(arena, id) : text_from(arena_format(arena, "line %lld", (long long)record->line));
    if (reading->truth_column < 0)
        return STATUS_OK;
    struct text truth = (size_t)reading->truth_column < record->field_count
                            ? text_trim(record->fields[reading->truth_column])
                            : TEXT("");
    reading->truths = arena_grow(arena, reading->truths, &reading->truth_capacity, count + 1, sizeof *reading->truths);
    reading->truths[count] = text_copy(arena, truth);
    return STATUS_OK;
}

static enum status read_rows(struct reading *reading, struct reader *reader, const char *truth, struct error *err)
{
    bool mapped = false;

    for (bool end = false;;) {
        struct record record = {0};
        enum status status = reader_next(reader, &record, &end, err);

        if (end)
            return STATUS_OK;
        /* JSON Lines tell their columns with the first row. */
        if (!mapped && status == STATUS_OK) {
            status = map_columns(reading, reader, truth, err);
            if (status == STATUS_OK)
                status = check_columns(reading, err);
            if (status != STATUS_OK)
                return status;
            mapped = true;
        }
        if (status == STATUS_OK) {
            status = add_row(reading, &record, err);
            if (status != STATUS_OK)
                return status;
        } else if (status != STATUS_INVALID) {
            return status;
        } else if (reading->file.refused++ == 0) {
            fprintf(stderr, "line %lld: %s\n", (long long)record.line, err->message);
        }
    }
}

enum status person_file_read(struct cli *cli, const struct reader_options *how, const char *truth,
                             struct person_file *out, struct error *err)
{
    struct reading *reading = arena_alloc(cli->arena, sizeof *reading);
    struct reader *reader = NULL;
    enum status status = reader_open(how, &reader, err);

    if (status != STATUS_OK)
        return status;
    reading->cli = cli;
    reading->truth_column = -1;
    reading->file.base = duplicate_base_new(cli->arena);
    status = read_rows(reading, reader, truth, err);
    reader_close(reader);
    if (status == STATUS_OK && duplicate_base_count(reading->file.base) == 0)
        status = error_set(err, STATUS_INVALID, "analyze.empty", "", "the file has no row that can be read");
    if (status != STATUS_OK) {
        duplicate_base_free(reading->file.base);
        return status;
    }
    reading->file.ids = reading->ids;
    reading->file.truths = reading->truths;
    *out = reading->file;
    if (out->refused > 0)
        fprintf(stderr, "%lld rows could not be read\n", (long long)out->refused);
    return STATUS_OK;
}
