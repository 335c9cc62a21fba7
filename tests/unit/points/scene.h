/* scene.h: a member, a programme and a clock, for tests of the ledger. */
#ifndef PATRON_TESTS_POINTS_SCENE_H
#define PATRON_TESTS_POINTS_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "features/points/ledger.h"
#include "features/points/lots.h"
#include "features/points/points.h"

struct scene {
    struct arena *arena;
    struct decision decision;
    struct programme programme;
    struct programme_set set;
    struct group *group;
    struct member *member;
    struct posting posting;
    struct ledger ledger;
};

static inline int64_t instant_of(const char *text)
{
    int64_t instant = 0;

    assert_true(instant_parse(text_from(text), &instant));
    return instant;
}

/* `wallet` is what follows the code in the wallet's object: ",\"debt\":\"allow\"". */
static inline void scene_start(struct scene *scene, const char *wallet, const char *now)
{
    struct error err = {0};

    memset(scene, 0, sizeof *scene);
    scene->arena = arena_new(256 << 20);
    const char *json = arena_format(scene->arena,
                                    "{\"zone\":\"UTC\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"points\"%s},"
                                    "{\"code\":\"status\",\"spendable\":false}]}",
                                    wallet);
    if (programme_parse(scene->arena, text_from(json), &scene->programme, &err) != STATUS_OK)
        fail_msg("%s: %s", err.field, err.message);
    scene->set = (struct programme_set){.versions = &scene->programme, .version_count = 1};
    decision_start(&scene->decision, scene->arena, instant_of(now), &scene->set);
    scene->member = member_new(&scene->decision, 0, 5, scene->decision.now);
    scene->group = scene->decision.subjects[0].group;
}

static inline void scene_stop(struct scene *scene)
{
    arena_free(scene->arena);
}

/* The clock moves on, and time does what it does. */
static inline void scene_at(struct scene *scene, const char *now)
{
    struct error err = {0};

    scene->decision.now = instant_of(now);
    if (points_advance(&scene->decision, scene->group, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

/* A new journal row and the ledger on it. */
static inline struct ledger *scene_row(struct scene *scene, const char *kind)
{
    struct journal_row *row = journal_add(&scene->decision, scene->member, 0, kind, scene->decision.now);

    scene->posting = posting_start(&scene->decision, row);
    scene->ledger =
        (struct ledger){&scene->posting, scene->group, scene->member, &scene->programme, &scene->programme.wallets[0]};
    return &scene->ledger;
}

/* Earns points that end at `expires` (NULL: never); returns the lot's id (0: all went to debt). */
static inline int64_t scene_earn(struct scene *scene, int64_t points, const char *expires)
{
    struct error err = {0};
    struct lot *lot = NULL;
    int64_t now = scene->decision.now;
    struct accrual accrual = {points, ACCOUNT_ISSUED, now, now, expires != NULL ? instant_of(expires) : INSTANT_NEVER};

    if (ledger_accrue(scene_row(scene, "purchase"), accrual, &lot, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    return lot != NULL ? lot->id : 0;
}

static inline struct past_event *scene_past(struct scene *scene)
{
    struct past_event *event = arena_alloc(scene->arena, sizeof *event);

    event->row = *scene->posting.row;
    return event;
}

/* What followed from an event: the row of the last operation. */
static inline void scene_follow(struct scene *scene, struct past_event *event)
{
    struct past_event *followers = arena_array(scene->arena, event->follower_count + 1, sizeof *followers);

    if (event->follower_count > 0)
        memcpy(followers, event->followers, event->follower_count * sizeof *followers);
    followers[event->follower_count].row = *scene->posting.row;
    event->followers = followers;
    event->follower_count++;
}

static inline struct past_event *scene_redeem(struct scene *scene, int64_t points)
{
    struct error err = {0};

    if (ledger_draw(scene_row(scene, "redemption"), points, ACCOUNT_REDEEMED, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    return scene_past(scene);
}

static inline int64_t lot_left(struct scene *scene, int64_t lot)
{
    struct lot *found = member_lot(scene->member, lot);

    assert_non_null(found);
    return found->remaining;
}

static inline int64_t balance(const struct scene *scene)
{
    return ledger_balance(scene->group, scene->member, TEXT("points"));
}

static inline int64_t available(const struct scene *scene)
{
    return ledger_available(scene->group, scene->member, TEXT("points"));
}

/* What entered the account, less what left it, over all rows so far. */
static inline int64_t account_total(const struct scene *scene, enum account account)
{
    int64_t total = 0;

    for (size_t i = 0; i < scene->decision.effects->row_count; i++) {
        const struct journal_row *row = scene->decision.effects->rows[i];
        for (size_t m = 0; m < row->movement_count; m++) {
            if (row->movements[m].credit == account)
                total += row->movements[m].amount;
            if (row->movements[m].debit == account)
                total -= row->movements[m].amount;
        }
    }
    return total;
}

/* Wallet = movements = open lots less debt, for every member of the group. */
static inline void assert_sound(const struct scene *scene)
{
    int64_t wallets = 0, lots = 0, debt = 0;

    for (size_t i = 0; i < scene->group->member_count; i++) {
        const struct member *member = &scene->group->members[i];
        for (size_t w = 0; w < member->wallet_count; w++) {
            const struct wallet *wallet = &member->wallets[w];
            wallets += wallet->active + wallet->pending + wallet->held - wallet->debt;
            debt += wallet->debt;
        }
        for (size_t l = 0; l < member->lot_count; l++)
            lots += member->lots[l].remaining + member->lots[l].held;
    }
    assert_int_equal(wallets, lots - debt);
    assert_int_equal(wallets, account_total(scene, ACCOUNT_ACTIVE) + account_total(scene, ACCOUNT_PENDING) +
                                  account_total(scene, ACCOUNT_HELD) + account_total(scene, ACCOUNT_DEBT));
}

#endif
