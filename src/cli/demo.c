#include "cli/demo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/demo_internal.h"
#include "cli/progress.h"
#include "features/customers/commands.h"
#include "features/definitions/transfer_store.h"
#include "features/events/events_store.h"
#include "features/exchange/import_store.h"
#include "features/programme/programme_store.h"
#include "server/reactions.h"

enum { DEMO_SETTINGS_SIZE = 1024 * 1024 };

#define DEMO_SEED UINT64_C(20261122)

const struct demo_item demo_items[DEMO_ITEMS] = {
    {"ESPRESSO", "Espresso 浓缩咖啡", "coffee", 2200},
    {"FLATWHITE", "Flat white 澳白", "coffee", 3400},
    {"LATTE", "Osmanthus latte 桂花拿铁", "coffee", 3800},
    {"COLDBREW", "Cold brew 冷萃", "coffee", 3600},
    {"POUROVER", "Pour-over 手冲", "coffee", 4800},
    {"LONGJING", "Longjing tea 龙井茶", "tea", 4200},
    {"OOLONG", "High mountain oolong 高山乌龙", "tea", 4600},
    {"CROISSANT", "Croissant 可颂", "bakery", 2600},
    {"PINEBUN", "Pineapple bun 菠萝包", "bakery", 1800},
    {"CHEESECAKE", "Cheesecake 芝士蛋糕", "bakery", 3900},
    {"SALAD", "Harbour salad 港湾沙拉", "kitchen", 5800},
    {"NOODLES", "Beef noodles 牛肉面", "kitchen", 6200},
    {"BEANS", "Beans, 250 g 咖啡豆", "beans", 12800},
    {"MUG", "Mug 马克杯", "goods", 8800},
    {"ROOM-STD", "Standard room, night 标准间", "room", 58000},
    {"ROOM-SEA", "Harbour room, night 江景房", "room", 88000},
    {"BREAKFAST", "Breakfast 早餐", "kitchen", 9800},
    {"SPA", "Spa 水疗", "spa", 46000},
};

/* A mapping that the tour uses, written last: with it there, the demo is complete. */
static const char last_mapping[] = "complete-journey";
static const char last_document[] =
    "{\"kind\": \"purchases\", \"map\": {\"external\": \"household_id\", \"receipt\": \"basket_id\","
    " \"store\": \"store_id\", \"sku\": \"product_id\", \"quantity\": \"quantity\", \"amount\": \"sales_value\","
    " \"discount\": \"retail_disc\", \"at\": \"transaction_timestamp\"}, \"set\": {\"currency\": \"USD\"},"
    " \"zone\": \"America/New_York\", \"group\": \"receipt\"}";

/* ---- configuration ---- */

static enum status in_transaction(struct demo *demo,
                                  enum status (*work)(struct demo *, struct storage_session *, struct error *),
                                  struct error *err)
{
    struct storage_session *session = NULL;
    enum status status = storage_session_new(engine_storage(demo->engine), false, &session, err);
    if (status == STATUS_OK)
        status = storage_begin(session, err);
    if (status == STATUS_OK)
        status = work(demo, session, err);
    if (status == STATUS_OK)
        status = storage_commit(session, err);
    if (status != STATUS_OK && session != NULL)
        storage_rollback(session);
    storage_session_free(session);
    return status;
}

/* The programme and its parts, in force since the day before the year. */
static enum status publish(struct demo *demo, struct storage_session *session, struct error *err)
{
    struct configuration configuration = engine_configuration(demo->engine);
    struct programme_version *versions = NULL;
    struct definition_transferred ignored;
    size_t count = 0;
    enum status status =
        programme_versions(session, demo->settings, (struct version_page){INT64_MAX, 1}, &versions, &count, err);
    if (status == STATUS_OK && count == 0) {
        const struct definition_transfer house = {.lines = demo_house_lines(demo->settings, demo->today),
                                                  .set = configuration.programmes,
                                                  .now = (demo->today - DEMO_DAYS) * INSTANT_DAY,
                                                  .actor = TEXT("demo"),
                                                  .note = TEXT("the programme of the demo"),
                                                  .without_review = true};
        status = definitions_import(session, &house, &ignored, err);
    }
    engine_configuration_release(demo->engine, configuration);
    return status;
}

static enum status write_configuration(struct demo *demo, struct storage_session *session, struct error *err)
{
    enum status status = publish(demo, session, err);
    for (int i = 0; status == STATUS_OK && i < DEMO_STORES; i++) {
        const struct demo_store *store = &demo_stores[i];
        struct catalogue_row row = {.key = text_from(store->code),
                                    .version = 1,
                                    .columns = {value_string(store->name), value_string(store->zone),
                                                value_integer(store->cut_minutes), value_string(store->region),
                                                value_string("")}};
        status = catalogue_put(session, CATALOGUE_STORES, &row, err);
    }
    static const char *const channels[][2] = {
        {"pos", "Till 门店"}, {"hotel", "Front desk 前台"}, {"app", "Mini-program 小程序"}};
    for (size_t i = 0; status == STATUS_OK && i < sizeof channels / sizeof channels[0]; i++) {
        struct catalogue_row row = {
            .key = text_from(channels[i][0]), .version = 1, .columns = {value_string(channels[i][1])}};
        status = catalogue_put(session, CATALOGUE_CHANNELS, &row, err);
    }
    return status;
}

static enum status write_items(struct demo *demo, struct error *err)
{
    struct item_row items[DEMO_ITEMS];
    int64_t changed = 0;
    for (int i = 0; i < DEMO_ITEMS; i++)
        items[i] = (struct item_row){.sku = text_from(demo_items[i].sku),
                                     .name = text_from(demo_items[i].name),
                                     .category = text_from(demo_items[i].category),
                                     .price = demo_items[i].price};
    return items_write(demo->engine, items, DEMO_ITEMS, &changed, err);
}

static enum status write_last(struct demo *demo, struct storage_session *session, struct error *err)
{
    (void)demo;
    struct saved_mapping mapping = {
        .name = text_from(last_mapping), .kind = TEXT("purchases"), .document = text_from(last_document)};
    return mapping_save(session, &mapping, err);
}

/* ---- the state of the database ---- */

/* `*done`: the demo is complete. Refused when there are members and none of them is the demo's first. */
static enum status look(struct demo *demo, bool *done, struct error *err)
{
    struct storage_session *session = NULL;
    struct saved_mapping mapping;
    struct programme_version *versions = NULL;
    size_t count = 0;
    enum status status = engine_read_begin(demo->engine, &session, err);
    if (status != STATUS_OK)
        return status;
    *done = mapping_find(session, demo->settings, text_from(last_mapping), &mapping, NULL) == STATUS_OK;
    if (!*done)
        status =
            programme_versions(session, demo->settings, (struct version_page){INT64_MAX, 1}, &versions, &count, err);
    int64_t reference = 0, member = 0;
    if (status == STATUS_OK && !*done)
        status = engine_claim_find(session, "external", text_from("HP00001"), &reference, &member, err);
    demo->resumed = reference != 0;
    engine_read_end(demo->engine, session);
    if (status == STATUS_OK && count > 0 && !text_equals(versions[0].author, "demo"))
        return error_set(err, STATUS_CONFLICT, "demo.not_empty", "",
                         "this database has a programme of its own: the demo wants an empty one");
    return status;
}

/* ---- all of it ---- */

static enum status command_done(void *context, const struct command *command, int64_t tag, struct error *err)
{
    struct demo *demo = context;
    (void)tag;
    demo->done++;
    if (cli_shows_progress() && demo->done % 512 == 0)
        cli_progress(0, 0, demo->done, "facts");
    /* What was there from a run before, and a redemption of more than there is, are no failures. */
    if (command->status == STATUS_OK || command->status == STATUS_CONFLICT)
        return STATUS_OK;
    if (err != NULL)
        *err = command->error;
    return command->status;
}

static enum status run_phase(struct demo *demo, enum status (*phase)(struct demo *, struct error *), struct error *err)
{
    struct pipeline_receiver receiver = {command_done, demo};
    enum status status = pipeline_new(demo->engine, &receiver, &demo->pipeline, err);
    if (status == STATUS_OK)
        status = phase(demo, err);
    if (status == STATUS_OK)
        status = pipeline_finish(demo->pipeline, err);
    pipeline_free(demo->pipeline);
    demo->pipeline = NULL;
    return status;
}

static enum status fill(struct demo *demo, struct error *err)
{
    enum status status = in_transaction(demo, write_configuration, err);
    if (status == STATUS_OK)
        status = write_items(demo, err);
    if (status == STATUS_OK)
        status = engine_configuration_reload(demo->engine, err);
    if (status != STATUS_OK)
        return status;
    struct configuration configuration = engine_configuration(demo->engine);
    demo->programmes = configuration.programmes;
    demo->zone = programme_at(demo->programmes, demo->now)->zone;
    status = run_phase(demo, demo_register, err);
    if (status == STATUS_OK)
        status = run_phase(demo, demo_prefer, err);
    if (status == STATUS_OK)
        status = run_phase(demo, demo_live, err);
    if (status == STATUS_OK)
        status = run_phase(demo, demo_bring_back, err);
    engine_configuration_release(demo->engine, configuration);
    if (status == STATUS_OK)
        status = reactions_catch_up(demo->engine, err);
    return status == STATUS_OK ? in_transaction(demo, write_last, err) : status;
}

enum status demo_fill(struct engine *engine, const struct demo_options *options, struct error *err)
{
    struct demo *demo = calloc(1, sizeof *demo);
    bool done = false;
    if (demo == NULL)
        return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory for the demo");
    demo->engine = engine;
    demo->seed = options->seed != 0 ? options->seed : DEMO_SEED;
    demo->now = clock_now(engine_clock(engine));
    demo->today = options->today != 0 ? options->today : (int32_t)(demo->now / INSTANT_DAY);
    demo->member_count = options->members != 0 ? options->members : DEMO_MEMBERS;
    demo->settings = arena_new(DEMO_SETTINGS_SIZE);
    demo->people = calloc((size_t)demo->member_count, sizeof *demo->people);
    enum status status = STATUS_LIMIT;
    if (demo->settings == NULL || demo->people == NULL)
        error_set(err, status, "exchange.memory", "", "there is no memory for the demo");
    else
        status = look(demo, &done, err);
    if (status == STATUS_OK && !done) {
        printf("patron: %s Harbour & Pine 港松: %d members and a year of what they did, in less than a minute\n",
               demo->resumed ? "going on with" : "making", demo->member_count);
        fflush(stdout);
        for (int i = 0; i < demo->member_count; i++)
            demo_person_make(demo->seed, i, &demo->people[i]);
        status = fill(demo, err);
    }
    if (cli_shows_progress())
        cli_progress(-1, 0, 0, "");
    arena_free(demo->settings);
    free(demo->people);
    free(demo);
    return status;
}
