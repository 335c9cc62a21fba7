#include "foundation/signature.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <sodium.h>

static const unsigned char *bytes_of(struct text text)
{
    return (const unsigned char *)text.bytes;
}

static EVP_PKEY *key_from(const char *kind, OSSL_PARAM *parameters)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    EVP_PKEY *key = NULL;

    if (context != NULL && parameters != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

static EVP_PKEY *rsa_key(const struct signature_key *key)
{
    if (key->first.size > SIGNATURE_RSA_BITS_MAX / 8 + 1 || key->second.size > 8)
        return NULL;
    BIGNUM *modulus = BN_bin2bn(bytes_of(key->first), (int)key->first.size, NULL);
    BIGNUM *exponent = BN_bin2bn(bytes_of(key->second), (int)key->second.size, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *parameters = NULL;
    EVP_PKEY *made = NULL;

    if (modulus != NULL && exponent != NULL && builder != NULL && BN_num_bits(modulus) >= SIGNATURE_RSA_BITS_MIN &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
        parameters = OSSL_PARAM_BLD_to_param(builder);
    if (parameters != NULL)
        made = key_from("RSA", parameters);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    BN_free(modulus);
    BN_free(exponent);
    return made;
}

static EVP_PKEY *curve_key(const struct signature_key *key)
{
    unsigned char point[1 + 2 * SIGNATURE_EC_SIZE] = {0x04};
    char group[] = "prime256v1";

    if (key->first.size != SIGNATURE_EC_SIZE || key->second.size != SIGNATURE_EC_SIZE)
        return NULL;
    memcpy(point + 1, key->first.bytes, SIGNATURE_EC_SIZE);
    memcpy(point + 1 + SIGNATURE_EC_SIZE, key->second.bytes, SIGNATURE_EC_SIZE);
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                               OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
                               OSSL_PARAM_construct_end()};
    return key_from("EC", parameters);
}

static bool verify(EVP_PKEY *key, struct text content, const unsigned char *signature, size_t size)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestVerify(context, signature, size, bytes_of(content), content.size) == 1;

    EVP_MD_CTX_free(context);
    return good;
}

/* Tokens carry the two numbers one after the other; OpenSSL wants them as DER. */
static bool verify_curve(EVP_PKEY *key, struct text content, struct text signature)
{
    unsigned char *encoded = NULL;
    bool good = false;

    if (signature.size != 2 * SIGNATURE_EC_SIZE)
        return false;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *first = BN_bin2bn(bytes_of(signature), SIGNATURE_EC_SIZE, NULL);
    BIGNUM *second = BN_bin2bn(bytes_of(signature) + SIGNATURE_EC_SIZE, SIGNATURE_EC_SIZE, NULL);
    if (pair != NULL && first != NULL && second != NULL && ECDSA_SIG_set0(pair, first, second) == 1) {
        int size = i2d_ECDSA_SIG(pair, &encoded);
        good = size > 0 && verify(key, content, encoded, (size_t)size);
        OPENSSL_free(encoded);
    } else {
        BN_free(first);
        BN_free(second);
    }
    ECDSA_SIG_free(pair);
    return good;
}

bool signature_verify(const struct signature_key *key, struct text content, struct text signature)
{
    EVP_PKEY *made = NULL;
    bool good = false;

    switch (key->algorithm) {
    case SIGNATURE_RS256:
        made = rsa_key(key);
        good = made != NULL && verify(made, content, bytes_of(signature), signature.size);
        break;
    case SIGNATURE_ES256:
        made = curve_key(key);
        good = made != NULL && verify_curve(made, content, signature);
        break;
    }
    EVP_PKEY_free(made);
    return good;
}

void sha256_compute(struct text content, unsigned char digest[32])
{
    crypto_hash_sha256(digest, bytes_of(content), content.size);
}
