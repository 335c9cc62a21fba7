/*
 * simulate [--commands N] [--seed S] [--until N] [--every N] [--world NAME] [--database ADDRESS]: runs random commands
 * through the real engine and through the model, and stops at the first difference.
 *
 * A difference prints the seed, the command and both sides. The same --seed and --commands replay it; --until N stops
 * after that command of the world and compares everybody, --every 1 compares after each submission.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "generate.h"
#include "product.h"

enum { COMPARED_AT_ONCE = 3, COUPONS_AT_ONCE = 8, NAMED_MAX = GROUP_MAX + 4 };

struct options {
    int64_t commands, until, every;
    uint64_t seed;
    const char *database, *world;
    bool trace;
};

struct simulation {
    const struct options *options;
    struct product product;
    struct model *model;
    struct generator generator;
    struct slot slots[SUBMISSION_MAX];
    size_t slot_count, slot_limit;
    int number, submissions, requests;
    int alone[MEMBERS_MAX]; /* the submission in which a command that must be the last of its group named it */
    int alone_budget;       /* one in which budgets may be given back, or used later than others */
    int alone_anonymous;    /* one that claims or returns an anonymous purchase */
    int erasure;            /* one that erases somebody */
    int alone_market;       /* one that changes what is counted of offers and coupons */
    int transfer;           /* event of the submission's transfer; -1: none */
    bool resubmit;          /* the submission repeats a request */
};

/* ---- telling ---- */

static void describe(const struct slot *slot, const struct model *model)
{
    const struct action *action = &slot->action;

    fprintf(stderr, "  command %d: %s member %d other %d event %d wallet %d points %lld at %lld", slot->number,
            action_names[action->kind], action->member, action->other, action->event, action->wallet,
            (long long)action->points, (long long)action->at);
    if (action->household != 0)
        fprintf(stderr, " household %d", action->household);
    if (action->kind == ACT_FOUND || action->kind == ACT_POOL)
        fprintf(stderr, action->pooled ? " pools" : " parts");
    for (int i = 0; i < action->identifier_count; i++)
        fprintf(stderr, " identifier %d", action->identifiers[i]);
    if (action->kind == ACT_PURCHASE)
        fprintf(stderr, " receipt %d id %d content %d%s pay %lld hold %d", action->receipt, action->event_id,
                action->content, action->anonymous ? " anonymous" : "", (long long)action->pay_points,
                action->pay_hold);
    if (action->quote >= 0)
        fprintf(stderr, " quote %d", action->quote);
    if (action->card >= 0)
        fprintf(stderr, " card %d %lld", action->card, (long long)action->card_minor);
    if (action->kind == ACT_QUOTE)
        fprintf(stderr, "%s%s coupon %d", action->reserve ? " reserves" : "", action->shows_code ? " with code" : "",
                action->coupon);
    for (int i = 0; i < action->line_count; i++)
        fprintf(stderr, " %lld(%d%s x%lld)", (long long)action->line_amount[i], action->line_category[i],
                skus[action->line_sku[i]], (long long)action->line_quantity[i] / 1000);
    for (int i = 0; i < action->return_line_count; i++)
        fprintf(stderr, " line %d mode %d %lld", action->return_lines[i], (int)action->return_mode[i],
                (long long)action->return_value[i]);
    fprintf(stderr, " -> %s", slot->expected.code != NULL ? slot->expected.code : "done");
    if (slot->expected.member >= 0)
        fprintf(stderr, " new member %d", slot->expected.member);
    fprintf(stderr, " new event %d\n", slot->expected.event);
    (void)model;
}

static void report(struct simulation *simulation, const struct slot *slot)
{
    fprintf(stderr, "DIFFERENCE in world %s, seed %llu, submission %d: %s\n", simulation->model->rules->name,
            (unsigned long long)simulation->options->seed, simulation->submissions, simulation->product.difference);
    if (slot != NULL)
        describe(slot, simulation->model);
    else
        fprintf(stderr, "  after command %d\n", simulation->number);
    fprintf(stderr, "  now %lld; replay: --seed %llu --commands %lld --world %s --until %d --every 1%s\n",
            (long long)simulation->model->now, (unsigned long long)simulation->options->seed,
            (long long)simulation->options->commands, simulation->model->rules->name, simulation->number,
            simulation->options->database != NULL ? " --database ..." : "");
    product_stop(&simulation->product);
    exit(1);
}

/* ---- comparing ---- */

static void compare_all(struct simulation *simulation)
{
    model_time(simulation->model, simulation->product.now);
    for (int m = 0; m < simulation->model->member_count; m++)
        if (!product_compare(&simulation->product, simulation->model, m))
            report(simulation, NULL);
    if (!product_compare_coupons(&simulation->product, simulation->model, 0))
        report(simulation, NULL);
}

static void compare_some(struct simulation *simulation, struct dice *dice)
{
    model_time(simulation->model, simulation->product.now);
    for (int i = 0; i < COMPARED_AT_ONCE && simulation->model->member_count > 0; i++)
        if (!product_compare(&simulation->product, simulation->model,
                             (int)dice_below(dice, simulation->model->member_count)))
            report(simulation, NULL);
}

/* ---- submissions ---- */

/* A request that was answered is sent again: the same body is answered from what is stored, another one is refused. */
static void repeat_request(struct simulation *simulation, struct slot *slot)
{
    struct slot again = *slot;
    bool replayed;

    arena_reset(simulation->product.arena);
    again.other_body = dice_chance(&simulation->generator.dice, 40);
    product_build(&simulation->product, simulation->model, &again);
    product_run(&simulation->product, &again, 1);
    replayed =
        again.other_body ? strcmp(again.command.error.code, "idempotency.mismatch") == 0 : again.command.replayed;
    if (replayed)
        return;
    snprintf(simulation->product.difference, sizeof simulation->product.difference, "a repeated request is %s (%s)",
             again.command.status == STATUS_OK ? "done again" : again.command.error.code, again.command.error.message);
    report(simulation, &again);
}

static void flush(struct simulation *simulation)
{
    struct product *product = &simulation->product;
    struct slot keyed = {.request = 0};

    if (simulation->slot_count == 0)
        return;
    arena_reset(product->arena);
    for (size_t i = 0; i < simulation->slot_count; i++)
        product_build(product, simulation->model, &simulation->slots[i]);
    product_run(product, simulation->slots, simulation->slot_count);
    for (size_t i = 0; i < simulation->slot_count; i++) {
        if (!product_check(product, simulation->model, &simulation->slots[i]))
            report(simulation, &simulation->slots[i]);
        const struct outcome *expected = &simulation->slots[i].expected;
        /* What was known before, or refused, wrote nothing: it is decided afresh. */
        if (simulation->slots[i].request != 0 && expected->code == NULL && expected->known < 0)
            keyed = simulation->slots[i];
    }
    simulation->slot_count = 0;
    int coupons = simulation->model->market.coupon_count;
    if (simulation->alone_market == simulation->submissions + 1 &&
        !product_compare_coupons(product, simulation->model, coupons > COUPONS_AT_ONCE ? coupons - COUPONS_AT_ONCE : 0))
        report(simulation, NULL);
    simulation->submissions++;
    if (simulation->transfer >= 0)
        product_learn_lots(product, simulation->model, simulation->transfer);
    simulation->transfer = -1;
    if (keyed.request != 0 && simulation->erasure != simulation->submissions) /* replies are erased too */
        repeat_request(simulation, &keyed);
    if (simulation->options->every > 0 && simulation->submissions % simulation->options->every == 0)
        compare_all(simulation);
}

/* Time moves; sometimes the sweeper runs, sometimes not for long. */
static void next_submission(struct simulation *simulation)
{
    struct dice *dice = &simulation->generator.dice;

    flush(simulation);
    simulation->slot_limit =
        dice_chance(dice, 40) ? 1 + (size_t)dice_below(dice, 4) : 1 + (size_t)dice_below(dice, SUBMISSION_MAX);
    bool sweeps = dice_chance(dice, 10), compares = dice_chance(dice, 10);
    simulation->product.now += dice_chance(dice, 70) ? generate_step(&simulation->generator) : 1;
    model_time(simulation->model, simulation->product.now);
    if (sweeps)
        product_sweep(&simulation->product);
    if (dice_chance(dice, 60)) {
        market_lapse(simulation->model);
        product_lapse(&simulation->product);
    }
    if (compares)
        compare_some(simulation, dice);
}

/* ---- order ---- */

/* Such a command may be put off to the next batch: nothing of its groups may follow it in one submission. */
static bool is_alone(const struct action *action)
{
    enum action_kind kind = action->kind;

    return action->quote >= 0 || kind == ACT_RETURN || kind == ACT_REVERSE || kind == ACT_CAPTURE ||
           kind == ACT_RELEASE || kind >= ACT_MERGE;
}

static int named_members(const struct model *model, const struct action *action, int named[NAMED_MAX])
{
    int count = 0;

    if (action->member >= 0)
        named[count++] = action->member;
    if (action->other >= 0)
        named[count++] = action->other;
    for (int i = 0; i < action->identifier_count; i++)
        if (model->identifier_owner[action->identifiers[i]] >= 0)
            named[count++] = model->identifier_owner[action->identifiers[i]];
    if (action->event >= 0)
        count += model_owners(model, action->event, named + count);
    return count;
}

static bool follows_alone(const struct simulation *simulation, const int *named, int count)
{
    for (int n = 0; n < count; n++) {
        int list[GROUP_MAX], members = model_group(simulation->model, named[n], list);
        for (int i = 0; i < members; i++)
            if (simulation->alone[list[i]] == simulation->submissions + 1)
                return true;
    }
    return false;
}

/* Also the others of a household that does not pool: its changes follow each other. */
static void mark_alone(struct simulation *simulation, const int *named, int count)
{
    const struct model *model = simulation->model;

    for (int n = 0; n < count; n++) {
        int leader = model->members[named[n]].leader, household = model->members[leader].household;
        for (int i = 0; i < model->member_count; i++) {
            int other = model->members[i].leader;
            if (other == leader || (household != 0 && model->members[other].household == household))
                simulation->alone[i] = simulation->submissions + 1;
        }
    }
}

/* Ids that a command needs come with the replies of earlier submissions. */
static bool ids_known(const struct model *model, const struct action *action, const int *named, int count)
{
    for (int i = 0; i < count; i++)
        if (model->members[named[i]].real == 0 && action->identifier_count == 0)
            return false;
    if (action->event >= 0 && model->events[action->event].real == 0)
        return false;
    if (action->pay_hold >= 0 && model->events[action->pay_hold].real == 0)
        return false;
    if (action->quote >= 0 && model->market.quotes[action->quote].real == 0)
        return false;
    if (action->kind == ACT_PURCHASE && action->card >= 0 && model->market.cards[action->card].real == 0)
        return false;
    return action->household == 0 || model->household_real[action->household] != 0;
}

/* It changes what is counted of offers, or reads it. */
static bool is_market(const struct model *model, const struct action *action)
{
    const struct model_sale *sale = action->kind == ACT_RETURN ? &model->events[action->event].sale : NULL;

    return action->quote >= 0 || action->card >= 0 || action->kind == ACT_QUOTE || action->kind == ACT_ISSUE ||
           (sale != NULL && (sale->quote >= 0 || sale->card >= 0));
}

/* Commands that may not follow some other one of this submission, because either may be put off. */
static bool follows_other(const struct simulation *simulation, const struct action *action)
{
    const struct programme_rules *rules = simulation->model->rules;
    bool budget = rules->rules[0].multipliers[0].budget > 0 || rules->rules[1].multipliers[0].budget > 0;
    for (int a = 0; a < ACCRUALS; a++)
        budget = budget || rules->accruals[a].budget > 0;
    bool anonymous = action->event >= 0 && simulation->model->events[action->event].member < 0;

    if (is_market(simulation->model, action) && simulation->alone_market == simulation->submissions + 1)
        return true;
    if (anonymous && simulation->alone_anonymous == simulation->submissions + 1)
        return true;
    if (action->identifier_count > 0 && simulation->erasure == simulation->submissions + 1)
        return true; /* an identifier that is free after it is not yet */
    return budget && (action->kind == ACT_PURCHASE || action->kind == ACT_CLAIM || action->kind == ACT_RETURN) &&
           simulation->alone_budget == simulation->submissions + 1;
}

static void mark_other(struct simulation *simulation, const struct action *action)
{
    if (is_market(simulation->model, action))
        simulation->alone_market = simulation->submissions + 1;
    if (action->kind == ACT_RETURN || action->kind == ACT_CLAIM || action->quote >= 0)
        simulation->alone_budget = simulation->submissions + 1;
    if (action->event >= 0 && simulation->model->events[action->event].member < 0)
        simulation->alone_anonymous = simulation->submissions + 1;
    if (action->kind == ACT_ERASE)
        simulation->erasure = simulation->submissions + 1;
}

static void step(struct simulation *simulation)
{
    struct model *model = simulation->model;
    struct action action;
    int named[NAMED_MAX], count;

    if (simulation->slot_count >= simulation->slot_limit)
        next_submission(simulation);
    if (!generate(&simulation->generator, model, &action))
        return;
    count = named_members(model, &action, named);
    bool alone = is_alone(&action);
    if (follows_alone(simulation, named, count) || !ids_known(model, &action, named, count) ||
        follows_other(simulation, &action)) {
        /* A quote that was made just now is settled before its time is over. */
        int64_t way = dice_below(&simulation->generator.dice, 100) + (action.quote >= 0 ? 50 : 0);
        if (way < 65)
            return; /* something else, so that submissions grow */
        if (way < 80) {
            next_submission(simulation); /* time moves: the action may not fit any more */
            return;
        }
        flush(simulation);
    }
    struct slot *slot = &simulation->slots[simulation->slot_count++];
    *slot = (struct slot){.action = action, .number = ++simulation->number};
    if (simulation->options->trace)
        fprintf(stderr, "[%d] ", simulation->submissions);
    if (alone)
        mark_alone(simulation, named, count);
    mark_other(simulation, &action);
    model_apply(model, &action, &slot->expected);
    if (simulation->options->trace)
        describe(slot, model);
    if (alone)
        mark_alone(simulation, named, count); /* those who belong together now */
    bool keyed = action.kind == ACT_REDEEM || action.kind == ACT_ADJUST || action.kind == ACT_PURCHASE;
    if (keyed && dice_chance(&simulation->generator.dice, 5))
        slot->request = ++simulation->requests;
    if (action.kind == ACT_TRANSFER && slot->expected.code == NULL) {
        simulation->transfer = slot->expected.event;
        flush(simulation);
    }
}

/* What became of the quotes. */
static void tell_market(const struct model *model)
{
    int states[QUOTE_IS_LAPSED + 1] = {0}, used = 0, claimed = 0, charged = 0;

    for (int q = 0; q < model->market.quote_count; q++)
        states[model->market.quotes[q].state]++;
    for (int c = 0; c < model->market.coupon_count; c++)
        used += model->market.coupons[c].used;
    for (int e = 0; e < model->event_count; e++) {
        charged += model->events[e].kind == EVENT_PURCHASE && model->events[e].sale.card >= 0;
        claimed += model->events[e].kind == EVENT_CLAIM && model->events[e].sale.quote >= 0;
    }
    printf("#   %d quotes: %d settled (%d claimed later), %d released, %d lapsed; %d coupons, %d used; %d gift cards, "
           "%d charges\n",
           model->market.quote_count, states[QUOTE_IS_SETTLED], claimed, states[QUOTE_IS_RELEASED],
           states[QUOTE_IS_LAPSED], model->market.coupon_count, used, model->market.card_count, charged);
}

static void run_world(const struct options *options, size_t world, int64_t commands)
{
    struct simulation *simulation = calloc(1, sizeof *simulation);
    struct timespec started, ended;

    clock_gettime(CLOCK_MONOTONIC, &started);
    simulation->options = options;
    simulation->model = malloc(sizeof *simulation->model);
    simulation->transfer = -1;
    simulation->slot_limit = 1;
    simulation->generator.dice.state = options->seed + world * 1000003;
    struct programme_rules rules = worlds[world];
    model_draw_programme(&rules, options->seed + world * 104729);
    model_draw_accruals(&rules, options->seed + world * 7919);
    model_draw_offers(&rules, options->seed + world * 15485863);
    model_start(simulation->model, &rules);
    product_start(&simulation->product, &rules, options->database);
    while (simulation->number < commands && (options->until == 0 || simulation->number < options->until))
        step(simulation);
    flush(simulation);
    compare_all(simulation);
    if (!product_verify(&simulation->product))
        report(simulation, NULL);
    product_stop(&simulation->product);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    printf("# %s: %d commands in %d submissions, %d members, %d lots, %lld days, %.1f s\n", worlds[world].name,
           simulation->number, simulation->submissions, simulation->model->member_count, simulation->model->lot_count,
           (long long)((simulation->model->now - START) / DAY),
           (double)(ended.tv_sec - started.tv_sec) + (double)(ended.tv_nsec - started.tv_nsec) / 1e9);
    tell_market(simulation->model);
    printf("ok %zu - %s\n", world + 1, worlds[world].name);
    fflush(stdout);
    model_free(simulation->model);
    free(simulation->model);
    free(simulation);
}

/* ---- the command line ---- */

static int usage(void)
{
    fprintf(stderr, "simulate [--commands N] [--seed S] [--until N] [--every N] [--world NAME] [--database ADDRESS]\n");
    return 2;
}

static bool read_option(struct options *options, const char *name, const char *value)
{
    if (strcmp(name, "--commands") == 0)
        options->commands = atoll(value);
    else if (strcmp(name, "--seed") == 0)
        options->seed = strtoull(value, NULL, 10);
    else if (strcmp(name, "--until") == 0)
        options->until = atoll(value);
    else if (strcmp(name, "--every") == 0)
        options->every = atoll(value);
    else if (strcmp(name, "--world") == 0)
        options->world = value;
    else if (strcmp(name, "--database") == 0)
        options->database = value;
    else if (strcmp(name, "--trace") == 0)
        options->trace = atoll(value) != 0;
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    struct options options = {.commands = 50000, .database = getenv("PATRON_POSTGRES")};
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    options.seed = (uint64_t)now.tv_sec * 1000003 + (uint64_t)now.tv_nsec;
    for (int i = 1; i < argc; i += 2)
        if (i + 1 == argc || !read_option(&options, argv[i], argv[i + 1]))
            return usage();
    printf("# simulation of %lld commands, seed %llu\n1..%zu\n", (long long)options.commands,
           (unsigned long long)options.seed, worlds_count);
    fflush(stdout);
    for (size_t world = 0; world < worlds_count; world++)
        if (options.world == NULL || strcmp(options.world, worlds[world].name) == 0)
            run_world(&options, world, options.commands / (int64_t)worlds_count);
    return 0;
}
