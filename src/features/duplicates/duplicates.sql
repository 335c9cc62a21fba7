-- The scan of the members, and the queue of pairs that it leaves.

-- A row for each phone and e-mail of each member, in order; one row for a member without any.
-- name: scan_members
-- params: bucket bigint
SELECT m.id, m.leader, p.family_name, p.given_name, p.display_name, p.birthday, p.birthday_calendar, p.gender, p.region,
    p.city, p.address, p.postal_code, i.kind, i.value
FROM member AS m
LEFT JOIN profile AS p ON p.bucket = m.bucket AND p.member = m.id
LEFT JOIN identifier AS i ON i.bucket = m.bucket AND i.member = m.id AND i.kind IN ('email', 'phone')
WHERE m.bucket = :bucket AND m.status = 1
ORDER BY m.id, COALESCE(i.kind, ''), COALESCE(i.value, '');

-- Not for whoever was erased or merged meanwhile. What was decided stays; what was put off comes back after its time.
-- name: pair_put
INSERT INTO duplicate_pair (bucket, id, one, other, state, score, rarity, probability, found_at, decided_at)
SELECT r.bucket, r.id, r.one, r.other, 0, r.score, r.rarity, r.probability, r.found_at, 0
FROM :rows(bucket bigint, id bigint, one bigint, other bigint, score bigint, rarity bigint, probability bigint,
    found_at bigint) AS r
JOIN member AS a ON a.bucket = r.bucket AND a.id = r.one
JOIN member AS b ON b.bucket = r.other % 64 AND b.id = r.other
WHERE a.status = 1 AND b.status = 1 AND a.leader <> b.leader
ON CONFLICT (bucket, id) DO UPDATE SET
    state = CASE WHEN duplicate_pair.decided_at > excluded.found_at - 604800000000 THEN duplicate_pair.state ELSE 0 END,
    score = excluded.score,
    rarity = excluded.rarity,
    probability = excluded.probability,
    found_at = excluded.found_at
WHERE duplicate_pair.state < 2;

-- What is not found any more.
-- name: pairs_drop
-- params: bucket bigint, found_at bigint
DELETE FROM duplicate_pair
WHERE bucket = :bucket AND state < 2 AND found_at < :found_at;

-- name: pairs_drop_erased
-- params: bucket bigint
DELETE FROM duplicate_pair
WHERE bucket = :bucket AND (
    EXISTS (
        SELECT 1
        FROM member AS a
        WHERE a.bucket = duplicate_pair.bucket AND a.id = duplicate_pair.one AND a.status <> 1)
    OR EXISTS (
        SELECT 1
        FROM member AS b
        WHERE b.bucket = duplicate_pair.other % 64 AND b.id = duplicate_pair.other AND b.status <> 1));

-- The persons of now of whom somebody said that they are two, or had been one.
-- name: pairs_decided
SELECT a.leader, b.leader
FROM duplicate_pair AS d
JOIN member AS a ON a.bucket = d.bucket AND a.id = d.one
JOIN member AS b ON b.bucket = d.other % 64 AND b.id = d.other
WHERE d.bucket >= 0 AND d.state >= 2 AND a.leader <> b.leader;

-- name: pair_read
-- params: bucket bigint, id bigint
SELECT d.id, d.one, d.other, d.state, d.score, d.rarity, d.probability, d.found_at, d.decided_at, a.leader, b.leader
FROM duplicate_pair AS d
JOIN member AS a ON a.bucket = d.bucket AND a.id = d.one
JOIN member AS b ON b.bucket = d.other % 64 AND b.id = d.other
WHERE d.bucket = :bucket AND d.id = :id AND a.status = 1 AND b.status = 1;

-- name: pairs_list
-- params: state bigint, score bigint, after_bucket bigint, after_id bigint, page_size bigint
SELECT d.id, d.one, d.other, d.state, d.score, d.rarity, d.probability, d.found_at, d.decided_at, a.leader, b.leader
FROM duplicate_pair AS d
JOIN member AS a ON a.bucket = d.bucket AND a.id = d.one
JOIN member AS b ON b.bucket = d.other % 64 AND b.id = d.other
WHERE d.state = :state AND (d.score, d.bucket, d.id) < (:score, :after_bucket, :after_id)
    AND a.status = 1 AND b.status = 1 AND (d.state >= 2 OR a.leader <> b.leader)
ORDER BY d.score DESC, d.bucket DESC, d.id DESC
LIMIT :page_size;

-- name: pair_decide
-- params: bucket bigint, id bigint, state bigint, decided_at bigint
UPDATE duplicate_pair
SET state = :state, decided_at = :decided_at
WHERE bucket = :bucket AND id = :id;

-- name: pair_merged
UPDATE duplicate_pair
SET state = r.state, decided_at = r.decided_at
FROM :rows(bucket bigint, id bigint, state bigint, decided_at bigint) AS r
WHERE duplicate_pair.bucket = r.bucket AND duplicate_pair.id = r.id;

-- name: group_members
SELECT r.slot, g.member
FROM :rows(slot bigint, bucket bigint, leader bigint) AS r
JOIN member_group AS g ON g.bucket = r.bucket AND g.grouping = r.leader
ORDER BY r.slot, g.member;

-- name: model_get
SELECT learned_at, nightly, body
FROM duplicate_model
WHERE bucket = 0;

-- name: model_put
-- params: learned_at bigint, body text
INSERT INTO duplicate_model (bucket, learned_at, nightly, body)
VALUES (0, :learned_at, 0, :body)
ON CONFLICT (bucket) DO UPDATE SET learned_at = excluded.learned_at, body = excluded.body;

-- name: nightly_put
-- params: nightly bigint
INSERT INTO duplicate_model (bucket, learned_at, nightly, body)
VALUES (0, 0, :nightly, '')
ON CONFLICT (bucket) DO UPDATE SET nightly = excluded.nightly;
