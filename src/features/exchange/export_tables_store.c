#include "features/exchange/export_store.h"
#include "queries.h"

static const struct export_column members_columns[] = {
    {"member", EXPORT_PERSON},
    {"external", EXPORT_TEXT},
    {"card", EXPORT_TEXT},
    {"phone", EXPORT_CONTACT},
    {"email", EXPORT_CONTACT},
    {"openid", EXPORT_TEXT},
    {"family_name", EXPORT_TEXT},
    {"given_name", EXPORT_TEXT},
    {"display_name", EXPORT_TEXT},
    {"gender", EXPORT_TEXT},
    {"birthday", EXPORT_TEXT},
    {"birthday_calendar", EXPORT_TEXT},
    {"language", EXPORT_TEXT},
    {"time_zone", EXPORT_TEXT},
    {"country", EXPORT_TEXT},
    {"region", EXPORT_TEXT},
    {"city", EXPORT_TEXT},
    {"address", EXPORT_TEXT},
    {"postal_code", EXPORT_TEXT},
    {"registered_at", EXPORT_INSTANT},
    {"status", EXPORT_MEMBER_STATUS},
    {"merged_into", EXPORT_PERSON},
    {"purchases", EXPORT_INTEGER},
    {"spend", EXPORT_MONEY},
    {"returns", EXPORT_MONEY},
    {"visits", EXPORT_INTEGER},
    {"first_purchase_at", EXPORT_INSTANT},
    {"last_purchase_at", EXPORT_INSTANT},
    {"tier", EXPORT_TEXT},
    {"qualifying", EXPORT_INTEGER},
    {"id", EXPORT_MEMBER_ID},
};

static const struct export_column identifiers_columns[] = {
    {"member", EXPORT_PERSON},       {"kind", EXPORT_TEXT},         {"value", EXPORT_CONTACT},
    {"member_id", EXPORT_MEMBER_ID}, {"added_at", EXPORT_RECEIVED},
};

static const struct export_column purchases_columns[] = {
    {"receipt", EXPORT_TEXT}, {"member", EXPORT_PERSON}, {"at", EXPORT_INSTANT},
    {"day", EXPORT_DAY},      {"store", EXPORT_TEXT},    {"channel", EXPORT_TEXT},
    {"amount", EXPORT_MONEY}, {"id", EXPORT_EVENT_ID},   {"recorded_at", EXPORT_RECEIVED},
};

static const struct export_column lines_columns[] = {
    {"receipt", EXPORT_TEXT}, {"member", EXPORT_PERSON},  {"at", EXPORT_INSTANT},      {"line", EXPORT_INTEGER},
    {"kind", EXPORT_TEXT},    {"sku", EXPORT_TEXT},       {"category", EXPORT_TEXT},   {"quantity", EXPORT_MILLI},
    {"amount", EXPORT_MONEY}, {"discount", EXPORT_MONEY}, {"of_line", EXPORT_INTEGER}, {"event_id", EXPORT_EVENT_ID},
};

static const struct export_column movements_columns[] = {
    {"member", EXPORT_PERSON},     {"at", EXPORT_EVENT_AT},
    {"wallet", EXPORT_TEXT},       {"kind", EXPORT_TEXT},
    {"receipt", EXPORT_TEXT},      {"debit", EXPORT_ACCOUNT},
    {"credit", EXPORT_ACCOUNT},    {"points", EXPORT_INTEGER},
    {"event_id", EXPORT_EVENT_ID}, {"line", EXPORT_RECEIVED_INTEGER},
};

static const struct export_column lots_columns[] = {
    {"member", EXPORT_PERSON},      {"wallet", EXPORT_TEXT},        {"earned_at", EXPORT_INSTANT},
    {"active_at", EXPORT_INSTANT},  {"expires_at", EXPORT_INSTANT}, {"points", EXPORT_INTEGER},
    {"remaining", EXPORT_INTEGER},  {"held", EXPORT_INTEGER},       {"pending", EXPORT_FACT},
    {"source_id", EXPORT_EVENT_ID},
};

static const struct export_column wallets_columns[] = {
    {"member", EXPORT_PERSON}, {"wallet", EXPORT_TEXT},  {"active", EXPORT_INTEGER},      {"pending", EXPORT_INTEGER},
    {"held", EXPORT_INTEGER},  {"debt", EXPORT_INTEGER}, {"member_id", EXPORT_MEMBER_ID},
};

static const struct export_column holds_columns[] = {
    {"member", EXPORT_PERSON},       {"wallet", EXPORT_TEXT},      {"points", EXPORT_INTEGER},
    {"captured", EXPORT_INTEGER},    {"state", EXPORT_HOLD_STATE}, {"id", EXPORT_EVENT_ID},
    {"expires_at", EXPORT_RECEIVED},
};

static const struct export_column journal_columns[] = {
    {"member", EXPORT_PERSON},     {"at", EXPORT_EVENT_AT},          {"kind", EXPORT_TEXT},
    {"day", EXPORT_EVENT_DAY},     {"store", EXPORT_TEXT},           {"channel", EXPORT_TEXT},
    {"receipt", EXPORT_TEXT},      {"amount", EXPORT_MONEY},         {"id", EXPORT_EVENT_ID},
    {"cause_id", EXPORT_EVENT_ID}, {"recorded_at", EXPORT_RECEIVED}, {"facts", EXPORT_RECEIVED_TEXT},
};

static const struct export_column consents_columns[] = {
    {"member", EXPORT_PERSON}, {"channel", EXPORT_TEXT}, {"purpose", EXPORT_TEXT}, {"state", EXPORT_TEXT},
    {"source", EXPORT_TEXT},   {"wording", EXPORT_TEXT}, {"at", EXPORT_RECEIVED},
};

static const struct export_column answers_columns[] = {
    {"member", EXPORT_PERSON}, {"question", EXPORT_TEXT}, {"low", EXPORT_MILLI},    {"high", EXPORT_MILLI},
    {"best", EXPORT_TEXT},     {"value", EXPORT_MILLI},   {"at", EXPORT_INSTANT},   {"day", EXPORT_DAY},
    {"channel", EXPORT_TEXT},  {"store", EXPORT_TEXT},    {"comment", EXPORT_TEXT}, {"id", EXPORT_EVENT_ID},
};

static const struct export_column coupons_columns[] = {
    {"code", EXPORT_TEXT},          {"member", EXPORT_PERSON},       {"value", EXPORT_TEXT},
    {"valid_from", EXPORT_INSTANT}, {"valid_until", EXPORT_INSTANT}, {"used", EXPORT_INTEGER},
    {"uses_left", EXPORT_INTEGER},  {"id", EXPORT_EVENT_ID},
};

static const struct export_column tags_columns[] = {
    {"member", EXPORT_PERSON},
    {"tag", EXPORT_TEXT},
    {"added_at", EXPORT_RECEIVED},
};

static const struct export_column notes_columns[] = {
    {"member", EXPORT_PERSON},
    {"author", EXPORT_TEXT},
    {"body", EXPORT_TEXT},
    {"at", EXPORT_RECEIVED},
};

static const struct export_column preferences_columns[] = {
    {"member", EXPORT_PERSON},         {"topic", EXPORT_TEXT}, {"value", EXPORT_TEXT},
    {"liking", EXPORT_TEXT},           {"known", EXPORT_TEXT}, {"author", EXPORT_TEXT},
    {"confirmed_at", EXPORT_RECEIVED},
};

static const struct export_column fields_columns[] = {
    {"member", EXPORT_PERSON},
    {"field", EXPORT_TEXT},
    {"value", EXPORT_TEXT},
};

static const struct export_column households_columns[] = {
    {"household", EXPORT_PERSON}, {"member", EXPORT_PERSON},       {"pooled", EXPORT_FACT},
    {"id", EXPORT_HOUSEHOLD_ID},  {"member_id", EXPORT_MEMBER_ID},
};

static const struct export_column scores_columns[] = {
    {"member", EXPORT_PERSON},
    {"alive", EXPORT_MICRO},
    {"expected_purchases", EXPORT_MICRO},
    {"expected_value", EXPORT_MONEY_OR_NONE},
    {"clv", EXPORT_MONEY_OR_NONE},
    {"loyalty", EXPORT_INTEGER},
    {"churn_risk", EXPORT_MICRO},
    {"type", EXPORT_TEXT},
    {"scored_at", EXPORT_RECEIVED},
    {"member_id", EXPORT_MEMBER_ID},
};

static const struct export_column segments_columns[] = {
    {"segment", EXPORT_TEXT},
    {"member", EXPORT_PERSON},
    {"since", EXPORT_RECEIVED},
    {"member_id", EXPORT_MEMBER_ID},
};

static const struct export_column items_columns[] = {
    {"sku", EXPORT_TEXT},
    {"name", EXPORT_TEXT},
    {"category", EXPORT_TEXT},
    {"price", EXPORT_MONEY_OR_NONE},
    {"attributes", EXPORT_TEXT},
    {"brand", EXPORT_TEXT},
    {"unit_cost", EXPORT_MONEY_OR_NONE},
    {"tax_rate", EXPORT_MICRO},
};

static const struct export_column stores_columns[] = {
    {"code", EXPORT_TEXT},           {"name", EXPORT_TEXT},   {"zone", EXPORT_TEXT},
    {"cut_minutes", EXPORT_INTEGER}, {"region", EXPORT_TEXT}, {"parent", EXPORT_TEXT},
};

static const struct export_column channels_columns[] = {
    {"code", EXPORT_TEXT},
    {"name", EXPORT_TEXT},
};

#define COLUMNS(table) (table), sizeof(table) / sizeof((table)[0])

const struct export_table export_tables[] = {
    {"members", "one row a member: identifiers, profile, standing", &query_exchange_export_members,
     COLUMNS(members_columns), false},
    {"identifiers", "every identifier of every member", &query_exchange_export_identifiers,
     COLUMNS(identifiers_columns), false},
    {"purchases", "one row a purchase", &query_exchange_export_purchases, COLUMNS(purchases_columns), false},
    {"lines", "one row a line of a purchase or return", &query_exchange_export_lines, COLUMNS(lines_columns), false},
    {"movements", "one row a movement of points: from one account to another", &query_exchange_export_movements,
     COLUMNS(movements_columns), false},
    {"lots", "one row a lot of points, spent ones too", &query_exchange_export_lots, COLUMNS(lots_columns), false},
    {"wallets", "one row a member and points account", &query_exchange_export_wallets, COLUMNS(wallets_columns), false},
    {"holds", "one row a hold of points", &query_exchange_export_holds, COLUMNS(holds_columns), false},
    {"journal", "every event in short, of any kind", &query_exchange_export_journal, COLUMNS(journal_columns), false},
    {"consents", "one row a member, channel and purpose", &query_exchange_export_consents, COLUMNS(consents_columns),
     false},
    {"answers", "answers to questions of surveys, with their scale", &query_exchange_export_answers,
     COLUMNS(answers_columns), false},
    {"coupons", "coupons taken over, and how often they may still be used", &query_exchange_export_coupons,
     COLUMNS(coupons_columns), false},
    {"tags", "one row a member and tag", &query_exchange_export_tags, COLUMNS(tags_columns), false},
    {"notes", "one row a note", &query_exchange_export_notes, COLUMNS(notes_columns), false},
    {"preferences", "what members like and dislike", &query_exchange_export_preferences, COLUMNS(preferences_columns),
     false},
    {"fields", "custom fields of members", &query_exchange_export_fields, COLUMNS(fields_columns), false},
    {"households", "one row a household and person in it", &query_exchange_export_households,
     COLUMNS(households_columns), false},
    {"scores", "one row a person, as last scored: still a customer, purchases and value to come, loyalty",
     &query_exchange_export_scores, COLUMNS(scores_columns), false},
    {"segments", "one row a segment and person in it, since when", &query_exchange_export_segments,
     COLUMNS(segments_columns), false},
    {"items", "the catalogue of items", &query_exchange_export_items, COLUMNS(items_columns), true},
    {"stores", "the stores", &query_exchange_export_stores, COLUMNS(stores_columns), false},
    {"channels", "the channels", &query_exchange_export_channels, COLUMNS(channels_columns), true},
};
const size_t export_table_count = sizeof export_tables / sizeof export_tables[0];
