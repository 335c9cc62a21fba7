/* members_api.h: the routes of the customers feature, file by file; customers_feature.c lists them together. */
#ifndef PATRON_FEATURES_CUSTOMERS_MEMBERS_API_H
#define PATRON_FEATURES_CUSTOMERS_MEMBERS_API_H

#include "api/call.h"

enum status register_member_handle(struct call *call, struct item *item, struct error *err);
void register_member_finish(struct item *item, struct json_writer *writer);
enum status list_members_handle(struct call *call, struct item *item, struct error *err);
enum status get_member_handle(struct call *call, struct item *item, struct error *err);
enum status update_member_handle(struct call *call, struct item *item, struct error *err);
void update_member_finish(struct item *item, struct json_writer *writer);
enum status export_member_handle(struct call *call, struct item *item, struct error *err);
enum status erase_member_handle(struct call *call, struct item *item, struct error *err);
extern const struct shape register_body_shape, registered_shape, members_query_shape, update_body_shape, updated_shape,
    member_export_shape;

enum status add_identifier_handle(struct call *call, struct item *item, struct error *err);
enum status remove_identifier_handle(struct call *call, struct item *item, struct error *err);
void identifier_finish(struct item *item, struct json_writer *writer);
enum status add_tag_handle(struct call *call, struct item *item, struct error *err);
enum status remove_tag_handle(struct call *call, struct item *item, struct error *err);
enum status add_note_handle(struct call *call, struct item *item, struct error *err);
void note_finish(struct item *item, struct json_writer *writer);
enum status list_notes_handle(struct call *call, struct item *item, struct error *err);
enum status remove_note_handle(struct call *call, struct item *item, struct error *err);
enum status set_preference_handle(struct call *call, struct item *item, struct error *err);
void preference_finish(struct item *item, struct json_writer *writer);
enum status remove_preference_handle(struct call *call, struct item *item, struct error *err);
enum status set_consents_handle(struct call *call, struct item *item, struct error *err);
void consents_finish(struct item *item, struct json_writer *writer);
enum status list_consents_handle(struct call *call, struct item *item, struct error *err);
extern const struct shape identifier_body_shape, identifier_added_shape, note_body_shape, note_shape,
    preference_body_shape, preference_set_shape, consents_body_shape, consents_set_shape, consent_change_shape;

struct member_reference;
struct merge_body {
    struct member_reference *into, *from;
    bool accept_conflicts;
};
struct unmerge_body {
    struct member_reference *member;
};
enum status merge_preview_handle(struct call *call, struct item *item, struct error *err);
enum status unmerge_preview_handle(struct call *call, struct item *item, struct error *err);
extern const struct shape merge_preview_shape, unmerge_preview_shape;

enum status found_household_handle(struct call *call, struct item *item, struct error *err);
void found_household_finish(struct item *item, struct json_writer *writer);
enum status get_household_handle(struct call *call, struct item *item, struct error *err);
enum status pool_household_handle(struct call *call, struct item *item, struct error *err);
enum status join_household_handle(struct call *call, struct item *item, struct error *err);
enum status leave_household_handle(struct call *call, struct item *item, struct error *err);
enum status merge_handle(struct call *call, struct item *item, struct error *err);
void merge_finish(struct item *item, struct json_writer *writer);
enum status get_merge_handle(struct call *call, struct item *item, struct error *err);
enum status undo_merge_handle(struct call *call, struct item *item, struct error *err);
enum status unmerge_handle(struct call *call, struct item *item, struct error *err);
void unmerge_finish(struct item *item, struct json_writer *writer);
extern const struct shape household_body_shape, household_shape, household_pool_shape, household_join_shape,
    merge_body_shape, merge_shape, merge_view_shape, unmerge_body_shape, unmerge_shape;

enum status list_custom_fields_handle(struct call *call, struct item *item, struct error *err);
enum status put_custom_field_handle(struct call *call, struct item *item, struct error *err);
enum status delete_custom_field_handle(struct call *call, struct item *item, struct error *err);
extern const struct shape custom_field_body_shape, custom_field_shape;

#endif
