-- What a privacy export reads and an erasure removes: see personal_store.c. SQLite would rather read a whole bucket in the order
-- of its key than take an index by member and sort: the rows are named first.

-- name: export_profile
-- params: bucket bigint, member bigint
SELECT family_name, given_name, display_name, gender, birthday, birthday_calendar, language, time_zone, country,
    region, city, address, postal_code, version
FROM profile
WHERE bucket = :bucket AND member = :member
ORDER BY member;

-- name: erase_profile
DELETE FROM profile
USING :rows(bucket bigint, member bigint) AS r
WHERE profile.bucket = r.bucket AND profile.member = r.member;

-- name: export_identifier
-- params: bucket bigint, member bigint
SELECT kind, value, added_at
FROM identifier
WHERE bucket = :bucket AND member = :member
ORDER BY kind, value;

-- name: erase_identifier
DELETE FROM identifier
USING :rows(bucket bigint, member bigint) AS r
WHERE identifier.bucket = r.bucket AND identifier.member = r.member;

-- name: erase_member_search
DELETE FROM member_search
USING :rows(bucket bigint, member bigint) AS r
WHERE member_search.bucket = r.bucket AND member_search.member = r.member;

-- name: export_member_field
-- params: bucket bigint, member bigint
SELECT field, value
FROM member_field
WHERE bucket = :bucket AND member = :member
ORDER BY field;

-- name: erase_member_field
DELETE FROM member_field
USING :rows(bucket bigint, member bigint) AS r
WHERE member_field.bucket = r.bucket AND member_field.member = r.member;

-- name: export_tag
-- params: bucket bigint, member bigint
SELECT tag, added_at
FROM tag
WHERE bucket = :bucket AND member = :member
ORDER BY tag;

-- name: erase_tag
DELETE FROM tag
USING :rows(bucket bigint, member bigint) AS r
WHERE tag.bucket = r.bucket AND tag.member = r.member;

-- name: export_note
-- params: bucket bigint, member bigint
SELECT at, author, body
FROM note
WHERE bucket = :bucket AND member = :member
ORDER BY id;

-- name: erase_note
DELETE FROM note
USING :rows(bucket bigint, member bigint) AS r
WHERE note.bucket = r.bucket AND note.member = r.member;

-- name: export_preference
-- params: bucket bigint, member bigint
SELECT topic, value, liking, known, confirmed_at, author
FROM preference
WHERE bucket = :bucket AND member = :member
ORDER BY id;

-- name: erase_preference
DELETE FROM preference
USING :rows(bucket bigint, member bigint) AS r
WHERE preference.bucket = r.bucket AND preference.member = r.member;

-- name: export_consent
-- params: bucket bigint, member bigint
SELECT channel, purpose, state, at, source, wording, author
FROM consent
WHERE bucket = :bucket AND member = :member
ORDER BY channel, purpose;

-- name: erase_consent
DELETE FROM consent
USING :rows(bucket bigint, member bigint) AS r
WHERE consent.bucket = r.bucket AND consent.member = r.member;

-- name: export_consent_history
-- params: bucket bigint, member bigint
SELECT at, channel, purpose, state, source, wording, author
FROM consent_history
WHERE bucket = :bucket AND member = :member
ORDER BY id, channel, purpose;

-- name: erase_consent_history
DELETE FROM consent_history
USING :rows(bucket bigint, member bigint) AS r
WHERE consent_history.bucket = r.bucket AND consent_history.member = r.member;

-- name: export_merge_link
-- params: bucket bigint, member bigint
SELECT id, leader_before, leader_after, at
FROM merge_link
WHERE bucket = :bucket AND member = :member
ORDER BY id;

-- name: export_member
-- params: bucket bigint, member bigint
SELECT leader, household, status, registered_at
FROM member
WHERE bucket = :bucket AND id = :member
ORDER BY id;

-- name: export_standing
-- params: bucket bigint, member bigint
SELECT purchases, purchase_days, spend, returns, visits, first_purchase_at, last_purchase_at, last_visit_at,
    last_event_at, won_back_at, tier_since, tier_until, qualifying, qualifying_from, tier, tier_grace, due_at, held
FROM standing
WHERE bucket = :bucket AND member = :member
ORDER BY member;

-- name: export_standing_own
-- params: bucket bigint, member bigint
SELECT purchases, purchase_days, spend, returns, visits, first_purchase_at, last_purchase_at, last_visit_at,
    last_event_at, won_back_at, tier_since, tier_until, qualifying, qualifying_from, tier, tier_grace, due_at, held
FROM standing_own
WHERE bucket = :bucket AND member = :member
ORDER BY member;

-- name: export_member_day
-- params: bucket bigint, member bigint
SELECT day, purchases, spend
FROM member_day
WHERE bucket = :bucket AND member = :member
ORDER BY day;

-- name: export_member_score
-- params: bucket bigint, member bigint
SELECT scored_at, alive, expected, value, lifetime, loyalty, risk, kind
FROM member_score
WHERE bucket = :bucket AND member = :member
ORDER BY member;

-- name: erase_member_score
DELETE FROM member_score
USING :rows(bucket bigint, member bigint) AS r
WHERE member_score.bucket = r.bucket AND member_score.member = r.member;

-- name: export_segment_member
-- params: bucket bigint, member bigint
SELECT segment, since
FROM segment_member
WHERE bucket = :bucket AND member = :member
ORDER BY segment;

-- name: export_member_habit
-- params: bucket bigint, member bigint
SELECT counted_at, lines, discounted, full_price, own_brand, brands, brand, categories, promoted, look_days, looks
FROM member_habit
WHERE bucket = :bucket AND member = :member
ORDER BY member;

-- name: erase_member_habit
DELETE FROM member_habit
USING :rows(bucket bigint, member bigint) AS r
WHERE member_habit.bucket = r.bucket AND member_habit.member = r.member;

-- name: export_member_alert
-- params: bucket bigint, member bigint
SELECT raised_at, before, risk, threshold, ended_at, acknowledged_at, acknowledged_by
FROM member_alert
WHERE bucket = :bucket AND member = :member
ORDER BY raised_at;

-- name: erase_member_alert
DELETE FROM member_alert
USING :rows(bucket bigint, member bigint) AS r
WHERE member_alert.bucket = r.bucket AND member_alert.member = r.member;

-- name: export_member_segment
-- params: bucket bigint, member bigint
SELECT segment, since, seen_at
FROM member_segment
WHERE bucket = :bucket AND member = :member
ORDER BY member;

-- name: erase_member_segment
DELETE FROM member_segment
USING :rows(bucket bigint, member bigint) AS r
WHERE member_segment.bucket = r.bucket AND member_segment.member = r.member;

-- name: export_churn_reason
-- params: bucket bigint, member bigint
SELECT id, at, cause
FROM churn_reason
WHERE bucket = :bucket AND member = :member
ORDER BY id;

-- name: erase_churn_reason
DELETE FROM churn_reason
USING :rows(bucket bigint, member bigint) AS r
WHERE churn_reason.bucket = r.bucket AND churn_reason.member = r.member;

-- name: export_survey_answer
-- params: bucket bigint, member bigint
SELECT id, question, low, high, low_is_best, value, at, day, channel, store, comment
FROM survey_answer
WHERE bucket = :bucket AND member = :member
ORDER BY id;

-- name: erase_survey_answer
DELETE FROM survey_answer
USING :rows(bucket bigint, member bigint) AS r
WHERE survey_answer.bucket = r.bucket AND survey_answer.member = r.member;

-- name: export_coupon
-- params: bucket bigint, member bigint
SELECT id, code, value, valid_from, valid_until
FROM coupon
WHERE bucket = :bucket AND member = :member AND member > 0
ORDER BY code;

-- name: erase_coupon
DELETE FROM coupon
USING :rows(bucket bigint, member bigint) AS r
WHERE coupon.bucket = r.bucket AND coupon.member = r.member AND coupon.member > 0;

-- name: export_coupon_owner
-- params: bucket bigint, member bigint
SELECT key, series, issued_at, valid_until, event
FROM coupon_owner
WHERE bucket = :bucket AND member = :member
ORDER BY key;

-- name: erase_coupon_owner
DELETE FROM coupon_owner
USING :rows(bucket bigint, member bigint) AS r
WHERE coupon_owner.bucket = r.bucket AND coupon_owner.member = r.member;

-- name: export_reward_order
-- params: bucket bigint, member bigint
SELECT id, reward, state, quantity, wallet, points, minor, slot_from, store, channel, partner, coupon, gift, at, until, ready_at,
    shipped_at, ended_at
FROM reward_order
WHERE bucket = :bucket AND id IN (SELECT o.id FROM reward_order AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY id;

-- name: export_member_event_booking
-- params: bucket bigint, member bigint
SELECT id, event, state, place, tier, wallet, points, given_back, store, at, seated_at, ended_at, reason, barred_until, award_wallet,
    award
FROM member_event_booking
WHERE bucket = :bucket AND id IN (SELECT o.id FROM member_event_booking AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY id;

-- name: export_honour
-- params: bucket bigint, member bigint
SELECT id, purchase, state, channel, advertised, seen_at, store, reason, employee, asked_by, at, day, value, asked_wallet,
    asked_points, given_kind, wallet, points, series, code_key, cost, given_by, task, decided_at, decided_by, outcome,
    outcome_text, told_at
FROM honour
WHERE bucket = :bucket AND id IN (SELECT o.id FROM honour AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY id;

-- name: erase_honour
UPDATE honour
SET advertised = '', outcome_text = ''
FROM :rows(bucket bigint, member bigint) AS r
WHERE honour.bucket = r.bucket AND honour.member = r.member;

-- name: export_missed_benefit
-- params: bucket bigint, member bigint
SELECT id, purchase, kind, state, code, version, why, store, channel, day, at, found_at, value, value_left, lines, given_kind,
    wallet, points, series, code_key, cost, given_by, taken, task, decided_at, decided_by
FROM missed_benefit
WHERE bucket = :bucket AND id IN (SELECT o.id FROM missed_benefit AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY id;

-- name: export_organisation
-- params: bucket bigint, member bigint
SELECT name, registration, vat, address, terms, credit_limit, payment_days, points
FROM organisation
WHERE bucket = :bucket AND member = :member
ORDER BY member;

-- name: erase_organisation
DELETE FROM organisation
USING :rows(bucket bigint, member bigint) AS r
WHERE organisation.bucket = r.bucket AND organisation.member = r.member;

-- name: export_organisation_contact
-- params: bucket bigint, member bigint
SELECT organisation, role, from_on, until_on
FROM organisation_contact
WHERE bucket = :bucket AND member = :member
ORDER BY organisation;

-- name: erase_organisation_contact
DELETE FROM organisation_contact
USING :rows(bucket bigint, member bigint) AS r
WHERE organisation_contact.bucket = r.bucket AND organisation_contact.member = r.member;

-- name: export_tier_request
-- params: bucket bigint, member bigint
SELECT ladder, tier, given_as, until_at, reason, kept_by, state, asked_by, asked_at, decided_by, decided_at
FROM tier_request
WHERE bucket = :bucket AND id IN (SELECT o.id FROM tier_request AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY id;

-- name: erase_tier_request
DELETE FROM tier_request
USING :rows(bucket bigint, member bigint) AS r
WHERE tier_request.bucket = r.bucket AND tier_request.member = r.member;

-- name: export_benefit_use
-- params: bucket bigint, member bigint
SELECT id, code, store, units, at, value, via, reversed
FROM benefit_use
WHERE bucket = :bucket AND id IN (SELECT o.id FROM benefit_use AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY id;

-- name: erase_benefit_use
DELETE FROM benefit_use
USING :rows(bucket bigint, member bigint) AS r
WHERE benefit_use.bucket = r.bucket AND benefit_use.member = r.member;

-- name: export_membership
-- params: bucket bigint, member bigint
SELECT id, code, bought_at, term_from, paid_until, grace_until, fee, earlier_from, earlier_fee, terms, paid, refunded,
    cancelled_at, ended_at, reference
FROM membership
WHERE bucket = :bucket AND id IN (SELECT o.id FROM membership AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY id;

-- name: erase_membership
DELETE FROM membership
USING :rows(bucket bigint, member bigint) AS r
WHERE membership.bucket = r.bucket AND membership.member = r.member;

-- name: export_membership_saving
-- params: bucket bigint, member bigint
SELECT id, membership, amount, at, what
FROM membership_saving
WHERE bucket = :bucket AND id IN (SELECT o.id FROM membership_saving AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY id, line;

-- name: erase_membership_saving
DELETE FROM membership_saving
USING :rows(bucket bigint, member bigint) AS r
WHERE membership_saving.bucket = r.bucket AND membership_saving.member = r.member;

-- name: export_task
-- params: bucket bigint, member bigint
SELECT opened_at, opened_by, reason, body, state, priority, store, due_at, closed_at, closed_by, outcome, outcome_text,
    reference, media
FROM task
WHERE bucket = :bucket AND id IN (SELECT o.id FROM task AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY id;

-- name: erase_task
DELETE FROM task
USING :rows(bucket bigint, member bigint) AS r
WHERE task.bucket = r.bucket AND task.member = r.member;

-- name: export_task_holder
-- params: bucket bigint, member bigint
SELECT task, from_at, person, place, role
FROM task_holder
WHERE bucket = :bucket AND member = :member AND until_at > from_at
    AND task IN (SELECT o.task FROM task_holder AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY task, number;

-- name: erase_task_holder
DELETE FROM task_holder
USING :rows(bucket bigint, member bigint) AS r
WHERE task_holder.bucket = r.bucket AND task_holder.member = r.member;

-- name: export_task_proof
-- params: bucket bigint, member bigint
SELECT task, media
FROM task_proof
WHERE bucket = :bucket AND task IN (SELECT o.task FROM task_proof AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY task;

-- name: erase_task_proof
DELETE FROM task_proof
USING :rows(bucket bigint, member bigint) AS r
WHERE task_proof.bucket = r.bucket AND task_proof.member = r.member;

-- name: export_contract
-- params: bucket bigint, member bigint
SELECT id, version, code, name, contacts, counts, metric, commitment, price, shortfall, after_extension,
    extend_months, carry, automatic, months, notice_days, remind_days, reason, owner_person, owner_place,
    owner_role, agreed_at, from_day, until_day, end_day, end_reason, ended_at
FROM contract
WHERE bucket = :bucket AND id IN (SELECT o.id FROM contract AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY id;

-- name: erase_contract
DELETE FROM contract
USING :rows(bucket bigint, member bigint) AS r
WHERE contract.bucket = r.bucket AND contract.member = r.member;

-- name: export_contract_terms
-- params: bucket bigint, member bigint
SELECT contract, from_day, discount, factor, payment, until
FROM contract_terms
WHERE bucket = :bucket AND member = :member
    AND contract IN (SELECT o.id FROM contract AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY contract, from_day;

-- name: erase_contract_terms
DELETE FROM contract_terms
USING :rows(bucket bigint, member bigint) AS r
WHERE contract_terms.bucket = r.bucket AND contract_terms.member = r.member;

-- name: export_contract_period
-- params: bucket bigint, member bigint
SELECT contract, number, from_day, until_day, commitment, carried, spend, purchases, nights, due, closed_at
FROM contract_period
WHERE bucket = :bucket AND member = :member
    AND contract IN (SELECT o.id FROM contract AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY contract, number;

-- name: erase_contract_period
DELETE FROM contract_period
USING :rows(bucket bigint, member bigint) AS r
WHERE contract_period.bucket = r.bucket AND contract_period.member = r.member;

-- name: export_contract_change
-- params: bucket bigint, member bigint
SELECT contract, number, at, what, actor, reason, period, day, amount, collected_at, reference
FROM contract_change
WHERE bucket = :bucket AND member = :member
    AND contract IN (SELECT o.id FROM contract AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY contract, number;

-- name: erase_contract_change
DELETE FROM contract_change
USING :rows(bucket bigint, member bigint) AS r
WHERE contract_change.bucket = r.bucket AND contract_change.member = r.member;

-- name: export_contract_count
-- params: bucket bigint, member bigint
SELECT contract, event, day, spend, purchases, nights
FROM contract_count
WHERE bucket = :bucket AND member = :member
    AND contract IN (SELECT o.id FROM contract AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY contract, event;

-- name: erase_contract_count
DELETE FROM contract_count
USING :rows(bucket bigint, member bigint) AS r
WHERE contract_count.bucket = r.bucket AND contract_count.member = r.member;

-- name: export_referral_code
-- params: bucket bigint, member bigint
SELECT programme, code, made_at
FROM referral_code
WHERE bucket = :bucket AND member = :member
ORDER BY programme;

-- name: export_referral
-- params: bucket bigint, member bigint
SELECT id, side, programme, joined_at, state, reason, purchase, qualified_at, friend_points, referrer_points, decided_at,
    friend_wallet, referrer_wallet, decided_by
FROM referral
WHERE bucket = :bucket AND member = :member
ORDER BY id;

-- name: export_challenge_count
-- params: bucket bigint, member bigint
SELECT challenge, event, step, value, at, units
FROM challenge_count
WHERE bucket = :bucket AND member = :member
ORDER BY challenge, event, step, value;

-- name: export_challenge_reward
-- params: bucket bigint, member bigint
SELECT id, challenge, number, event, given_at, wallet, points, badge, item, used_at, taken_at
FROM challenge_reward
WHERE bucket = :bucket AND member = :member
ORDER BY id;

-- name: export_challenge_enrolment
-- params: bucket bigint, member bigint
SELECT challenge, enrolled_at, left_at
FROM challenge_enrolment
WHERE bucket = :bucket AND member = :member
ORDER BY challenge;

-- name: export_member_badge
-- params: bucket bigint, member bigint
SELECT id, badge, awarded_at, source, revoked_at
FROM member_badge
WHERE bucket = :bucket AND member = :member
ORDER BY id;

-- name: export_wallet
-- params: bucket bigint, member bigint
SELECT code, active, pending, held, debt
FROM wallet
WHERE bucket = :bucket AND member = :member
ORDER BY code;

-- name: export_lot
-- params: bucket bigint, member bigint
SELECT id, wallet, source, earned_at, active_at, expires_at, amount, remaining, held, pending
FROM lot
WHERE bucket = :bucket AND member = :member
ORDER BY id;

-- name: export_hold
-- params: bucket bigint, member bigint
SELECT id, wallet, amount, captured, expires_at, state
FROM hold
WHERE bucket = :bucket AND member = :member
ORDER BY id;

-- name: export_progress
-- params: bucket bigint, member bigint
SELECT id, used
FROM progress
WHERE bucket = :bucket AND member = :member
ORDER BY id;

-- name: export_fraud_alert
-- params: bucket bigint, member bigint
SELECT kind, subject, store, day, metric, value, usual, probability, state, raised_at, decided_at, decided_by, reason
FROM fraud_alert
WHERE bucket = :bucket AND id IN (SELECT o.id FROM fraud_alert AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY day, metric;

-- name: erase_fraud_alert
DELETE FROM fraud_alert
USING :rows(bucket bigint, member bigint) AS r
WHERE fraud_alert.bucket = r.bucket AND fraud_alert.member = r.member;

-- name: export_fraud_case
-- params: bucket bigint, member bigint
SELECT id, wallet, employee, store, state, reason, opened_at, opened_by, outcome, closed_at, closed_by
FROM fraud_case
WHERE bucket = :bucket AND id IN (SELECT o.id FROM fraud_case AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY id;

-- The case stays, what people wrote of the person goes.
-- name: erase_fraud_case
UPDATE fraud_case
SET reason = '', outcome = ''
FROM :rows(bucket bigint, member bigint) AS r
WHERE fraud_case.bucket = r.bucket AND fraud_case.member = r.member;

-- name: export_redemption_credential
-- params: bucket bigint, member bigint
SELECT generation, code_number, code_expires_at, code_tries, code_used, code_issued_at, pin_version, pin_tries,
    pin_lockouts, pin_locked_until
FROM redemption_credential
WHERE bucket = :bucket AND member = :member
ORDER BY member;

-- name: erase_redemption_credential
DELETE FROM redemption_credential
USING :rows(bucket bigint, member bigint) AS r
WHERE redemption_credential.bucket = r.bucket AND redemption_credential.member = r.member;

-- name: export_journal
-- params: bucket bigint, member bigint
SELECT seq, kind, at, recorded_at, day, cause, store, channel, receipt, amount, facts
FROM journal
WHERE bucket = :bucket AND seq IN (SELECT o.seq FROM journal AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY seq;

-- name: export_purchase_line
-- params: bucket bigint, member bigint
SELECT p.seq, p.line, p.sku, p.category, p.quantity_milli, p.amount, p.discount, p.of_line
FROM purchase_line AS p
WHERE p.bucket = :bucket AND p.seq IN (SELECT o.seq FROM journal AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY p.seq, p.line;

-- name: export_movement
-- params: bucket bigint, member bigint
SELECT v.seq, v.line, v.wallet, v.debit, v.credit, v.amount, v.lot
FROM movement AS v
WHERE v.bucket = :bucket AND v.member = :member AND v.seq IN (SELECT o.seq FROM journal AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY v.seq, v.line;

-- name: export_booking
-- params: bucket bigint, member bigint
SELECT id, kind, state, done, version, payer, store, origin, channel, number, place, rate, from_day, until_day, party,
    currency, amount, purchase, at, paid_at, ready_at, arrived_at, ended_at, detail, awaited
FROM booking
WHERE bucket = :bucket AND id IN (SELECT o.id FROM booking AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY id;

-- name: export_quote
-- params: bucket bigint, member bigint
SELECT id, state, at, due_at, reserved, settled_by, document
FROM quote
WHERE bucket = :bucket AND id IN (SELECT o.id FROM quote AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY id;

-- name: export_detail
-- params: bucket bigint, member bigint
SELECT seq, body
FROM detail
WHERE bucket = :bucket AND seq IN (SELECT o.seq FROM detail AS o WHERE o.bucket = :bucket AND o.member = :member)
ORDER BY seq;

-- name: erase_detail
DELETE FROM detail
USING :rows(bucket bigint, member bigint) AS r
WHERE detail.bucket = r.bucket AND detail.member = r.member;

-- name: export_trace
-- params: bucket bigint, member bigint
SELECT at, id, kind, store, channel, body
FROM trace
WHERE bucket = :bucket AND member = :member
ORDER BY at, id;

-- name: erase_trace
DELETE FROM trace
USING :rows(bucket bigint, member bigint) AS r
WHERE trace.bucket = r.bucket AND trace.member = r.member;

-- name: export_request
-- params: bucket bigint, member bigint
-- dialect: sqlite
SELECT scope, key, status, reply, expires_at
FROM request INDEXED BY request_by_member
WHERE bucket = :bucket AND member = :member
ORDER BY scope, key;
-- dialect: postgres
SELECT scope, key, status, reply, expires_at
FROM request
WHERE bucket = :bucket AND member = :member
ORDER BY scope, key;

-- name: erase_request
DELETE FROM request
USING :rows(bucket bigint, member bigint) AS r
WHERE request.bucket = r.bucket AND request.member = r.member;

-- name: export_audit
-- params: bucket bigint, member bigint
-- dialect: sqlite
SELECT at, actor, what, before, after
FROM audit INDEXED BY audit_by_subject
WHERE bucket = :bucket AND subject = :member
ORDER BY at, id;
-- dialect: postgres
SELECT at, actor, what, before, after
FROM audit
WHERE bucket = :bucket AND subject = :member
ORDER BY at, id;

-- name: erase_audit
UPDATE audit SET before = NULL, after = NULL
FROM :rows(bucket bigint, member bigint) AS r
WHERE audit.bucket = r.bucket AND audit.subject = r.member;
