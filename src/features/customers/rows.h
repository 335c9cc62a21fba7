/* rows.h: the rows that customer commands write and what they ask to be loaded; customers_store.c knows the SQL. */
#ifndef PATRON_FEATURES_CUSTOMERS_ROWS_H
#define PATRON_FEATURES_CUSTOMERS_ROWS_H

#include "features/customers/model.h"

/* The load function of all customer command types: by the struct customer_load that begins their body. */
enum status customers_load(struct load_context *context, struct command **commands, size_t count, struct error *err);

/* Rows to be written with the command; texts are borrowed until the batch is stored. */
void store_profile(struct decision *decision, int64_t member, const struct profile *profile);
void store_identifier(struct decision *decision, int64_t member, struct identifier identifier, int64_t at);
void store_identifier_delete(struct decision *decision, int64_t member, struct identifier identifier);
void store_search_key(struct decision *decision, int64_t member, struct text key);
void store_search_key_delete(struct decision *decision, int64_t member, struct text key);
void store_field(struct decision *decision, int64_t member, struct field_value field); /* an empty value removes it */
void store_tag(struct decision *decision, int64_t member, struct text tag, int64_t at);
void store_tag_delete(struct decision *decision, int64_t member, struct text tag);
void store_note(struct decision *decision, int64_t member, int64_t id, struct text author, struct text body);
void store_note_delete(struct decision *decision, int64_t member, int64_t id);
void store_preference(struct decision *decision, int64_t member, const struct preference *preference);
void store_preference_delete(struct decision *decision, int64_t member, int64_t id);
void store_consent(struct decision *decision, int64_t member, int64_t id,
                   const struct consent *consent); /* and history */
void store_household(struct decision *decision, int64_t id, bool pooled);
void store_household_delete(struct decision *decision, int64_t id);
void store_group(struct decision *decision, int64_t grouping, int64_t member);
void store_group_delete(struct decision *decision, int64_t grouping, int64_t member);
void store_link(struct decision *decision, const struct merge_link *link);
void store_link_delete(struct decision *decision, int64_t member, int64_t id);

/* The keyed hash by which an erased identifier is known again. */
void tombstone_hash(const unsigned char *key, struct identifier identifier, unsigned char hash[DIGEST_SIZE]);
void store_tombstone(struct decision *decision, const unsigned char *key, struct identifier identifier);
/* The same of a member, by its salt: to erase it again in a database from before. */
void tombstone_hash_member(const unsigned char *key, const unsigned char salt[SALT_SIZE],
                           unsigned char hash[DIGEST_SIZE]);
void store_tombstone_member(struct decision *decision, const unsigned char *key, const struct member *member);
/* Deletes every personal row of the member, by the table of personal fields, and the claim of each identifier. */
void store_erasure(struct decision *decision, int64_t member);
void store_claim_delete(struct decision *decision, struct identifier identifier);

#endif
