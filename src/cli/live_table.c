#include "cli/live_table.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "features/events/item_attributes.h"
#include "features/insight/live_members_store.h"
#include "foundation/id.h"
#include "foundation/instant.h"
#include "foundation/map.h"
#include "foundation/money.h"

enum { ITEM_BYTES_MAX = 1 << 30, MEMBER_BYTES_MAX = LIVE_MEMBERS_MAX * 2 * (int)sizeof(struct live_member) };
enum { LAPSED_INTERVALS = 3, NUMBER_SIZE = 40 };

static const double USUAL_INTERVAL_UNKNOWN_DAYS = 30;

/* What the catalogue adds to a line. */
struct item_facts {
    struct text category;
    struct item_attributes attributes;
};

/* The table while it is written. */
struct writing {
    const struct live_call *call;
    FILE *file;
    struct arena *arena;
    struct map *items;
    int64_t count;
};

/* ---- cells ---- */

static void write_text(const struct writing *writing, struct text text)
{
    fputc('"', writing->file);
    for (size_t i = 0; i < text.size; i++) {
        if (text.bytes[i] == '"')
            fputc('"', writing->file);
        fputc(text.bytes[i] == '\n' || text.bytes[i] == '\r' ? ' ' : text.bytes[i], writing->file);
    }
    fputs("\"", writing->file);
}

static void write_next(const struct writing *writing)
{
    fputc(',', writing->file);
}

static void write_money(const struct writing *writing, int64_t minor)
{
    char text[MONEY_TEXT_SIZE];

    fprintf(writing->file, "%s,", money_format(minor, writing->call->exponent, text));
}

static void write_customer(const struct writing *writing, int64_t id)
{
    char text[ID_TEXT_SIZE];

    fprintf(writing->file, "%s,", id_format("mbr", id, text));
}

static enum status went_well(const struct writing *writing, struct error *err)
{
    return !ferror(writing->file)
               ? STATUS_OK
               : error_set(err, STATUS_IO, "analysis.files", "", "the rows cannot be kept: %s", strerror(errno));
}

/* ---- lines ---- */

static enum status add_item(void *context, const void *row, struct error *err)
{
    const struct live_item *item = row;
    struct writing *writing = context;
    struct item_facts *facts = arena_alloc(writing->arena, sizeof *facts);

    (void)err;
    facts->category = text_copy(writing->arena, item->category);
    facts->attributes = item_attributes_read(writing->arena, item->attributes);
    /* What the catalogue says itself comes before free attributes. */
    if (item->brand.size > 0)
        facts->attributes.brand = text_copy(writing->arena, item->brand);
    if (item->cost >= 0)
        facts->attributes.cost = (double)item->cost / pow(10, writing->call->exponent);
    map_put(writing->items, text_copy(writing->arena, item->sku), facts);
    return STATUS_OK;
}

static enum status add_line(void *context, const void *row, struct error *err)
{
    static const struct item_facts unknown = {.attributes = {.cost = NAN}};
    const struct live_line *line = row;
    struct writing *writing = context;
    const struct item_facts *facts = line->sku.size > 0 ? map_get(writing->items, line->sku) : NULL;
    double quantity = (double)line->quantity_milli / 1000;
    char text[ID_TEXT_SIZE];

    _Static_assert((int)DAY_TEXT_SIZE <= (int)ID_TEXT_SIZE, "a day takes no more room than an id");
    facts = facts != NULL ? facts : &unknown;
    write_customer(writing, line->leader);
    fprintf(writing->file, "%s,", day_format(line->day, text));
    write_money(writing, line->amount);
    fprintf(writing->file, "%s,", id_format("evt", line->purchase, text));
    write_text(writing, line->sku.size > 0 ? line->sku : TEXT("NA"));
    write_next(writing);
    write_text(writing, line->category.size > 0 ? line->category : facts->category);
    write_next(writing);
    write_text(writing, facts->attributes.brand);
    fprintf(writing->file, ",%.10g,", quantity);
    write_money(writing, line->discount);
    if (!isnan(facts->attributes.cost))
        fprintf(writing->file, "%.10g", facts->attributes.cost * quantity);
    write_next(writing);
    write_text(writing, line->store);
    write_next(writing);
    write_text(writing, line->channel);
    fputs("\n", writing->file);
    writing->count++;
    return went_well(writing, err);
}

static enum status write_lines(struct writing *writing, struct storage_session *session, struct error *err)
{
    const struct live_receiver items = {add_item, writing}, lines = {add_line, writing};

    writing->items = map_new(writing->arena, 4096);
    fputs("customer,date,amount,receipt,item,category,brand,quantity,discount,cost,store,channel\n", writing->file);
    enum status status = live_items_stream(session, &items, err);

    return status == STATUS_OK ? live_lines_stream(session, &writing->call->part, &lines, err) : status;
}

/* ---- members ---- */

/* How long somebody has been a customer: to the last purchase when silent so long that the stage says lapsed, else until now. */
static void write_stay(const struct writing *writing, const struct live_member *member)
{
    double usual = writing->call->usual_interval > 0 ? (double)writing->call->usual_interval / INSTANT_DAY
                                                     : USUAL_INTERVAL_UNKNOWN_DAYS;
    bool lapsed = member->features[LIVE_DAYS_SINCE_LAST] >= LAPSED_INTERVALS * usual;
    double days = member->features[LIVE_DAYS_AS_CUSTOMER] - (lapsed ? member->features[LIVE_DAYS_SINCE_LAST] : 0);

    fprintf(writing->file, "%.10g,%s\n", fmax(1, days), lapsed ? "yes" : "no");
}

static enum status write_members(struct writing *writing, struct storage_session *session, struct error *err)
{
    double unit = pow(10, -writing->call->exponent);
    struct live_members members;
    enum status status =
        live_members_read(session, writing->arena, &writing->call->part, writing->call->now, &members, err);

    if (status != STATUS_OK)
        return status;
    fputs("customer,", writing->file);
    for (int i = 0; i < LIVE_FEATURES; i++)
        fprintf(writing->file, "%s,", live_feature_names[i]);
    fputs("days,lapsed\n", writing->file);
    for (size_t i = 0; i < members.count; i++) {
        write_customer(writing, members.list[i].id);
        for (int j = 0; j < LIVE_FEATURES; j++)
            fprintf(writing->file, "%.10g,", members.list[i].features[j] * (j == LIVE_MEAN_SPEND ? unit : 1));
        write_stay(writing, &members.list[i]);
    }
    writing->count = (int64_t)members.count;
    return went_well(writing, err);
}

/* ---- the file ---- */

/* Without a name, so that it goes with its last descriptor, whatever happens. */
static enum status open_file(FILE **out, struct error *err)
{
    const char *folder = getenv("TMPDIR");
    int descriptor = open(folder == NULL ? "/tmp" : folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    *out = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (*out != NULL)
        return STATUS_OK;
    error_set(err, STATUS_IO, "analysis.files", "", "the rows of the base cannot be kept: %s", strerror(errno));
    if (descriptor >= 0)
        close(descriptor);
    return STATUS_IO;
}

static enum status write_rows(struct writing *writing, enum live_rows rows, struct error *err)
{
    struct storage_session *session;
    enum status status = engine_read_begin(writing->call->engine, &session, err);

    if (status != STATUS_OK)
        return status;
    status = rows == LIVE_ROWS_MEMBERS ? write_members(writing, session, err) : write_lines(writing, session, err);
    engine_read_end(writing->call->engine, session);
    return status;
}

enum status live_table_write(const struct live_call *call, enum live_rows rows, int *descriptor, int64_t *count,
                             struct error *err)
{
    struct writing writing = {.call = call, .arena = arena_new((size_t)ITEM_BYTES_MAX + MEMBER_BYTES_MAX)};
    enum status status = writing.arena == NULL
                             ? error_set(err, STATUS_LIMIT, "analysis.memory", "", "there is no memory for the base")
                             : open_file(&writing.file, err);

    if (status == STATUS_OK) {
        status = write_rows(&writing, rows, err);
        *descriptor = fcntl(fileno(writing.file), F_DUPFD_CLOEXEC, 3);
        if (fclose(writing.file) != 0 && status == STATUS_OK)
            status = error_set(err, STATUS_IO, "analysis.files", "", "the rows of the base cannot be kept: %s",
                               strerror(errno));
        if (status != STATUS_OK && *descriptor >= 0)
            close(*descriptor);
    }
    arena_free(writing.arena);
    *count = writing.count;
    return status;
}
