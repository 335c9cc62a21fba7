"""The rights matrix as a table: for every operation of the API, what becomes of the other part of the company.

A route that is added needs a line here: test_rights.py compares this table with /v1/openapi.json.
"""
import definitions

LINES = {
    # Of nobody in particular, or of who asks.
    "own": """list_ready_programmes get_ready_programme get_referral_offer check_badge_certificate get_coupon_code list_coupon_code_uses get_coupon_code_picture check_rule delete_analysis_file end_oidc end_session finish_oidc get_coupon get_health get_measure get_openapi get_page get_session list_facts list_issuers list_measures start_oidc start_session upload_analysis_file list_reward_catalogue get_gift_card list_member_event_calendar""",
    # Configuration that all read.
    "configuration": """get_feed list_feed_versions prove_feed get_feed_widget get_feed_widget_script get_task_reason list_task_reasons get_channel get_event_kind get_export_policy get_finance_settings get_import_mapping get_item get_item_category get_measure_rules get_order_policy compare_programme export_definitions get_programme get_programme_draft get_programme_version get_rate_code get_second_factor_policy get_tiers list_channels list_custom_fields list_definition_conflicts list_event_kinds list_import_mappings list_item_categories list_items list_order_policies list_programme_versions list_rate_codes list_rates list_stored_values list_wallets list_coupon_batches get_member_event_seats""",
    # Configuration that only who sees the whole company changes: refused.
    "changes": """publish_ready_programme put_task_reason delete_task_reason close_place delete_channel delete_custom_field delete_event_kind delete_import_mapping delete_item delete_item_category delete_place delete_rate_code delete_store drop_programme_draft import_definitions move_place publish_programme publish_programme_draft put_channel put_channels put_custom_field put_event_kind put_event_kinds put_export_policy put_finance_settings put_import_mapping put_item put_item_categories put_item_category put_items put_measure_rules put_order_policy put_place put_places put_programme_draft put_rate_code put_rate_codes put_rates put_second_factor_policy put_store put_stores review_programme_draft roll_back_programme submit_programme_draft make_coupon_codes import_coupon_codes""",
    # Over everything at once: refused. docs/concepts.md says why for each.
    "whole": """list_open_quotes list_held_referrals decide_referral get_challenge_figures list_tier_requests decide_tier_request search_fraud close_finance_month list_finance_receivables record_partner_payment confirm_sweeper find_segments get_churn_model get_clv_model get_control_sheet get_heads get_metrics get_retention get_event_archive get_archived_texts get_sweeper list_alerts list_migrations list_reactions put_control_sheet put_retention put_segment_plan preview_segment get_segment_sizes evaluate_segment start_duplicate_scan start_back_test get_back_test start_rescore start_retention start_verify verify_finance list_series_codes get_series_codes_file""",
    # As above for the live base; with an uploaded file it is one's own.
    "live_base": "start_analysis",
    # The path names something of the other part: refused.
    "named": """assign_task change_task drop_task finish_task get_task get_task_proof take_task approve_export arrive_reservation arrive_stay cancel_job cancel_order cancel_reservation cancel_stay change_reservation change_stay charge_stay collect_order confirm_second_factor delete_employee delete_shelf depart_stay enrol_second_factor get_analysis get_employee get_event get_export_file get_import_errors get_job get_order get_place get_place_moment get_purchase get_reservation get_shelf get_stay get_store get_user list_shelves miss_reservation miss_stay pay_order prepare_order put_employee put_shelf put_shelves refuse_export remove_second_factor remove_user revoke_key set_password update_user watch_job""",
    # The path names a member, or something of one: refused under the policy home_store.
    "member": """make_referral_code list_referral_codes list_member_referrals refund_member_membership cancel_member_membership renew_member_membership buy_member_membership list_member_memberships reverse_benefit_use use_benefit list_benefit_uses give_benefit list_member_benefits list_member_challenges get_member_challenge enrol_in_challenge leave_challenge list_challenge_rewards use_challenge_reward undo_challenge_reward list_member_badges award_badge revoke_badge get_badge_certificate end_right get_member_tiers give_tier get_organisation list_contacts list_member_organisations put_contact put_organisation add_identifier add_note add_tag capture_hold claim_purchase get_hold get_household get_knowledge get_member get_member_scores get_member_segment list_member_segments get_merge get_statement get_timeline issue_code join_household leave_household list_balances list_consents list_lots list_notes list_stored_balances pool_household record_churn_reason release_hold remove_identifier remove_note remove_preference remove_tag return_purchase reverse_redemption set_consents set_pin set_preference update_member void_purchase list_owned_codes""",
    # The same, refused under every policy.
    "insider": "acknowledge_member_alerts erase_member export_member undo_merge",
    # Lists and numbers: the reply has nothing of the other part.
    "listed": """list_gift_card_liability list_organisations count_tasks list_tasks list_fraud_alerts get_churn_causes get_finance_journal get_finance_month get_finance_settlements get_finance_settlements_file get_finance_vintages get_found_segments get_overview get_place_tree get_rfm get_sales get_stages get_store_figures list_analyses list_audit list_duplicates list_employees list_export_approvals list_finance_months list_fraud_cases list_jobs list_keys list_ledger list_liability list_member_alerts list_members list_orders list_places list_reservations list_scores list_segment_members list_segment_people list_stays list_stored_value_by_store list_stores list_users list_reward_orders list_member_event_bookings list_missed_benefits""",
    # The body names a store of the other part: refused.
    "store_body": """record_referral issue_coupon_code reserve_coupon_code redeem_coupon_code release_coupon_code void_coupon_code register_organisation open_task adjust check_in claim_purchases hold put_employees record_event record_exchange record_order record_purchase record_reservation record_return record_stay record_unreceipted_return record_visit record_void redeem refund_stored_value register_member top_up transfer use_coupon void_top_up order_reward sell_gift_card activate_gift_card top_up_gift_card charge_gift_card refund_gift_card void_gift_card book_member_event check_in_at_member_event""",
    # The body names a member of the other part: refused under home_store; of insiders always.
    "member_body": "evaluate_rule preview_earning simulate_basket found_household",
    "insider_body": "merge_members preview_merge preview_unmerge unmerge_member",
    # A pair of members: see test_duplicates.py.
    "pair": "decide_fraud_alert get_fraud_alert close_fraud_case decide_duplicate get_duplicate get_fraud_case",
    # What is made or started is limited to the own part: see test_rights.py, test_parts.py and test_rewards.py.
    "limited": """get_member_event_booking get_member_event_ticket cancel_member_event_booking correct_member_event_booking list_member_event_waiting get_member_event_check_in_list get_reward_order prepare_reward_order ship_reward_order hand_over_reward_order cancel_reward_order add_key add_user open_fraud_case start_export start_import get_missed_benefit decide_missed_benefit""",
}
LINES["limited"] += " record_partner_purchase return_partner_purchase redeem_at_partner void_partner_redemption"  # test_partners.py
LINES["limited"] += " claim_partner_receipt list_partner_statements get_partner_statements_file get_partner_transactions"
LINES["configuration"] += " " + " ".join(definitions.operations(definitions.READS))
LINES["changes"] += " " + " ".join(definitions.operations(definitions.CHANGES))
LINES["whole"] += (" agree_contract list_contracts get_contract list_contract_history change_contract_terms renew_contract"
                   " end_contract collect_contract_due waive_contract_due amend_contract list_contract_dues")
LINES["member"] += " get_quote release_quote list_quotes"
LINES["store_body"] += " quote"
LINES["store_body"] += " honour_advertisement"
LINES["listed"] += " list_honours get_promise_report get_promise_report_file"
LINES["limited"] += " get_honour decide_honour"
LINE_OF = {operation: line for line, operations in LINES.items() for operation in operations.split()}

# Bodies that the least example of the schema does not make.
BODIES = {
    "evaluate_rule": lambda part: {"expression": "1 = 1", "member": {"id": part["member"]}},
    "preview_earning": lambda part: {"member": {"id": part["member"]},
                                     "lines": [{"amount": {"amount": "1.00", "currency": "USD"}}]},
    "simulate_basket": lambda part: {"member": {"id": part["member"]},
                                     "lines": [{"amount": {"amount": "1.00", "currency": "USD"}}]},
    "found_household": lambda part: {"member": part["member"]},
    "honour_advertisement": lambda part: {"member": {"id": part["member"]}, "channel": "window", "advertised": "tea for one",
                                          "value": {"amount": "1.00", "currency": "USD"}, "reason": "shown", "store": part["store"]},
    "merge_members": lambda part: {"into": {"id": part["member"]}, "from": {"id": part["member"]}},
    "preview_merge": lambda part: {"into": {"id": part["member"]}, "from": {"id": part["member"]}},
    "preview_unmerge": lambda part: {"member": {"id": part["member"]}},
    "top_up": lambda part: {"member": {"id": part["member"]}, "amount": {"amount": "1.00", "currency": "USD"},
                            "store": part["store"]},
    "unmerge_member": lambda part: {"member": {"id": part["member"]}},
}


def refuses(operation, method, other, home_store):
    """Whether the scope refuses a call that names the own or the other part: True, False, or None where it may do either."""
    line = LINE_OF[operation]
    if line in ("changes", "whole", "live_base"):
        return True
    if line in ("own", "configuration", "listed", "limited") or not other:
        return None if line in ("pair", "limited") else False
    if line == "pair":
        return None
    if line in ("member", "member_body"):
        return True if home_store else None if method != "GET" else False
    return True
