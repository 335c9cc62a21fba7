#include <stdio.h>
#include <string.h>

#include "cli/demo.h"
#include "cli/demo_internal.h"
#include "features/customers/commands.h"
#include "features/events/events_store.h"
#include "features/events/visit.h"
#include "features/points/points.h"

enum { BASKET_MAX = 8, MILLI = 1000 };

static int64_t instant_of(const struct demo *demo, int day, int minute)
{
    return zone_local(demo->zone, demo->today - DEMO_DAYS + 1 + day, minute * INSTANT_MINUTE);
}

/* A command about a person, named by the number in the chain's own system. */
static struct command *person_command(struct demo *demo, int person, const struct command_type *type, size_t body_size)
{
    struct arena *arena = pipeline_arena(demo->pipeline);
    struct command *command = pipeline_command(demo->pipeline);
    *command = (struct command){.type = type, .day = DAY_NONE, .actor = TEXT("demo"), .subject_count = 1};
    command->body = arena_alloc(arena, body_size);
    command->claims = arena_array(arena, COMMAND_CLAIMS_MAX, sizeof *command->claims);
    command->claims[command->claim_count++] =
        (struct claim_key){.kind = "external", .key = text_from(demo->people[person].external)};
    command->subjects[0] = (struct subject){.by = SUBJECT_CLAIMS, .first = 0, .count = 1};
    command->bucket = claim_bucket("external", command->claims[0].key);
    return command;
}

static int add_claim(struct command *command, const char *kind, struct text key)
{
    command->claims[command->claim_count] = (struct claim_key){.kind = kind, .key = key};
    return (int)command->claim_count++;
}

/* ---- members ---- */

static void add_consents(struct demo *demo, struct demo_random *random, struct register_member *body, int64_t at)
{
    static const char *const channels[] = {"email", "sms", "wechat"};
    struct consent *consents = arena_array(pipeline_arena(demo->pipeline), 3, sizeof *consents);
    for (size_t i = 0; i < 3; i++) {
        if (!demo_random_chance(random, 6500))
            continue;
        consents[body->consent_count++] =
            (struct consent){.channel = text_from(channels[i]),
                             .purpose = TEXT("marketing"),
                             .state = demo_random_chance(random, 8800) ? TEXT("granted") : TEXT("withdrawn"),
                             .at = at,
                             .source = TEXT("registration"),
                             .wording = TEXT("2026-01"),
                             .author = TEXT("demo")};
    }
    body->consents = consents;
}

static void add_profile(const struct demo_person *person, struct profile_patch *patch)
{
    const struct {
        enum profile_field field;
        const char *value;
    } values[] = {{PROFILE_FAMILY_NAME, person->family},
                  {PROFILE_GIVEN_NAME, person->given},
                  {PROFILE_DISPLAY_NAME, person->display},
                  {PROFILE_GENDER, person->gender},
                  {PROFILE_BIRTHDAY, person->birthday},
                  {PROFILE_LANGUAGE, person->language},
                  {PROFILE_CITY, demo_stores[person->home].region}};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (values[i].value[0] != '\0') {
            patch->fields[values[i].field] = text_from(values[i].value);
            patch->given[values[i].field] = true;
        }
}

enum status demo_register(struct demo *demo, struct error *err)
{
    enum status status = STATUS_OK;
    for (int i = 0; status == STATUS_OK && i < demo->member_count; i++) {
        const struct demo_person *person = &demo->people[i];
        struct demo_random random = {demo->seed + (uint64_t)i * 7919};
        struct command *command = person_command(demo, i, &register_member_type, sizeof(struct register_member));
        struct register_member *body = command->body;
        add_claim(command, "card", text_from(person->card));
        if (person->phone[0] != '\0')
            add_claim(command, "phone", text_from(person->phone));
        if (person->email[0] != '\0')
            add_claim(command, "email", text_from(person->email));
        command->subjects[0].count = (int)command->claim_count;
        body->at = (struct customer_registration){.at = instant_of(demo, person->joined, 480 + i % 600),
                                                  .store = text_from(demo_stores[person->home].code),
                                                  .channel = TEXT("pos")};
        body->accept_existing = true;
        add_profile(person, &body->patch);
        add_consents(demo, &random, body, body->at.at);
        status = pipeline_add(demo->pipeline, i, err);
    }
    return status;
}

enum status demo_prefer(struct demo *demo, struct error *err)
{
    static const struct {
        const char *topic, *value, *liking;
    } tastes[] = {{"drink", "oat milk 燕麦奶", "likes"},  {"drink", "no sugar 无糖", "likes"},
                  {"food", "coriander 香菜", "dislikes"}, {"seat", "by the window 靠窗", "likes"},
                  {"room", "high floor 高楼层", "likes"}, {"room", "feather pillow 羽绒枕", "dislikes"},
                  {"food", "vegetarian 素食", "likes"},   {"paper", "newspaper 报纸", "dislikes"}};
    static const char *const known[] = {"told", "observed", "inferred"};
    enum status status = STATUS_OK;
    for (int i = 0; !demo->resumed && status == STATUS_OK && i < demo->member_count; i++) {
        struct demo_random random = {demo->seed + (uint64_t)i * 104729 + 1};
        if (!demo_random_chance(&random, 1800))
            continue;
        int taste = demo_random_below(&random, sizeof tastes / sizeof tastes[0]);
        struct command *command = person_command(demo, i, &change_preference_type, sizeof(struct change_preference));
        struct change_preference *body = command->body;
        body->load.parts[0] = PART_PREFERENCES;
        body->action = CHANGE_ADD;
        body->preference = (struct preference){.topic = text_from(tastes[taste].topic),
                                               .value = text_from(tastes[taste].value),
                                               .liking = text_from(tastes[taste].liking),
                                               .known = text_from(known[demo_random_below(&random, 3)]),
                                               .confirmed_at = instant_of(demo, demo->people[i].joined, 900),
                                               .author = TEXT("demo")};
        status = pipeline_add(demo->pipeline, i, err);
    }
    return status;
}

/* ---- what they do ---- */

static void add_line(struct purchase *purchase, int item, int64_t quantity, int64_t discount)
{
    int64_t price = demo_items[item].price * quantity;
    purchase->lines[purchase->line_count++] = (struct purchase_line){.sku = text_from(demo_items[item].sku),
                                                                     .category = text_from(demo_items[item].category),
                                                                     .quantity_milli = quantity * MILLI,
                                                                     .amount = price - discount,
                                                                     .discount = discount};
}

static void fill_cafe(struct demo_random *random, struct purchase *purchase)
{
    add_line(purchase, demo_random_below(random, 7), 1 + demo_random_chance(random, 1500), 0);
    if (demo_random_chance(random, 4500))
        add_line(purchase, 7 + demo_random_below(random, 5), 1, 0);
    if (demo_random_chance(random, 600))
        add_line(purchase, 12, 1, 1280); /* beans, ten off a hundred */
    if (demo_random_chance(random, 150))
        add_line(purchase, 13, 1, 0);
}

static void fill_hotel(struct demo_random *random, struct purchase *purchase)
{
    int nights = 1 + demo_random_below(random, 3);
    add_line(purchase, DEMO_ITEM_ROOMS + demo_random_chance(random, 3000), nights, 0);
    if (demo_random_chance(random, 7000))
        add_line(purchase, DEMO_ITEM_ROOMS + 2, nights, 0);
    if (demo_random_chance(random, 1200))
        add_line(purchase, DEMO_ITEM_ROOMS + 3, 1, 0);
}

static enum status add_purchase(struct demo *demo, struct demo_random *random, int person, int64_t at, bool hotel,
                                struct error *err)
{
    struct arena *arena = pipeline_arena(demo->pipeline);
    int store = hotel ? DEMO_CAFES + demo_random_below(random, DEMO_HOTELS) : demo->people[person].home;
    if (!hotel && demo_random_chance(random, 1200))
        store = demo_random_below(random, DEMO_CAFES);
    struct command *command = person_command(demo, person, NULL, sizeof(struct purchase));
    struct purchase *purchase = command->body;
    purchase->named = true;
    purchase->at = at;
    purchase->store = text_from(demo_stores[store].code);
    purchase->channel = hotel ? TEXT("hotel") : demo_random_chance(random, 2500) ? TEXT("app") : TEXT("pos");
    purchase->day = business_day(demo->programmes, purchase->store, at);
    purchase->lines = arena_array(arena, BASKET_MAX, sizeof *purchase->lines);
    if (hotel)
        fill_hotel(random, purchase);
    else
        fill_cafe(random, purchase);
    char *number = arena_format(arena, "%s-%lld", demo->people[person].external, (long long)(at / INSTANT_MINUTE));
    struct receipt receipt = {.day = purchase->day,
                              .channel = purchase->channel,
                              .store = purchase->store,
                              .till = TEXT("1"),
                              .number = text_from(number)};
    purchase->receipt = receipt_key(arena, &receipt);
    purchase->identity = EVENT_IDENTITY_NONE;
    purchase->identity.receipt_claim = add_claim(command, "receipt", purchase->receipt);
    command->day = zone_day(demo->zone, at);
    const struct programme *programme = programme_at(demo->programmes, at);
    purchase_rules(demo->programmes, purchase);
    command->type = purchase_type(programme, purchase);
    purchase_counters(programme, command, arena);
    purchase_rule_counters(demo->programmes, purchase, command, arena);
    if (demo_random_chance(random, 120) && demo->return_count < DEMO_RETURNS_MAX &&
        purchase->receipt.size < DEMO_KEY_SIZE) {
        struct demo_return *back = &demo->returns[demo->return_count++];
        memcpy(back->receipt, purchase->receipt.bytes, purchase->receipt.size);
        back->at = at + (1 + demo_random_below(random, 72)) * INSTANT_HOUR;
        back->person = person;
    }
    return pipeline_add(demo->pipeline, person, err);
}

static enum status add_visit(struct demo *demo, int person, int64_t at, struct error *err)
{
    struct arena *arena = pipeline_arena(demo->pipeline);
    struct command *command = person_command(demo, person, visit_type(false), sizeof(struct visit));
    struct visit *visit = command->body;
    visit->at = at;
    visit->store = text_from(demo_stores[demo->people[person].home].code);
    visit->channel = TEXT("pos");
    visit->day = business_day(demo->programmes, visit->store, at);
    visit->identity = EVENT_IDENTITY_NONE;
    visit->identity.row_claim =
        add_claim(command, "row",
                  text_from(arena_format(arena, "demo/visit/%s/%lld", demo->people[person].external, (long long)at)));
    return pipeline_add(demo->pipeline, person, err);
}

static struct text render_nothing(const struct command *command, struct arena *arena, int *http_status)
{
    (void)command;
    (void)arena;
    *http_status = 200;
    return TEXT("{}");
}

/* Kept as a request, so that a demo which goes on after a stop redeems once. */
static enum status add_redemption(struct demo *demo, struct demo_random *random, int person, int64_t at,
                                  struct error *err)
{
    static const struct {
        const char *reward;
        int points;
    } rewards[] = {{"coffee", 300}, {"cake", 350}, {"mug", 900}, {"night", 9000}};
    struct arena *arena = pipeline_arena(demo->pipeline);
    int reward = demo_random_chance(random, 400) ? 3 : demo_random_below(random, 3);
    struct command *command = person_command(demo, person, &redeem_command_type, sizeof(struct redemption));
    struct redemption *redemption = command->body;
    redemption->context = (struct points_context){.at_given = true,
                                                  .at = at,
                                                  .store = text_from(demo_stores[demo->people[person].home].code),
                                                  .channel = TEXT("pos")};
    redemption->wallet = TEXT("points");
    redemption->points = rewards[reward].points;
    redemption->reward = text_from(rewards[reward].reward);
    command->request_scope = TEXT("demo");
    command->request_key = text_from(arena_format(arena, "%s/%lld", demo->people[person].external, (long long)at));
    digest_compute(command->request_key.bytes, command->request_key.size, command->request_digest);
    command->render = render_nothing;
    command->arena = arena;
    return pipeline_add(demo->pipeline, person, err);
}

/* Per cent of the usual: weekends, the spring festival's quiet streets, summer and the holidays of October. */
static int season(const struct demo *demo, int day, bool weekends, bool hotel)
{
    int32_t number = demo->today - DEMO_DAYS + 1 + day;
    struct date date = date_from_day(number);
    bool weekend = day_of_week(number) >= 5;
    static const int cafe[12] = {100, 70, 95, 105, 110, 100, 95, 95, 105, 110, 105, 115};
    static const int hotels[12] = {80, 130, 80, 110, 120, 100, 150, 150, 90, 170, 80, 100};
    int factor = hotel ? hotels[date.month - 1] : cafe[date.month - 1];
    if (weekends)
        return factor * (weekend ? 250 : 40) / 100;
    return factor * (weekend ? 70 : 112) / 100;
}

static enum status live_day(struct demo *demo, int day, int person, struct error *err)
{
    const struct demo_person *who = &demo->people[person];
    struct demo_random random = {demo->seed ^ ((uint64_t)person << 32 | (uint64_t)day)};
    demo_random_next(&random);
    int64_t at = instant_of(demo, day, 450 + demo_random_below(&random, 750));
    enum status status = STATUS_OK;
    if (at > demo->now)
        return STATUS_OK;
    if (demo_random_chance(&random, who->stays_per_10000 * season(demo, day, false, true) / 100))
        status = add_purchase(demo, &random, person, at, true, err);
    else if (demo_random_chance(&random, who->visits_per_10000 * season(demo, day, who->weekends, false) / 100))
        status = add_purchase(demo, &random, person, at, false, err);
    else if (demo_random_chance(&random, 15))
        return add_visit(demo, person, at, err);
    else
        return STATUS_OK;
    if (status == STATUS_OK && demo_random_chance(&random, who->redeems_per_10000) && at + INSTANT_MINUTE <= demo->now)
        status = add_redemption(demo, &random, person, at + INSTANT_MINUTE, err);
    return status;
}

enum status demo_live(struct demo *demo, struct error *err)
{
    enum status status = STATUS_OK;
    for (int day = 0; day < DEMO_DAYS; day++)
        for (int person = 0; status == STATUS_OK && person < demo->member_count; person++)
            if (day >= demo->people[person].joined && day <= demo->people[person].left)
                status = live_day(demo, day, person, err);
    return status;
}

/* ---- returns ---- */

static enum status add_return(struct demo *demo, struct storage_session *session, const struct demo_return *back,
                              struct error *err)
{
    struct arena *arena = pipeline_arena(demo->pipeline);
    int64_t purchase = 0, member = 0;
    enum status status = engine_claim_find(session, "receipt", text_from(back->receipt), &purchase, &member, err);
    if (status != STATUS_OK || purchase == 0)
        return status;
    struct command *command = pipeline_command(demo->pipeline);
    struct purchase_return *body = arena_alloc(arena, sizeof *body);
    *command = (struct command){.type = &return_command_type, .body = body, .day = DAY_NONE, .bucket = -1};
    command->claims = arena_array(arena, COMMAND_CLAIMS_MAX, sizeof *command->claims);
    command->actor = TEXT("demo");
    status = return_prepare(session, demo->programmes, command, purchase, arena, err);
    if (status != STATUS_OK)
        return status;
    struct return_line *line = arena_alloc(arena, sizeof *line);
    *line = (struct return_line){.of_line = 1};
    body->lines = line;
    body->line_count = 1;
    body->at = back->at;
    body->store = text_from(demo_stores[demo->people[back->person].home].code);
    body->channel = TEXT("pos");
    body->day = business_day(demo->programmes, body->store, body->at);
    body->identity = EVENT_IDENTITY_NONE;
    body->identity.row_claim =
        add_claim(command, "row", text_from(arena_format(arena, "demo/return/%s", back->receipt)));
    return pipeline_add(demo->pipeline, back->person, err);
}

enum status demo_bring_back(struct demo *demo, struct error *err)
{
    struct storage_session *session = NULL;
    enum status status = engine_read_begin(demo->engine, &session, err);
    for (size_t i = 0; status == STATUS_OK && i < demo->return_count; i++)
        if (demo->returns[i].at <= demo->now)
            status = add_return(demo, session, &demo->returns[i], err);
    if (session != NULL)
        engine_read_end(demo->engine, session);
    return status;
}
