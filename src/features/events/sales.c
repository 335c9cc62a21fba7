#include "features/events/sales.h"

#include <stdlib.h>

#include "features/events/events.h"

const char *const sales_by_names[] = {"day", "store", "category", "item", "brand", NULL};

const struct sales_definition sales_definitions[] = {
    {"period", "business days from .. to, both included; a return counts on the day on which the goods came back"},
    {"purchases", "receipts with a line of the group; one that was voided on its day does not count"},
    {"sales", "sum of the amounts of the lines sold, after discounts, tax included, before returns"},
    {"returned", "sum of the amounts of the lines that came back"},
    {"net_sales", "sales less returned, each line without the tax that its rate at the sale says"},
    {"cost", "unit cost at the sale times quantity, less that of what came back, of the lines whose cost is known"},
    {"known_cost_share", "net amounts of lines with a known cost over those of all lines, returned ones added"},
    {"profit",
     "net_sales less cost; only where the cost of every line is known, otherwise these are sales, not profit"},
};
const size_t sales_definition_count = sizeof sales_definitions / sizeof sales_definitions[0];

bool sales_profit_known(const struct sales_figures *figures)
{
    return figures->lines_unknown == 0;
}

int64_t sales_known_share(const struct sales_figures *figures)
{
    int64_t share;

    if (figures->net_volume <= 0 ||
        !checked_scale(figures->net_volume_known, 10000, figures->net_volume, ROUNDING_FLOOR, &share))
        return -1;
    return share;
}

void sales_start(struct sales_sum *sum, struct arena *arena, const struct sales_question *question,
                 const struct programme_set *set)
{
    *sum = (struct sales_sum){.arena = arena, .question = question, .set = set, .by_key = map_new(arena, 256)};
}

/* ---- the group of a line ---- */

/* Of the tree as it is now: the category above at that level, or the own one where the tree is not so deep. */
static struct text category_at(const struct programme_set *set, struct text code, int level)
{
    const struct item_category *category = category_find(set, code);
    const struct text *above = category != NULL ? category->above : NULL;
    int depth = 0;

    while (above != NULL && above[depth].size > 0)
        depth++;
    return level == 0 || level > depth ? code : above[depth - level];
}

static struct text key_of(struct sales_sum *sum, const struct sales_line *line)
{
    switch (sum->question->by) {
    case SALES_BY_DAY:
        return text_from(day_format(line->day, sum->day));
    case SALES_BY_STORE:
        return line->store;
    case SALES_BY_CATEGORY:
        return category_at(sum->set, line->line->category, sum->question->level);
    case SALES_BY_ITEM:
        return line->line->sku;
    case SALES_BY_BRAND:
        return line->brand;
    }
    return (struct text){NULL, 0};
}

static struct text name_of(const struct sales_sum *sum, const struct sales_line *line, struct text key)
{
    const struct store *store;
    const struct item_category *category;

    switch (sum->question->by) {
    case SALES_BY_STORE:
        store = store_find(sum->set, key);
        return store != NULL ? store->name : (struct text){NULL, 0};
    case SALES_BY_CATEGORY:
        category = category_find(sum->set, key);
        return category != NULL ? category->name : (struct text){NULL, 0};
    case SALES_BY_ITEM:
        return line->name;
    case SALES_BY_DAY:
    case SALES_BY_BRAND:
        break;
    }
    return (struct text){NULL, 0};
}

/* ---- summing ---- */

static void count(struct sales_figures *figures, const struct sales_line *line)
{
    const struct purchase_line *sold = line->line;
    const struct line_terms *terms = sold->terms;
    int64_t net = terms != NULL && terms->tax > 0 ? terms->net : sold->amount;
    int64_t sign = line->kind == SALES_SOLD ? 1 : -1;   /* of what is left */
    int64_t step = line->kind == SALES_VOIDED ? -1 : 1; /* of what was said */
    bool known = terms != NULL && terms->cost != TERMS_UNKNOWN;

    if (figures->last_event != line->event && line->kind != SALES_RETURNED)
        figures->purchases += sign;
    figures->last_event = line->event;
    figures->quantity_milli += sign * sold->quantity_milli;
    if (line->kind == SALES_RETURNED)
        figures->returned += sold->amount;
    else
        figures->sales += sign * sold->amount;
    figures->net_sales += sign * net;
    figures->net_volume += step * net;
    if (known) {
        figures->cost += sign * terms->cost;
        figures->net_volume_known += step * net;
    } else {
        figures->lines_unknown += step;
    }
}

enum status sales_add(struct sales_sum *sum, const struct sales_line *line, struct error *err)
{
    const struct sales_question *question = sum->question;

    if ((question->store.size > 0 && !text_equal(question->store, line->store)) ||
        (question->sees != NULL && !question->sees(question->context, line->store)))
        return STATUS_OK;
    struct text key = key_of(sum, line);
    struct sales_figures *figures = map_get(sum->by_key, key);
    if (figures == NULL) {
        if (map_count(sum->by_key) == SALES_GROUPS_MAX)
            return error_set(err, STATUS_LIMIT, "sales.groups", "by", "there are more than %d groups: ask for less",
                             SALES_GROUPS_MAX);
        figures = arena_alloc(sum->arena, sizeof *figures);
        figures->key = text_copy(sum->arena, key);
        figures->name = text_copy(sum->arena, name_of(sum, line, key));
        map_put(sum->by_key, figures->key, figures);
    }
    count(figures, line);
    count(&sum->total, line);
    return STATUS_OK;
}

static int by_key(const void *left, const void *right)
{
    return text_compare((*(const struct sales_figures *const *)left)->key,
                        (*(const struct sales_figures *const *)right)->key);
}

static int by_sales(const void *left, const void *right)
{
    const struct sales_figures *a = *(const struct sales_figures *const *)left,
                               *b = *(const struct sales_figures *const *)right;

    if (a->net_sales != b->net_sales)
        return a->net_sales > b->net_sales ? -1 : 1;
    return text_compare(a->key, b->key);
}

void sales_finish(struct sales_sum *sum)
{
    sum->group_count = map_count(sum->by_key);
    sum->groups = arena_array(sum->arena, sum->group_count + 1, sizeof(const struct sales_figures *));
    for (size_t i = 0; i < sum->group_count; i++)
        sum->groups[i] = map_value_at(sum->by_key, i);
    if (sum->group_count > 1)
        qsort(sum->groups, sum->group_count, sizeof(const struct sales_figures *),
              sum->question->by == SALES_BY_DAY ? by_key : by_sales);
}
