#include "till.h"

#include "features/events/custom.h"
#include "features/events/visit.h"

static void a_device_whose_clock_is_off_is_corrected_by_when_it_sent(void **state)
{
    struct event_moment moment = {.at_given = true,
                                  .sent_given = true,
                                  .at = instant_of("2026-03-01T12:00:00Z"),
                                  .sent_at = instant_of("2026-03-01T12:00:30Z"),
                                  .received_at = instant_of("2026-03-01T11:50:31Z")};

    (void)state;
    assert_int_equal(event_instant(moment), instant_of("2026-03-01T11:50:01Z"));
    moment.sent_given = false;
    assert_int_equal(event_instant(moment), moment.at);
    moment.at_given = false;
    assert_int_equal(event_instant(moment), moment.received_at);
}

static void the_business_day_is_cut_by_the_store_in_its_own_zone(void **state)
{
    struct till till;
    struct error err = {0};
    const struct zone *shanghai;

    (void)state;
    till_open(&till, "", "", "2026-03-01T10:00:00Z");
    assert_int_equal(zone_load(till.arena, TEXT("Asia/Shanghai"), &shanghai, &err), STATUS_OK);
    const struct store stores[] = {{.code = TEXT("bar"), .zone = shanghai, .cut_minutes = 300}, {.code = TEXT("soho")}};
    till.set.stores = stores;
    till.set.store_count = 2;
    int32_t first = day_from_date((struct date){2026, 3, 1});
    /* 20:30Z is 04:30 of the next day in Shanghai, and the bar is open until 05:00. */
    assert_int_equal(business_day(&till.set, TEXT("bar"), instant_of("2026-03-01T20:30:00Z")), first);
    assert_int_equal(business_day(&till.set, TEXT("bar"), instant_of("2026-03-01T21:00:00Z")), first + 1);
    assert_int_equal(business_day(&till.set, TEXT("soho"), instant_of("2026-03-01T23:59:00Z")), first);
    assert_int_equal(business_day(&till.set, TEXT("unknown"), instant_of("2026-03-02T00:00:00Z")), first + 1);
    till_close(&till);
}

static void receipts_are_told_apart_by_day_channel_store_till_and_number(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct receipt receipt = {day_from_date((struct date){2026, 11, 22}), TEXT("pos"), TEXT("soho"), TEXT("3"),
                              TEXT("a/7")};

    (void)state;
    assert_true(text_equals(receipt_key(arena, &receipt), "2026-11-22/pos/soho/3/a%2F7"));
    assert_true(text_equals(event_key(arena, TEXT("web"), TEXT("e1")), "web/e1"));
    /* A slash in one part is not another part. */
    struct text one = event_key(arena, TEXT("web"), TEXT("a/b")), other = event_key(arena, TEXT("web"), TEXT("a%2Fb"));
    assert_false(text_equal(one, other));
    char number[101];
    memset(number, '/', 100);
    number[100] = '\0';
    receipt.number = text_from(number);
    struct text key = receipt_key(arena, &receipt);
    assert_true(key.size <= CLAIM_KEY_SIZE_MAX);
    receipt.number.size = 99;
    assert_false(text_equal(key, receipt_key(arena, &receipt)));
    assert_true(text_starts_with(key, TEXT("2026-11-22/")));
    arena_free(arena);
}

static struct command *known_purchase(struct till *till, struct purchase *body, int64_t id)
{
    struct command *command = till_command(till, purchase_type(&till->programme, body), body);
    struct past_event *event = arena_alloc(till->arena, sizeof *event);

    command->claims[0] = (struct claim_key){.kind = "event", .key = TEXT("pos/1"), .reference = id};
    command->claim_count = 1;
    command->event_count = 1;
    *event = till_past(till, id);
    till->decision.events[0] = event;
    body->identity.event_claim = 0;
    body->identity.event_reference = 0;
    return command;
}

static void the_same_event_again_has_no_effect_and_another_body_is_a_conflict(void **state)
{
    const struct line lines[] = {{"a", "x", 1000}};
    struct till till;

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    struct purchase *first = till_purchase(&till, lines, 1);
    memset(first->identity.digest, 0xa5, SEAL_SIZE);
    struct command *command = known_purchase(&till, first, 0);
    assert_int_equal(till_run(&till, command), STATUS_OK);
    assert_false(first->result.known);
    size_t rows = till.decision.effects->row_count;

    struct purchase *again = till_purchase(&till, lines, 1);
    memset(again->identity.digest, 0xa5, SEAL_SIZE);
    assert_int_equal(till_run(&till, known_purchase(&till, again, first->result.id)), STATUS_OK);
    assert_true(again->result.known);
    assert_int_equal(again->result.id, first->result.id);
    assert_int_equal(till.decision.effects->row_count, rows);
    assert_int_equal(balance(&till), 10);

    memset(again->identity.digest, 0x5a, SEAL_SIZE);
    assert_int_equal(till_run(&till, known_purchase(&till, again, first->result.id)), STATUS_CONFLICT);
    assert_string_equal(till.error.code, "event.conflict");
    till_close(&till);
}

static void a_known_receipt_is_refused_and_names_the_first_purchase(void **state)
{
    const struct line lines[] = {{"a", "x", 1000}};
    struct till till;
    char id[ID_TEXT_SIZE];

    (void)state;
    till_open(&till, "", RULE_ONE_PER_UNIT, "2026-03-01T10:00:00Z");
    struct purchase *first = till_buy(&till, lines, 1);
    struct purchase *body = till_purchase(&till, lines, 1);
    struct command *command = till_command(&till, purchase_type(&till.programme, body), body);
    command->claims[0] = (struct claim_key){.kind = "receipt", .key = TEXT("k"), .reference = first->result.id};
    command->claim_count = 1;
    body->identity.receipt_claim = 0;
    assert_int_equal(till_run(&till, command), STATUS_CONFLICT);
    assert_string_equal(till.error.code, "receipt.known");
    assert_non_null(strstr(till.error.message, id_format("evt", first->result.id, id)));
    till_close(&till);
}

static void a_visit_counts_in_the_standing_and_on_a_ladder_by_visits(void **state)
{
    struct till till;
    struct visit body = {.identity = EVENT_IDENTITY_NONE};

    (void)state;
    till_open(&till, "",
              ",\"tiers\":{\"metric\":\"visits\",\"levels\":[{\"code\":\"new\",\"qualify\":0},{\"code\":\"regular\","
              "\"qualify\":2}]}",
              "2026-03-01T10:00:00Z");
    body.at = till.decision.now;
    assert_int_equal(till_run(&till, till_command(&till, visit_type(false), &body)), STATUS_OK);
    assert_true(text_equals(till.member->standing.tier, "new"));
    assert_int_equal(till_run(&till, till_command(&till, visit_type(false), &body)), STATUS_OK);
    assert_int_equal(till.member->standing.visits, 2);
    assert_true(text_equals(till.member->standing.tier, "regular"));
    till_close(&till);
}

/* ---- declared kinds ---- */

static const char declaration[] = "[{\"name\":\"rating\",\"type\":\"integer\",\"required\":true},"
                                  "{\"name\":\"mood\",\"type\":\"choice\",\"choices\":[\"good\",\"bad\"]},"
                                  "{\"name\":\"when\",\"type\":\"day\"},{\"name\":\"price\",\"type\":\"decimal\"}]";

static void check_property(const struct event_kind *kind, const char *properties, const char *code, const char *field)
{
    struct error err = {0};
    enum status status = event_kind_check(kind, text_from(properties), &err);

    if (code == NULL) {
        if (status != STATUS_OK)
            fail_msg("%s: %s", properties, err.message);
        return;
    }
    assert_int_equal(status, STATUS_INVALID);
    assert_string_equal(err.code, code);
    assert_string_equal(err.field, field);
}

static void properties_are_checked_against_the_declared_kind(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct event_kind kind = {.name = TEXT("tasting")};
    struct error err = {0};

    (void)state;
    assert_int_equal(event_kind_parse(arena, text_from(declaration), &kind, &err), STATUS_OK);
    assert_int_equal(kind.property_count, 4);
    check_property(&kind, "{\"rating\":5,\"mood\":\"good\",\"when\":\"2026-03-01\",\"price\":\"12.90\"}", NULL, NULL);
    check_property(&kind, "{\"rating\":\"5\"}", "event.property_type", "properties.rating");
    check_property(&kind, "{\"rating\":5,\"mood\":\"odd\"}", "event.property_type", "properties.mood");
    check_property(&kind, "{\"rating\":5,\"when\":\"2026-02-30\"}", "event.property_type", "properties.when");
    check_property(&kind, "{\"rating\":5,\"price\":\"1e3\"}", "event.property_type", "properties.price");
    check_property(&kind, "{\"rating\":5,\"colour\":1}", "event.property_unknown", "properties.colour");
    check_property(&kind, "", "event.property_missing", "properties.rating");
    arena_free(arena);
}

static void an_undeclared_kind_is_refused_with_the_nearest_name(void **state)
{
    const struct event_kind kinds[] = {{.name = TEXT("tasting")}, {.name = TEXT("share")}};
    const struct programme_set set = {.event_kinds = kinds, .event_kind_count = 2};
    const struct event_kind *found;
    struct error err = {0};

    (void)state;
    assert_int_equal(event_kind_find(&set, TEXT("share"), &found, &err), STATUS_OK);
    assert_int_equal(event_kind_find(&set, TEXT("tastings"), &found, &err), STATUS_INVALID);
    assert_string_equal(err.code, "event.kind_unknown");
    assert_non_null(strstr(err.message, "'tasting'"));
    assert_int_equal(event_kind_find(&set, TEXT("completely_other"), &found, &err), STATUS_INVALID);
    assert_null(strstr(err.message, "is '"));
    assert_true(event_kind_reserved(TEXT("purchase")));
    assert_false(event_kind_reserved(TEXT("tasting")));
}

static void a_wrong_declaration_names_its_field(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct event_kind kind = {.name = TEXT("tasting")};
    struct error err = {0};

    (void)state;
    assert_int_equal(event_kind_parse(arena,
                                      TEXT("[{\"name\":\"a\",\"type\":\"text\"},{\"name\":\"b\",\"type\":\"x\"}]"),
                                      &kind, &err),
                     STATUS_INVALID);
    assert_string_equal(err.field, "properties[1].type");
    assert_int_equal(event_kind_parse(arena,
                                      TEXT("[{\"name\":\"a\",\"type\":\"text\"},{\"name\":\"a\",\"type\":\"day\"}]"),
                                      &kind, &err),
                     STATUS_INVALID);
    assert_int_equal(event_kind_parse(arena, TEXT("[{\"name\":\"a\",\"type\":\"choice\"}]"), &kind, &err),
                     STATUS_INVALID);
    arena_free(arena);
}

static void facts_are_read_as_they_were_written(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    const struct bonus_facts bonus = {TEXT("twice"), 30, TEXT("multiplier:twice:2026-03"), true};
    const struct earned_facts earned[] = {
        {.rule = TEXT("base"), .wallet = TEXT("points"), .points = 60, .bonuses = &bonus, .bonus_count = 1}};
    struct purchase_facts facts = {.version = 3,
                                   .tier = TEXT("gold \"1\"\n"),
                                   .qualifying = -5,
                                   .paid_minor = 7,
                                   .earned = earned,
                                   .earned_count = 1,
                                   .currency = TEXT("USD"),
                                   .original = 99};
    struct purchase_facts read;
    struct error err = {0};

    (void)state;
    const struct honour_facts honours[] = {{TEXT("november"), TEXT("web"), INT64_C(1764503880000000), 1000}};
    facts.honours = honours;
    facts.honour_count = 1;
    assert_int_equal(purchase_facts_read(arena, purchase_facts_write(arena, &facts), &read, &err), STATUS_OK);
    assert_int_equal(read.version, 3);
    assert_true(text_equal(read.tier, facts.tier));
    assert_int_equal(read.qualifying, -5);
    assert_int_equal(read.original, 99);
    assert_int_equal(read.earned_count, 1);
    assert_int_equal(read.earned[0].points, 60);
    assert_int_equal(read.earned[0].bonuses[0].bonus, 30);
    assert_true(read.earned[0].bonuses[0].budget);
    assert_true(text_equals(read.earned[0].bonuses[0].progress, "multiplier:twice:2026-03"));
    assert_int_equal(read.honour_count, 1);
    assert_true(text_equals(read.honours[0].offer, "november") && text_equals(read.honours[0].channel, "web"));
    assert_int_equal(read.honours[0].shown_at, honours[0].shown_at);
    assert_int_equal(read.honours[0].value, 1000);
    assert_int_equal(purchase_facts_write(arena, &(struct purchase_facts){0}).size, 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_whose_clock_is_off_is_corrected_by_when_it_sent),
        cmocka_unit_test(the_business_day_is_cut_by_the_store_in_its_own_zone),
        cmocka_unit_test(receipts_are_told_apart_by_day_channel_store_till_and_number),
        cmocka_unit_test(the_same_event_again_has_no_effect_and_another_body_is_a_conflict),
        cmocka_unit_test(a_known_receipt_is_refused_and_names_the_first_purchase),
        cmocka_unit_test(a_visit_counts_in_the_standing_and_on_a_ladder_by_visits),
        cmocka_unit_test(properties_are_checked_against_the_declared_kind),
        cmocka_unit_test(an_undeclared_kind_is_refused_with_the_nearest_name),
        cmocka_unit_test(a_wrong_declaration_names_its_field),
        cmocka_unit_test(facts_are_read_as_they_were_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
