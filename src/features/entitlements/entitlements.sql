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
