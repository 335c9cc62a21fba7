/* Seats, seats kept for tiers, and the waiting list: examples by hand, and what holds for anything that may happen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "features/member_events/seating.h"

enum { GOLD = 0, OTHERS = SEATING_NO_GROUP };

/* ---- by hand ---- */

static void a_kept_seat_is_not_given_to_others(void **state)
{
    /* Ten seats, three of them for gold: seven are open. */
    struct seating seating = {.seats = 10, .groups = {{.kept = 3}}, .group_count = 1};

    (void)state;
    for (int i = 0; i < 7; i++) {
        assert_true(seating_lets_in(&seating, OTHERS));
        seating_change(&seating, OTHERS, 1, 0);
    }
    assert_false(seating_lets_in(&seating, OTHERS));
    assert_int_equal(seating_free(&seating, OTHERS), 0);
    assert_int_equal(seating_free(&seating, GOLD), 3);
    for (int i = 0; i < 3; i++) {
        assert_true(seating_lets_in(&seating, GOLD));
        seating_change(&seating, GOLD, 1, 0);
    }
    assert_false(seating_lets_in(&seating, GOLD));
    assert_int_equal(seating_over(&seating), 0);
}

static void gold_fills_open_seats_when_its_own_are_taken(void **state)
{
    /* Five gold on ten seats with three kept: two of them hold open seats, so five are left for others. */
    struct seating seating = {.seats = 10, .groups = {{.kept = 3, .booked = 5}}, .group_count = 1, .booked = 5};

    (void)state;
    assert_int_equal(seating_free(&seating, OTHERS), 5);
    seating_change(&seating, OTHERS, 5, 0);
    assert_false(seating_has_seat(&seating, OTHERS));
    /* One of gold leaves: who held an open seat is on a kept one, and the open one is free for others. */
    seating_change(&seating, GOLD, -1, 0);
    assert_true(seating_has_seat(&seating, OTHERS));
}

static void a_newcomer_goes_ahead_of_nobody_who_waits(void **state)
{
    /* Full, two wait; one leaves: the seat is for who waits, not for who comes first after it. */
    struct seating seating = {.seats = 4, .booked = 4, .waiting = 2};
    const int queue[] = {OTHERS, OTHERS};
    bool seated[2];

    (void)state;
    seating_change(&seating, OTHERS, -1, 0);
    assert_true(seating_has_seat(&seating, OTHERS));
    assert_false(seating_lets_in(&seating, OTHERS));
    assert_int_equal(seating_promote(&seating, queue, 2, seated), 1);
    assert_true(seated[0] && !seated[1]);
    /* Three leave, one waits: two seats are nobody's. */
    seating_change(&seating, OTHERS, -3, 0);
    assert_true(seating_lets_in(&seating, OTHERS));
    seating_change(&seating, OTHERS, 2, 0);
    assert_false(seating_lets_in(&seating, OTHERS));
    assert_true(seating_has_seat(&seating, OTHERS));
}

static void a_kept_seat_that_is_freed_goes_to_the_first_of_gold(void **state)
{
    struct seating seating = {.seats = 3, .groups = {{.kept = 1, .booked = 1}}, .group_count = 1, .booked = 3};
    const int queue[] = {OTHERS, GOLD, GOLD};
    bool seated[3];

    (void)state;
    seating_change(&seating, OTHERS, 0, 1);
    seating_change(&seating, GOLD, 0, 2);
    seating_change(&seating, GOLD, -1, 0);
    assert_int_equal(seating_promote(&seating, queue, 3, seated), 1);
    assert_true(!seated[0] && seated[1] && !seated[2]);
}

static void fewer_seats_than_bookings_are_told_and_throw_nobody_out(void **state)
{
    struct seating seating = {.seats = 5, .groups = {{.kept = 2, .booked = 1}}, .group_count = 1, .booked = 7};

    (void)state;
    assert_int_equal(seating_over(&seating), 3); /* six others on three open seats */
    assert_false(seating_has_seat(&seating, GOLD));
    seating_change(&seating, OTHERS, -3, 0);
    assert_int_equal(seating_over(&seating), 0);
    assert_true(seating_has_seat(&seating, GOLD));
    assert_false(seating_has_seat(&seating, OTHERS));
}

/* ---- whatever happens ---- */

enum { PEOPLE = 60, STEPS = 400, ROUNDS = 300 };
enum { NOBODY, WAITING, BOOKED };

struct hall {
    struct seating seating;
    int states[PEOPLE], groups[PEOPLE], queue[PEOPLE]; /* queue: who waits, in order */
    size_t queue_length;
    uint64_t chance;
};

static uint64_t draw(struct hall *hall, uint64_t below)
{
    hall->chance ^= hall->chance << 13;
    hall->chance ^= hall->chance >> 7;
    hall->chance ^= hall->chance << 17;
    return hall->chance % below;
}

static void open_hall(struct hall *hall, uint64_t chance)
{
    int64_t kept = 0;

    memset(hall, 0, sizeof *hall);
    hall->chance = chance * UINT64_C(0x9e3779b97f4a7c15) + 1;
    hall->seating.group_count = (size_t)draw(hall, 4);
    for (size_t i = 0; i < hall->seating.group_count; i++) {
        hall->seating.groups[i].kept = 1 + (int64_t)draw(hall, 5);
        kept += hall->seating.groups[i].kept;
    }
    hall->seating.seats = kept + (int64_t)draw(hall, 20) + (kept == 0);
    for (int i = 0; i < PEOPLE; i++)
        hall->groups[i] = (int)draw(hall, hall->seating.group_count + 1) - 1;
}

static void leave_queue(struct hall *hall, int person)
{
    size_t kept = 0;

    for (size_t i = 0; i < hall->queue_length; i++)
        if (hall->queue[i] != person)
            hall->queue[kept++] = hall->queue[i];
    hall->queue_length = kept;
}

static void come(struct hall *hall, int person)
{
    bool seat = seating_lets_in(&hall->seating, hall->groups[person]);

    seating_change(&hall->seating, hall->groups[person], seat, !seat);
    hall->states[person] = seat ? BOOKED : WAITING;
    if (!seat)
        hall->queue[hall->queue_length++] = person;
}

static void go(struct hall *hall, int person)
{
    bool booked = hall->states[person] == BOOKED;

    seating_change(&hall->seating, hall->groups[person], -booked, -!booked);
    hall->states[person] = NOBODY;
    leave_queue(hall, person);
}

/* Nobody who is passed over could have had a seat when somebody later of the same group got one. */
static void promote(struct hall *hall)
{
    int groups[PEOPLE] = {0}, queue[PEOPLE] = {0};
    bool seated[PEOPLE] = {false};
    size_t count = hall->queue_length;

    for (size_t i = 0; i < count; i++)
        groups[i] = hall->groups[queue[i] = hall->queue[i]];
    seating_promote(&hall->seating, groups, count, seated);
    for (size_t i = 0; i < count; i++)
        for (size_t earlier = 0; seated[i] && earlier < i; earlier++)
            assert_false(!seated[earlier] && (groups[earlier] == groups[i] || groups[i] == OTHERS));
    for (size_t i = 0; i < count; i++)
        if (seated[i]) {
            hall->states[queue[i]] = BOOKED;
            leave_queue(hall, queue[i]);
        }
}

/* The counts are those of the people, no seat is given twice, and of those who wait each could be refused. */
static void check_counts(const struct hall *hall)
{
    int64_t booked[SEATING_GROUPS_MAX + 1] = {0}, open = hall->seating.seats, all = 0;

    for (int i = 0; i < PEOPLE; i++)
        if (hall->states[i] == BOOKED)
            booked[hall->groups[i] + 1]++, all++;
    assert_int_equal(hall->seating.booked, all);
    assert_int_equal(hall->seating.waiting, hall->queue_length);
    for (size_t i = 0; i < hall->seating.group_count; i++) {
        int64_t kept = hall->seating.groups[i].kept, more = booked[i + 1] > kept ? booked[i + 1] - kept : 0;
        open -= kept + more;
    }
    assert_true(open >= booked[0]);
    assert_true(all <= hall->seating.seats);
}

static void check_settled(const struct hall *hall)
{
    for (size_t i = 0; i < hall->queue_length; i++)
        assert_false(seating_has_seat(&hall->seating, hall->groups[hall->queue[i]]));
    /* Then a newcomer gets what is free, and nothing else. */
    for (int group = OTHERS; group < (int)hall->seating.group_count; group++)
        assert_int_equal(seating_lets_in(&hall->seating, group), seating_has_seat(&hall->seating, group));
}

/*
 * Comings and goings in any order, the waiting list looked at only now and then, as when it follows the cancellations: seats are
 * never exceeded, the order is kept, and no seat stays free while somebody waits who may have it.
 */
static void the_waiting_list_is_fair_whatever_happens(void **state)
{
    static struct hall hall;
    int64_t waited = 0, promoted = 0;

    (void)state;
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        open_hall(&hall, round);
        for (int step = 0; step < STEPS; step++) {
            int person = (int)draw(&hall, PEOPLE);
            size_t before = hall.queue_length;
            if (hall.states[person] == NOBODY)
                come(&hall, person);
            else if (draw(&hall, 3) > 0)
                go(&hall, person);
            waited += hall.queue_length > before;
            check_counts(&hall);
            if (draw(&hall, 3) > 0)
                continue;
            before = hall.queue_length;
            promote(&hall);
            promoted += before > hall.queue_length;
            check_counts(&hall);
            check_settled(&hall);
        }
    }
    assert_true(waited > 1000 && promoted > 1000); /* it did happen */
}

/* Who comes between a cancellation and the promotion never takes the seat of somebody who waited then. */
static void nobody_overtakes_between_a_cancellation_and_the_promotion(void **state)
{
    static struct hall hall;
    static struct seating before;
    bool seated[PEOPLE], later[PEOPLE];
    int groups[PEOPLE];

    (void)state;
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        open_hall(&hall, round + ROUNDS);
        for (int person = 0; person < PEOPLE - 5; person++)
            come(&hall, person);
        for (int i = 0; i < 4; i++) {
            int person = (int)draw(&hall, PEOPLE - 5);
            if (hall.states[person] == BOOKED)
                go(&hall, person);
        }
        size_t count = hall.queue_length;
        for (size_t i = 0; i < count; i++)
            groups[i] = hall.groups[hall.queue[i]];
        before = hall.seating;
        seating_promote(&before, groups, count, seated);
        for (int person = PEOPLE - 5; person < PEOPLE; person++)
            come(&hall, person);
        before = hall.seating;
        seating_promote(&before, groups, count, later);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(seated[i], later[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kept_seat_is_not_given_to_others),
        cmocka_unit_test(gold_fills_open_seats_when_its_own_are_taken),
        cmocka_unit_test(a_newcomer_goes_ahead_of_nobody_who_waits),
        cmocka_unit_test(a_kept_seat_that_is_freed_goes_to_the_first_of_gold),
        cmocka_unit_test(fewer_seats_than_bookings_are_told_and_throw_nobody_out),
        cmocka_unit_test(the_waiting_list_is_fair_whatever_happens),
        cmocka_unit_test(nobody_overtakes_between_a_cancellation_and_the_promotion),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
