-- Segments found by machine: what was found, who is in which, and how often they are found.

-- name: segment_plan_get
SELECT every_days, method, wanted, run_at, members, explained, stability
FROM segment_plan
WHERE bucket = 0;

-- name: segment_plan_put
-- params: every_days bigint, method text, wanted bigint
INSERT INTO segment_plan (bucket, every_days, method, wanted, run_at, members, explained, stability)
VALUES (0, :every_days, :method, :wanted, 0, 0, 0, 0)
ON CONFLICT (bucket) DO UPDATE
SET every_days = excluded.every_days, method = excluded.method, wanted = excluded.wanted;

-- name: segment_run_put
-- params: every_days bigint, method text, wanted bigint, run_at bigint, members bigint, explained bigint, stability bigint
INSERT INTO segment_plan (bucket, every_days, method, wanted, run_at, members, explained, stability)
VALUES (0, :every_days, :method, :wanted, :run_at, :members, :explained, :stability)
ON CONFLICT (bucket) DO UPDATE
SET run_at = excluded.run_at, members = excluded.members, explained = excluded.explained, stability = excluded.stability;

-- name: found_segments
SELECT number, name, members, found_at, seen_at, left_at, body
FROM found_segment
WHERE bucket = 0
ORDER BY members DESC, number;

-- name: found_segment_put
INSERT INTO found_segment (bucket, number, name, members, found_at, seen_at, left_at, body)
SELECT 0, r.number, r.name, r.members, r.found_at, r.seen_at, 0, r.body
FROM :rows(number bigint, name text, members bigint, found_at bigint, seen_at bigint, body text) AS r
WHERE r.number > 0
ON CONFLICT (bucket, number) DO UPDATE
SET name = excluded.name, members = excluded.members, seen_at = excluded.seen_at, left_at = 0, body = excluded.body;

-- name: found_segments_leave
-- params: seen_at bigint
UPDATE found_segment
SET left_at = :seen_at
WHERE bucket = 0 AND seen_at < :seen_at AND left_at = 0;

-- name: member_segments
SELECT member, segment
FROM member_segment
WHERE bucket >= 0;

-- Not for whoever was erased or merged into another since the base was read.
-- name: member_segment_put
INSERT INTO member_segment (bucket, member, segment, since, seen_at)
SELECT r.bucket, r.member, r.segment, r.seen_at, r.seen_at
FROM :rows(bucket bigint, member bigint, segment bigint, seen_at bigint) AS r
JOIN member AS m ON m.bucket = r.bucket AND m.id = r.member
WHERE m.status = 1 AND m.leader = m.id
ON CONFLICT (bucket, member) DO UPDATE
SET since = CASE WHEN member_segment.segment = excluded.segment THEN member_segment.since ELSE excluded.since END,
    segment = excluded.segment, seen_at = excluded.seen_at;

-- name: member_segments_drop
-- params: bucket bigint, seen_at bigint
DELETE FROM member_segment
WHERE bucket = :bucket AND seen_at < :seen_at;

-- name: member_segment_get
-- params: bucket bigint, member bigint
SELECT s.segment, s.since, f.name
FROM member AS m
JOIN member_segment AS s ON s.bucket = m.leader % 64 AND s.member = m.leader
JOIN found_segment AS f ON f.bucket = 0 AND f.number = s.segment
WHERE m.bucket = :bucket AND m.id = :member AND m.status = 1 AND f.left_at = 0;

-- name: segment_members_page
-- params: segment bigint, after_bucket bigint, after_member bigint, page_size bigint
SELECT s.member, s.since
FROM member_segment AS s
JOIN member AS m ON m.bucket = s.bucket AND m.id = s.member
WHERE s.segment = :segment AND (s.bucket, s.member) > (:after_bucket, :after_member) AND m.status = 1 AND m.leader = m.id
ORDER BY s.bucket, s.member
LIMIT :page_size;
