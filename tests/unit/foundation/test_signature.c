/* Signatures of tokens by public keys: the examples of RFC 7515, A.2 and A.3, and what must not pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "foundation/encoding.h"
#include "foundation/signature.h"

#define CLAIMS "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

static const char modulus[] =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-"
    "pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg"
    "665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWy"
    "uXpoQ";
static const char rsa_signature[] =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
    "O8W2Fp5jujGbds9uJdbF9CUAr7t1dn"
    "ZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--"
    "xi12jzDwusC-"
    "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

static struct text bytes_of(struct arena *arena, const char *encoded)
{
    struct text bytes;
    assert_true(base64url_decode(arena, text_from(encoded), &bytes));
    return bytes;
}

static struct signature_key rsa_key(struct arena *arena)
{
    return (struct signature_key){SIGNATURE_RS256, bytes_of(arena, modulus), bytes_of(arena, "AQAB")};
}

static struct signature_key curve_key(struct arena *arena)
{
    return (struct signature_key){SIGNATURE_ES256, bytes_of(arena, "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                                  bytes_of(arena, "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")};
}

static void the_examples_of_the_standard_are_signed(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct signature_key rsa = rsa_key(arena), curve = curve_key(arena);
    struct text signature =
        bytes_of(arena, "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");

    (void)state;
    assert_true(signature_verify(&rsa, TEXT("eyJhbGciOiJSUzI1NiJ9." CLAIMS), bytes_of(arena, rsa_signature)));
    assert_true(signature_verify(&curve, TEXT("eyJhbGciOiJFUzI1NiJ9." CLAIMS), signature));
    assert_false(signature_verify(&rsa, TEXT("eyJhbGciOiJSUzI1NiJ9." CLAIMS "A"), bytes_of(arena, rsa_signature)));
    assert_false(signature_verify(&curve, TEXT("eyJhbGciOiJFUzI1NiJ9." CLAIMS "A"), signature));
    arena_free(arena);
}

static void keys_and_signatures_that_are_none_are_refused(void **state)
{
    static const char zeros[64];
    struct arena *arena = arena_new(1 << 20);
    struct signature_key rsa = rsa_key(arena), curve = curve_key(arena);
    struct text content = TEXT("eyJhbGciOiJSUzI1NiJ9." CLAIMS), signature = bytes_of(arena, rsa_signature);

    (void)state;
    assert_false(signature_verify(&rsa, content, TEXT("")));
    assert_false(signature_verify(&curve, content, (struct text){zeros, sizeof zeros}));
    assert_false(signature_verify(&curve, content, (struct text){zeros, sizeof zeros - 1}));
    rsa.first.size = 128; /* 1,024 bits */
    assert_false(signature_verify(&rsa, content, signature));
    rsa.first.size = 0;
    assert_false(signature_verify(&rsa, content, signature));
    curve.second = (struct text){zeros, SIGNATURE_EC_SIZE}; /* no point of the curve */
    assert_false(signature_verify(&curve, content, (struct text){zeros, sizeof zeros}));
    curve.first.size = 31;
    assert_false(signature_verify(&curve, content, (struct text){zeros, sizeof zeros}));
    arena_free(arena);
}

static void the_digest_of_a_verifier_is_that_of_the_standard(void **state)
{
    /* RFC 7636, appendix B. */
    struct arena *arena = arena_new(1 << 20);
    unsigned char digest[32];

    (void)state;
    sha256_compute(TEXT("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), digest);
    assert_true(text_equals(base64url_encode(arena, (struct text){(const char *)digest, sizeof digest}),
                            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_standard_are_signed),
        cmocka_unit_test(keys_and_signatures_that_are_none_are_refused),
        cmocka_unit_test(the_digest_of_a_verifier_is_that_of_the_standard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
