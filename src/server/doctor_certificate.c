/* doctor_certificate.c: whether the certificate can be read, belongs to its key, and lasts. */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <time.h>

#include "foundation/clock.h"
#include "foundation/instant.h"
#include "server/doctor.h"

enum { EXPIRING_DAYS = 21 };

static void check_end(const struct doctor_options *options, gnutls_x509_crt_t certificate, struct doctor_report *report)
{
    int64_t now = clock_now(&clock_system);
    int64_t end = (int64_t)gnutls_x509_crt_get_expiration_time(certificate) * INSTANT_SECOND;
    int64_t start = (int64_t)gnutls_x509_crt_get_activation_time(certificate) * INSTANT_SECOND;
    char at[INSTANT_TEXT_SIZE];

    if (end <= now)
        doctor_add(report, DOCTOR_CERTIFICATE_EXPIRED, "the certificate %s expired at %s", options->tls_certificate,
                   instant_format(end, at));
    else if (start > now)
        doctor_add(report, DOCTOR_CERTIFICATE_EXPIRED, "the certificate %s is not valid before %s",
                   options->tls_certificate, instant_format(start, at));
    else if (end - now < EXPIRING_DAYS * INSTANT_DAY)
        doctor_add(report, DOCTOR_CERTIFICATE_EXPIRING, "the certificate %s expires at %s", options->tls_certificate,
                   instant_format(end, at));
}

static void check_chain(const struct doctor_options *options, struct doctor_report *report)
{
    gnutls_datum_t bytes = {NULL, 0};
    gnutls_x509_crt_t certificate;
    int result = gnutls_load_file(options->tls_certificate, &bytes);

    gnutls_x509_crt_init(&certificate);
    if (result == GNUTLS_E_SUCCESS)
        result = gnutls_x509_crt_import(certificate, &bytes, GNUTLS_X509_FMT_PEM);
    if (result == GNUTLS_E_SUCCESS)
        check_end(options, certificate, report);
    else
        doctor_add(report, DOCTOR_CERTIFICATE_UNREADABLE, "the certificate %s cannot be read: %s",
                   options->tls_certificate, gnutls_strerror(result));
    gnutls_x509_crt_deinit(certificate);
    gnutls_free(bytes.data);
}

/* As the server would: the pair is refused when the key is another's. */
static void check_pair(const struct doctor_options *options, struct doctor_report *report)
{
    gnutls_certificate_credentials_t credentials;

    if (gnutls_certificate_allocate_credentials(&credentials) != GNUTLS_E_SUCCESS)
        return;
    int result = gnutls_certificate_set_x509_key_file(credentials, options->tls_certificate, options->tls_key,
                                                      GNUTLS_X509_FMT_PEM);
    if (result == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
        doctor_add(report, DOCTOR_CERTIFICATE_KEY, "%s is not the private key of %s", options->tls_key,
                   options->tls_certificate);
    else if (result < 0)
        doctor_add(report, DOCTOR_CERTIFICATE_UNREADABLE, "the private key %s cannot be used: %s", options->tls_key,
                   gnutls_strerror(result));
    gnutls_certificate_free_credentials(credentials);
}

void doctor_certificate(const struct doctor_options *options, struct doctor_report *report)
{
    size_t before = report->count;

    if (options->tls_certificate != NULL)
        check_chain(options, report);
    if (options->tls_certificate != NULL && options->tls_key != NULL && report->count == before)
        check_pair(options, report);
}
