"""The rights matrix as a table: for every operation of the API, what becomes of the other part of the company.

A route that is added needs a line here: test_rights.py compares this table with /v1/openapi.json.
"""

LINES = {
    # Of nobody in particular, or of who asks.
    "own": """check_rule delete_analysis_file end_session get_health get_openapi get_page get_session list_facts
        preview_earning start_session upload_analysis_file""",
    # Configuration that all read.
    "configuration": """get_channel get_event_kind get_export_policy get_finance_settings get_import_mapping get_item get_programme
        get_programme_version get_second_factor_policy get_tiers list_channels list_custom_fields list_event_kinds
        list_import_mappings get_item_category list_item_categories list_items list_programme_versions list_rates list_stored_values list_wallets
        get_rate_code list_rate_codes get_order_policy list_order_policies""",
    # Configuration that only who sees the whole company changes: refused.
    "changes": """close_place delete_channel delete_custom_field delete_event_kind delete_import_mapping delete_item delete_item_category delete_place
        delete_store move_place publish_programme put_channel put_channels put_custom_field put_event_kind put_event_kinds
        put_export_policy put_finance_settings put_import_mapping put_item put_item_categories put_item_category put_items put_place put_places put_rates put_second_factor_policy
        put_store put_stores put_rate_code put_rate_codes delete_rate_code put_order_policy""",
    # Over everything at once: refused. docs/concepts.md says why for each.
    "whole": """close_finance_month confirm_sweeper find_segments get_churn_model get_clv_model get_heads get_metrics get_sweeper list_alerts
        put_segment_plan get_retention put_retention start_retention start_duplicate_scan start_rescore start_verify verify_finance""",
    # As above for the live base; with an uploaded file it is one's own.
    "live_base": "start_analysis",
    # The path names something of the other part: refused.
    "named": """approve_export cancel_job confirm_second_factor delete_employee delete_shelf enrol_second_factor get_analysis
        get_employee get_shelf list_shelves put_shelf put_shelves
        get_event get_export_file get_import_errors get_job get_place get_place_moment get_purchase get_store get_user
        put_employee refuse_export remove_second_factor remove_user revoke_key set_password update_user watch_job
        get_order pay_order prepare_order collect_order cancel_order get_reservation change_reservation arrive_reservation
        miss_reservation cancel_reservation get_stay change_stay arrive_stay charge_stay depart_stay miss_stay cancel_stay""",
    # The path names a member, or something of one: refused under the policy home_store.
    "member": """add_identifier add_note add_tag capture_hold claim_purchase get_hold get_household get_knowledge get_member
        get_member_scores get_member_segment get_merge get_statement get_timeline issue_code join_household leave_household list_balances
        list_consents list_lots list_stored_balances list_notes pool_household record_churn_reason release_hold remove_identifier remove_note
        remove_preference remove_tag return_purchase reverse_redemption set_consents set_pin set_preference update_member
        void_purchase""",
    # The same, refused under every policy.
    "insider": "acknowledge_member_alerts erase_member export_member undo_merge",
    # Lists and numbers: the reply has nothing of the other part.
    "listed": """get_churn_causes get_finance_journal get_finance_month get_finance_settlements
        get_finance_settlements_file get_finance_vintages list_finance_months list_stored_value_by_store get_found_segments get_overview get_place_tree get_rfm get_stages get_sales get_store_figures
        list_analyses list_audit list_duplicates list_employees list_export_approvals list_jobs list_keys list_ledger
        list_liability list_member_alerts list_members list_places list_scores list_segment_members list_stores list_users
        list_orders list_reservations list_stays""",
    # The body names a store of the other part: refused.
    "store_body": """adjust claim_purchases hold put_employees record_event record_exchange record_purchase record_return
        record_unreceipted_return record_visit record_void redeem refund_stored_value
        register_member top_up transfer void_top_up record_order record_reservation record_stay check_in""",
    # The body names a member of the other part: refused under home_store; of insiders always.
    "member_body": "evaluate_rule found_household",
    "insider_body": "merge_members preview_merge preview_unmerge unmerge_member",
    # A pair of members: see test_duplicates.py.
    "pair": "decide_duplicate get_duplicate",
    # What is made or started is limited to the own part: see test_rights.py and test_parts.py.
    "limited": "add_key add_user start_export start_import",
}
LINE_OF = {operation: line for line, operations in LINES.items() for operation in operations.split()}

# Bodies that the least example of the schema does not make.
BODIES = {
    "evaluate_rule": lambda part: {"expression": "1 = 1", "member": {"id": part["member"]}},
    "found_household": lambda part: {"member": part["member"]},
    "merge_members": lambda part: {"into": {"id": part["member"]}, "from": {"id": part["member"]}},
    "preview_merge": lambda part: {"into": {"id": part["member"]}, "from": {"id": part["member"]}},
    "preview_unmerge": lambda part: {"member": {"id": part["member"]}},
    "record_unreceipted_return": lambda part: {"store": part["store"], "event_id": "u-1",
                                               "lines": [{"amount": {"amount": "1.00", "currency": "USD"}}]},
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
