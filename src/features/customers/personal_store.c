#include "features/customers/personal_store.h"

#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

static const struct personal_column profile_columns[] = {
    {"family_name", PERSONAL_TEXT, true},  {"given_name", PERSONAL_TEXT, true},
    {"display_name", PERSONAL_TEXT, true}, {"gender", PERSONAL_TEXT, true},
    {"birthday", PERSONAL_TEXT, true},     {"birthday_calendar", PERSONAL_TEXT, true},
    {"language", PERSONAL_TEXT, true},     {"time_zone", PERSONAL_TEXT, true},
    {"country", PERSONAL_TEXT, true},      {"region", PERSONAL_TEXT, true},
    {"city", PERSONAL_TEXT, true},         {"address", PERSONAL_TEXT, true},
    {"postal_code", PERSONAL_TEXT, true},  {"version", PERSONAL_INTEGER, false},
};
static const struct personal_column identifier_columns[] = {
    {"kind", PERSONAL_TEXT, false},
    {"value", PERSONAL_TEXT, true},
    {"added_at", PERSONAL_INSTANT, false},
};
static const struct personal_column member_search_columns[] = {
    {"key", PERSONAL_HIDDEN, true},
};
static const struct personal_column member_field_columns[] = {
    {"field", PERSONAL_TEXT, false},
    {"value", PERSONAL_JSON, true},
};
static const struct personal_column tag_columns[] = {
    {"tag", PERSONAL_TEXT, true},
    {"added_at", PERSONAL_INSTANT, false},
};
static const struct personal_column note_columns[] = {
    {"at", PERSONAL_INSTANT, false},
    {"author", PERSONAL_TEXT, true},
    {"body", PERSONAL_TEXT, true},
};
static const struct personal_column preference_columns[] = {
    {"topic", PERSONAL_TEXT, true},
    {"value", PERSONAL_TEXT, true},
    {"liking", PERSONAL_TEXT, true},
    {"known", PERSONAL_TEXT, true},
    {"confirmed_at", PERSONAL_INSTANT, false},
    {"author", PERSONAL_TEXT, true},
};
static const struct personal_column consent_columns[] = {
    {"channel", PERSONAL_TEXT, false}, {"purpose", PERSONAL_TEXT, false}, {"state", PERSONAL_TEXT, true},
    {"at", PERSONAL_INSTANT, false},   {"source", PERSONAL_TEXT, true},   {"wording", PERSONAL_TEXT, true},
    {"author", PERSONAL_TEXT, true},
};
static const struct personal_column consent_history_columns[] = {
    {"at", PERSONAL_INSTANT, false}, {"channel", PERSONAL_TEXT, false}, {"purpose", PERSONAL_TEXT, false},
    {"state", PERSONAL_TEXT, true},  {"source", PERSONAL_TEXT, true},   {"wording", PERSONAL_TEXT, true},
    {"author", PERSONAL_TEXT, true},
};
static const struct personal_column merge_link_columns[] = {
    {"id", PERSONAL_EVENT, false},
    {"leader_before", PERSONAL_MEMBER, false},
    {"leader_after", PERSONAL_MEMBER, false},
    {"at", PERSONAL_INSTANT, false},
};
static const struct personal_column member_columns[] = {
    {"leader", PERSONAL_MEMBER, false},  {"household", PERSONAL_INTEGER, false},
    {"status", PERSONAL_INTEGER, false}, {"registered_at", PERSONAL_INSTANT, false},
    {"salt", PERSONAL_HIDDEN, true},
};
static const struct personal_column standing_columns[] = {
    {"purchases", PERSONAL_INTEGER, false},
    {"purchase_days", PERSONAL_INTEGER, false},
    {"spend", PERSONAL_INTEGER, false},
    {"returns", PERSONAL_INTEGER, false},
    {"visits", PERSONAL_INTEGER, false},
    {"first_purchase_at", PERSONAL_INSTANT, false},
    {"last_purchase_at", PERSONAL_INSTANT, false},
    {"last_visit_at", PERSONAL_INSTANT, false},
    {"last_event_at", PERSONAL_INSTANT, false},
    {"won_back_at", PERSONAL_INSTANT, false},
    {"tier_since", PERSONAL_INSTANT, false},
    {"tier_until", PERSONAL_INSTANT, false},
    {"qualifying", PERSONAL_INTEGER, false},
    {"qualifying_from", PERSONAL_INSTANT, false},
    {"tier", PERSONAL_TEXT, false},
    {"tier_grace", PERSONAL_FACT, false},
    {"recent", PERSONAL_HIDDEN, false},
    {"due_at", PERSONAL_INSTANT, false},
    {"held", PERSONAL_TEXT, false},
};
static const struct personal_column member_day_columns[] = {
    {"day", PERSONAL_DAY, false},
    {"purchases", PERSONAL_INTEGER, false},
    {"spend", PERSONAL_INTEGER, false},
};
static const struct personal_column member_score_columns[] = {
    {"scored_at", PERSONAL_INSTANT, false}, {"alive", PERSONAL_INTEGER, true},    {"expected", PERSONAL_INTEGER, true},
    {"value", PERSONAL_INTEGER, true},      {"lifetime", PERSONAL_INTEGER, true}, {"loyalty", PERSONAL_INTEGER, true},
    {"risk", PERSONAL_INTEGER, true},       {"kind", PERSONAL_INTEGER, true},
};
/* Who is erased leaves them by the event, so that those who left are counted. */
static const struct personal_column segment_member_columns[] = {
    {"segment", PERSONAL_TEXT, false},
    {"since", PERSONAL_INSTANT, false},
};
static const struct personal_column segment_due_columns[] = {
    {"due_at", PERSONAL_HIDDEN, false},
};
static const struct personal_column member_habit_columns[] = {
    {"counted_at", PERSONAL_INSTANT, false}, {"lines", PERSONAL_INTEGER, true},
    {"discounted", PERSONAL_INTEGER, true},  {"full_price", PERSONAL_INTEGER, true},
    {"own_brand", PERSONAL_INTEGER, true},   {"brands", PERSONAL_INTEGER, true},
    {"brand", PERSONAL_TEXT, true},          {"categories", PERSONAL_INTEGER, true},
    {"promoted", PERSONAL_INTEGER, true},    {"look_days", PERSONAL_INTEGER, true},
    {"looks", PERSONAL_INTEGER, true},
};
static const struct personal_column member_alert_columns[] = {
    {"raised_at", PERSONAL_INSTANT, false},    {"before", PERSONAL_INTEGER, true},
    {"risk", PERSONAL_INTEGER, true},          {"threshold", PERSONAL_INTEGER, true},
    {"ended_at", PERSONAL_INSTANT, false},     {"acknowledged_at", PERSONAL_INSTANT, false},
    {"acknowledged_by", PERSONAL_TEXT, false},
};
static const struct personal_column member_segment_columns[] = {
    {"segment", PERSONAL_INTEGER, true}, {"since", PERSONAL_INSTANT, false}, {"seen_at", PERSONAL_INSTANT, false}};
static const struct personal_column churn_reason_columns[] = {
    {"id", PERSONAL_EVENT, false},
    {"at", PERSONAL_INSTANT, false},
    {"cause", PERSONAL_INTEGER, true},
};
static const struct personal_column survey_answer_columns[] = {
    {"id", PERSONAL_EVENT, false},     {"question", PERSONAL_TEXT, true},     {"low", PERSONAL_INTEGER, false},
    {"high", PERSONAL_INTEGER, false}, {"low_is_best", PERSONAL_FACT, false}, {"value", PERSONAL_INTEGER, true},
    {"at", PERSONAL_INSTANT, false},   {"day", PERSONAL_DAY, false},          {"channel", PERSONAL_TEXT, true},
    {"store", PERSONAL_TEXT, true},    {"comment", PERSONAL_TEXT, true},
};
static const struct personal_column coupon_columns[] = {
    {"id", PERSONAL_EVENT, false},
    {"code", PERSONAL_TEXT, true},
    {"value", PERSONAL_TEXT, true},
    {"valid_from", PERSONAL_INSTANT, false},
    {"valid_until", PERSONAL_INSTANT, false},
};
static const struct personal_column coupon_owner_columns[] = {
    {"key", PERSONAL_TEXT, true},           {"series", PERSONAL_TEXT, true},
    {"issued_at", PERSONAL_INSTANT, false}, {"valid_until", PERSONAL_INSTANT, false},
    {"event", PERSONAL_EVENT, false},
};
static const struct personal_column reward_order_columns[] = {
    {"id", PERSONAL_EVENT, false},           {"reward", PERSONAL_TEXT, false},
    {"state", PERSONAL_INTEGER, false},      {"quantity", PERSONAL_INTEGER, false},
    {"wallet", PERSONAL_TEXT, false},        {"points", PERSONAL_INTEGER, false},
    {"minor", PERSONAL_INTEGER, false},      {"slot_from", PERSONAL_INSTANT, false},
    {"store", PERSONAL_TEXT, false},         {"channel", PERSONAL_TEXT, false},
    {"partner", PERSONAL_TEXT, false},       {"coupon", PERSONAL_TEXT, false},
    {"gift", PERSONAL_TEXT, false},          {"at", PERSONAL_INSTANT, false},
    {"until", PERSONAL_INSTANT, false},      {"ready_at", PERSONAL_INSTANT, false},
    {"shipped_at", PERSONAL_INSTANT, false}, {"ended_at", PERSONAL_INSTANT, false},
};
static const struct personal_column member_event_booking_columns[] = {
    {"id", PERSONAL_EVENT, false},          {"event", PERSONAL_TEXT, false},
    {"state", PERSONAL_INTEGER, false},     {"place", PERSONAL_INTEGER, false},
    {"tier", PERSONAL_TEXT, false},         {"wallet", PERSONAL_TEXT, false},
    {"points", PERSONAL_INTEGER, false},    {"given_back", PERSONAL_INTEGER, false},
    {"store", PERSONAL_TEXT, false},        {"at", PERSONAL_INSTANT, false},
    {"seated_at", PERSONAL_INSTANT, false}, {"ended_at", PERSONAL_INSTANT, false},
    {"reason", PERSONAL_TEXT, false},       {"barred_until", PERSONAL_INSTANT, false},
    {"award_wallet", PERSONAL_TEXT, false}, {"award", PERSONAL_INTEGER, false},
};
static const struct personal_column honour_columns[] = {
    {"id", PERSONAL_EVENT, false},
    {"purchase", PERSONAL_EVENT, false},
    {"state", PERSONAL_INTEGER, false},
    {"channel", PERSONAL_TEXT, false},
    {"advertised", PERSONAL_TEXT, true},
    {"seen_at", PERSONAL_INSTANT, false},
    {"store", PERSONAL_TEXT, false},
    {"reason", PERSONAL_TEXT, false},
    {"employee", PERSONAL_TEXT, false},
    {"asked_by", PERSONAL_TEXT, false},
    {"at", PERSONAL_INSTANT, false},
    {"day", PERSONAL_DAY, false},
    {"value", PERSONAL_INTEGER, false},
    {"asked_wallet", PERSONAL_TEXT, false},
    {"asked_points", PERSONAL_INTEGER, false},
    {"give", PERSONAL_HIDDEN, false},
    {"given_kind", PERSONAL_INTEGER, false},
    {"wallet", PERSONAL_TEXT, false},
    {"points", PERSONAL_INTEGER, false},
    {"series", PERSONAL_TEXT, false},
    {"code_key", PERSONAL_TEXT, false},
    {"cost", PERSONAL_INTEGER, false},
    {"given_by", PERSONAL_EVENT, false},
    {"task", PERSONAL_EVENT, false},
    {"approval", PERSONAL_HIDDEN, false},
    {"decided_at", PERSONAL_INSTANT, false},
    {"decided_by", PERSONAL_TEXT, false},
    {"outcome", PERSONAL_TEXT, false},
    {"outcome_text", PERSONAL_TEXT, true},
    {"told_at", PERSONAL_INSTANT, false},
};
static const struct personal_column missed_benefit_columns[] = {
    {"id", PERSONAL_EVENT, false},           {"purchase", PERSONAL_EVENT, false},
    {"kind", PERSONAL_INTEGER, false},       {"state", PERSONAL_INTEGER, false},
    {"code", PERSONAL_TEXT, false},          {"version", PERSONAL_INTEGER, false},
    {"why", PERSONAL_TEXT, false},           {"store", PERSONAL_TEXT, false},
    {"channel", PERSONAL_TEXT, false},       {"day", PERSONAL_DAY, false},
    {"at", PERSONAL_INSTANT, false},         {"found_at", PERSONAL_INSTANT, false},
    {"value", PERSONAL_INTEGER, false},      {"value_left", PERSONAL_INTEGER, false},
    {"lines", PERSONAL_TEXT, false},         {"limits", PERSONAL_HIDDEN, false},
    {"limit_day", PERSONAL_HIDDEN, false},   {"given_kind", PERSONAL_INTEGER, false},
    {"wallet", PERSONAL_TEXT, false},        {"points", PERSONAL_INTEGER, false},
    {"series", PERSONAL_TEXT, false},        {"code_key", PERSONAL_TEXT, false},
    {"cost", PERSONAL_INTEGER, false},       {"given_by", PERSONAL_EVENT, false},
    {"taken", PERSONAL_INTEGER, false},      {"task", PERSONAL_EVENT, false},
    {"decided_at", PERSONAL_INSTANT, false}, {"decided_by", PERSONAL_TEXT, false},
};
static const struct personal_column organisation_columns[] = {
    {"name", PERSONAL_TEXT, true},
    {"registration", PERSONAL_TEXT, true},
    {"vat", PERSONAL_TEXT, true},
    {"address", PERSONAL_TEXT, true},
    {"terms", PERSONAL_TEXT, true},
    {"credit_limit", PERSONAL_TEXT, true},
    {"payment_days", PERSONAL_INTEGER, true},
    {"points", PERSONAL_INTEGER, true},
};
static const struct personal_column organisation_contact_columns[] = {
    {"organisation", PERSONAL_MEMBER, true},
    {"role", PERSONAL_TEXT, true},
    {"from_on", PERSONAL_INTEGER, true},
    {"until_on", PERSONAL_INTEGER, true},
};
static const struct personal_column tier_request_columns[] = {
    {"ladder", PERSONAL_TEXT, false},        {"tier", PERSONAL_TEXT, false},
    {"given_as", PERSONAL_INTEGER, false},   {"until_at", PERSONAL_INSTANT, false},
    {"reason", PERSONAL_TEXT, true},         {"kept_by", PERSONAL_TEXT, false},
    {"state", PERSONAL_INTEGER, false},      {"asked_by", PERSONAL_TEXT, false},
    {"asked_at", PERSONAL_INSTANT, false},   {"decided_by", PERSONAL_TEXT, false},
    {"decided_at", PERSONAL_INSTANT, false},
};
static const struct personal_column benefit_use_columns[] = {
    {"id", PERSONAL_EVENT, false},      {"code", PERSONAL_TEXT, true},       {"store", PERSONAL_TEXT, true},
    {"units", PERSONAL_INTEGER, false}, {"at", PERSONAL_INSTANT, false},     {"value", PERSONAL_INTEGER, false},
    {"via", PERSONAL_EVENT, false},     {"reversed", PERSONAL_EVENT, false},
};
static const struct personal_column membership_columns[] = {
    {"id", PERSONAL_EVENT, false},
    {"code", PERSONAL_TEXT, true},
    {"bought_at", PERSONAL_INSTANT, false},
    {"term_from", PERSONAL_INSTANT, false},
    {"paid_until", PERSONAL_INSTANT, false},
    {"grace_until", PERSONAL_INSTANT, false},
    {"fee", PERSONAL_INTEGER, false},
    {"earlier_from", PERSONAL_INSTANT, false},
    {"earlier_fee", PERSONAL_INTEGER, false},
    {"terms", PERSONAL_INTEGER, false},
    {"paid", PERSONAL_INTEGER, false},
    {"refunded", PERSONAL_INTEGER, false},
    {"cancelled_at", PERSONAL_INSTANT, false},
    {"ended_at", PERSONAL_INSTANT, false},
    {"reference", PERSONAL_TEXT, true},
};
static const struct personal_column membership_saving_columns[] = {
    {"id", PERSONAL_EVENT, false},   {"membership", PERSONAL_EVENT, false}, {"amount", PERSONAL_INTEGER, false},
    {"at", PERSONAL_INSTANT, false}, {"what", PERSONAL_TEXT, true},
};
static const struct personal_column task_columns[] = {
    {"opened_at", PERSONAL_INSTANT, false}, {"opened_by", PERSONAL_TEXT, false}, {"reason", PERSONAL_TEXT, false},
    {"body", PERSONAL_TEXT, true},          {"state", PERSONAL_INTEGER, false},  {"priority", PERSONAL_INTEGER, false},
    {"store", PERSONAL_TEXT, false},        {"due_at", PERSONAL_INSTANT, false}, {"closed_at", PERSONAL_INSTANT, false},
    {"closed_by", PERSONAL_TEXT, false},    {"outcome", PERSONAL_TEXT, false},   {"outcome_text", PERSONAL_TEXT, true},
    {"reference", PERSONAL_TEXT, true},     {"media", PERSONAL_TEXT, false},
};
static const struct personal_column task_holder_columns[] = {
    {"task", PERSONAL_EVENT, false}, {"from_at", PERSONAL_INSTANT, false}, {"person", PERSONAL_TEXT, false},
    {"place", PERSONAL_TEXT, false}, {"role", PERSONAL_TEXT, false},
};
static const struct personal_column task_proof_columns[] = {
    {"task", PERSONAL_EVENT, false},
    {"media", PERSONAL_TEXT, false},
    {"content", PERSONAL_HIDDEN, true},
};
static const struct personal_column contract_columns[] = {
    {"id", PERSONAL_EVENT, false},
    {"version", PERSONAL_INTEGER, false},
    {"code", PERSONAL_TEXT, false},
    {"name", PERSONAL_TEXT, true},
    {"contacts", PERSONAL_TEXT, true},
    {"counts", PERSONAL_INTEGER, false},
    {"metric", PERSONAL_INTEGER, false},
    {"commitment", PERSONAL_INTEGER, false},
    {"price", PERSONAL_INTEGER, false},
    {"shortfall", PERSONAL_INTEGER, false},
    {"after_extension", PERSONAL_INTEGER, false},
    {"extend_months", PERSONAL_INTEGER, false},
    {"carry", PERSONAL_FACT, false},
    {"automatic", PERSONAL_FACT, false},
    {"months", PERSONAL_INTEGER, false},
    {"notice_days", PERSONAL_INTEGER, false},
    {"remind_days", PERSONAL_INTEGER, false},
    {"reason", PERSONAL_TEXT, true},
    {"owner_person", PERSONAL_TEXT, true},
    {"owner_place", PERSONAL_TEXT, false},
    {"owner_role", PERSONAL_TEXT, false},
    {"agreed_at", PERSONAL_INSTANT, false},
    {"from_day", PERSONAL_DAY, false},
    {"until_day", PERSONAL_DAY, false},
    {"end_day", PERSONAL_DAY, false},
    {"end_reason", PERSONAL_TEXT, true},
    {"ended_at", PERSONAL_INSTANT, false},
};
static const struct personal_column contract_terms_columns[] = {
    {"contract", PERSONAL_EVENT, false}, {"from_day", PERSONAL_DAY, false}, {"discount", PERSONAL_INTEGER, false},
    {"factor", PERSONAL_INTEGER, false}, {"payment", PERSONAL_TEXT, true},  {"until", PERSONAL_INSTANT, false},
};
static const struct personal_column contract_period_columns[] = {
    {"contract", PERSONAL_EVENT, false}, {"number", PERSONAL_INTEGER, false},     {"from_day", PERSONAL_DAY, false},
    {"until_day", PERSONAL_DAY, false},  {"commitment", PERSONAL_INTEGER, false}, {"carried", PERSONAL_INTEGER, false},
    {"spend", PERSONAL_INTEGER, false},  {"purchases", PERSONAL_INTEGER, false},  {"nights", PERSONAL_INTEGER, false},
    {"due", PERSONAL_INTEGER, false},    {"closed_at", PERSONAL_INSTANT, false},
};
static const struct personal_column contract_change_columns[] = {
    {"contract", PERSONAL_EVENT, false}, {"number", PERSONAL_INTEGER, false},
    {"at", PERSONAL_INSTANT, false},     {"what", PERSONAL_TEXT, false},
    {"actor", PERSONAL_TEXT, true},      {"reason", PERSONAL_TEXT, true},
    {"period", PERSONAL_INTEGER, false}, {"day", PERSONAL_DAY, false},
    {"amount", PERSONAL_INTEGER, false}, {"collected_at", PERSONAL_INSTANT, false},
    {"reference", PERSONAL_TEXT, true},
};
static const struct personal_column contract_count_columns[] = {
    {"contract", PERSONAL_EVENT, false}, {"event", PERSONAL_EVENT, false},       {"day", PERSONAL_DAY, false},
    {"spend", PERSONAL_INTEGER, false},  {"purchases", PERSONAL_INTEGER, false}, {"nights", PERSONAL_INTEGER, false},
};
static const struct personal_column referral_code_columns[] = {
    {"programme", PERSONAL_TEXT, false},
    {"code", PERSONAL_TEXT, false},
    {"made_at", PERSONAL_INSTANT, false},
};
static const struct personal_column referral_columns[] = {
    {"id", PERSONAL_EVENT, false},
    {"side", PERSONAL_INTEGER, false},
    {"programme", PERSONAL_TEXT, false},
    {"joined_at", PERSONAL_INSTANT, false},
    {"state", PERSONAL_INTEGER, false},
    {"reason", PERSONAL_TEXT, false},
    {"purchase", PERSONAL_EVENT, false},
    {"qualified_at", PERSONAL_INSTANT, false},
    {"friend_points", PERSONAL_INTEGER, false},
    {"referrer_points", PERSONAL_INTEGER, false},
    {"decided_at", PERSONAL_INSTANT, false},
    {"friend_wallet", PERSONAL_TEXT, false},
    {"referrer_wallet", PERSONAL_TEXT, false},
    {"decided_by", PERSONAL_TEXT, false},
};
static const struct personal_column challenge_count_columns[] = {
    {"challenge", PERSONAL_TEXT, false}, {"event", PERSONAL_EVENT, false}, {"step", PERSONAL_TEXT, false},
    {"value", PERSONAL_TEXT, false},     {"at", PERSONAL_INSTANT, false},  {"units", PERSONAL_INTEGER, false},
};
static const struct personal_column challenge_reward_columns[] = {
    {"id", PERSONAL_EVENT, false},        {"challenge", PERSONAL_TEXT, false},   {"number", PERSONAL_INTEGER, false},
    {"event", PERSONAL_EVENT, false},     {"given_at", PERSONAL_INSTANT, false}, {"wallet", PERSONAL_TEXT, false},
    {"points", PERSONAL_INTEGER, false},  {"badge", PERSONAL_TEXT, false},       {"item", PERSONAL_TEXT, false},
    {"used_at", PERSONAL_INSTANT, false}, {"taken_at", PERSONAL_INSTANT, false},
};
static const struct personal_column challenge_enrolment_columns[] = {
    {"challenge", PERSONAL_TEXT, false},
    {"enrolled_at", PERSONAL_INSTANT, false},
    {"left_at", PERSONAL_INSTANT, false},
};
static const struct personal_column member_badge_columns[] = {
    {"id", PERSONAL_EVENT, false},     {"badge", PERSONAL_TEXT, false},         {"awarded_at", PERSONAL_INSTANT, false},
    {"source", PERSONAL_EVENT, false}, {"revoked_at", PERSONAL_INSTANT, false},
};
static const struct personal_column wallet_columns[] = {
    {"code", PERSONAL_TEXT, false},    {"active", PERSONAL_INTEGER, false}, {"pending", PERSONAL_INTEGER, false},
    {"held", PERSONAL_INTEGER, false}, {"debt", PERSONAL_INTEGER, false},
};
static const struct personal_column lot_columns[] = {
    {"id", PERSONAL_EVENT, false},          {"wallet", PERSONAL_TEXT, false},
    {"source", PERSONAL_EVENT, false},      {"earned_at", PERSONAL_INSTANT, false},
    {"active_at", PERSONAL_INSTANT, false}, {"expires_at", PERSONAL_INSTANT, false},
    {"amount", PERSONAL_INTEGER, false},    {"remaining", PERSONAL_INTEGER, false},
    {"held", PERSONAL_INTEGER, false},      {"pending", PERSONAL_FACT, false},
};
static const struct personal_column hold_columns[] = {
    {"id", PERSONAL_EVENT, false},         {"wallet", PERSONAL_TEXT, false},        {"amount", PERSONAL_INTEGER, false},
    {"captured", PERSONAL_INTEGER, false}, {"expires_at", PERSONAL_INSTANT, false}, {"state", PERSONAL_INTEGER, false},
    {"parts", PERSONAL_HIDDEN, false},
};
static const struct personal_column progress_columns[] = {
    {"id", PERSONAL_TEXT, false},
    {"used", PERSONAL_INTEGER, false},
};
static const struct personal_column fraud_alert_columns[] = {
    {"id", PERSONAL_HIDDEN, false},
    {"kind", PERSONAL_INTEGER, false},
    {"subject", PERSONAL_TEXT, false},
    {"store", PERSONAL_TEXT, false},
    {"day", PERSONAL_DAY, false},
    {"metric", PERSONAL_INTEGER, false},
    {"value", PERSONAL_INTEGER, true},
    {"usual", PERSONAL_INTEGER, false},
    {"probability", PERSONAL_INTEGER, false},
    {"tests", PERSONAL_HIDDEN, false},
    {"history", PERSONAL_HIDDEN, false},
    {"state", PERSONAL_INTEGER, false},
    {"raised_at", PERSONAL_INSTANT, false},
    {"decided_at", PERSONAL_INSTANT, false},
    {"decided_by", PERSONAL_TEXT, false},
    {"reason", PERSONAL_TEXT, true},
};
static const struct personal_column fraud_case_columns[] = {
    {"id", PERSONAL_INTEGER, false},        {"wallet", PERSONAL_TEXT, false},    {"employee", PERSONAL_TEXT, false},
    {"store", PERSONAL_TEXT, false},        {"state", PERSONAL_INTEGER, false},  {"reason", PERSONAL_TEXT, true},
    {"opened_at", PERSONAL_INSTANT, false}, {"opened_by", PERSONAL_TEXT, false}, {"outcome", PERSONAL_TEXT, true},
    {"closed_at", PERSONAL_INSTANT, false}, {"closed_by", PERSONAL_TEXT, false}, {"alert", PERSONAL_HIDDEN, false},
};
static const struct personal_column redemption_credential_columns[] = {
    {"generation", PERSONAL_INTEGER, false},     {"step", PERSONAL_HIDDEN, false},
    {"code_number", PERSONAL_INTEGER, false},    {"code_expires_at", PERSONAL_INSTANT, false},
    {"code_tries", PERSONAL_INTEGER, false},     {"code_used", PERSONAL_INTEGER, false},
    {"code_issued_at", PERSONAL_INSTANT, false}, {"code_hour", PERSONAL_HIDDEN, false},
    {"code_count", PERSONAL_HIDDEN, false},      {"pin_hash", PERSONAL_HIDDEN, true},
    {"pin_version", PERSONAL_INSTANT, false},    {"pin_tries", PERSONAL_INTEGER, false},
    {"pin_lockouts", PERSONAL_INTEGER, false},   {"pin_locked_until", PERSONAL_INSTANT, false},
};
static const struct personal_column journal_columns[] = {
    {"seq", PERSONAL_INTEGER, false},         {"kind", PERSONAL_TEXT, false},    {"at", PERSONAL_INSTANT, false},
    {"recorded_at", PERSONAL_INSTANT, false}, {"day", PERSONAL_DAY, false},      {"cause", PERSONAL_EVENT, false},
    {"store", PERSONAL_TEXT, false},          {"channel", PERSONAL_TEXT, false}, {"receipt", PERSONAL_TEXT, false},
    {"amount", PERSONAL_INTEGER, false},      {"facts", PERSONAL_JSON, false},   {"seal", PERSONAL_HIDDEN, false},
};
static const struct personal_column purchase_line_columns[] = {
    {"seq", PERSONAL_INTEGER, false},
    {"line", PERSONAL_INTEGER, false},
    {"sku", PERSONAL_TEXT, false},
    {"category", PERSONAL_TEXT, false},
    {"quantity_milli", PERSONAL_INTEGER, false},
    {"amount", PERSONAL_INTEGER, false},
    {"discount", PERSONAL_INTEGER, false},
    {"of_line", PERSONAL_INTEGER, false},
};
static const struct personal_column movement_columns[] = {
    {"seq", PERSONAL_INTEGER, false},   {"line", PERSONAL_INTEGER, false},   {"wallet", PERSONAL_TEXT, false},
    {"debit", PERSONAL_ACCOUNT, false}, {"credit", PERSONAL_ACCOUNT, false}, {"amount", PERSONAL_INTEGER, false},
    {"lot", PERSONAL_EVENT, false},
};
static const struct personal_column quote_columns[] = {
    {"id", PERSONAL_EVENT, false},       {"state", PERSONAL_INTEGER, false},    {"at", PERSONAL_INSTANT, false},
    {"due_at", PERSONAL_INSTANT, false}, {"reserved", PERSONAL_INTEGER, false}, {"settled_by", PERSONAL_EVENT, false},
    {"document", PERSONAL_JSON, false},
};
static const struct personal_column booking_columns[] = {
    {"id", PERSONAL_EVENT, false},         {"kind", PERSONAL_INTEGER, false},
    {"state", PERSONAL_INTEGER, false},    {"done", PERSONAL_INTEGER, false},
    {"version", PERSONAL_INTEGER, false},  {"payer", PERSONAL_MEMBER, false},
    {"store", PERSONAL_TEXT, false},       {"origin", PERSONAL_TEXT, false},
    {"channel", PERSONAL_TEXT, false},     {"number", PERSONAL_TEXT, false},
    {"place", PERSONAL_TEXT, false},       {"rate", PERSONAL_TEXT, false},
    {"from_day", PERSONAL_DAY, false},     {"until_day", PERSONAL_DAY, false},
    {"party", PERSONAL_INTEGER, false},    {"currency", PERSONAL_TEXT, false},
    {"amount", PERSONAL_INTEGER, false},   {"purchase", PERSONAL_EVENT, false},
    {"at", PERSONAL_INSTANT, false},       {"paid_at", PERSONAL_INSTANT, false},
    {"ready_at", PERSONAL_INSTANT, false}, {"arrived_at", PERSONAL_INSTANT, false},
    {"ended_at", PERSONAL_INSTANT, false}, {"detail", PERSONAL_EVENT, false},
    {"awaited", PERSONAL_TEXT, false},
};
static const struct personal_column detail_columns[] = {
    {"seq", PERSONAL_INTEGER, false},
    {"body", PERSONAL_JSON, true},
};
static const struct personal_column trace_columns[] = {
    {"at", PERSONAL_INSTANT, false}, {"id", PERSONAL_EVENT, false},    {"kind", PERSONAL_TEXT, true},
    {"store", PERSONAL_TEXT, true},  {"channel", PERSONAL_TEXT, true}, {"body", PERSONAL_JSON, true},
};
static const struct personal_column request_columns[] = {
    {"scope", PERSONAL_TEXT, false},     {"key", PERSONAL_TEXT, true},   {"digest", PERSONAL_HIDDEN, true},
    {"status", PERSONAL_INTEGER, false}, {"reply", PERSONAL_TEXT, true}, {"expires_at", PERSONAL_INSTANT, false},
};
static const struct personal_column audit_columns[] = {
    {"at", PERSONAL_INSTANT, false}, {"actor", PERSONAL_TEXT, false}, {"what", PERSONAL_TEXT, false},
    {"before", PERSONAL_JSON, true}, {"after", PERSONAL_JSON, true},
};

#define COLUMNS(list) list, sizeof(list) / sizeof((list)[0])

const struct personal_table personal_tables[] = {
    {"profile", &query_customers_export_profile, &query_customers_erase_profile, COLUMNS(profile_columns), false},
    {"identifier", &query_customers_export_identifier, &query_customers_erase_identifier, COLUMNS(identifier_columns),
     false},
    {"member_search", NULL, &query_customers_erase_member_search, COLUMNS(member_search_columns), false},
    {"member_field", &query_customers_export_member_field, &query_customers_erase_member_field,
     COLUMNS(member_field_columns), false},
    {"tag", &query_customers_export_tag, &query_customers_erase_tag, COLUMNS(tag_columns), false},
    {"note", &query_customers_export_note, &query_customers_erase_note, COLUMNS(note_columns), false},
    {"preference", &query_customers_export_preference, &query_customers_erase_preference, COLUMNS(preference_columns),
     false},
    {"consent", &query_customers_export_consent, &query_customers_erase_consent, COLUMNS(consent_columns), false},
    {"consent_history", &query_customers_export_consent_history, &query_customers_erase_consent_history,
     COLUMNS(consent_history_columns), false},
    {"merge_link", &query_customers_export_merge_link, NULL, COLUMNS(merge_link_columns), false},
    {"member", &query_customers_export_member, NULL, COLUMNS(member_columns), false},
    {"standing", &query_customers_export_standing, NULL, COLUMNS(standing_columns), false},
    {"standing_own", &query_customers_export_standing_own, NULL, COLUMNS(standing_columns), false},
    {"member_day", &query_customers_export_member_day, NULL, COLUMNS(member_day_columns), false},
    {"member_score", &query_customers_export_member_score, &query_customers_erase_member_score,
     COLUMNS(member_score_columns), false},
    {"segment_member", &query_customers_export_segment_member, NULL, COLUMNS(segment_member_columns), false},
    {"segment_due", NULL, NULL, COLUMNS(segment_due_columns), false},
    {"member_habit", &query_customers_export_member_habit, &query_customers_erase_member_habit,
     COLUMNS(member_habit_columns), false},
    {"member_alert", &query_customers_export_member_alert, &query_customers_erase_member_alert,
     COLUMNS(member_alert_columns), false},
    {"member_segment", &query_customers_export_member_segment, &query_customers_erase_member_segment,
     COLUMNS(member_segment_columns), false},
    {"churn_reason", &query_customers_export_churn_reason, &query_customers_erase_churn_reason,
     COLUMNS(churn_reason_columns), false},
    {"survey_answer", &query_customers_export_survey_answer, &query_customers_erase_survey_answer,
     COLUMNS(survey_answer_columns), false},
    {"coupon", &query_customers_export_coupon, &query_customers_erase_coupon, COLUMNS(coupon_columns), false},
    {"coupon_owner", &query_customers_export_coupon_owner, &query_customers_erase_coupon_owner,
     COLUMNS(coupon_owner_columns), false},
    {"reward_order", &query_customers_export_reward_order, NULL, COLUMNS(reward_order_columns), false},
    {"member_event_booking", &query_customers_export_member_event_booking, NULL, COLUMNS(member_event_booking_columns),
     false},
    {"honour", &query_customers_export_honour, &query_customers_erase_honour, COLUMNS(honour_columns), false},
    {"missed_benefit", &query_customers_export_missed_benefit, NULL, COLUMNS(missed_benefit_columns), false},
    {"organisation", &query_customers_export_organisation, &query_customers_erase_organisation,
     COLUMNS(organisation_columns), false},
    {"organisation_contact", &query_customers_export_organisation_contact, &query_customers_erase_organisation_contact,
     COLUMNS(organisation_contact_columns), false},
    {"tier_request", &query_customers_export_tier_request, &query_customers_erase_tier_request,
     COLUMNS(tier_request_columns), false},
    {"benefit_use", &query_customers_export_benefit_use, &query_customers_erase_benefit_use,
     COLUMNS(benefit_use_columns), false},
    {"membership", &query_customers_export_membership, &query_customers_erase_membership, COLUMNS(membership_columns),
     false},
    {"membership_saving", &query_customers_export_membership_saving, &query_customers_erase_membership_saving,
     COLUMNS(membership_saving_columns), false},
    {"task", &query_customers_export_task, &query_customers_erase_task, COLUMNS(task_columns), false},
    {"task_holder", &query_customers_export_task_holder, &query_customers_erase_task_holder,
     COLUMNS(task_holder_columns), false},
    {"task_proof", &query_customers_export_task_proof, &query_customers_erase_task_proof, COLUMNS(task_proof_columns),
     false},
    {"contract", &query_customers_export_contract, &query_customers_erase_contract, COLUMNS(contract_columns), false},
    {"contract_terms", &query_customers_export_contract_terms, &query_customers_erase_contract_terms,
     COLUMNS(contract_terms_columns), false},
    {"contract_period", &query_customers_export_contract_period, &query_customers_erase_contract_period,
     COLUMNS(contract_period_columns), false},
    {"contract_change", &query_customers_export_contract_change, &query_customers_erase_contract_change,
     COLUMNS(contract_change_columns), false},
    {"contract_count", &query_customers_export_contract_count, &query_customers_erase_contract_count,
     COLUMNS(contract_count_columns), false},
    {"referral_code", &query_customers_export_referral_code, NULL, COLUMNS(referral_code_columns), false},
    {"referral", &query_customers_export_referral, NULL, COLUMNS(referral_columns), false},
    {"challenge_count", &query_customers_export_challenge_count, NULL, COLUMNS(challenge_count_columns), false},
    {"challenge_reward", &query_customers_export_challenge_reward, NULL, COLUMNS(challenge_reward_columns), false},
    {"challenge_enrolment", &query_customers_export_challenge_enrolment, NULL, COLUMNS(challenge_enrolment_columns),
     false},
    {"member_badge", &query_customers_export_member_badge, NULL, COLUMNS(member_badge_columns), false},
    {"wallet", &query_customers_export_wallet, NULL, COLUMNS(wallet_columns), false},
    {"lot", &query_customers_export_lot, NULL, COLUMNS(lot_columns), false},
    {"hold", &query_customers_export_hold, NULL, COLUMNS(hold_columns), false},
    {"progress", &query_customers_export_progress, NULL, COLUMNS(progress_columns), false},
    {"fraud_alert", &query_customers_export_fraud_alert, &query_customers_erase_fraud_alert,
     COLUMNS(fraud_alert_columns), false},
    {"fraud_case", &query_customers_export_fraud_case, &query_customers_erase_fraud_case, COLUMNS(fraud_case_columns),
     false},
    {"redemption_credential", &query_customers_export_redemption_credential,
     &query_customers_erase_redemption_credential, COLUMNS(redemption_credential_columns), false},
    {"journal", &query_customers_export_journal, NULL, COLUMNS(journal_columns), false},
    {"purchase_line", &query_customers_export_purchase_line, NULL, COLUMNS(purchase_line_columns), false},
    {"movement", &query_customers_export_movement, NULL, COLUMNS(movement_columns), false},
    {"booking", &query_customers_export_booking, NULL, COLUMNS(booking_columns), false},
    {"quote", &query_customers_export_quote, NULL, COLUMNS(quote_columns), false},
    {"detail", &query_customers_export_detail, &query_customers_erase_detail, COLUMNS(detail_columns), false},
    {"trace", &query_customers_export_trace, &query_customers_erase_trace, COLUMNS(trace_columns), false},
    {"request", &query_customers_export_request, &query_customers_erase_request, COLUMNS(request_columns), true},
    {"audit", &query_customers_export_audit, &query_customers_erase_audit, COLUMNS(audit_columns), false},
};
const size_t personal_table_count = sizeof personal_tables / sizeof personal_tables[0];

struct reading {
    const struct personal_table *table;
    const struct personal_reader *reader;
};

static bool is_text(enum personal_type type)
{
    return type == PERSONAL_TEXT || type == PERSONAL_JSON;
}

static enum status read_row(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct personal_value values[PERSONAL_COLUMNS_MAX];
    int at = 0;

    (void)err;
    for (size_t i = 0; i < reading->table->column_count; i++) {
        enum personal_type type = reading->table->columns[i].type;
        if (type == PERSONAL_HIDDEN)
            continue;
        values[at] = (struct personal_value){.null = row_is_null(row, at)};
        if (is_text(type))
            values[at].text = row_text(row, at);
        else
            values[at].integer = row_integer(row, at);
        at++;
    }
    reading->reader->row(reading->reader->context, reading->table, values);
    return STATUS_OK;
}

enum status personal_read(struct storage_session *session, const struct personal_table *table, int64_t member,
                          const struct personal_reader *reader, struct error *err)
{
    struct reading reading = {table, reader};
    struct storage_receiver receiver = {.row = read_row, .context = &reading};
    enum status status = STATUS_OK;

    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        if (!table->everywhere && bucket != id_bucket(member))
            continue;
        struct storage_value values[] = {value_integer(bucket), value_integer(member)};
        status = storage_run(session, table->export_query, values, 1, &receiver, err);
    }
    return status;
}
