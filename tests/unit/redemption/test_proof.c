/* Proofs: secrets that others can compute, PINs that are refused, and what is decided about what was shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/decision.h"
#include "features/redemption/proof.h"

struct scene {
    struct arena *arena;
    struct decision decision;
    struct programme programme;
    struct programme_set set;
    struct person *person;
};

static void scene_start(struct scene *scene)
{
    static const char document[] =
        "{\"zone\":\"UTC\",\"currency\":\"CNY\",\"wallets\":[{\"code\":\"points\",\"redemption\":["
        "{\"above\":0,\"proofs\":[\"none\"]},{\"above\":100,\"proofs\":[\"qr\",\"code\",\"pin\"]},"
        "{\"above\":5000,\"proofs\":[\"code\"]}]},{\"code\":\"old\"}]}";
    struct error err = {0};
    int64_t now = 0;

    memset(scene, 0, sizeof *scene);
    scene->arena = arena_new(64 << 20);
    if (programme_parse(scene->arena, text_from(document), &scene->programme, &err) != STATUS_OK)
        fail_msg("%s: %s", err.field, err.message);
    scene->set = (struct programme_set){.versions = &scene->programme, .version_count = 1};
    assert_true(instant_parse(TEXT("2026-11-22T12:00:00Z"), &now));
    decision_start(&scene->decision, scene->arena, now, &scene->set);
    (void)member_new(&scene->decision, 0, 5, now);
    scene->person = &scene->decision.subjects[0];
}

static enum status ask(struct scene *scene, int64_t points, const struct proof *proof, struct error *err)
{
    const struct proof_demand demand = {&scene->decision, scene->person, &scene->programme.wallets[0], points};

    return proof_require(&demand, proof, err);
}

static void the_amount_decides_which_proofs_are_enough(void **state)
{
    struct scene scene;

    (void)state;
    scene_start(&scene);
    const struct wallet_policy *policy = &scene.programme.wallets[0];
    assert_int_equal(wallet_proofs(policy, 1), PROOF_NONE);
    assert_int_equal(wallet_proofs(policy, 100), PROOF_NONE);
    assert_int_equal(wallet_proofs(policy, 101), PROOF_QR | PROOF_CODE | PROOF_PIN);
    assert_int_equal(wallet_proofs(policy, 5000), PROOF_QR | PROOF_CODE | PROOF_PIN);
    assert_int_equal(wallet_proofs(policy, 5001), PROOF_CODE);
    assert_int_equal(wallet_proofs(&scene.programme.wallets[1], 1000000), PROOF_NONE);
    assert_string_equal(proof_names(scene.arena, PROOF_QR | PROOF_CODE | PROOF_PIN), "qr, code or pin");
    arena_free(scene.arena);
}

/* By Python: base64.b32encode(hmac.new(bytes(range(32)), (1).to_bytes(8, "big"), "sha256").digest()[:10]) */
static void a_rotating_code_is_what_any_app_computes(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    unsigned char secret[PROOF_SECRET_SIZE];
    int64_t now = (INT64_C(59000000) * 30 + 29) * INSTANT_SECOND, member = 0;
    struct text code;

    (void)state;
    for (int i = 0; i < PROOF_SECRET_SIZE; i++)
        secret[i] = (unsigned char)i;
    assert_true(text_equals(proof_rotating(arena, secret, 1), "YQZOAWODPDXPP7RP"));
    assert_int_equal(proof_qr_match(arena, secret, TEXT("5CGIJGB3FIAHOVPO"), now), 59000000);
    assert_int_equal(proof_qr_match(arena, secret, TEXT("5CGIJGB3FIAHOVPO"), now + 30 * INSTANT_SECOND), 59000000);
    assert_int_equal(proof_qr_match(arena, secret, TEXT("5CGIJGB3FIAHOVPO"), now - 30 * INSTANT_SECOND), 59000000);
    assert_int_equal(proof_qr_match(arena, secret, TEXT("5CGIJGB3FIAHOVPO"), now + 60 * INSTANT_SECOND), 0);
    assert_int_equal(proof_qr_match(arena, secret, TEXT("5CGIJGB3FIAHOVPO"), now - 60 * INSTANT_SECOND), 0);
    assert_int_equal(proof_qr_match(arena, secret, TEXT("5CGIJGB3FIAHOVP"), now), 0);
    struct text qr = proof_qr_text(arena, secret, 6405, 1);
    assert_true(proof_qr_split(qr, &member, &code));
    assert_int_equal(member, 6405);
    assert_true(text_equals(code, "YQZOAWODPDXPP7RP"));
    assert_false(proof_qr_split(TEXT("mbr_x"), &member, &code));
    assert_false(proof_qr_split(TEXT(""), &member, &code));
    arena_free(arena);
}

static void secrets_differ_by_member_generation_and_number(void **state)
{
    unsigned char key[SEAL_KEY_SIZE], one[PROOF_SECRET_SIZE], other[PROOF_SECRET_SIZE];
    char digits[PROOF_CODE_DIGITS + 1], again[PROOF_CODE_DIGITS + 1];

    (void)state;
    for (int i = 0; i < SEAL_KEY_SIZE; i++)
        key[i] = (unsigned char)i;
    proof_secret(key, 12345, 0, one);
    proof_secret(key, 12345, 1, other);
    assert_memory_not_equal(one, other, sizeof one);
    proof_secret(key, 12346, 0, other);
    assert_memory_not_equal(one, other, sizeof one);
    /* By Python: HMAC-SHA-256 of the label in 16 bytes, member and number; its first 8 bytes modulo a million. */
    proof_code(key, 12345, 7, digits);
    assert_string_equal(digits, "064960");
    proof_code(key, 12345, 8, again);
    assert_string_not_equal(digits, again);
}

static void pins_that_anybody_would_try_first_are_refused(void **state)
{
    static const char *const weak[] = {"0000",  "1111",   "1234", "4321",   "9012",     "3210",   "1212",
                                       "1122",  "1990",   "2024", "2580",   "123123",   "111222", "777777",
                                       "55555", "098765", "1313", "147258", "12121212", NULL};
    static const char *const wrong[] = {"", "123", "123456789", "12a4", " 835", NULL};
    static const char *const fine[] = {"8352", "7391", "61749", "802467", "1908274", "52840917", NULL};
    struct error err = {0};

    (void)state;
    for (size_t i = 0; weak[i] != NULL; i++)
        if (proof_pin_check(text_from(weak[i]), &err) == STATUS_OK || strcmp(err.code, "pin.weak") != 0)
            fail_msg("%s is not refused as weak", weak[i]);
    for (size_t i = 0; wrong[i] != NULL; i++)
        if (proof_pin_check(text_from(wrong[i]), &err) == STATUS_OK || strcmp(err.code, "pin.form") != 0)
            fail_msg("'%s' is not refused", wrong[i]);
    for (size_t i = 0; fine[i] != NULL; i++)
        if (proof_pin_check(text_from(fine[i]), &err) != STATUS_OK)
            fail_msg("%s is refused: %s", fine[i], err.message);
}

static void what_is_decided_about_a_proof(void **state)
{
    struct scene scene;
    struct error err = {0};

    (void)state;
    scene_start(&scene);
    struct proof proof = {.kind = PROOF_QR, .owner = scene.person->member->id, .number = 100, .stored = {.step = 99}};
    assert_int_equal(ask(&scene, 100, &(struct proof){.kind = 0}, &err), STATUS_OK);
    assert_int_equal(ask(&scene, 101, &(struct proof){.kind = 0}, &err), STATUS_FORBIDDEN);
    assert_string_equal(err.code, "redemption.proof_required");
    assert_int_equal(ask(&scene, 101, &proof, &err), STATUS_OK);
    assert_int_equal(ask(&scene, 5001, &proof, &err), STATUS_FORBIDDEN);
    assert_string_equal(err.code, "redemption.proof_required");
    proof.stored.step = 100;
    assert_int_equal(ask(&scene, 101, &proof, &err), STATUS_CONFLICT);
    assert_string_equal(err.code, "proof.used");
    proof.stored.step = 99;
    proof.stored.generation = 1;
    assert_int_equal(ask(&scene, 1, &proof, &err), STATUS_FORBIDDEN); /* a wrong one is refused where none is needed */
    assert_string_equal(err.code, "proof.expired");
    proof = (struct proof){.kind = PROOF_CODE, .owner = proof.owner, .number = 3};
    proof.stored = (struct credentials){.code_number = 3, .code_used = 2, .code_expires_at = scene.decision.now + 1};
    assert_int_equal(ask(&scene, 6000, &proof, &err), STATUS_OK);
    proof.stored.code_expires_at = scene.decision.now;
    assert_int_equal(ask(&scene, 6000, &proof, &err), STATUS_FORBIDDEN);
    proof.owner++;
    assert_int_equal(ask(&scene, 6000, &proof, &err), STATUS_FORBIDDEN);
    assert_string_equal(err.code, "proof.other_member");
    proof.state = PROOF_LOCKED;
    assert_int_equal(ask(&scene, 6000, &proof, &err), STATUS_LIMIT);
    assert_string_equal(err.code, "proof.locked");
    arena_free(scene.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_amount_decides_which_proofs_are_enough),
        cmocka_unit_test(a_rotating_code_is_what_any_app_computes),
        cmocka_unit_test(secrets_differ_by_member_generation_and_number),
        cmocka_unit_test(pins_that_anybody_would_try_first_are_refused),
        cmocka_unit_test(what_is_decided_about_a_proof),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
