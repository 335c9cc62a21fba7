#include "features/customers/preview.h"

#include <string.h>

enum { FIGURES_OF_STANDING = 8, FIGURES_OF_WALLET = 4 };

static struct wallet *wallet_sum(struct arena *arena, struct person_side *side, size_t *capacity, struct text code)
{
    size_t at = 0;

    while (at < side->wallet_count && text_compare(side->wallets[at].code, code) < 0)
        at++;
    if (at < side->wallet_count && text_equal(side->wallets[at].code, code))
        return &side->wallets[at];
    side->wallets = arena_grow(arena, side->wallets, capacity, side->wallet_count + 1, sizeof *side->wallets);
    memmove(side->wallets + at + 1, side->wallets + at, (side->wallet_count++ - at) * sizeof *side->wallets);
    side->wallets[at] = (struct wallet){.code = code};
    return &side->wallets[at];
}

void person_side_read(struct arena *arena, struct group *group, int64_t leader, struct person_side *out)
{
    size_t capacity = 0;

    *out = (struct person_side){.group = group, .leader = leader, .standing = group_find(group, leader)->standing};
    for (size_t i = 0; i < group->member_count; i++) {
        const struct member *member = &group->members[i];
        if (member->leader != leader)
            continue;
        out->members[out->count++] = member->id;
        for (size_t w = 0; w < member->wallet_count; w++) {
            const struct wallet *wallet = &member->wallets[w];
            struct wallet *sum = wallet_sum(arena, out, &capacity, wallet->code);
            sum->active += wallet->active;
            sum->pending += wallet->pending;
            sum->held += wallet->held;
            sum->debt += wallet->debt;
        }
    }
}

size_t person_side_figures(struct arena *arena, const struct person_side *side, struct side_figure **out)
{
    const struct standing *standing = &side->standing;
    const struct side_figure of_standing[FIGURES_OF_STANDING] = {
        {.name = "members", .number = (int64_t)side->count},
        {.name = "tier", .text = standing->tier},
        {.name = "qualifying", .number = standing->qualifying},
        {.name = "purchases", .number = standing->purchases},
        {.name = "purchase_days", .number = standing->purchase_days},
        {.name = "spend", .number = standing->spend},
        {.name = "returns", .number = standing->returns},
        {.name = "visits", .number = standing->visits},
    };
    size_t count = FIGURES_OF_STANDING;
    struct side_figure *figures =
        arena_array(arena, FIGURES_OF_STANDING + FIGURES_OF_WALLET * side->wallet_count, sizeof *figures);

    memcpy(figures, of_standing, sizeof of_standing);
    for (size_t i = 0; i < side->wallet_count; i++) {
        const struct wallet *wallet = &side->wallets[i];
        figures[count++] = (struct side_figure){.name = "active", .wallet = wallet->code, .number = wallet->active};
        figures[count++] = (struct side_figure){.name = "pending", .wallet = wallet->code, .number = wallet->pending};
        figures[count++] = (struct side_figure){.name = "held", .wallet = wallet->code, .number = wallet->held};
        figures[count++] = (struct side_figure){.name = "debt", .wallet = wallet->code, .number = wallet->debt};
    }
    *out = figures;
    return count;
}

const struct side_figure *side_figure_find(const struct side_figure *figures, size_t count,
                                           const struct side_figure *like)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(figures[i].name, like->name) == 0 && text_equal(figures[i].wallet, like->wallet))
            return &figures[i];
    return NULL;
}
