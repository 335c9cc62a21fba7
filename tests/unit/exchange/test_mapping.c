#include "features/exchange/mapping.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(1 << 20);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void well_known_headers_map_themselves(void **state)
{
    const struct text columns[] = {TEXT("household_id"),         TEXT("store_id"), TEXT("basket_id"),
                                   TEXT("product_id"),           TEXT("quantity"), TEXT("sales_value"),
                                   TEXT("transaction_timestamp")};
    struct mapping mapping;
    (void)state;
    mapping_start(&mapping, IMPORT_PURCHASES);
    assert_int_equal(mapping_resolve(&mapping, columns, 7, true, NULL), STATUS_OK);
    assert_int_equal(mapping.columns[IMPORT_EXTERNAL], 0);
    assert_int_equal(mapping.columns[IMPORT_STORE], 1);
    assert_int_equal(mapping.columns[IMPORT_RECEIPT], 2);
    assert_int_equal(mapping.columns[IMPORT_SKU], 3);
    assert_int_equal(mapping.columns[IMPORT_QUANTITY], 4);
    assert_int_equal(mapping.columns[IMPORT_AMOUNT], 5);
    assert_int_equal(mapping.columns[IMPORT_AT], 6);
}

static void chinese_headers_map_themselves(void **state)
{
    const struct text columns[] = {TEXT("会员号"), TEXT("手机号"), TEXT("交易时间"), TEXT("实付金额"), TEXT("小票号")};
    struct mapping mapping;
    (void)state;
    mapping_start(&mapping, IMPORT_PURCHASES);
    assert_int_equal(mapping_resolve(&mapping, columns, 5, true, NULL), STATUS_OK);
    assert_int_equal(mapping.columns[IMPORT_EXTERNAL], 0);
    assert_int_equal(mapping.columns[IMPORT_PHONE], 1);
    assert_int_equal(mapping.columns[IMPORT_AT], 2);
    assert_int_equal(mapping.columns[IMPORT_AMOUNT], 3);
    assert_int_equal(mapping.columns[IMPORT_RECEIPT], 4);
}

static void what_is_named_wins_over_what_is_known(void **state)
{
    const struct text columns[] = {TEXT("date"), TEXT("amount"), TEXT("net")};
    const struct text fields[] = {TEXT("2026-01-01"), TEXT("10"), TEXT(" 8 ")};
    struct mapping mapping;
    (void)state;
    mapping_start(&mapping, IMPORT_PURCHASES);
    assert_int_equal(mapping_set_column(&mapping, arena, TEXT("amount=net"), NULL), STATUS_OK);
    assert_int_equal(mapping_set_constant(&mapping, arena, TEXT("currency=USD"), NULL), STATUS_OK);
    assert_int_equal(mapping_resolve(&mapping, columns, 3, true, NULL), STATUS_OK);
    assert_true(text_equals(mapping_value(&mapping, IMPORT_AMOUNT, fields, 3), "8"));
    assert_true(text_equals(mapping_value(&mapping, IMPORT_CURRENCY, fields, 3), "USD"));
    mapping_start(&mapping, IMPORT_PURCHASES);
    mapping_set_column(&mapping, arena, TEXT("amount=3"), NULL);
    assert_int_equal(mapping_resolve(&mapping, columns, 3, true, NULL), STATUS_OK);
    assert_int_equal(mapping.columns[IMPORT_AMOUNT], 2);
}

static void mistakes_in_a_mapping_are_named(void **state)
{
    const struct text columns[] = {TEXT("date")};
    struct mapping mapping;
    struct error error = {0};
    (void)state;
    mapping_start(&mapping, IMPORT_PURCHASES);
    assert_int_equal(mapping_set_column(&mapping, arena, TEXT("amont=net"), &error), STATUS_INVALID);
    assert_string_equal(error.code, "mapping.field");
    assert_int_equal(mapping_set_column(&mapping, arena, TEXT("amount"), &error), STATUS_INVALID);
    assert_string_equal(error.code, "mapping.syntax");
    assert_int_equal(mapping_resolve(&mapping, columns, 1, true, &error), STATUS_INVALID);
    assert_string_equal(error.code, "mapping.required");
    mapping_set_column(&mapping, arena, TEXT("amount=net"), NULL);
    assert_int_equal(mapping_resolve(&mapping, columns, 1, true, &error), STATUS_INVALID);
    assert_string_equal(error.code, "mapping.column");
}

static void nothing_in_other_words_is_nothing(void **state)
{
    const struct text columns[] = {TEXT("date"), TEXT("amount"), TEXT("phone")};
    const struct text fields[] = {TEXT("NULL"), TEXT("NA"), TEXT("'+8613800138000")};
    struct mapping mapping;
    (void)state;
    mapping_start(&mapping, IMPORT_PURCHASES);
    mapping_resolve(&mapping, columns, 3, true, NULL);
    assert_int_equal(mapping_value(&mapping, IMPORT_AT, fields, 3).size, 0);
    assert_int_equal(mapping_value(&mapping, IMPORT_AMOUNT, fields, 3).size, 0);
    assert_true(text_equals(mapping_value(&mapping, IMPORT_PHONE, fields, 3), "+8613800138000"));
}

static void a_saved_mapping_comes_back_whole(void **state)
{
    struct mapping mapping, read;
    struct error error = {0};
    (void)state;
    mapping_start(&mapping, IMPORT_MEMBERS);
    mapping_set_column(&mapping, arena, TEXT("phone=mobile"), NULL);
    mapping_set_constant(&mapping, arena, TEXT("tags=imported"), NULL);
    mapping.zone = TEXT("Asia/Taipei");
    mapping.decimal_comma = true;
    mapping.group = GROUP_NONE;
    struct text document = mapping_write(&mapping, arena);
    assert_int_equal(mapping_read(arena, document, &read, NULL), STATUS_OK);
    assert_int_equal(read.kind, IMPORT_MEMBERS);
    assert_true(text_equals(read.names[IMPORT_PHONE], "mobile"));
    assert_true(text_equals(read.constants[IMPORT_TAGS], "imported"));
    assert_true(text_equals(read.zone, "Asia/Taipei"));
    assert_true(read.decimal_comma);
    assert_int_equal(read.group, GROUP_NONE);
    assert_int_equal(mapping_read(arena, TEXT("{\"kind\": \"purchases\", \"colour\": 1}"), &read, &error),
                     STATUS_INVALID);
    assert_string_equal(error.code, "mapping.document");
    assert_int_equal(mapping_read(arena, TEXT("[]"), &read, &error), STATUS_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_known_headers_map_themselves),     cmocka_unit_test(chinese_headers_map_themselves),
        cmocka_unit_test(what_is_named_wins_over_what_is_known), cmocka_unit_test(mistakes_in_a_mapping_are_named),
        cmocka_unit_test(nothing_in_other_words_is_nothing),     cmocka_unit_test(a_saved_mapping_comes_back_whole),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
