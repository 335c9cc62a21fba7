/* Definitions in the database and in the configuration, on each database, with a kind of the tests. */
#include "toy.h"

#include "features/definitions/change_store.h"
#include "features/programme/programme_store.h"

#include "../unit/definitions/stamp.h"

#define NOW (INT64_C(1800000000) * INSTANT_SECOND)

static const struct definition_kind *const kinds[] = {&stamp_kind};

struct desk {
    struct toy_world *world;
    struct storage_session *session;
    struct arena *arena;
    struct programme_set *set; /* as configured last */
    int64_t now;
};

static void configure(struct desk *desk)
{
    const struct definitions_reading reading = {kinds, 1, desk->now};

    assert_ok(storage_begin(desk->session, &failure));
    assert_ok(programme_configure(desk->session, desk->arena, &desk->set, &failure));
    assert_ok(definitions_configure(desk->session, desk->arena, &reading, desk->set, &failure));
    assert_ok(storage_commit(desk->session, &failure));
}

static int setup(void **state)
{
    struct desk *desk;

    toy_setup(state);
    desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    desk->world = *state;
    desk->now = NOW;
    desk->arena = arena_new(256 << 20);
    assert_ok(storage_session_new(desk->world->storage, false, &desk->session, &failure));
    configure(desk);
    *state = desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;

    storage_session_free(desk->session);
    arena_free(desk->arena);
    *state = desk->world;
    free(desk);
    return toy_teardown(state);
}

static struct definition_change change_of(const struct desk *desk, enum definition_action action, const char *code)
{
    return (struct definition_change){.action = action,
                                      .kind = &stamp_kind,
                                      .code = text_from(code),
                                      .now = desk->now,
                                      .actor = TEXT("user:anna"),
                                      .programmes = desk->set,
                                      .arena = desk->arena};
}

/* Applies it, and reads the configuration anew; the code of the error, empty when it was done. */
static const char *apply(struct desk *desk, const struct definition_change *change, struct definition_changed *out)
{
    static struct error error;

    error = (struct error){0};
    assert_ok(storage_begin(desk->session, &failure));
    if (definition_apply(desk->session, change, out, &error) != STATUS_OK) {
        storage_rollback(desk->session);
        return error.code;
    }
    assert_ok(storage_commit(desk->session, &failure));
    configure(desk);
    return "";
}

static struct definition_changed publish(struct desk *desk, const char *code, int stamps, int64_t at)
{
    struct definition_change change = change_of(desk, DEFINITION_SAVE, code);
    struct definition_changed changed;

    change.document = text_from(arena_format(desk->arena, "{\"name\": \"%s\", \"stamps\": %d}", code, stamps));
    change.publish = true;
    change.at = at;
    assert_string_equal(apply(desk, &change, &changed), "");
    return changed;
}

static int stamps_at(const struct desk *desk, const char *code, int64_t at)
{
    const struct definition *found = definition_at(desk->set, &stamp_kind, text_from(code), at);

    return found != NULL ? ((const struct stamp *)found->parsed)->stamps : 0;
}

static void a_publication_is_in_force_five_seconds_later(void **state)
{
    struct desk *desk = *state;
    int64_t epoch = desk->set->epoch;
    struct definition_changed changed = publish(desk, "ten", 10, 0);

    assert_int_equal(changed.version, 1);
    assert_int_equal(definition_record_state(&changed.after), DEFINITION_SCHEDULED);
    assert_int_equal(desk->set->epoch, epoch + 1);
    assert_int_equal(stamps_at(desk, "ten", NOW + PUBLICATION_AHEAD - 1), 0);
    assert_int_equal(stamps_at(desk, "ten", NOW + PUBLICATION_AHEAD), 10);
    publish(desk, "ten", 12, NOW + INSTANT_DAY);
    publish(desk, "nine", 9, NOW + INSTANT_DAY);
    assert_int_equal(stamps_at(desk, "ten", NOW + INSTANT_DAY - 1), 10);
    assert_int_equal(stamps_at(desk, "ten", NOW + INSTANT_DAY), 12);
    assert_int_equal(*(const int *)definitions_of(desk->set, &stamp_kind)->index, 10 + 12 + 9);
}

static void a_publication_needs_its_time_and_a_valid_document(void **state)
{
    struct desk *desk = *state;
    struct definition_change change = change_of(desk, DEFINITION_SAVE, "ten");
    struct definition_changed changed;

    change.document = TEXT("{\"stamps\": 10}");
    change.publish = true;
    change.at = NOW + PUBLICATION_AHEAD - 1;
    assert_string_equal(apply(desk, &change, &changed), "definition.too_soon");
    change.at = NOW + PUBLICATION_AHEAD;
    change.until = change.at;
    assert_string_equal(apply(desk, &change, &changed), "definition.range");
    change.until = 0;
    change.document = TEXT("{\"stamps\": 0}");
    assert_string_equal(apply(desk, &change, &changed), "programme.invalid");
    change.document = TEXT("{\"stamps\": 1}");
    change.code = TEXT("a b");
    assert_string_equal(apply(desk, &change, &changed), "definition.code");
    change.code = TEXT("ten");
    change.revision = 1;
    assert_string_equal(apply(desk, &change, &changed), "definition.stale");
    change = change_of(desk, DEFINITION_PUBLISH, "ten");
    assert_string_equal(apply(desk, &change, &changed), "definition.unknown");
    assert_int_equal(definitions_of(desk->set, &stamp_kind)->count, 0);
}

static void a_withdrawal_ends_it_and_an_old_version_comes_back(void **state)
{
    struct desk *desk = *state;
    struct definition_change change = change_of(desk, DEFINITION_WITHDRAW, "ten");
    struct definition_changed changed;

    publish(desk, "ten", 10, NOW + INSTANT_HOUR);
    publish(desk, "ten", 12, NOW + 2 * INSTANT_HOUR);
    desk->now = change.now = NOW + 3 * INSTANT_HOUR;
    change.at = NOW + 4 * INSTANT_HOUR;
    assert_string_equal(apply(desk, &change, &changed), "");
    assert_int_equal(stamps_at(desk, "ten", change.at - 1), 12);
    assert_int_equal(stamps_at(desk, "ten", change.at), 0);
    assert_string_equal(apply(desk, &change, &changed), "definition.state");

    desk->now = NOW + 5 * INSTANT_HOUR;
    change = change_of(desk, DEFINITION_ROLL_BACK, "ten");
    change.version = 3;
    assert_string_equal(apply(desk, &change, &changed), "definition.version_unknown");
    assert_int_equal(definition_record_state(&changed.before), DEFINITION_IN_FORCE);
    change.version = 1;
    change.publish = true;
    assert_string_equal(apply(desk, &change, &changed), "");
    assert_int_equal(definition_record_state(&changed.before), DEFINITION_WITHDRAWN);
    assert_int_equal(changed.version, 3);
    assert_int_equal(stamps_at(desk, "ten", desk->now), 0);
    assert_int_equal(stamps_at(desk, "ten", desk->now + PUBLICATION_AHEAD), 10);
}

static void a_second_person_reviews_where_the_programme_says_so(void **state)
{
    struct desk *desk = *state;
    struct programme programme = *programme_at(desk->set, NOW);
    struct programme_set strict = *desk->set;
    struct definition_change change = change_of(desk, DEFINITION_SAVE, "ten");
    struct definition_changed changed;

    programme.review = REVIEW_SECOND_PERSON;
    strict.versions = &programme;
    strict.version_count = 1;
    change.programmes = &strict;
    change.document = TEXT("{\"stamps\": 10}");
    change.publish = true;
    assert_string_equal(apply(desk, &change, &changed), "definition.review");
    change.publish = false;
    assert_string_equal(apply(desk, &change, &changed), "");
    change.action = DEFINITION_SUBMIT;
    assert_string_equal(apply(desk, &change, &changed), "");
    change.action = DEFINITION_APPROVE;
    assert_string_equal(apply(desk, &change, &changed), "definition.own");
    change.action = DEFINITION_PUBLISH;
    assert_string_equal(apply(desk, &change, &changed), "definition.review");
    change.actor = TEXT("user:bert");
    change.action = DEFINITION_APPROVE;
    assert_string_equal(apply(desk, &change, &changed), "");
    change.actor = TEXT("user:anna");
    change.action = DEFINITION_PUBLISH;
    assert_string_equal(apply(desk, &change, &changed), "");
    assert_int_equal(changed.version, 1);
}

static void a_draft_that_was_never_published_goes_whole(void **state)
{
    struct desk *desk = *state;
    struct definition_change change = change_of(desk, DEFINITION_SAVE, "ten");
    struct definition_changed changed;

    change.document = TEXT("{\"stamps\": 10}");
    assert_string_equal(apply(desk, &change, &changed), "");
    assert_int_equal(changed.after.revision, 1);
    change.action = DEFINITION_DROP;
    assert_string_equal(apply(desk, &change, &changed), "");
    assert_int_equal(changed.after.revision, 0);
    assert_string_equal(apply(desk, &change, &changed), "definition.unknown");
    publish(desk, "ten", 10, 0);
    change.action = DEFINITION_SAVE;
    assert_string_equal(apply(desk, &change, &changed), "");
    change.action = DEFINITION_DROP;
    assert_string_equal(apply(desk, &change, &changed), "");
    assert_int_equal(changed.after.versions, 1);
    assert_int_equal(changed.after.draft.state, DRAFT_NONE);
    assert_string_equal(apply(desk, &change, &changed), "definition.state");
}

static void lists_are_by_state(void **state)
{
    struct desk *desk = *state;
    struct definition_change change = change_of(desk, DEFINITION_SAVE, "draft");
    struct definition_changed changed;
    struct definition_record *records;
    size_t count;
    static const struct {
        enum definition_filter filter;
        const char *codes;
    } expected[] = {{FILTER_ALL, "draft ended in_force scheduled withdrawn "},
                    {FILTER_DRAFT, "draft in_force "},
                    {FILTER_REVIEW, "in_force "},
                    {FILTER_SCHEDULED, "scheduled "},
                    {FILTER_IN_FORCE, "in_force "},
                    {FILTER_ENDED, "ended "},
                    {FILTER_WITHDRAWN, "withdrawn "}};

    publish(desk, "in_force", 1, 0);
    publish(desk, "withdrawn", 1, 0);
    publish(desk, "scheduled", 1, NOW + INSTANT_DAY);
    change.document = TEXT("{\"stamps\": 10}");
    assert_string_equal(apply(desk, &change, &changed), "");
    change.code = TEXT("in_force");
    assert_string_equal(apply(desk, &change, &changed), "");
    change.action = DEFINITION_SUBMIT;
    assert_string_equal(apply(desk, &change, &changed), "");
    change = change_of(desk, DEFINITION_WITHDRAW, "withdrawn");
    assert_string_equal(apply(desk, &change, &changed), "");
    change = change_of(desk, DEFINITION_SAVE, "ended");
    change.document = TEXT("{\"stamps\": 10}");
    change.publish = true;
    change.until = NOW + INSTANT_MINUTE;
    assert_string_equal(apply(desk, &change, &changed), "");

    struct definition_page page = {.after = {&stamp_kind, TEXT(""), NOW + INSTANT_HOUR}, .limit = 100};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        struct builder codes = {.arena = desk->arena};
        page.filter = expected[i].filter;
        assert_ok(storage_begin(desk->session, &failure));
        assert_ok(definition_list(desk->session, desk->arena, &page, &records, &count, &failure));
        assert_ok(storage_commit(desk->session, &failure));
        for (size_t j = 0; j < count; j++)
            builder_format(&codes, "%.*s ", (int)records[j].code.size, records[j].code.bytes);
        builder_char(&codes, '\0');
        assert_string_equal(builder_done(&codes).bytes, expected[i].codes);
    }
}

static void versions_that_ended_long_ago_are_left_out_of_the_configuration(void **state)
{
    struct desk *desk = *state;

    publish(desk, "ten", 10, 0);
    publish(desk, "ten", 11, NOW + INSTANT_DAY);
    desk->now = NOW + (DEFINITION_KEPT_DAYS + 1) * INSTANT_DAY - 1;
    configure(desk);
    assert_int_equal(definitions_of(desk->set, &stamp_kind)->count, 2);
    desk->now++;
    configure(desk);
    assert_int_equal(definitions_of(desk->set, &stamp_kind)->count, 1);
    assert_non_null(definition_version(desk->set, &stamp_kind, TEXT("ten"), 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_publication_is_in_force_five_seconds_later, setup, teardown),
        cmocka_unit_test_setup_teardown(a_publication_needs_its_time_and_a_valid_document, setup, teardown),
        cmocka_unit_test_setup_teardown(a_withdrawal_ends_it_and_an_old_version_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(a_second_person_reviews_where_the_programme_says_so, setup, teardown),
        cmocka_unit_test_setup_teardown(a_draft_that_was_never_published_goes_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_are_by_state, setup, teardown),
        cmocka_unit_test_setup_teardown(versions_that_ended_long_ago_are_left_out_of_the_configuration, setup,
                                        teardown),
    };

    return cmocka_run_group_tests_name("definitions", tests, NULL, NULL);
}
