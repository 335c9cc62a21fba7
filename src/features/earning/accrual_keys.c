/*
 * What a condition says so plainly that an index can use it: `line.sku == "x"`, `event.store in ["a", "b"]`,
 * `"hot" in line.categories`, joined by &&. What is found here narrows what is tried; the condition itself decides.
 */
#include "features/earning/accrual_rule.h"
#include "rules/parse.h"

enum { KEYS_MAX = 64 };

/* "line.sku" of the tree's `line` . `sku`. */
static bool is_fact(const struct node *node, const char *object, const char *name)
{
    return node->kind == NODE_SELECT && node->child_count == 1 && text_equals(node->name, name) &&
           node->children[0]->kind == NODE_NAME && text_equals(node->children[0]->name, object);
}

static struct accrual_codes *of_text(const struct node *node, struct accrual_keys *keys)
{
    if (is_fact(node, "line", "sku"))
        return &keys->skus;
    if (is_fact(node, "line", "category"))
        return &keys->categories; /* a wider net: the index also looks at the categories above */
    if (is_fact(node, "event", "store"))
        return &keys->stores;
    if (is_fact(node, "event", "channel"))
        return &keys->channels;
    return NULL;
}

static struct accrual_codes *of_list(const struct node *node, struct accrual_keys *keys)
{
    if (is_fact(node, "line", "categories") || is_fact(node, "purchase", "categories"))
        return &keys->categories;
    return is_fact(node, "purchase", "skus") ? &keys->skus : NULL;
}

static bool is_code(const struct node *node)
{
    return node->kind == NODE_CONSTANT && node->constant.kind == RULE_STRING && node->constant.size > 0;
}

/* The first condition that names a kind of key is the one that counts: each of them must hold. */
static void keep(struct arena *arena, struct accrual_codes *out, struct node *const *values, size_t count)
{
    if (out == NULL || out->count > 0 || count == 0 || count > KEYS_MAX)
        return;
    struct text *codes = arena_array(arena, count, sizeof *codes);
    for (size_t i = 0; i < count; i++) {
        if (!is_code(values[i]))
            return;
        codes[i] = text_copy(arena, rule_text(values[i]->constant));
    }
    *out = (struct accrual_codes){codes, count};
}

static void look(struct arena *arena, const struct node *node, struct accrual_keys *keys)
{
    if (node->kind == NODE_AND) {
        for (size_t i = 0; i < node->child_count; i++)
            look(arena, node->children[i], keys);
        return;
    }
    if (node->kind != NODE_OPERATOR || node->child_count != 2)
        return;
    struct node *left = node->children[0], *right = node->children[1];
    if (node->operation == OPERATOR_EQUAL && is_code(right))
        keep(arena, of_text(left, keys), &right, 1);
    else if (node->operation == OPERATOR_EQUAL && is_code(left))
        keep(arena, of_text(right, keys), &left, 1);
    else if (node->operation == OPERATOR_IN && right->kind == NODE_LIST)
        keep(arena, of_text(left, keys), right->children, right->child_count);
    else if (node->operation == OPERATOR_IN && is_code(left))
        keep(arena, of_list(right, keys), &left, 1);
}

void accrual_keys_find(struct arena *arena, struct text source, struct accrual_keys *keys)
{
    struct error ignored;
    struct node *tree;
    size_t failed_at;

    if (source.size > 0 && rule_parse(arena, source, &tree, &failed_at, &ignored) == STATUS_OK)
        look(arena, tree, keys);
}
