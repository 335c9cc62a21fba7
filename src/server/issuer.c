/* issuer.c: requests to an issuer: https only and to no internal address, unless its settings say so; no redirects. */
#include "server/issuer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>

#include "foundation/clock.h"
#include "foundation/log.h"
#include "server/issuer_settings.h"

enum {
    REPLY_BYTES_MAX = 1 << 20,
    CONNECT_MS = 5000,
    REQUEST_MS = 10000,
    REQUESTS_MAX = 2, /* workers that may wait for the issuer at a time */
    KEEP_SECONDS = 300,
    SETTINGS_BYTES = 1 << 20,
    PATH_SIZE = 4096
};

struct issuer {
    struct identity identity; /* its context is this */
    struct arena *arena;
    bool internal;
    atomic_int requests;
    pthread_mutex_t lock; /* of what is kept */
    char *kept;
    size_t kept_size;
    int64_t kept_at; /* monotonic seconds */
};

struct transfer {
    const struct issuer *issuer;
    struct builder reply;
    bool internal; /* the address was refused */
};

static size_t take_bytes(char *bytes, size_t one, size_t count, void *context)
{
    struct transfer *transfer = context;
    if (transfer->reply.size + one * count > REPLY_BYTES_MAX)
        return 0;
    builder_bytes(&transfer->reply, bytes, one * count);
    return one * count;
}

/* The address is checked after its name was looked up: a name that changes its mind is of no use. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = context;
    (void)purpose;
    if (!transfer->issuer->internal && issuer_is_internal(&address->addr)) {
        transfer->internal = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void prepare(CURL *curl, struct transfer *transfer, const struct identity_request *request, struct arena *arena)
{
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, transfer->issuer->internal ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* the check of the address would be the proxy's */
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)REQUEST_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, transfer);
    if (request->form.size > 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->form.size);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->form.bytes);
    }
    if (request->user.size > 0) {
        /* Each half is a form value of its own (RFC 6749, 2.3.1). */
        struct builder user = {.arena = arena}, password = {.arena = arena};
        identity_encode(&user, request->user);
        identity_encode(&password, request->password);
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(curl, CURLOPT_USERNAME, text_string(arena, builder_done(&user)));
        curl_easy_setopt(curl, CURLOPT_PASSWORD, text_string(arena, builder_done(&password)));
    }
}

static enum status transfer_run(struct issuer *issuer, struct arena *arena, const struct identity_request *request,
                                struct text *body, struct error *err)
{
    struct transfer transfer = {.issuer = issuer, .reply = {.arena = arena}};
    CURL *curl = curl_easy_init();
    long answered = 0;
    if (curl == NULL)
        return error_set(err, STATUS_IO, "oidc.issuer", "", "there is no memory to ask the issuer");
    prepare(curl, &transfer, request, arena);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answered);
    curl_easy_cleanup(curl);
    if (transfer.internal)
        return error_set(err, STATUS_IO, "oidc.issuer", "",
                         "the issuer has an internal address, which its settings do not allow");
    if (code != CURLE_OK || answered != 200) {
        /* Neither addresses nor forms: they hold codes. */
        log_event(LOG_WARNING, "oidc.issuer", "the issuer does not answer: %s, status %ld", curl_easy_strerror(code),
                  answered);
        return error_set(err, STATUS_IO, "oidc.issuer", "", "the issuer does not answer as it should");
    }
    *body = builder_done(&transfer.reply);
    return STATUS_OK;
}

/* ---- what is kept ---- */

static int64_t seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static bool find_kept(struct issuer *issuer, struct arena *arena, struct text *body)
{
    pthread_mutex_lock(&issuer->lock);
    bool found = issuer->kept != NULL && seconds_now() - issuer->kept_at < KEEP_SECONDS;
    if (found)
        *body = text_copy(arena, (struct text){issuer->kept, issuer->kept_size});
    pthread_mutex_unlock(&issuer->lock);
    return found;
}

static void keep(struct issuer *issuer, struct text body)
{
    char *copy = malloc(body.size + 1);
    if (copy == NULL)
        return;
    memcpy(copy, body.bytes, body.size);
    pthread_mutex_lock(&issuer->lock);
    free(issuer->kept);
    issuer->kept = copy;
    issuer->kept_size = body.size;
    issuer->kept_at = seconds_now();
    pthread_mutex_unlock(&issuer->lock);
}

static enum status fetch(struct identity *identity, struct arena *arena, const struct identity_request *request,
                         struct text *body, struct error *err)
{
    struct issuer *issuer = identity->context;
    enum status status;
    if (request->keep && find_kept(issuer, arena, body))
        return STATUS_OK;
    if (atomic_fetch_add(&issuer->requests, 1) >= REQUESTS_MAX)
        status = error_set(err, STATUS_BUSY, "oidc.busy", "", "too many sign-ins are under way: try again in a while");
    else
        status = transfer_run(issuer, arena, request, body, err);
    atomic_fetch_sub(&issuer->requests, 1);
    if (status == STATUS_OK && request->keep)
        keep(issuer, *body);
    return status;
}

/* ---- start and end ---- */

enum status issuer_new(const char *path, struct issuer **out, struct error *err)
{
    struct issuer *issuer = calloc(1, sizeof *issuer);
    if (issuer == NULL || (issuer->arena = arena_new(SETTINGS_BYTES)) == NULL ||
        curl_global_init(CURL_GLOBAL_ALL) != 0) {
        issuer_free(issuer);
        return error_set(err, STATUS_IO, "internal.memory", "", "there is no memory for the settings of the issuer");
    }
    pthread_mutex_init(&issuer->lock, NULL);
    issuer->identity.fetch = fetch;
    issuer->identity.context = issuer;
    enum status status = issuer_settings_read(issuer->arena, path, &issuer->identity.settings, &issuer->internal, err);
    if (status != STATUS_OK) {
        issuer_free(issuer);
        return status;
    }
    *out = issuer;
    return STATUS_OK;
}

static enum status check_apart(struct issuer *first, const struct issuer *added, struct error *err)
{
    const struct identity_settings *settings = &added->identity.settings;

    for (const struct identity *one = &first->identity; one != NULL; one = one->next)
        if (text_equal(one->settings.code, settings->code) || text_equal(one->settings.issuer, settings->issuer))
            return error_set(err, STATUS_INVALID, "oidc.settings", "code",
                             "each issuer has a code and an address of its own");
    return STATUS_OK;
}

enum status issuers_new(const char *paths, struct issuer **out, struct error *err)
{
    struct issuer *first = NULL, *last = NULL;
    enum status status = STATUS_OK;
    char path[PATH_SIZE];

    while (status == STATUS_OK && *paths != '\0') {
        struct issuer *added = NULL;
        size_t size = strcspn(paths, ",");
        if (size >= sizeof path)
            status = error_set(err, STATUS_INVALID, "oidc.settings", "", "the name of a file is too long");
        if (status == STATUS_OK) {
            memcpy(path, paths, size);
            path[size] = '\0';
            status = issuer_new(path, &added, err);
        }
        if (status == STATUS_OK && first != NULL)
            status = check_apart(first, added, err);
        if (status != STATUS_OK) {
            issuer_free(added);
            break;
        }
        if (last != NULL)
            last->identity.next = &added->identity;
        else
            first = added;
        last = added;
        paths += size + (paths[size] == ',');
    }
    if (status != STATUS_OK) {
        issuer_free(first);
        return status;
    }
    *out = first;
    return STATUS_OK;
}

void issuer_free(struct issuer *issuer)
{
    if (issuer == NULL)
        return;
    if (issuer->identity.next != NULL)
        issuer_free(issuer->identity.next->context);
    free(issuer->kept);
    arena_free(issuer->arena);
    free(issuer);
}

struct identity *issuer_identity(struct issuer *issuer)
{
    return issuer != NULL ? &issuer->identity : NULL;
}
