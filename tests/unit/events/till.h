/* till.h: a member, a programme and a till, for tests of events. */
#ifndef PATRON_TESTS_EVENTS_TILL_H
#define PATRON_TESTS_EVENTS_TILL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "features/events/attribution.h"
#include "features/events/purchase.h"
#include "features/events/return.h"
#include "features/points/ledger.h"

struct till {
    struct arena *arena;
    struct decision decision;
    struct programme programme;
    struct programme_set set;
    struct group *group;
    struct member *member;
    struct counter counter; /* of the multiplier "twice" */
    struct error error;
};

static inline int64_t instant_of(const char *text)
{
    int64_t instant = 0;

    assert_true(instant_parse(text_from(text), &instant));
    return instant;
}

/* `rest` follows the wallets in the document: rules, tiers. `wallet` follows the code of the account "points". */
static inline void till_open(struct till *till, const char *wallet, const char *rest, const char *now)
{
    struct error err = {0};

    memset(till, 0, sizeof *till);
    till->arena = arena_new(64 << 20);
    const char *json = arena_format(till->arena,
                                    "{\"zone\":\"UTC\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"points\"%s},"
                                    "{\"code\":\"status\",\"spendable\":false}]%s}",
                                    wallet, rest);
    if (programme_parse(till->arena, text_from(json), &till->programme, &err) != STATUS_OK)
        fail_msg("%s: %s", err.field, err.message);
    till->programme.version = 1;
    till->set = (struct programme_set){.versions = &till->programme, .version_count = 1};
    decision_start(&till->decision, till->arena, instant_of(now), &till->set);
    till->member = member_new(&till->decision, 0, 5, till->decision.now);
    till->group = till->decision.subjects[0].group;
    tier_start(&till->programme, &till->member->standing, till->decision.now);
    till->counter = (struct counter){.id = TEXT("multiplier:twice"), .maximum = INT64_MAX};
}

static inline void till_close(struct till *till)
{
    arena_free(till->arena);
}

/* A command of `type` about the member. */
static inline struct command *till_command(struct till *till, const struct command_type *type, void *body)
{
    struct command *command = arena_alloc(till->arena, sizeof *command);

    command->type = type;
    command->body = body;
    command->arena = till->arena;
    command->claims = arena_array(till->arena, COMMAND_CLAIMS_MAX, sizeof *command->claims);
    command->subjects[0] = (struct subject){.by = SUBJECT_MEMBER, .id = till->member->id};
    command->subject_count = 1;
    command->day = DAY_NONE;
    command->bucket = 7;
    command->counters[0] = "multiplier:twice";
    command->counter_count = 1;
    till->decision.subjects[0] = (struct person){till->group, till->member, till->member};
    till->decision.counters[0] = &till->counter;
    return command;
}

static inline enum status till_run(struct till *till, struct command *command)
{
    till->error = (struct error){0};
    return command->type->decide(&till->decision, command, &till->error);
}

/* The event as the engine would load it: with what followed from it. */
static inline struct past_event till_past(struct till *till, int64_t id)
{
    struct past_event event = {0};
    const struct effects *effects = till->decision.effects;

    for (size_t i = 0; i < effects->row_count; i++) {
        if (effects->rows[i]->id == id)
            event.row = *effects->rows[i];
        if (effects->rows[i]->cause == id) {
            event.followers = arena_grow(till->arena, event.followers, &event.follower_capacity,
                                         event.follower_count + 1, sizeof(struct past_event));
            event.followers[event.follower_count++] = till_past(till, effects->rows[i]->id);
        }
    }
    return event;
}

struct line {
    const char *sku, *category;
    int64_t amount;
};

static inline struct purchase *till_purchase(struct till *till, const struct line *lines, size_t count)
{
    struct purchase *body = arena_alloc(till->arena, sizeof *body);

    body->named = true;
    body->at = till->decision.now;
    body->day = zone_day(till->programme.zone, body->at);
    body->store = TEXT("soho");
    body->identity = EVENT_IDENTITY_NONE;
    body->lines = arena_array(till->arena, count + 1, sizeof *body->lines);
    body->line_count = count;
    for (size_t i = 0; i < count; i++)
        body->lines[i] = (struct purchase_line){.sku = text_from(lines[i].sku),
                                                .category = text_from(lines[i].category),
                                                .quantity_milli = 1000,
                                                .amount = lines[i].amount};
    return body;
}

static inline enum status till_try(struct till *till, struct purchase *body)
{
    return till_run(till, till_command(till, purchase_type(&till->programme, body), body));
}

static inline struct purchase *till_buy(struct till *till, const struct line *lines, size_t count)
{
    struct purchase *body = till_purchase(till, lines, count);

    if (till_try(till, body) != STATUS_OK)
        fail_msg("%s: %s", till->error.code, till->error.message);
    return body;
}

/* Brings back `lines` (count 0: all that is left) of the event. */
static inline enum status till_try_return(struct till *till, int64_t id, const struct return_line *lines, size_t count,
                                          struct purchase_return **out)
{
    struct purchase_return *body = arena_alloc(till->arena, sizeof *body);
    struct past_event *event = arena_alloc(till->arena, sizeof *event);

    body->at = till->decision.now;
    body->day = zone_day(till->programme.zone, body->at);
    body->identity = EVENT_IDENTITY_NONE;
    body->attribution_claim = -1;
    body->lines = lines;
    body->line_count = count;
    struct command *command = till_command(till, &return_command_type, body);
    *event = till_past(till, id);
    till->decision.events[0] = event;
    command->event_count = 1;
    command->day = zone_day(till->programme.zone, event->row.at);
    *out = body;
    return till_run(till, command);
}

static inline struct return_result till_return(struct till *till, int64_t id, const struct return_line *lines,
                                               size_t count)
{
    struct purchase_return *body;

    if (till_try_return(till, id, lines, count, &body) != STATUS_OK)
        fail_msg("%s: %s", till->error.code, till->error.message);
    return body->result;
}

static inline struct return_result till_return_line(struct till *till, int64_t id, int32_t line)
{
    const struct return_line wanted = {.of_line = line};

    return till_return(till, id, &wanted, 1);
}

static inline int64_t clawed_back(const struct return_result *result)
{
    return result->clawed_back_count > 0 ? result->clawed_back[0].points : 0;
}

static inline int64_t given_back(const struct return_result *result)
{
    return result->given_back_count > 0 ? result->given_back[0].points : 0;
}

static inline int64_t balance(const struct till *till)
{
    return ledger_balance(till->group, till->member, TEXT("points"));
}

/* Points to spend, from nowhere. */
static inline void till_gift(struct till *till, int64_t points)
{
    struct error err = {0};
    struct journal_row *row = journal_add(&till->decision, till->member, 0, "adjustment", till->decision.now);
    struct posting posting = posting_start(&till->decision, row);
    struct ledger ledger = {&posting, till->group, till->member, &till->programme, &till->programme.wallets[0]};
    struct accrual accrual = {points, ACCOUNT_ADJUSTED, till->decision.now, till->decision.now, INSTANT_NEVER};

    if (ledger_accrue(&ledger, accrual, NULL, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

#define RULE_ONE_PER_UNIT \
    ",\"rules\":[{\"code\":\"base\",\"wallet\":\"points\",\"points\":1,\"per\":\"1\",\"whole_units\":true}]"

#endif
