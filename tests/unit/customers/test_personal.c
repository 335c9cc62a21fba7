/* Every text column of a table that belongs to a member is in the table of personal fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "features/customers/personal_store.h"
#include "queries.h"

static sqlite3 *open_schema(void)
{
    sqlite3 *database;

    assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
    for (size_t i = 0; i < storage_schema.migration_count; i++)
        assert_int_equal(sqlite3_exec(database, storage_schema.migrations[i].sqlite, NULL, NULL, NULL), SQLITE_OK);
    return database;
}

static const struct personal_table *find_table(const char *name)
{
    for (size_t i = 0; i < personal_table_count; i++)
        if (strcmp(personal_tables[i].table, name) == 0)
            return &personal_tables[i];
    return NULL;
}

static bool has_column(const struct personal_table *table, const char *column)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, column) == 0)
            return true;
    return false;
}

static bool owned_here(const char *table)
{
    static const char *const elsewhere[] = {
        "claim",         /* of an identifier: erased by its own statement; the others are receipts and event ids */
        "detail_digest", /* keyed by the member's salt: without it a digest tells nothing */
        "coupon_code", /* in the bucket of its code, which is the business's; what a member was given is in coupon_owner */
        "coupon_use",      /* as coupon_code: a use is a row of the journal, too */
        "export_approval", /* its subject is what a user wants to export */
        "identity_link",   /* its subject is a user of the staff, as the issuer names them */
        NULL};

    for (size_t i = 0; elsewhere[i] != NULL; i++)
        if (strcmp(table, elsewhere[i]) == 0)
            return false;
    return true;
}

static void every_text_column_of_a_member_is_listed(void **state)
{
    sqlite3 *database = open_schema();
    sqlite3_stmt *statement;

    (void)state;
    assert_int_equal(
        sqlite3_prepare_v2(database,
                           "SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c "
                           "WHERE t.type = 'table' AND c.type IN ('TEXT', 'BLOB') AND EXISTS (SELECT 1 FROM "
                           "pragma_table_info(t.name) AS k WHERE k.name IN ('member', 'subject', 'leader'))",
                           -1, &statement, NULL),
        SQLITE_OK);
    int count = 0;
    for (; sqlite3_step(statement) == SQLITE_ROW; count++) {
        const char *table = (const char *)sqlite3_column_text(statement, 0);
        const char *column = (const char *)sqlite3_column_text(statement, 1);
        if (!owned_here(table))
            continue;
        const struct personal_table *listed = find_table(table);
        if (listed == NULL || !has_column(listed, column))
            fail_msg("%s.%s is not in the table of personal fields", table, column);
    }
    assert_true(count > 40);
    sqlite3_finalize(statement);
    sqlite3_close(database);
}

static void every_personal_column_has_a_way_to_be_erased(void **state)
{
    (void)state;
    for (size_t i = 0; i < personal_table_count; i++)
        for (size_t c = 0; c < personal_tables[i].column_count; c++)
            if (personal_tables[i].columns[c].personal && personal_tables[i].erase == NULL &&
                strcmp(personal_tables[i].table, "member") != 0) /* the salt: the engine empties it */
                fail_msg("%s.%s is personal and is not erased", personal_tables[i].table,
                         personal_tables[i].columns[c].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_column_of_a_member_is_listed),
        cmocka_unit_test(every_personal_column_has_a_way_to_be_erased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
