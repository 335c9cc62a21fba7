#include "features/finance/settings_api.h"

#include <stddef.h>
#include <string.h>

#include "features/finance/finance_store.h"

enum { NUMBER_SIZE_MAX = 40 };

struct account_input {
    int account;
    struct text number;
};
struct rate_input {
    struct text wallet;
    int64_t points;
    struct json_amount amount;
};
struct settings_input {
    struct json_list accounts, rates;
};

static const struct field account_fields[] = {
    {.name = "account",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct account_input, account),
     .choices = finance_account_names},
    {.name = "number",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct account_input, number),
     .minimum = 1,
     .maximum = NUMBER_SIZE_MAX,
     .about = "In the accounts of the business."},
};
static const struct shape account_shape = {
    .name = "FinanceAccount", .size = sizeof(struct account_input), SHAPE_FIELDS(account_fields)};

static const struct field rate_fields[] = {
    {.name = "wallet",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct rate_input, wallet),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    {.name = "points",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct rate_input, points),
     .minimum = 1,
     .maximum = 1000000000},
    {.name = "amount",
     .type = FIELD_AMOUNT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct rate_input, amount),
     .about = "What so many points cost the entity that issued them, in the programme's currency."},
};
static const struct shape rate_shape = {
    .name = "SettlementRate", .size = sizeof(struct rate_input), SHAPE_FIELDS(rate_fields)};

#define SETTINGS_FIELDS(FLAGS)                                                                                  \
    {.name = "accounts",                                                                                        \
     .type = FIELD_LIST,                                                                                        \
     .flags = (FLAGS),                                                                                          \
     .element = FIELD_OBJECT,                                                                                   \
     .shape = &account_shape,                                                                                   \
     .offset = offsetof(struct settings_input, accounts),                                                       \
     .maximum = ACCOUNTS_COUNT,                                                                                 \
     .about = "An account that is not named keeps its name as its number."},                                    \
    {                                                                                                           \
        .name = "settlement_rates", .type = FIELD_LIST, .flags = (FLAGS), .element = FIELD_OBJECT,              \
        .shape = &rate_shape, .offset = offsetof(struct settings_input, rates), .maximum = FINANCE_WALLETS_MAX, \
        .about = "Between entities; without one points are worth what the programme says."                      \
    }

static const struct field input_fields[] = {SETTINGS_FIELDS(0)};
const struct shape finance_settings_input_shape = {
    .name = "FinanceSettingsInput", .size = sizeof(struct settings_input), SHAPE_FIELDS(input_fields)};
static const struct field reply_fields[] = {
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "0: nobody has set anything."},
    SETTINGS_FIELDS(FIELD_REQUIRED),
};
const struct shape finance_settings_shape = {.name = "FinanceSettings", .size = 0, SHAPE_FIELDS(reply_fields)};

/* ---- the document ---- */

static void write_document(struct json_writer *writer, const struct settings_input *input)
{
    const struct account_input *accounts = input->accounts.items;
    const struct rate_input *rates = input->rates.items;

    writer_list(writer, "accounts");
    for (size_t i = 0; i < input->accounts.count; i++) {
        writer_object(writer, NULL);
        writer_string(writer, "account", finance_account_names[accounts[i].account]);
        writer_text(writer, "number", accounts[i].number);
        writer_end(writer);
    }
    writer_end(writer);
    writer_list(writer, "settlement_rates");
    for (size_t i = 0; i < input->rates.count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "wallet", rates[i].wallet);
        writer_integer(writer, "points", rates[i].points);
        writer_amount(writer, "amount", rates[i].amount.minor, rates[i].amount.currency);
        writer_end(writer);
    }
    writer_end(writer);
}

static struct text document_of(struct arena *arena, const struct settings_input *input)
{
    struct json_writer writer;

    writer_start(&writer, arena);
    writer_object(&writer, NULL);
    write_document(&writer, input);
    writer_end(&writer);
    return writer_done(&writer);
}

static enum status read_document(struct storage_session *session, struct arena *arena, int64_t *version,
                                 struct settings_input *out, struct error *err)
{
    struct text body;
    enum status status = finance_settings_get(session, arena, version, &body, err);

    *out = (struct settings_input){.accounts = {NULL, 0}};
    if (status != STATUS_OK || *version == 0)
        return status;
    return shape_read_text(arena, &finance_settings_input_shape, body, out, err);
}

enum status finance_settings_read(struct storage_session *session, struct arena *arena, struct finance_settings *out,
                                  struct error *err)
{
    struct settings_input input;
    enum status status = read_document(session, arena, &out->version, &input, err);

    if (status != STATUS_OK)
        return status;
    *out = (struct finance_settings){.version = out->version, .agreed_count = input.rates.count};
    struct finance_rate *agreed = arena_array(arena, input.rates.count + 1, sizeof *agreed);
    const struct account_input *accounts = input.accounts.items;
    const struct rate_input *rates = input.rates.items;
    for (size_t i = 0; i < input.accounts.count; i++)
        out->numbers[accounts[i].account] = accounts[i].number;
    for (size_t i = 0; i < input.rates.count; i++)
        agreed[i] = (struct finance_rate){rates[i].wallet, rates[i].points, rates[i].amount.minor};
    out->agreed = agreed;
    return STATUS_OK;
}

/* ---- the routes ---- */

enum status finance_settings_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct settings_input input;
    int64_t version;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = read_document(session, call->arena, &version, &input, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_integer(&item->writer, "version", version);
    write_document(&item->writer, &input);
    item->etag = version;
    return STATUS_OK;
}

static enum status check_input(const struct call *call, const struct settings_input *input, struct error *err)
{
    const struct programme *programme = programme_at(call->programmes, call->now);
    const struct account_input *accounts = input->accounts.items;
    const struct rate_input *rates = input->rates.items;

    for (size_t i = 0; i < input->accounts.count; i++)
        for (size_t j = 0; j < i; j++)
            if (accounts[i].account == accounts[j].account)
                return error_set(err, STATUS_INVALID, "finance.account", "accounts", "'%s' is named twice",
                                 finance_account_names[accounts[i].account]);
    for (size_t i = 0; i < input->rates.count; i++) {
        if (programme_wallet(programme, rates[i].wallet) == NULL)
            return error_set(err, STATUS_INVALID, "wallet.unknown", "settlement_rates",
                             "the programme has no points account '%.*s'", (int)rates[i].wallet.size,
                             rates[i].wallet.bytes);
        if (strcmp(rates[i].amount.currency, programme->currency) != 0 || rates[i].amount.minor < 0)
            return error_set(err, STATUS_INVALID, "finance.rate", "settlement_rates",
                             "a rate is an amount of %s, not below 0", programme->currency);
        for (size_t j = 0; j < i; j++)
            if (text_equal(rates[i].wallet, rates[j].wallet))
                return error_set(err, STATUS_INVALID, "finance.rate", "settlement_rates", "'%.*s' has two rates",
                                 (int)rates[i].wallet.size, rates[i].wallet.bytes);
    }
    return STATUS_OK;
}

/* In the transaction under way. */
static enum status put_settings(struct call *call, struct storage_session *session, const struct settings_input *input,
                                int64_t *version, struct error *err)
{
    struct settings_input before;
    int64_t wanted;
    enum status status = call_if_match(call, &wanted, err);

    if (status == STATUS_OK)
        status = read_document(session, call->arena, version, &before, err);
    if (status != STATUS_OK)
        return status;
    if (wanted != 0 && wanted != *version)
        return error_set(err, STATUS_STALE, "catalogue.stale", "If-Match", "it was changed meanwhile");
    struct text was = *version == 0 ? (struct text){NULL, 0} : document_of(call->arena, &before);
    struct text is = document_of(call->arena, input);
    ++*version;
    status = finance_settings_put(session, *version, is, err);
    return status == STATUS_OK ? call_audit(call, "finance.settings_updated", 0, was, is, err) : status;
}

enum status finance_settings_put_handle(struct call *call, struct item *item, struct error *err)
{
    const struct settings_input *input = item->body;
    struct storage_session *session;
    int64_t version;
    enum status status = check_input(call, input, err);

    if (status == STATUS_OK)
        status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = put_settings(call, session, input, &version, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    writer_integer(&item->writer, "version", version);
    write_document(&item->writer, input);
    item->etag = version;
    return call_write_commit(call, session, err);
}
