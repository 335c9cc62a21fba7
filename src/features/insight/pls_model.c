#include "features/insight/pls_model.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "features/insight/pls_text.h"

/* What measures a construct: a column of the file, or another construct. */
struct item {
    bool is_construct;
    size_t index;
    struct pls_place place;
};

struct declared {
    struct text name;
    struct pls_place place;
    enum pls_mode mode;
    size_t words, word_end; /* what follows the colon */
    struct item items[PLS_INDICATORS_MAX];
    size_t item_count;
    bool higher;  /* made of constructs */
    size_t whole; /* the construct of which it is a part; SIZE_MAX: none */
    bool has_path;
};

/* The text while it becomes a plan. */
struct parsing {
    const struct pls_word *words;
    size_t word_count;
    const struct text *columns;
    size_t column_count;
    struct declared *declared; /* PLS_CONSTRUCTS_MAX of them */
    size_t count;
    bool paths[PLS_CONSTRUCTS_MAX][PLS_CONSTRUCTS_MAX];
};

#define SHOWN(text) (int)(text).size, (text).bytes

static size_t find_construct(const struct parsing *parsing, struct text name)
{
    for (size_t i = 0; i < parsing->count; i++)
        if (text_equal(parsing->declared[i].name, name))
            return i;
    return SIZE_MAX;
}

static size_t line_end(const struct parsing *parsing, size_t at)
{
    while (parsing->words[at].kind != PLS_END)
        at++;
    return at;
}

/* ---- lines of constructs ---- */

/* Reads "(A)" or "(B)" at `*at` and steps over it. */
static enum status read_mode(const struct parsing *parsing, size_t *at, enum pls_mode *mode, struct error *err)
{
    const struct pls_word *word = &parsing->words[*at];

    if (word->kind != PLS_OPEN)
        return STATUS_OK;
    bool named = word[1].kind == PLS_NAME && word[1].text.size == 1 && strchr("AaBb", word[1].text.bytes[0]) != NULL;

    if (!named || word[2].kind != PLS_CLOSE)
        return pls_text_fault(err, word->place, "the mode is (A), reflective, or (B), formative");
    *mode = strchr("Bb", word[1].text.bytes[0]) != NULL ? PLS_MODE_B : PLS_MODE_A;
    *at += 3;
    return STATUS_OK;
}

static enum status declare(struct parsing *parsing, size_t at, struct error *err)
{
    const struct pls_word *name = &parsing->words[at];
    struct declared *declared = &parsing->declared[parsing->count];

    if (parsing->count >= PLS_CONSTRUCTS_MAX)
        return pls_text_fault(err, name->place, "there are more than %d constructs", PLS_CONSTRUCTS_MAX);
    if (find_construct(parsing, name->text) != SIZE_MAX)
        return pls_text_fault(err, name->place, "'%.*s' is described twice", SHOWN(name->text));
    *declared = (struct declared){.name = name->text, .place = name->place, .whole = SIZE_MAX};
    at++;
    enum status status = read_mode(parsing, &at, &declared->mode, err);

    if (status != STATUS_OK)
        return status;
    if (parsing->words[at].kind != PLS_COLON)
        return pls_text_fault(err, parsing->words[at].place,
                              "'%.*s' is not expected: write \"%.*s: columns\" or \"%.*s -> constructs\"",
                              SHOWN(parsing->words[at].text), SHOWN(name->text), SHOWN(name->text));
    declared->words = at + 1;
    declared->word_end = line_end(parsing, at);
    if (declared->words == declared->word_end)
        return pls_text_fault(err, parsing->words[declared->word_end].place, "'%.*s' is measured by nothing",
                              SHOWN(name->text));
    parsing->count++;
    return STATUS_OK;
}

static bool is_path_line(const struct parsing *parsing, size_t at)
{
    for (; parsing->words[at].kind != PLS_END; at++)
        if (parsing->words[at].kind == PLS_ARROW)
            return true;
    return false;
}

static enum status declare_all(struct parsing *parsing, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t at = 0; status == STATUS_OK && at < parsing->word_count; at = line_end(parsing, at) + 1) {
        const struct pls_word *word = &parsing->words[at];

        if (word->kind == PLS_END || is_path_line(parsing, at))
            continue;
        status = word->kind == PLS_NAME
                     ? declare(parsing, at, err)
                     : pls_text_fault(err, word->place, "a line begins with the name of a construct");
    }
    if (status == STATUS_OK && parsing->count < 2)
        return pls_text_fault(err, (struct pls_place){1, 1}, "a model has at least two constructs");
    return status;
}

/* ---- what measures them ---- */

static enum status add_item(struct parsing *parsing, struct declared *declared, struct item item, struct error *err)
{
    for (size_t i = 0; i < parsing->count; i++)
        for (size_t j = 0; j < parsing->declared[i].item_count; j++) {
            const struct item *other = &parsing->declared[i].items[j];

            if (other->is_construct == item.is_construct && other->index == item.index)
                return pls_text_fault(
                    err, item.place, "'%.*s' already measures '%.*s'",
                    SHOWN(item.is_construct ? parsing->declared[item.index].name : parsing->columns[item.index]),
                    SHOWN(parsing->declared[i].name));
        }
    if (declared->item_count >= PLS_INDICATORS_MAX)
        return pls_text_fault(err, item.place, "there are more than %d columns", PLS_INDICATORS_MAX);
    declared->items[declared->item_count++] = item;
    declared->higher = item.is_construct;
    return STATUS_OK;
}

static enum status add_named(struct parsing *parsing, struct declared *declared, const struct pls_word *word,
                             struct error *err)
{
    for (size_t i = 0; i < parsing->column_count; i++)
        if (text_equal(parsing->columns[i], word->text))
            return add_item(parsing, declared, (struct item){false, i, word->place}, err);
    size_t part = find_construct(parsing, word->text);

    if (part == SIZE_MAX)
        return pls_text_fault(err, word->place, "'%.*s' is neither a column of the file nor a construct",
                              SHOWN(word->text));
    if (&parsing->declared[part] == declared)
        return pls_text_fault(err, word->place, "'%.*s' cannot be a part of itself", SHOWN(word->text));
    parsing->declared[part].whole = (size_t)(declared - parsing->declared);
    return add_item(parsing, declared, (struct item){true, part, word->place}, err);
}

static enum status add_prefixed(struct parsing *parsing, struct declared *declared, const struct pls_word *word,
                                struct error *err)
{
    enum status status = STATUS_OK;
    size_t before = declared->item_count;

    for (size_t i = 0; status == STATUS_OK && i < parsing->column_count; i++)
        if (parsing->columns[i].size >= word->text.size &&
            strncasecmp(parsing->columns[i].bytes, word->text.bytes, word->text.size) == 0)
            status = add_item(parsing, declared, (struct item){false, i, word->place}, err);
    if (status == STATUS_OK && declared->item_count == before)
        return pls_text_fault(err, word->place, "no column of the file begins with '%.*s'", SHOWN(word->text));
    return status;
}

static enum status measure(struct parsing *parsing, struct declared *declared, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t at = declared->words; status == STATUS_OK && at < declared->word_end; at++) {
        const struct pls_word *word = &parsing->words[at];
        bool had_columns = declared->item_count > 0 && !declared->higher;
        bool had_parts = declared->higher;

        if (word->kind == PLS_COMMA)
            continue;
        if (word->kind != PLS_NAME && word->kind != PLS_PREFIX)
            return pls_text_fault(err, word->place, "'%.*s' is not the name of a column", SHOWN(word->text));
        status = word->kind == PLS_PREFIX ? add_prefixed(parsing, declared, word, err)
                                          : add_named(parsing, declared, word, err);
        if (status == STATUS_OK && ((had_columns && declared->higher) || (had_parts && !declared->higher)))
            return pls_text_fault(err, word->place, "'%.*s' mixes columns and constructs", SHOWN(declared->name));
    }
    if (status == STATUS_OK && declared->item_count == 0)
        return pls_text_fault(err, declared->place, "'%.*s' is measured by nothing", SHOWN(declared->name));
    return status;
}

/* ---- paths ---- */

/* Names from `at` up to a word of the kind `stop`, as constructs. */
static enum status read_constructs(const struct parsing *parsing, size_t *at, enum pls_word_kind stop, bool *named,
                                   struct error *err)
{
    size_t found = 0;

    memset(named, 0, PLS_CONSTRUCTS_MAX * sizeof *named);
    for (; parsing->words[*at].kind != stop; (*at)++) {
        const struct pls_word *word = &parsing->words[*at];

        if (word->kind == PLS_COMMA && found > 0)
            continue;
        if (word->kind != PLS_NAME)
            return pls_text_fault(err, word->place, "'%.*s' is not the name of a construct", SHOWN(word->text));
        size_t construct = find_construct(parsing, word->text);

        if (construct == SIZE_MAX)
            return pls_text_fault(err, word->place, "there is no construct '%.*s'", SHOWN(word->text));
        if (parsing->declared[construct].whole != SIZE_MAX)
            return pls_text_fault(err, word->place, "'%.*s' is a part of '%.*s': the path belongs to the whole",
                                  SHOWN(word->text), SHOWN(parsing->declared[parsing->declared[construct].whole].name));
        named[construct] = true;
        found++;
    }
    if (found == 0)
        return pls_text_fault(err, parsing->words[*at].place, "a path has a construct on each side");
    return STATUS_OK;
}

static enum status add_paths(struct parsing *parsing, size_t at, struct error *err)
{
    const struct pls_place place = parsing->words[at].place;
    bool from[PLS_CONSTRUCTS_MAX], to[PLS_CONSTRUCTS_MAX];
    enum status status = read_constructs(parsing, &at, PLS_ARROW, from, err);

    if (status != STATUS_OK)
        return status;
    at++;
    status = read_constructs(parsing, &at, PLS_END, to, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < parsing->count; i++)
        for (size_t j = 0; j < parsing->count; j++) {
            if (!from[i] || !to[j])
                continue;
            if (i == j)
                return pls_text_fault(err, place, "'%.*s' cannot act on itself", SHOWN(parsing->declared[i].name));
            if (parsing->paths[i][j])
                return pls_text_fault(err, place, "the path from '%.*s' to '%.*s' is there already",
                                      SHOWN(parsing->declared[i].name), SHOWN(parsing->declared[j].name));
            parsing->paths[i][j] = true;
            parsing->declared[i].has_path = parsing->declared[j].has_path = true;
        }
    return STATUS_OK;
}

static enum status check_wholes(const struct parsing *parsing, struct error *err)
{
    for (size_t i = 0; i < parsing->count; i++) {
        const struct declared *declared = &parsing->declared[i];

        if (declared->higher && declared->whole != SIZE_MAX)
            return pls_text_fault(err, declared->place, "'%.*s' is a part and has parts: one level is enough",
                                  SHOWN(declared->name));
        if (!declared->has_path && declared->whole == SIZE_MAX)
            return pls_text_fault(err, declared->place, "no path leads to or from '%.*s'", SHOWN(declared->name));
    }
    return STATUS_OK;
}

/* ---- plans ---- */

/* Each construct not placed has a cause not placed: going back for long enough ends within a circle. */
static size_t find_circle(const struct pls_model *model, const bool *placed)
{
    size_t at = 0;

    while (placed[at])
        at++;
    for (size_t step = 0; step < model->construct_count; step++)
        for (size_t from = 0; from < model->construct_count; from++)
            if (model->paths[from][at] && !placed[from]) {
                at = from;
                break;
            }
    return at;
}

/* Constructs sorted so that causes come first; false when paths run in a circle. */
static bool order_constructs(struct pls_model *model, size_t *stuck)
{
    bool placed[PLS_CONSTRUCTS_MAX] = {false};

    for (size_t done = 0; done < model->construct_count; done++) {
        size_t next = SIZE_MAX;

        for (size_t i = 0; i < model->construct_count && next == SIZE_MAX; i++) {
            bool free = !placed[i];

            for (size_t from = 0; from < model->construct_count; from++)
                free = free && (!model->paths[from][i] || placed[from]);
            next = free ? i : SIZE_MAX;
        }
        if (next == SIZE_MAX) {
            *stuck = find_circle(model, placed);
            return false;
        }
        placed[next] = true;
        model->order[done] = next;
    }
    return true;
}

/* A model of the constructs that `kept` numbers (SIZE_MAX: left out), each with the paths of its `like`. */
static void copy_constructs(const struct parsing *parsing, const size_t *kept, bool parts, struct pls_model *model)
{
    for (size_t i = 0; i < parsing->count; i++) {
        const struct declared *declared = &parsing->declared[i];

        if (kept[i] == SIZE_MAX)
            continue;
        model->constructs[kept[i]] = (struct pls_construct){.name = declared->name, .mode = declared->mode};
        for (size_t j = 0; j < parsing->count; j++) {
            size_t from = parts && declared->whole != SIZE_MAX ? declared->whole : i;
            size_t to = parts && parsing->declared[j].whole != SIZE_MAX ? parsing->declared[j].whole : j;

            if (kept[j] != SIZE_MAX)
                model->paths[kept[i]][kept[j]] = parsing->paths[from][to];
        }
    }
}

static enum status add_indicator(struct pls_model *model, struct pls_construct *construct, struct text name,
                                 struct error *err)
{
    if (model->indicator_count >= PLS_INDICATORS_MAX)
        return error_set(err, STATUS_INVALID, "pls.model", "", "the model has more than %d columns",
                         PLS_INDICATORS_MAX);
    construct->count++;
    model->indicators[model->indicator_count++] = name;
    return STATUS_OK;
}

static enum status plan_first(const struct parsing *parsing, size_t *kept, struct pls_plan *plan, struct error *err)
{
    struct pls_model *model = &plan->first;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < parsing->count; i++)
        kept[i] = parsing->declared[i].higher ? SIZE_MAX : model->construct_count++;
    copy_constructs(parsing, kept, true, model);
    for (size_t i = 0; i < parsing->count; i++) {
        const struct declared *declared = &parsing->declared[i];

        if (kept[i] == SIZE_MAX)
            continue;
        model->constructs[kept[i]].first = model->indicator_count;
        for (size_t j = 0; status == STATUS_OK && j < declared->item_count; j++) {
            plan->columns[model->indicator_count % PLS_INDICATORS_MAX] = declared->items[j].index;
            status = add_indicator(model, &model->constructs[kept[i]], parsing->columns[declared->items[j].index], err);
        }
    }
    return status;
}

static enum status plan_final(const struct parsing *parsing, const size_t *first, struct pls_plan *plan,
                              struct error *err)
{
    struct pls_model *model = &plan->final;
    size_t kept[PLS_CONSTRUCTS_MAX];
    enum status status = STATUS_OK;

    for (size_t i = 0; i < parsing->count; i++) {
        kept[i] = parsing->declared[i].whole != SIZE_MAX ? SIZE_MAX : model->construct_count++;
        plan->two_stages = plan->two_stages || parsing->declared[i].higher;
    }
    copy_constructs(parsing, kept, false, model);
    for (size_t i = 0; i < parsing->count; i++) {
        const struct declared *declared = &parsing->declared[i];

        if (kept[i] == SIZE_MAX)
            continue;
        model->constructs[kept[i]].first = model->indicator_count;
        for (size_t j = 0; status == STATUS_OK && j < declared->item_count; j++) {
            const struct item *item = &declared->items[j];
            size_t base = item->is_construct ? 0 : plan->first.constructs[first[i]].first + j;

            plan->origins[model->indicator_count % PLS_INDICATORS_MAX] =
                item->is_construct ? -1 - (ptrdiff_t)first[item->index] : (ptrdiff_t)base;
            status = add_indicator(
                model, &model->constructs[kept[i]],
                item->is_construct ? parsing->declared[item->index].name : parsing->columns[item->index], err);
        }
    }
    return status;
}

static enum status plan_build(const struct parsing *parsing, struct pls_plan *plan, struct error *err)
{
    size_t first[PLS_CONSTRUCTS_MAX], stuck = 0;
    enum status status = plan_first(parsing, first, plan, err);

    if (status == STATUS_OK)
        status = plan_final(parsing, first, plan, err);
    if (status != STATUS_OK)
        return status;
    if (!order_constructs(&plan->final, &stuck) || !order_constructs(&plan->first, &stuck)) {
        const struct text name = plan->final.constructs[stuck].name;

        return pls_text_fault(err, parsing->declared[find_construct(parsing, name)].place,
                              "the paths run in a circle through '%.*s'", SHOWN(name));
    }
    return STATUS_OK;
}

static enum status parse(struct parsing *parsing, struct pls_plan *plan, struct error *err)
{
    enum status status = declare_all(parsing, err);

    for (size_t i = 0; status == STATUS_OK && i < parsing->count; i++)
        status = measure(parsing, &parsing->declared[i], err);
    for (size_t at = 0; status == STATUS_OK && at < parsing->word_count; at = line_end(parsing, at) + 1)
        if (is_path_line(parsing, at))
            status = add_paths(parsing, at, err);
    if (status == STATUS_OK)
        status = check_wholes(parsing, err);
    return status == STATUS_OK ? plan_build(parsing, plan, err) : status;
}

enum status pls_model_parse(struct arena *arena, struct text source, const struct text *columns, size_t column_count,
                            struct pls_plan *out, struct error *err)
{
    struct parsing *parsing = arena_alloc(arena, sizeof *parsing);
    struct pls_plan *plan = arena_alloc(arena, sizeof *plan);
    struct pls_word *words;

    if (source.size > PLS_TEXT_SIZE_MAX)
        return error_set(err, STATUS_INVALID, "pls.model", "", "the model has more than %d bytes", PLS_TEXT_SIZE_MAX);
    enum status status = pls_text_split(arena, source, &words, &parsing->word_count, err);

    if (status != STATUS_OK)
        return status;
    parsing->words = words;
    parsing->columns = columns;
    parsing->column_count = column_count;
    parsing->declared = arena_array(arena, PLS_CONSTRUCTS_MAX, sizeof *parsing->declared);
    status = parse(parsing, plan, err);
    if (status == STATUS_OK)
        *out = *plan;
    return status;
}
