/* sales.h: what was sold and what was earned with it, by day, store, category, item or brand: one definition. Pure. */
#ifndef PATRON_FEATURES_EVENTS_SALES_H
#define PATRON_FEATURES_EVENTS_SALES_H

#include "features/events/terms.h"
#include "foundation/map.h"

enum { SALES_DAYS_MAX = 3700, SALES_GROUPS_MAX = 200000 };

enum sales_by { SALES_BY_DAY, SALES_BY_STORE, SALES_BY_CATEGORY, SALES_BY_ITEM, SALES_BY_BRAND };
extern const char *const sales_by_names[]; /* "day" ...; NULL at the end */

/* What one figure means, for whoever shows it. */
struct sales_definition {
    const char *name, *text;
};
extern const struct sales_definition sales_definitions[];
extern const size_t sales_definition_count;

/* Of one group, or of all. Money in minor units of the programme's currency. */
struct sales_figures {
    struct text key, name;
    int64_t purchases;      /* receipts with a line of the group, less those voided */
    int64_t quantity_milli; /* sold less returned */
    int64_t sales;          /* before returns, tax included */
    int64_t returned;
    int64_t net_sales;                    /* less returns, without tax where its rate was known at the sale */
    int64_t cost;                         /* of the lines whose cost was known at the sale */
    int64_t net_volume, net_volume_known; /* net amounts, returned ones added: how much has a known cost */
    int64_t lines_unknown;
    int64_t last_event; /* while they are summed */
};

/* True when the cost of every line is known: only then is net_sales - cost a profit. */
bool sales_profit_known(const struct sales_figures *figures);
/* net_volume_known / net_volume in ten-thousandths, rounded down; -1 without sales. */
int64_t sales_known_share(const struct sales_figures *figures);

struct sales_question {
    enum sales_by by;
    int32_t first, last; /* business days; a return counts on its own */
    struct text store;   /* empty: all */
    int level;           /* of categories: 1 the top ones, 2 those in them ...; 0: the line's own */
    bool (*sees)(const void *context, struct text store); /* NULL: all */
    const void *context;
};

enum sales_kind { SALES_SOLD, SALES_RETURNED, SALES_VOIDED };

/* A line of a purchase, a return or a void. */
struct sales_line {
    int64_t event;
    enum sales_kind kind;
    int32_t day;
    struct text store;
    const struct purchase_line *line; /* with its terms */
    struct text name, brand;          /* of the item in the catalogue */
};

struct sales_sum {
    struct arena *arena;
    const struct sales_question *question;
    const struct programme_set *set;
    struct map *by_key;
    char day[DAY_TEXT_SIZE]; /* the key of the line in hand */
    struct sales_figures total;
    const struct sales_figures **groups; /* after sales_finish: by day, otherwise the greatest net sales first */
    size_t group_count;
};

void sales_start(struct sales_sum *sum, struct arena *arena, const struct sales_question *question,
                 const struct programme_set *set);
/* STATUS_LIMIT `sales.groups`. */
enum status sales_add(struct sales_sum *sum, const struct sales_line *line, struct error *err);
void sales_finish(struct sales_sum *sum);

#endif
