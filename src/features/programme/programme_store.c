#include "features/programme/programme_store.h"

#include <string.h>

#include "queries.h"

struct configuring {
    struct arena *arena;
    struct programme *versions;
    size_t version_count, version_capacity;
    struct currency_rate *rates;
    size_t rate_count, rate_capacity;
};

static enum status receive_version(void *context, const struct storage_row *row, struct error *err)
{
    struct configuring *reading = context;

    reading->versions = arena_grow(reading->arena, reading->versions, &reading->version_capacity,
                                   reading->version_count + 1, sizeof *reading->versions);
    struct programme *programme = &reading->versions[reading->version_count++];
    enum status status = programme_parse(reading->arena, row_text(row, 2), programme, err);
    if (status != STATUS_OK) {
        error_add_context(err, "programme version %lld", (long long)row_integer(row, 0));
        return status;
    }
    programme->version = row_integer(row, 0);
    programme->effective_at = row_integer(row, 1);
    return STATUS_OK;
}

static void copy_currency(struct text text, char currency[CURRENCY_SIZE])
{
    memset(currency, 0, CURRENCY_SIZE);
    memcpy(currency, text.bytes, text.size < CURRENCY_SIZE - 1 ? text.size : CURRENCY_SIZE - 1);
}

static enum status receive_rate(void *context, const struct storage_row *row, struct error *err)
{
    struct configuring *reading = context;

    (void)err;
    reading->rates = arena_grow(reading->arena, reading->rates, &reading->rate_capacity, reading->rate_count + 1,
                                sizeof *reading->rates);
    struct currency_rate *rate = &reading->rates[reading->rate_count++];
    copy_currency(row_text(row, 0), rate->currency);
    rate->day = (int32_t)row_integer(row, 1);
    rate->numerator = row_integer(row, 2);
    rate->denominator = row_integer(row, 3);
    return STATUS_OK;
}

static enum status receive_integer(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

enum status programme_configure(struct storage_session *session, struct arena *arena, struct programme_set **out,
                                struct error *err)
{
    struct configuring reading = {.arena = arena};
    struct programme_set *set = arena_alloc(arena, sizeof *set);
    struct programme *fallback = arena_alloc(arena, sizeof *fallback);
    const struct storage_receiver versions = {.row = receive_version, .context = &reading};
    const struct storage_receiver rates = {.row = receive_rate, .context = &reading};
    const struct storage_receiver epoch = {.row = receive_integer, .context = &set->epoch};
    enum status status = storage_run(session, &query_programme_epoch_read, NULL, 1, &epoch, err);

    if (status == STATUS_OK)
        status = storage_run(session, &query_programme_versions_configure, NULL, 1, &versions, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_programme_rates_configure, NULL, 1, &rates, err);
    if (status == STATUS_OK)
        status = programme_parse(arena, programme_default_source(), fallback, err);
    if (status != STATUS_OK)
        return status;
    fallback->effective_at = INT64_MIN;
    set->fallback = fallback;
    set->versions = reading.version_count > 0 ? reading.versions : fallback;
    set->version_count = reading.version_count > 0 ? reading.version_count : 1;
    set->rates = reading.rates;
    set->rate_count = reading.rate_count;
    *out = set;
    return STATUS_OK;
}

enum status programme_publish(struct storage_session *session, struct programme_version *version, struct error *err)
{
    int64_t last = 0;
    const struct storage_receiver receiver = {.row = receive_integer, .context = &last};

    if (version->effective_at < version->published_at + PUBLICATION_AHEAD)
        return error_set(err, STATUS_INVALID, "programme.too_soon", "effective_at",
                         "a version takes effect at least %lld seconds after it is published",
                         (long long)(PUBLICATION_AHEAD / INSTANT_SECOND));
    /* Raising the epoch first makes publications wait for each other. */
    enum status status = storage_run(session, &query_programme_epoch_bump, NULL, 1, NULL, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_programme_version_last, NULL, 1, &receiver, err);
    if (status != STATUS_OK)
        return status;
    if (last >= PROGRAMME_VERSIONS_MAX)
        return error_set(err, STATUS_LIMIT, "programme.versions", "", "there are already %d versions",
                         PROGRAMME_VERSIONS_MAX);
    const struct storage_value values[] = {value_integer(last + 1),
                                           value_integer(version->published_at),
                                           value_integer(version->effective_at),
                                           value_text(version->author),
                                           value_text(version->note),
                                           value_text(version->source)};
    status = storage_run(session, &query_programme_version_add, values, 1, NULL, err);
    if (status == STATUS_OK)
        version->version = last + 1;
    return status;
}

struct listing {
    struct arena *arena;
    struct programme_version *versions;
    struct rate_entry *rates;
    size_t count, capacity;
};

static enum status receive_listed_version(void *context, const struct storage_row *row, struct error *err)
{
    struct listing *listing = context;

    (void)err;
    listing->versions = arena_grow(listing->arena, listing->versions, &listing->capacity, listing->count + 1,
                                   sizeof *listing->versions);
    listing->versions[listing->count++] = (struct programme_version){.version = row_integer(row, 0),
                                                                     .published_at = row_integer(row, 1),
                                                                     .effective_at = row_integer(row, 2),
                                                                     .author = row_text_copy(row, 3, listing->arena),
                                                                     .note = row_text_copy(row, 4, listing->arena),
                                                                     .source = row_text_copy(row, 5, listing->arena)};
    return STATUS_OK;
}

enum status programme_versions(struct storage_session *session, struct arena *arena, struct version_page page,
                               struct programme_version **out, size_t *count, struct error *err)
{
    struct listing listing = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_listed_version, .context = &listing};
    const struct storage_value values[] = {value_integer(page.before), value_integer((int64_t)page.limit)};
    enum status status = storage_run(session, &query_programme_version_list, values, 1, &receiver, err);

    *out = listing.versions;
    *count = listing.count;
    return status;
}

/* ---- rates ---- */

static int64_t power_of_ten(int exponent)
{
    int64_t power = 1;

    while (exponent-- > 0)
        power *= 10;
    return power;
}

static int64_t greatest_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* From units to minor units of both currencies, in lowest terms. */
static enum status rate_fraction(const struct programme *programme, const struct rate_entry *rate, int64_t *numerator,
                                 int64_t *denominator, struct error *err)
{
    int foreign = currency_exponent(text_from(rate->currency));

    if (foreign < 0 || strcmp(rate->currency, programme->currency) == 0)
        return error_set(err, STATUS_INVALID, "json.currency", "currency",
                         "a foreign currency of ISO 4217 is expected");
    int more = programme->exponent > foreign ? programme->exponent - foreign : 0;
    int less = foreign > programme->exponent ? foreign - programme->exponent : 0;
    if (rate->rate <= 0 || !checked_multiply(rate->rate, power_of_ten(more), numerator) ||
        !checked_multiply(power_of_ten(RATE_SCALE), power_of_ten(less), denominator))
        return error_set(err, STATUS_INVALID, "rate.range", "rate", "the rate is out of range");
    int64_t divisor = greatest_divisor(*numerator, *denominator);
    *numerator /= divisor;
    *denominator /= divisor;
    return STATUS_OK;
}

enum status rates_put(struct storage_session *session, struct arena *arena, const struct programme *programme,
                      const struct rate_entry *rates, size_t count, struct error *err)
{
    enum { COLUMNS = 5 };
    struct storage_value *values = arena_array(arena, count * COLUMNS, sizeof *values);

    for (size_t i = 0; i < count; i++) {
        int64_t numerator, denominator;
        enum status status = rate_fraction(programme, &rates[i], &numerator, &denominator, err);
        if (status != STATUS_OK)
            return status;
        struct storage_value *row = &values[i * COLUMNS];
        row[0] = value_string(rates[i].currency);
        row[1] = value_integer(rates[i].day);
        row[2] = value_integer(rates[i].rate);
        row[3] = value_integer(numerator);
        row[4] = value_integer(denominator);
    }
    enum status status = storage_run(session, &query_programme_rate_put, values, count, NULL, err);
    return status == STATUS_OK ? storage_run(session, &query_programme_epoch_bump, NULL, 1, NULL, err) : status;
}

static enum status receive_listed_rate(void *context, const struct storage_row *row, struct error *err)
{
    struct listing *listing = context;

    (void)err;
    listing->rates =
        arena_grow(listing->arena, listing->rates, &listing->capacity, listing->count + 1, sizeof *listing->rates);
    struct rate_entry *rate = &listing->rates[listing->count++];
    copy_currency(row_text(row, 0), rate->currency);
    rate->day = (int32_t)row_integer(row, 1);
    rate->rate = row_integer(row, 2);
    return STATUS_OK;
}

enum status rates_list(struct storage_session *session, struct arena *arena, struct rate_page page,
                       struct rate_entry **out, size_t *count, struct error *err)
{
    struct listing listing = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_listed_rate, .context = &listing};
    const struct storage_value values[] = {value_string(page.after->currency), value_integer(page.after->day),
                                           value_integer((int64_t)page.limit)};
    enum status status = storage_run(session, &query_programme_rate_list, values, 1, &receiver, err);

    *out = listing.rates;
    *count = listing.count;
    return status;
}
