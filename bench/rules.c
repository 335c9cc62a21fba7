/* rules.c: evaluations a second, on one core, of a rule of five comparisons, beside the same condition written in C. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "foundation/instant.h"
#include "rules/rules.h"

enum { MEMBERS = 4096, ARENA_SIZE = 64 * 1024 * 1024, FACTS = 5, ROUNDS = 5 };

static const double SECONDS = 0.6;

static const struct rule_variable variables[FACTS] = {{"member.spend", &rule_type_double, NULL},
                                                      {"member.purchases", &rule_type_int, NULL},
                                                      {"member.tier", &rule_type_string, NULL},
                                                      {"member.churn_risk", &rule_type_double_or_null, NULL},
                                                      {"member.points", &rule_type_int, NULL}};
static const char expression[] = "member.spend > 1000 && member.purchases >= 5 && member.tier == \"gold\" && "
                                 "member.churn_risk < 0.4 && member.points >= 500";

/* The facts of a member as the condition written by hand reads them. */
struct plain {
    double spend, churn_risk;
    int64_t purchases, points;
    struct text tier;
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Most members meet the conditions up to the last ones, so that all five are looked at. */
static void fill(struct plain *plain, struct rule_value (*slots)[FACTS])
{
    static const char gold[] = "gold", silver[] = "silver";
    for (int i = 0; i < MEMBERS; i++) {
        plain[i] = (struct plain){.spend = 1001 + rand() % 5000,
                                  .churn_risk = (rand() % 410) / 1000.0,
                                  .purchases = 5 + rand() % 20,
                                  .points = 400 + rand() % 4000,
                                  .tier = text_from(rand() % 20 == 0 ? silver : gold)};
        slots[i][0] = rule_double(plain[i].spend);
        slots[i][1] = rule_int(plain[i].purchases);
        slots[i][2] = rule_string(plain[i].tier);
        slots[i][3] = rule_double(plain[i].churn_risk);
        slots[i][4] = rule_int(plain[i].points);
    }
}

static __attribute__((noinline)) bool by_hand(const struct plain *member)
{
    return member->spend > 1000 && member->purchases >= 5 && text_equals(member->tier, "gold") &&
           member->churn_risk < 0.4 && member->points >= 500;
}

static double hand_rate(const struct plain *plain, size_t *yes)
{
    double started = now(), spent;
    int64_t done = 0;
    do {
        *yes = 0;
        for (int i = 0; i < MEMBERS; i++)
            *yes += by_hand(&plain[i]);
        done += MEMBERS;
        spent = now() - started;
    } while (spent < SECONDS);
    return (double)done / spent;
}

static double rule_rate(const struct rule_program *program, struct arena *arena,
                        const struct rule_value (*slots)[FACTS], size_t *yes)
{
    struct rule_evaluation evaluation = {.arena = arena, .now = INSTANT_NEVER};
    double started = now(), spent;
    int64_t done = 0;
    do {
        *yes = 0;
        for (int i = 0; i < MEMBERS; i++) {
            evaluation.slots = slots[i];
            if (rule_evaluate(program, &evaluation, NULL) != STATUS_OK)
                abort();
            *yes += evaluation.value.boolean;
        }
        done += MEMBERS;
        spent = now() - started;
    } while (spent < SECONDS);
    return (double)done / spent;
}

int main(void)
{
    static struct plain plain[MEMBERS];
    static struct rule_value slots[MEMBERS][FACTS];
    struct arena *arena = arena_new(ARENA_SIZE);
    struct rule_program *program;
    struct rule_environment environment = {variables, FACTS};
    struct rule_source source = {.text = TEXT(expression), .environment = &environment};
    double rule = 0, hand = 0;
    size_t by_rule, by_c;
    fill(plain, slots);
    if (rule_compile(arena, &source, &program, NULL, NULL) != STATUS_OK)
        return 1;
    for (int i = 0; i < ROUNDS; i++) {
        double rate = rule_rate(program, arena, (const struct rule_value(*)[FACTS])slots, &by_rule);
        rule = rate > rule ? rate : rule;
        rate = hand_rate(plain, &by_c);
        hand = rate > hand ? rate : hand;
    }
    if (by_rule != by_c)
        return 1;
    printf("{\"rate\": %.0f, \"by_hand\": %.0f, \"met\": %.3f}\n", rule, hand, (double)by_rule / MEMBERS);
    rule_release(program);
    arena_free(arena);
    return 0;
}
