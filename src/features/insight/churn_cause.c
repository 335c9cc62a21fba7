#include "features/insight/churn_cause.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "mathematics/distribution.h"

enum { WORDS_MAX = 18 };

static const double NORMAL_95 = 1.6448536269514722;

/* Words that name a cause: the beginning of a word, or Chinese anywhere. Earlier lines win. */
static const struct {
    enum churn_cause cause;
    const char *name;
    const char *words[WORDS_MAX];
} causes[] = {
    {CAUSE_COMPETITION,
     "competition",
     {"compet", "rival", "switched", "better offer", "better deal", "\xE7\xAB\x9E\xE4\xBA\x89",
      "\xE5\xAF\xB9\xE6\x89\x8B", "\xE7\xAB\x9E\xE5\x93\x81"}},
    {CAUSE_MOVED,
     "moved",
     {"moved", "moving", "relocat", "deceased", "died", "abroad", "emigrat", "no longer need", "\xE6\x90\xAC",
      "\xE8\xBF\x81", "\xE5\x8E\xBB\xE4\xB8\x96"}},
    {CAUSE_ETHICS,
     "ethics",
     {"ethic", "unethical", "fraud", "dishonest", "mislead", "misled", "privacy", "trust", "distrust", "lied",
      "scandal", "pressure", "\xE9\x81\x93\xE5\xBE\xB7", "\xE6\xAC\xBA", "\xE8\xAF\x9A\xE4\xBF\xA1",
      "\xE9\x9A\x90\xE7\xA7\x81", "\xE4\xBF\xA1\xE4\xBB\xBB"}},
    {CAUSE_PRICE,
     "price",
     {"price", "pricing", "pricey", "expens", "cost", "fee", "charge", "afford", "overcharg", "tariff", "rate",
      "\xE4\xBB\xB7", "\xE8\xB4\xB5", "\xE8\xB4\xB9", "\xE9\x92\xB1"}},
    {CAUSE_INCIDENT,
     "incident",
     {"incident", "outage", "accident", "failure", "mistake", "error", "complaint", "breach", "damage", "broke",
      "wrong", "lost order", "\xE4\xBA\x8B\xE4\xBB\xB6", "\xE4\xBA\x8B\xE6\x95\x85", "\xE6\x8A\x95\xE8\xAF\x89",
      "\xE6\x95\x85\xE9\x9A\x9C", "\xE5\x87\xBA\xE9\x94\x99"}},
    {CAUSE_PASSIVE_SERVICE,
     "passive service",
     {"passive", "service", "support", "attitude", "rude", "slow", "wait", "unrespons", "respons", "staff",
      "indifferen", "ignored", "expertise", "\xE6\x9C\x8D\xE5\x8A\xA1", "\xE6\x80\x81\xE5\xBA\xA6",
      "\xE7\xAD\x89\xE5\xBE\x85", "\xE5\x86\xB7\xE6\xBC\xA0"}},
    {CAUSE_PRODUCT,
     "product",
     {"product", "quality", "feature", "assortment", "selection", "defect", "outdated", "device", "network", "range",
      "speed", "reliab", "limited", "\xE4\xBA\xA7\xE5\x93\x81", "\xE8\xB4\xA8\xE9\x87\x8F",
      "\xE5\x93\x81\xE7\xA7\x8D"}},
};

const char *const churn_cause_codes[CHURN_CAUSES + 1] = {
    [CAUSE_COMPETITION] = "competition",
    [CAUSE_INCIDENT] = "incident",
    [CAUSE_PRODUCT] = "product",
    [CAUSE_PASSIVE_SERVICE] = "passive_service",
    [CAUSE_ETHICS] = "ethics",
    [CAUSE_PRICE] = "price",
    [CAUSE_MOVED] = "moved",
    [CAUSE_OTHER] = "other",
    [CHURN_CAUSES] = NULL,
};

enum { CAUSES_NAMED = sizeof causes / sizeof causes[0] };

bool churn_cause_from(struct text code, enum churn_cause *out)
{
    for (int i = 0; i < CHURN_CAUSES; i++)
        if (text_equals(code, churn_cause_codes[i])) {
            *out = (enum churn_cause)i;
            return true;
        }
    return false;
}

const char *churn_cause_name(enum churn_cause cause)
{
    for (size_t i = 0; i < CAUSES_NAMED; i++)
        if (causes[i].cause == cause)
            return causes[i].name;
    return "other";
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool has_word(struct text reason, const char *word)
{
    size_t size = strlen(word);
    bool ascii = (unsigned char)word[0] < 0x80;

    for (size_t i = 0; i + size <= reason.size; i++)
        if (strncasecmp(reason.bytes + i, word, size) == 0 && (!ascii || i == 0 || !is_letter(reason.bytes[i - 1])))
            return true;
    return false;
}

enum churn_cause churn_cause_of(struct text reason)
{
    for (size_t i = 0; i < CAUSES_NAMED; i++) /* a cause by its own name first */
        if (reason.size == strlen(causes[i].name) && strncasecmp(reason.bytes, causes[i].name, reason.size) == 0)
            return causes[i].cause;
    for (size_t i = 0; i < CAUSES_NAMED; i++)
        for (size_t k = 0; k < WORDS_MAX && causes[i].words[k] != NULL; k++)
            if (has_word(reason, causes[i].words[k]))
                return causes[i].cause;
    return CAUSE_OTHER;
}

/* Pearson's test that the causes are spread alike over the segments. */
static void test_segments(struct cause_table *table)
{
    double by_cause[CHURN_CAUSES] = {0}, all = 0, statistic = 0, rows = 0, columns = 0;

    table->p_value = NAN;
    table->least_expected = INFINITY;
    for (size_t s = 0; s < table->segment_count; s++) {
        for (size_t c = 0; c < CHURN_CAUSES; c++)
            by_cause[c] += (double)table->cells[s * CHURN_CAUSES + c].count;
        all += (double)table->cells[s * CHURN_CAUSES].of;
        rows += table->cells[s * CHURN_CAUSES].of > 0;
    }
    for (size_t c = 0; c < CHURN_CAUSES; c++)
        columns += by_cause[c] > 0;
    for (size_t s = 0; s < table->segment_count; s++)
        for (size_t c = 0; c < CHURN_CAUSES; c++) {
            const struct cause_share *cell = &table->cells[s * CHURN_CAUSES + c];
            double expected = by_cause[c] * (double)cell->of / all;

            if (!(expected > 0))
                continue;
            statistic += pow((double)cell->count - expected, 2) / expected;
            table->least_expected = fmin(table->least_expected, expected);
        }
    if (rows > 1 && columns > 1)
        table->p_value = chi_square_above(statistic, (rows - 1) * (columns - 1));
}

void churn_causes_count(struct arena *arena, const struct cause_rows *rows, struct cause_table *out)
{
    struct cause_table table = {.segment_count = rows->segment_count};

    table.cells = arena_array(arena, rows->segment_count * CHURN_CAUSES, sizeof *table.cells);
    for (size_t i = 0; i < rows->count; i++) {
        size_t segment = rows->segments == NULL ? 0 : rows->segments[i];

        if (rows->causes[i] == CAUSE_NONE || segment >= rows->segment_count)
            continue;
        table.cells[segment * CHURN_CAUSES + rows->causes[i]].count++;
        for (size_t c = 0; c < CHURN_CAUSES; c++)
            table.cells[segment * CHURN_CAUSES + c].of++;
    }
    for (size_t i = 0; i < rows->segment_count * CHURN_CAUSES; i++) {
        struct cause_share *cell = &table.cells[i];

        cell->share = cell->of > 0 ? (double)cell->count / (double)cell->of : 0;
        share_interval((double)cell->count, (double)cell->of, NORMAL_95, &cell->low, &cell->high);
    }
    test_segments(&table);
    *out = table;
}
