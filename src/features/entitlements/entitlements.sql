-- Tiers that wait for a second person.

-- name: tier_request_put
INSERT INTO tier_request (bucket, id, member, ladder, tier, given_as, until_at, reason, kept_by, state, asked_by, asked_at,
    decided_by, decided_at)
SELECT r.bucket, r.id, r.member, r.ladder, r.tier, r.given_as, r.until_at, r.reason, r.kept_by, r.state, r.asked_by,
    r.asked_at, r.decided_by, r.decided_at
FROM :rows(bucket bigint, id bigint, member bigint, ladder text, tier text, given_as bigint, until_at bigint, reason text,
    kept_by text, state bigint, asked_by text, asked_at bigint, decided_by text, decided_at bigint) AS r
WHERE true
ON CONFLICT (bucket, id) DO UPDATE SET
    state = excluded.state,
    decided_by = excluded.decided_by,
    decided_at = excluded.decided_at;

-- name: tier_requests_load
SELECT r.slot, t.id, t.member, t.ladder, t.tier, t.given_as, t.until_at, t.reason, t.kept_by, t.state, t.asked_by, t.asked_at,
    t.decided_by, t.decided_at
FROM :rows(slot bigint, bucket bigint, id bigint) AS r
JOIN tier_request AS t ON t.bucket = r.bucket AND t.id = r.id;

-- state -1: any.
-- name: tier_request_page
-- params: state bigint, after_at bigint, after_bucket bigint, after_id bigint, page_size bigint
SELECT 0, t.id, t.member, t.ladder, t.tier, t.given_as, t.until_at, t.reason, t.kept_by, t.state, t.asked_by, t.asked_at,
    t.decided_by, t.decided_at
FROM tier_request AS t
WHERE t.bucket >= 0 AND (:state < 0 OR t.state = :state)
    AND (t.asked_at, t.bucket, t.id) > (:after_at, :after_bucket, :after_id)
ORDER BY t.asked_at, t.bucket, t.id
LIMIT :page_size;

-- ---- benefits ----

-- name: benefit_use_put
INSERT INTO benefit_use (bucket, id, member, code, store, units, at, value, via, reversed)
SELECT r.bucket, r.id, r.member, r.code, r.store, r.units, r.at, r.value, r.via, r.reversed
FROM :rows(bucket bigint, id bigint, member bigint, code text, store text, units bigint, at bigint, value bigint, via bigint,
    reversed bigint) AS r
WHERE true
ON CONFLICT (bucket, id) DO UPDATE SET reversed = excluded.reversed;

-- Of one benefit, or of all with an empty code.
-- name: benefit_uses_load
SELECT r.slot, u.id, u.member, u.code, u.store, u.units, u.at, u.value, u.via, u.reversed
FROM :rows(slot bigint, bucket bigint, member bigint, code text) AS r
JOIN benefit_use AS u ON u.bucket = r.bucket AND u.member = r.member AND (r.code = '' OR u.code = r.code)
ORDER BY r.slot, u.at, u.id;

-- ---- memberships ----

-- name: membership_put
INSERT INTO membership (bucket, id, member, code, bought_at, term_from, paid_until, grace_until, fee, earlier_from, earlier_fee,
    terms, paid, refunded, cancelled_at, ended_at, reference)
SELECT r.bucket, r.id, r.member, r.code, r.bought_at, r.term_from, r.paid_until, r.grace_until, r.fee, r.earlier_from,
    r.earlier_fee, r.terms, r.paid, r.refunded, r.cancelled_at, r.ended_at, r.reference
FROM :rows(bucket bigint, id bigint, member bigint, code text, bought_at bigint, term_from bigint, paid_until bigint,
    grace_until bigint, fee bigint, earlier_from bigint, earlier_fee bigint, terms bigint, paid bigint, refunded bigint,
    cancelled_at bigint, ended_at bigint, reference text) AS r
WHERE true
ON CONFLICT (bucket, id) DO UPDATE SET
    term_from = excluded.term_from,
    paid_until = excluded.paid_until,
    grace_until = excluded.grace_until,
    fee = excluded.fee,
    earlier_from = excluded.earlier_from,
    earlier_fee = excluded.earlier_fee,
    terms = excluded.terms,
    paid = excluded.paid,
    refunded = excluded.refunded,
    cancelled_at = excluded.cancelled_at,
    ended_at = excluded.ended_at,
    reference = excluded.reference;

-- name: memberships_load
SELECT r.slot, m.id, m.member, m.code, m.bought_at, m.term_from, m.paid_until, m.grace_until, m.fee, m.earlier_from,
    m.earlier_fee, m.terms, m.paid, m.refunded, m.cancelled_at, m.ended_at, m.reference
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN membership AS m ON m.bucket = r.bucket AND m.member = r.member
ORDER BY r.slot, m.bought_at, m.id;

-- name: saving_put
INSERT INTO membership_saving (bucket, id, line, member, membership, amount, at, what)
SELECT r.bucket, r.id, r.line, r.member, r.membership, r.amount, r.at, r.what
FROM :rows(bucket bigint, id bigint, line bigint, member bigint, membership bigint, amount bigint, at bigint, what text) AS r;

-- name: savings_load
SELECT r.slot, s.membership, s.id, s.line, s.amount, s.at, s.what
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN membership_saving AS s ON s.bucket = r.bucket AND s.member = r.member
ORDER BY r.slot, s.at, s.id, s.line;

-- ---- the loyalty index ----

-- Of those who reach the least that a ladder asks for, or hold something: they may have had it before.
-- name: loyalty_page
-- params: bucket bigint, after bigint, least bigint, page_size bigint
SELECT m.member, m.loyalty
FROM member_score AS m
JOIN standing AS s ON s.bucket = m.bucket AND s.member = m.member
WHERE m.bucket = :bucket AND m.member > :after AND m.loyalty >= 0 AND (m.loyalty >= :least OR s.held <> '')
ORDER BY m.member
LIMIT :page_size;
