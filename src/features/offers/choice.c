/* Which of the offers that can apply do: what cannot go together, and the choice that is best for the member. */
#include <assert.h>
#include <string.h>

#include "features/offers/pricing_internal.h"

/* ---- one choice ---- */

/* What the member has of it: what is taken off, and the gifts. */
static int64_t worth_of(const struct candidate *candidate, int64_t amount, int64_t gifts)
{
    int64_t worth = 0;

    return checked_multiply(candidate->offer->gift_value, gifts, &worth) ? amount + worth : amount;
}

int64_t choice_try(struct candidates *all, const unsigned char *may, const struct choice_listener *listener)
{
    size_t lines = all->basket->line_count;
    int64_t benefit = 0;
    uint64_t first_taken[CANDIDATES_MAX / 64 + 1] = {0};

    memcpy(all->state.current, all->initial, lines * sizeof *all->state.current);
    memset(all->state.taken, 0, lines * sizeof *all->state.taken);
    for (size_t i = 0; i < all->count; i++) {
        const struct candidate *candidate = &all->items[i];
        bool first = candidate->group >= 0 && candidate->offer->apply == APPLY_FIRST;
        uint64_t *taken = first ? &first_taken[candidate->group / 64] : NULL;
        uint64_t bit = first ? UINT64_C(1) << (candidate->group % 64) : 0;
        if (!may[i] || (first && (*taken & bit) != 0))
            continue;
        int64_t amount = discount_apply(all, candidate);
        if (amount == 0 && all->state.gifts == 0)
            continue;
        if (first)
            *taken |= bit;
        benefit += worth_of(candidate, amount, all->state.gifts);
        if (listener != NULL)
            listener->applied(listener->context, i, amount);
    }
    return benefit;
}

/* ---- all choices ---- */

/*
 * A question with several answers: which offer of a group, or whether one that competes for pieces applies. An answer is the
 * number of a candidate, or -1: none.
 */
struct question {
    int16_t *answers;
    size_t count;
};

struct search {
    struct candidates *all;
    struct question *questions;
    size_t question_count;
    size_t *answer; /* of each question */
    unsigned char *may, *best;
    int64_t benefit;
};

static void add_question(struct search *search, int16_t *answers, size_t count)
{
    search->questions[search->question_count++] = (struct question){answers, count};
}

/* One of a group of which the best applies. */
static bool is_best(const struct candidate *candidate)
{
    return candidate->group >= 0 && candidate->offer->apply == APPLY_BEST && !candidate->offer->exclusive;
}

static void list_questions(struct search *search)
{
    struct candidates *all = search->all;

    for (size_t group = 0; group < all->group_count; group++) {
        int16_t *answers = arena_array(all->arena, all->count + 1, sizeof *answers);
        size_t count = 0;
        bool optional = false;
        for (size_t i = 0; i < all->count; i++) {
            if (all->items[i].group != (int)group || !is_best(&all->items[i]))
                continue;
            answers[count++] = (int16_t)i;
            optional = optional || all->items[i].optional;
        }
        if (optional)
            answers[count++] = -1;
        if (count > 1)
            add_question(search, answers, count);
    }
    for (size_t i = 0; i < all->count; i++) {
        const struct candidate *candidate = &all->items[i];
        if (!candidate->optional || candidate->offer->exclusive || is_best(candidate))
            continue;
        int16_t *answers = arena_array(all->arena, 2, sizeof *answers);
        answers[0] = (int16_t)i;
        answers[1] = -1;
        add_question(search, answers, 2);
    }
}

static void set_answer(struct search *search, size_t question, size_t answer)
{
    const struct question *asked = &search->questions[question];

    for (size_t i = 0; i < asked->count; i++)
        if (asked->answers[i] >= 0)
            search->may[asked->answers[i]] = i == answer;
    search->answer[question] = answer;
}

/* Keeps the choice when it is better; of equal ones the first found. */
static bool try_now(struct search *search)
{
    int64_t benefit = choice_try(search->all, search->may, NULL);

    if (benefit <= search->benefit)
        return false;
    search->benefit = benefit;
    memcpy(search->best, search->may, search->all->count);
    return true;
}

static void try_all(struct search *search)
{
    for (;;) {
        size_t question = search->question_count;

        try_now(search);
        while (question > 0 && search->answer[question - 1] + 1 == search->questions[question - 1].count)
            set_answer(search, --question, 0);
        if (question == 0)
            return;
        set_answer(search, question - 1, search->answer[question - 1] + 1);
    }
}

/* One question after the other, each with the best answer to the others, until nothing gets better. */
static void climb(struct search *search)
{
    size_t tries = 0;
    bool better = true;

    try_now(search);
    while (better && tries < CHOICES_EXACT_MAX) {
        better = false;
        for (size_t q = 0; q < search->question_count; q++) {
            size_t best = search->answer[q];
            for (size_t a = 0; a < search->questions[q].count; a++) {
                set_answer(search, q, a);
                tries++;
                if (try_now(search)) {
                    best = a;
                    better = true;
                }
            }
            set_answer(search, q, best);
        }
    }
}

static void try_exclusive(struct search *search)
{
    struct candidates *all = search->all;

    for (size_t i = 0; i < all->count; i++) {
        if (!all->items[i].offer->exclusive)
            continue;
        memset(search->may, 0, all->count);
        search->may[i] = 1;
        try_now(search);
    }
}

bool choice_find(struct candidates *all, unsigned char *best)
{
    struct search search = {.all = all, .best = best, .benefit = -1};
    size_t choices = 1;

    search.questions = arena_array(all->arena, all->group_count + all->count + 1, sizeof *search.questions);
    search.may = arena_array(all->arena, all->count + 1, 1);
    list_questions(&search);
    search.answer = arena_array(all->arena, search.question_count + 1, sizeof *search.answer);
    for (size_t i = 0; i < all->count; i++)
        search.may[i] = !all->items[i].offer->exclusive;
    for (size_t q = 0; q < search.question_count; q++) {
        set_answer(&search, q, 0);
        choices = choices > CHOICES_EXACT_MAX ? choices : choices * search.questions[q].count;
    }
    if (choices <= CHOICES_EXACT_MAX)
        try_all(&search);
    else
        climb(&search);
    try_exclusive(&search);
    return choices <= CHOICES_EXACT_MAX;
}

/* ---- for tests ---- */

size_t pricing_candidate_count(const struct candidates *all)
{
    return all->count;
}

/* Whether the offers of the choice may stand beside each other. */
static bool is_allowed(const struct candidates *all, uint64_t chosen)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct candidate *one = &all->items[i];
        if ((chosen >> i & 1) == 0)
            continue;
        if (one->offer->exclusive && chosen != UINT64_C(1) << i)
            return false;
        for (size_t j = 0; j < i; j++)
            if ((chosen >> j & 1) != 0 && one->group >= 0 && one->group == all->items[j].group &&
                one->offer->apply == APPLY_BEST && all->items[j].offer->apply == APPLY_BEST)
                return false;
    }
    return true;
}

int64_t pricing_try(struct candidates *all, uint64_t chosen)
{
    unsigned char may[64] = {0};

    assert(all->count <= 64);
    if (!is_allowed(all, chosen))
        return -1;
    for (size_t i = 0; i < all->count; i++)
        may[i] = (chosen >> i & 1) != 0;
    return choice_try(all, may, NULL);
}
