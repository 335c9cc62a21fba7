/*
 * The decisions on bookings, whatever happens at the same moment: people come and go, and those who wait are seated by commands that were
 * prepared before others were decided, in any order, some of them twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "features/member_events/event_bookings.h"
#include "foundation/instant.h"
#include "foundation/map.h"

enum { PEOPLE = 24, STEPS = 150, ROUNDS = 40, BOOKINGS = STEPS + PEOPLE, PREPARED = 64 };

struct hall {
    struct arena *arena;
    struct decision decision;
    struct programme programme;
    struct programme_set set;
    struct definition definition;
    struct definition_list list;
    struct definition_set definitions;
    struct member_event *event;
    int64_t over; /* bookings without a seat, since there are fewer */
    struct map *counters;
    struct person people[PEOPLE];
    struct event_booking bookings[BOOKINGS];
    size_t count;
    size_t prepared[PREPARED]; /* bookings that will be promoted */
    size_t prepared_count;
    uint64_t chance;
    bool resizes; /* versions with more or fewer seats are published */
};

static uint64_t draw(struct hall *hall, uint64_t below)
{
    hall->chance ^= hall->chance << 13;
    hall->chance ^= hall->chance >> 7;
    hall->chance ^= hall->chance << 17;
    return hall->chance % below;
}

static const struct text tiers[] = {{NULL, 0}, {"gold", 4}, {"black", 5}};

static void publish(struct hall *hall)
{
    static const char start[] = "{\"name\":\"T\",\"starts\":\"2090-01-01T18:00:00Z\",\"ends\":\"2090-01-01T20:00:00Z\"";
    const int64_t gold = (int64_t)draw(hall, 4), black = (int64_t)draw(hall, 3);
    const struct definition_input input = {
        .arena = hall->arena,
        .code = TEXT("hall"),
        .document = text_from(arena_format(
            hall->arena,
            "%s,\"seats\":%d,\"kept\":[{\"tiers\":[\"gold\"],\"seats\":%d},{\"tiers\":[\"black\"],\"seats\":%d}]}",
            start, (int)(gold + black + 3 + (int64_t)draw(hall, 6)), (int)gold + 1, (int)black + 1)),
        .programme = &hall->programme,
        .programmes = &hall->set,
        .saving = true};
    const void *parsed;
    struct error error = {0};

    hall->event = arena_alloc(hall->arena, sizeof *hall->event);
    if (member_event_kind.parse(&input, &parsed, &error) != STATUS_OK)
        fail_msg("%s: %s", error.field, error.message);
    memcpy(hall->event, parsed, sizeof *hall->event);
    hall->definition = (struct definition){
        .code = TEXT("hall"), .version = 1, .from = 0, .until = INSTANT_NEVER, .parsed = hall->event};
    hall->list = (struct definition_list){.kind = &member_event_kind, .items = &hall->definition, .count = 1};
    hall->definitions = (struct definition_set){.lists = &hall->list, .count = 1};
    hall->set.definitions = &hall->definitions;
}

static void hall_open(struct hall *hall, uint64_t round, bool resizes)
{
    struct error error = {0};

    memset(hall, 0, sizeof *hall);
    hall->resizes = resizes;
    hall->chance = round * UINT64_C(0x9e3779b97f4a7c15) + 1;
    hall->arena = arena_new(256 << 20);
    hall->counters = map_new(hall->arena, 16);
    assert_int_equal(programme_parse(hall->arena,
                                     TEXT("{\"zone\":\"UTC\",\"currency\":\"USD\",\"wallets\":[{\"code\":\"points\"}],"
                                          "\"tiers\":{\"metric\":\"spend\",\"levels\":[{\"code\":\"basic\"},"
                                          "{\"code\":\"gold\",\"qualify\":\"1.00\"},"
                                          "{\"code\":\"black\",\"qualify\":\"2.00\"}]}}"),
                                     &hall->programme, &error),
                     STATUS_OK);
    hall->set = (struct programme_set){.versions = &hall->programme, .version_count = 1};
    decision_start(&hall->decision, hall->arena, INSTANT_DAY * 20000, &hall->set);
    publish(hall);
    for (int i = 0; i < PEOPLE; i++) {
        struct member *member = member_new(&hall->decision, 0, i, INSTANT_DAY);
        member->standing.tier = tiers[draw(hall, 3)];
        hall->people[i] = hall->decision.subjects[0];
        hall->decision.effects->new_group_count = 0;
    }
}

/* As the engine: counters by name, given back when the command is refused. */
static enum status decide(struct hall *hall, struct command *command, size_t person, struct error *err)
{
    struct counter saved[COMMAND_COUNTERS_MAX];

    for (size_t i = 0; i < command->counter_count; i++) {
        struct text id = text_from(command->counters[i]);
        struct counter *counter = map_get(hall->counters, id);
        if (counter == NULL) {
            counter = arena_alloc(hall->arena, sizeof *counter);
            *counter = (struct counter){.id = id, .maximum = INT64_MAX};
            map_put(hall->counters, id, counter);
        }
        hall->decision.counters[i] = counter;
        saved[i] = *counter;
    }
    hall->decision.subjects[0] = hall->people[person];
    enum status status = command->type->decide(&hall->decision, command, err);
    for (size_t i = 0; i < command->counter_count && status != STATUS_OK; i++)
        *hall->decision.counters[i] = saved[i];
    return status;
}

static struct command command_of(struct hall *hall, const struct command_type *type, size_t size, size_t person)
{
    struct command command = {
        .type = type, .body = arena_alloc(hall->arena, size), .arena = hall->arena, .day = DAY_NONE, .bucket = -1};

    command.subjects[command.subject_count++] =
        (struct subject){.by = SUBJECT_MEMBER, .id = hall->people[person].member->id};
    return command;
}

static size_t person_of(const struct hall *hall, const struct event_booking *booking)
{
    for (size_t i = 0; i < PEOPLE; i++)
        if (hall->people[i].member->id == booking->member)
            return i;
    fail();
    return 0;
}

static bool is_open(const struct event_booking *booking)
{
    return booking->state == EVENT_WAITING || booking->state == EVENT_BOOKED;
}

static struct event_booking *open_booking(struct hall *hall, size_t person)
{
    for (size_t i = 0; i < hall->count; i++)
        if (is_open(&hall->bookings[i]) && hall->bookings[i].member == hall->people[person].member->id)
            return &hall->bookings[i];
    return NULL;
}

static void come(struct hall *hall, size_t person)
{
    struct command command = command_of(hall, &register_for_event_type, sizeof(struct register_for_event), person);
    struct register_for_event *body = command.body;
    struct event_booking *before = open_booking(hall, person);
    struct error error = {0};

    body->event = TEXT("hall");
    body->own = before;
    body->own_count = before != NULL;
    assert_true(event_counters_name(&command, hall->arena, &hall->set, body->event, tiers[0], &body->counters));
    enum status status = decide(hall, &command, person, &error);
    assert_int_equal(status, before != NULL ? STATUS_CONFLICT : STATUS_OK);
    if (before == NULL)
        hall->bookings[hall->count++] = body->result;
}

static void change(struct hall *hall, struct event_booking *booking, enum event_booking_action action)
{
    size_t person = person_of(hall, booking);
    struct command command = command_of(hall, &change_event_booking_type, sizeof(struct change_event_booking), person);
    struct change_event_booking *body = command.body;
    struct error error = {0};

    body->action = action;
    assert_true(change_event_booking_name(&command, hall->arena, &hall->set, booking));
    body->booking = *booking;
    assert_int_equal(decide(hall, &command, person, &error), STATUS_OK);
    if (body->result.id != 0)
        *booking = body->result;
}

/* ---- what holds ---- */

static int group_of(const struct hall *hall, const struct event_booking *booking)
{
    return member_event_group(hall->event, booking->tier);
}

/* Counted from the bookings alone. */
static struct seating count_up(const struct hall *hall)
{
    struct seating seating = {.seats = hall->event->seats, .group_count = hall->event->kept_count};

    for (size_t i = 0; i < seating.group_count; i++)
        seating.groups[i].kept = hall->event->kept[i].seats;
    for (size_t i = 0; i < hall->count; i++)
        if (is_open(&hall->bookings[i]))
            seating_change(&seating, group_of(hall, &hall->bookings[i]), hall->bookings[i].state == EVENT_BOOKED,
                           hall->bookings[i].state == EVENT_WAITING);
    return seating;
}

/* With fewer seats than bookings nobody gets another one. */
static void check_seats(struct hall *hall)
{
    const struct seating seating = count_up(hall);

    assert_true(seating_over(&seating) <= hall->over);
    hall->over = seating_over(&seating);
}

/* Another version: as many seats as are kept, and some. */
static void resize(struct hall *hall)
{
    hall->event->seats = hall->event->kept[0].seats + hall->event->kept[1].seats + (int64_t)draw(hall, 9);
    const struct seating seating = count_up(hall);
    hall->over = seating_over(&seating);
}

/* As the waiting list is read: who could be seated now, though it may be decided later. */
static void prepare(struct hall *hall)
{
    struct seating seating = count_up(hall);
    bool seated;

    for (size_t i = 0; i < hall->count; i++) { /* in the order of places */
        int group = group_of(hall, &hall->bookings[i]);
        if (hall->bookings[i].state != EVENT_WAITING || seating_promote(&seating, &group, 1, &seated) == 0)
            continue;
        if (hall->prepared_count < PREPARED)
            hall->prepared[hall->prepared_count++] = i;
    }
}

/* Any of what was prepared. */
static void promote_one(struct hall *hall)
{
    if (hall->prepared_count == 0)
        return;
    size_t which = draw(hall, hall->prepared_count);
    change(hall, &hall->bookings[hall->prepared[which]], EVENT_PROMOTE);
    if (draw(hall, 4) > 0) /* otherwise once more */
        hall->prepared[which] = hall->prepared[--hall->prepared_count];
}

static void check_settled(struct hall *hall)
{
    const struct seating seating = count_up(hall);

    for (size_t w = 0; w < hall->count; w++) {
        const struct event_booking *waits = &hall->bookings[w];
        if (waits->state != EVENT_WAITING)
            continue;
        assert_false(seating_has_seat(&seating, group_of(hall, waits)));
        /* Seats that vanish between two promotions may have been those of the first of them. */
        for (size_t b = w + 1; !hall->resizes && b < hall->count; b++) /* registered later */
            assert_false(hall->bookings[b].state == EVENT_BOOKED &&
                         group_of(hall, &hall->bookings[b]) == group_of(hall, waits));
    }
}

static void settle(struct hall *hall)
{
    do {
        while (hall->prepared_count > 0)
            promote_one(hall);
        prepare(hall);
    } while (hall->prepared_count > 0);
    check_settled(hall);
}

static size_t live_through(struct hall *hall)
{
    size_t seated_later = 0;

    for (int step = 0; step < STEPS; step++) {
        size_t person = draw(hall, PEOPLE);
        struct event_booking *booking = open_booking(hall, person);
        if (booking != NULL && draw(hall, 2) > 0) {
            change(hall, booking, EVENT_CANCEL);
            prepare(hall);
        } else {
            come(hall, person);
        }
        check_seats(hall);
        if (draw(hall, 3) == 0)
            promote_one(hall);
        check_seats(hall);
        if (draw(hall, 10) == 0)
            settle(hall);
        if (hall->resizes && draw(hall, 20) == 0)
            resize(hall);
    }
    settle(hall);
    for (size_t i = 0; i < hall->count; i++) {
        assert_int_equal(hall->bookings[i].place, (int64_t)i + 1);
        seated_later += hall->bookings[i].seated_at != 0 && hall->bookings[i].version > 1;
    }
    return seated_later;
}

static void live(bool resizes)
{
    static struct hall hall;
    size_t seated_later = 0;

    for (uint64_t round = 1; round <= ROUNDS; round++) {
        hall_open(&hall, round, resizes);
        seated_later += live_through(&hall);
        arena_free(hall.arena);
    }
    assert_true(seated_later > ROUNDS); /* it did happen */
}

static void seats_are_never_exceeded_and_the_order_is_kept(void **state)
{
    (void)state;
    live(false);
}

static void nobody_gets_a_seat_that_a_new_version_took_away(void **state)
{
    (void)state;
    live(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seats_are_never_exceeded_and_the_order_is_kept),
        cmocka_unit_test(nobody_gets_a_seat_that_a_new_version_took_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
