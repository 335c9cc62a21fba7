-- name: scores
SELECT s.member, s.alive, s.expected, s.value, s.lifetime, s.loyalty
FROM :rows(bucket bigint, member bigint) AS r
JOIN member_score AS s ON s.bucket = r.bucket AND s.member = r.member;

-- When the last scoring was whole.
-- name: scored
SELECT learned_at
FROM insight_model
WHERE bucket = 0 AND name = 'scored';

-- ---- following ----

-- name: turn_create
INSERT INTO segment_turn (bucket, turn)
SELECT r.bucket, 0
FROM :rows(bucket bigint) AS r
WHERE true
ON CONFLICT (bucket) DO NOTHING;

-- name: positions
SELECT h.bucket, h.seq, COALESCE(c.seq, -1), COALESCE(t.turn, -1)
FROM head AS h
LEFT JOIN cursor AS c ON c.bucket = h.bucket AND c.reader = 'segments'
LEFT JOIN segment_turn AS t ON t.bucket = h.bucket
WHERE h.bucket >= 0
ORDER BY h.bucket;

-- name: journal_members
-- params: bucket bigint, after_seq bigint, until_seq bigint, count bigint
SELECT seq, member
FROM journal
WHERE bucket = :bucket AND seq > :after_seq AND seq <= :until_seq
ORDER BY seq
LIMIT :count;

-- name: due_members
-- params: bucket bigint, now bigint, count bigint
SELECT member
FROM segment_due
WHERE bucket = :bucket AND due_at <= :now
ORDER BY due_at, member
LIMIT :count;

-- name: due_read
SELECT d.member, d.due_at
FROM :rows(bucket bigint, member bigint) AS r
JOIN segment_due AS d ON d.bucket = r.bucket AND d.member = r.member;

-- name: members_read
SELECT s.member, s.segment
FROM :rows(bucket bigint, member bigint) AS r
JOIN segment_member AS s ON s.bucket = r.bucket AND s.member = r.member;

-- name: turn_take
UPDATE segment_turn
SET turn = r.turn + 1
FROM :rows(bucket bigint, turn bigint) AS r
WHERE segment_turn.bucket = r.bucket AND segment_turn.turn = r.turn;

-- name: cursor_put
INSERT INTO cursor (bucket, reader, seq)
SELECT r.bucket, 'segments', r.seq
FROM :rows(bucket bigint, seq bigint) AS r
WHERE true
ON CONFLICT (bucket, reader) DO UPDATE
SET seq = excluded.seq;

-- name: cursor_drop
DELETE FROM cursor
WHERE bucket >= 0 AND reader = 'segments';

-- name: member_add
INSERT INTO segment_member (bucket, member, segment, since)
SELECT r.bucket, r.member, r.segment, r.since
FROM :rows(bucket bigint, member bigint, segment text, since bigint) AS r
WHERE true
ON CONFLICT (bucket, member, segment) DO NOTHING;

-- name: member_drop
-- dialect: sqlite
DELETE FROM segment_member
WHERE (bucket, member, segment) = (SELECT r.bucket, r.member, r.segment FROM :rows(bucket bigint, member bigint, segment text) AS r);
-- dialect: postgres
DELETE FROM segment_member
WHERE (bucket, member, segment) IN (SELECT r.bucket, r.member, r.segment FROM :rows(bucket bigint, member bigint, segment text) AS r);

-- name: due_put
INSERT INTO segment_due (bucket, member, due_at)
SELECT r.bucket, r.member, r.due_at
FROM :rows(bucket bigint, member bigint, due_at bigint) AS r
WHERE true
ON CONFLICT (bucket, member) DO UPDATE
SET due_at = excluded.due_at;

-- name: due_drop
DELETE FROM segment_due
WHERE (bucket, member) IN (SELECT r.bucket, r.member FROM :rows(bucket bigint, member bigint) AS r);

-- name: day_add
INSERT INTO segment_day (bucket, segment, day, joined, gone)
SELECT r.bucket, r.segment, r.day, r.joined, r.gone
FROM :rows(bucket bigint, segment text, day bigint, joined bigint, gone bigint) AS r
WHERE true
ON CONFLICT (bucket, segment, day) DO UPDATE
SET joined = segment_day.joined + excluded.joined, gone = segment_day.gone + excluded.gone;

-- ---- the whole base ----

-- name: state_read
SELECT segment, basis, evaluated_at
FROM segment_state
WHERE bucket = 0
ORDER BY segment;

-- name: state_put
-- params: segment text, basis text, evaluated_at bigint
INSERT INTO segment_state (bucket, segment, basis, evaluated_at)
VALUES (0, :segment, :basis, :evaluated_at)
ON CONFLICT (bucket, segment) DO UPDATE
SET basis = excluded.basis, evaluated_at = excluded.evaluated_at;

-- name: state_drop
-- params: segment text
DELETE FROM segment_state
WHERE bucket = 0 AND segment = :segment;

-- name: bucket_members
-- params: bucket bigint, segment text
SELECT member
FROM segment_member
WHERE bucket = :bucket AND segment = :segment
ORDER BY member;

-- name: bucket_due
-- params: bucket bigint
SELECT member, due_at
FROM segment_due
WHERE bucket = :bucket
ORDER BY member;

-- name: person_count
SELECT COUNT(*)
FROM standing
WHERE bucket >= 0;

-- ---- for readers ----

-- name: members_page
-- params: segment text, after_bucket bigint, after_member bigint, count bigint
SELECT member, since
FROM segment_member
WHERE segment = :segment AND (bucket, member) > (:after_bucket, :after_member)
ORDER BY bucket, member
LIMIT :count;

-- name: member_count
-- params: segment text
SELECT COUNT(*)
FROM segment_member
WHERE segment = :segment AND bucket >= 0;

-- name: of_member
-- params: bucket bigint, member bigint
SELECT segment, since
FROM segment_member
WHERE bucket = :bucket AND member = :member
ORDER BY segment;

-- name: days
-- params: segment text
SELECT day, CAST(SUM(joined) AS bigint), CAST(SUM(gone) AS bigint)
FROM segment_day
WHERE segment = :segment AND bucket >= 0
GROUP BY day
ORDER BY day;

-- name: all_members
SELECT segment, bucket, member, since
FROM segment_member
WHERE bucket >= 0
ORDER BY segment, bucket, member;
