/* The document of an event, its versions, and whether somebody may register. Bookings are tests/api/test_member_events.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "features/member_events/event_bookings.h"
#include "foundation/instant.h"

#define TIMES "\"name\":\"T\",\"starts\":\"2026-11-22T18:00:00Z\",\"ends\":\"2026-11-22T20:00:00Z\",\"seats\":10"

struct hall {
    struct arena *arena;
    struct decision decision;
    struct programme programme;
    struct programme_set set;
    struct error error;
};

static int64_t at(const char *text)
{
    int64_t instant = 0;

    assert_true(instant_parse(text_from(text), &instant));
    return instant;
}

static void hall_open(struct hall *hall)
{
    memset(hall, 0, sizeof *hall);
    hall->arena = arena_new(16 << 20);
    assert_int_equal(
        programme_parse(
            hall->arena,
            TEXT("{\"zone\":\"UTC\",\"currency\":\"USD\",\"wallets\":[{\"code\":\"miles\",\"spendable\":false},"
                 "{\"code\":\"points\"},{\"code\":\"stars\"}],\"tiers\":{\"metric\":\"spend\",\"levels\":["
                 "{\"code\":\"basic\"},{\"code\":\"gold\",\"qualify\":\"100.00\"}]}}"),
            &hall->programme, &hall->error),
        STATUS_OK);
    hall->set = (struct programme_set){.versions = &hall->programme, .version_count = 1};
    decision_start(&hall->decision, hall->arena, at("2026-11-20T10:00:00Z"), &hall->set);
    member_new(&hall->decision, 0, 5, at("2026-01-01T00:00:00Z"));
}

static enum status parse(struct hall *hall, const char *document, const struct member_event **out)
{
    const struct definition_input input = {.arena = hall->arena,
                                           .code = TEXT("tasting"),
                                           .document = text_from(document),
                                           .programme = &hall->programme,
                                           .programmes = &hall->set,
                                           .saving = true};
    const void *parsed;
    enum status status = member_event_kind.parse(&input, &parsed, &hall->error);

    *out = parsed;
    return status;
}

static const struct member_event *event_of(struct hall *hall, const char *document)
{
    const struct member_event *event;

    if (parse(hall, document, &event) != STATUS_OK)
        fail_msg("%s: %s: %s", document, hall->error.field, hall->error.message);
    return event;
}

static void what_is_left_out_is_as_usual(void **state)
{
    struct hall hall;

    (void)state;
    hall_open(&hall);
    const struct member_event *event =
        event_of(&hall, "{" TIMES ",\"names\":{\"zh-Hans\":\"品酒\"},\"price\":{\"points\":50},"
                        "\"kept\":[{\"tiers\":[\"gold\"],\"seats\":3}],\"cancellation\":{\"until_hours\":24}}");
    assert_true(text_equals(event->wallet, "points")); /* miles cannot be spent */
    assert_int_equal(event->opens, INT64_MIN);
    assert_int_equal(event->closes, at("2026-11-22T18:00:00Z"));
    assert_int_equal(event->cancel_until, at("2026-11-21T18:00:00Z"));
    assert_int_equal(event->check_in_from, at("2026-11-22T16:00:00Z"));
    assert_int_equal(event->no_show.after, INSTANT_HOUR);
    assert_int_equal(event->late, EVENT_LATE_NO_SHOW);
    assert_int_equal(event->waiting_max, INT64_MAX);
    assert_int_equal(member_event_group(event, TEXT("gold")), 0);
    assert_int_equal(member_event_group(event, TEXT("basic")), SEATING_NO_GROUP);
    assert_int_equal(member_event_group(event, TEXT("")), SEATING_NO_GROUP);
    assert_true(text_equals(member_event_name(event, TEXT("zh-Hans")), "品酒"));
    assert_true(text_equals(member_event_name(event, TEXT("fr")), "T"));
    arena_free(hall.arena);
}

static void a_wrong_document_is_refused_with_the_field(void **state)
{
    static const char *const wrong[][2] = {
        {"{\"name\":\"M\"}", "starts"},
        {"{\"name\":\"M\",\"starts\":\"2026-11-22T18:00:00Z\",\"ends\":\"2026-11-22T18:00:00Z\",\"seats\":1}", "ends"},
        {"{" TIMES ",\"kept\":[{\"tiers\":[\"gold\"],\"seats\":11}]}", "kept"},
        {"{" TIMES ",\"kept\":[{\"tiers\":[\"tin\"],\"seats\":1}]}", "kept[0].tiers"},
        {"{" TIMES ",\"kept\":[{\"tiers\":[\"gold\"],\"seats\":1},{\"tiers\":[\"gold\"],\"seats\":1}]}",
         "kept[1].tiers"},
        {"{" TIMES ",\"price\":{\"points\":5,\"wallet\":\"miles\"}}", "price.wallet"},
        {"{" TIMES ",\"attendance\":{\"points\":5,\"wallet\":\"none\"}}", "attendance.wallet"},
        {"{" TIMES ",\"registration\":{\"until\":\"2026-11-22T19:00:00Z\"}}", "registration.until"},
        {"{" TIMES ",\"cancellation\":{\"late\":\"never\"}}", "cancellation.late"},
        {"{" TIMES ",\"no_show\":{\"bar_days\":-1}}", "no_show.bar_days"},
        {"{" TIMES ",\"names\":{\"zh-Hans\":1}}", "names.zh-Hans"},
        {"{" TIMES ",\"names\":[]}", "names"},
        {"{" TIMES ",\"tier\":1}", "tier"},
        {"{" TIMES ",\"when\":\"1 + 1\"}", "when"},
    };
    struct hall hall;
    const struct member_event *event;

    (void)state;
    hall_open(&hall);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(parse(&hall, wrong[i][0], &event), STATUS_INVALID);
        assert_string_equal(hall.error.field, wrong[i][1]);
    }
    arena_free(hall.arena);
}

static void assert_answer(struct hall *hall, const struct member_event *event, struct member_event_question question,
                          const char *code)
{
    int64_t missing;

    question.set = &hall->set;
    question.now = question.now == 0 ? hall->decision.now : question.now;
    question.person = &hall->decision.subjects[0];
    question.arena = hall->arena;
    hall->error.code[0] = '\0';
    (void)member_event_check(event, &question, &missing, &hall->error);
    assert_string_equal(hall->error.code, code);
}

static void times_bars_and_points_say_why_not(void **state)
{
    struct hall hall;

    (void)state;
    hall_open(&hall);
    const struct member_event *event = event_of(&hall, "{" TIMES ",\"registration\":{\"from\":\"2026-11-20T10:00:00Z\","
                                                       "\"until\":\"2026-11-22T12:00:00Z\"}}");
    assert_answer(&hall, event, (struct member_event_question){0}, "");
    assert_answer(&hall, event, (struct member_event_question){.now = at("2026-11-20T09:59:59Z")},
                  "member_event.not_open");
    assert_answer(&hall, event, (struct member_event_question){.now = at("2026-11-22T12:00:00Z")},
                  "member_event.closed");
    assert_answer(&hall, event, (struct member_event_question){.registered = true}, "member_event.registered");
    assert_answer(&hall, event, (struct member_event_question){.barred_until = hall.decision.now}, "");
    assert_answer(&hall, event, (struct member_event_question){.barred_until = hall.decision.now + 1},
                  "member_event.barred");
    event = event_of(&hall, "{" TIMES ",\"price\":{\"points\":1}}");
    assert_answer(&hall, event, (struct member_event_question){0}, "member_event.points");
    event = event_of(&hall, "{" TIMES ",\"called_off\":true}");
    assert_answer(&hall, event, (struct member_event_question){0}, "member_event.called_off");
    arena_free(hall.arena);
}

/* Two versions: the first until 11-21, moved by the second; withdrawn before the end, and after it. */
static void an_event_moves_and_is_called_off_by_its_versions(void **state)
{
    struct hall hall;

    (void)state;
    hall_open(&hall);
    struct definition items[] = {
        {.code = TEXT("tasting"),
         .version = 1,
         .from = at("2026-11-01T00:00:00Z"),
         .until = at("2026-11-21T00:00:00Z"),
         .parsed = event_of(&hall, "{" TIMES ",\"kept\":[{\"tiers\":[\"gold\"],\"seats\":3}]}")},
        {.code = TEXT("tasting"),
         .version = 2,
         .from = at("2026-11-21T00:00:00Z"),
         .until = INSTANT_NEVER,
         .parsed = event_of(&hall, "{\"name\":\"T\",\"starts\":\"2026-11-23T18:00:00Z\","
                                   "\"ends\":\"2026-11-23T20:00:00Z\",\"seats\":5}")},
    };
    const struct definition_list list = {.kind = &member_event_kind, .items = items, .count = 2};
    const struct definition_set definitions = {.lists = &list, .count = 1};
    hall.set.definitions = &definitions;
    const struct text code = TEXT("tasting");

    assert_null(member_event_known(&hall.set, code, at("2026-10-31T00:00:00Z")).event);
    assert_int_equal(member_event_known(&hall.set, code, at("2026-11-20T00:00:00Z")).event->seats, 10);
    struct member_event_known known = member_event_known(&hall.set, code, at("2026-11-21T00:00:00Z"));
    assert_true(known.event->seats == 5 && known.in_force && !known.called_off);
    items[1].until = at("2026-11-22T00:00:00Z"); /* withdrawn before its end */
    known = member_event_known(&hall.set, code, at("2026-11-22T00:00:00Z"));
    assert_true(!known.in_force && known.called_off);
    items[1].until = at("2026-11-24T00:00:00Z"); /* after it */
    known = member_event_known(&hall.set, code, at("2026-11-24T00:00:00Z"));
    assert_true(!known.in_force && !known.called_off && known.event->seats == 5);
    struct text tiers[MEMBER_EVENT_TIERS_MAX];
    assert_int_equal(member_event_tiers(&hall.set, code, (struct text){NULL, 0}, tiers), 1);
    assert_int_equal(member_event_tiers(&hall.set, code, TEXT("tin"), tiers), 2);
    arena_free(hall.arena);
}

static void a_ticket_is_good_for_its_booking_and_key_alone(void **state)
{
    const unsigned char key[SEAL_KEY_SIZE] = {1}, other[SEAL_KEY_SIZE] = {2};
    char ticket[EVENT_TICKET_SIZE];
    int64_t booking = 0;

    (void)state;
    event_ticket(key, id_make(7, 3), ticket);
    assert_true(event_ticket_read(key, text_from(ticket), &booking));
    assert_int_equal(booking, id_make(7, 3));
    assert_false(event_ticket_read(other, text_from(ticket), &booking));
    ticket[strlen(ticket) - 1] = ticket[strlen(ticket) - 1] == '0' ? '1' : '0';
    assert_false(event_ticket_read(key, text_from(ticket), &booking));
    assert_false(event_ticket_read(key, TEXT("mvb_00000000003PC"), &booking));
    assert_false(event_ticket_read(key, TEXT(""), &booking));
}

static void who_waits_when_it_begins_is_not_seated(void **state)
{
    struct member_event event = {.starts = 1000};
    struct event_booking booking = {.state = EVENT_WAITING};

    (void)state;
    assert_int_equal(event_booking_state_at(&booking, &event, 999), EVENT_WAITING);
    assert_int_equal(event_booking_state_at(&booking, &event, 1000), EVENT_NOT_SEATED);
    assert_int_equal(event_booking_state_at(&booking, NULL, 1000), EVENT_WAITING);
    booking.state = EVENT_BOOKED;
    assert_int_equal(event_booking_state_at(&booking, &event, 1000), EVENT_BOOKED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_is_as_usual),
        cmocka_unit_test(a_wrong_document_is_refused_with_the_field),
        cmocka_unit_test(times_bars_and_points_say_why_not),
        cmocka_unit_test(an_event_moves_and_is_called_off_by_its_versions),
        cmocka_unit_test(a_ticket_is_good_for_its_booking_and_key_alone),
        cmocka_unit_test(who_waits_when_it_begins_is_not_seated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
