-- What lists and pages read.

-- name: list_members
-- params: bucket bigint, member bigint, page_size bigint
SELECT m.bucket, m.id
FROM member AS m
WHERE (m.bucket, m.id) > (:bucket, :member) AND m.leader = m.id AND m.status = 1
ORDER BY m.bucket, m.id
LIMIT :page_size;

-- name: list_by_tag
-- params: tag text, bucket bigint, member bigint, page_size bigint
SELECT t.bucket, t.member
FROM tag AS t
WHERE t.tag = :tag AND (t.bucket, t.member) > (:bucket, :member)
ORDER BY t.bucket, t.member
LIMIT :page_size;

-- Each member once, by the smallest of its keys that begins so. `after_key` is at least `first`: a page begins in the
-- index where the last one ended.
-- name: list_by_key
-- params: first text, beyond text, after_key text, bucket bigint, member bigint, page_size bigint
SELECT s.key, s.bucket, s.member
FROM member_search AS s
WHERE s.key >= :after_key AND s.key < :beyond AND (s.key, s.bucket, s.member) > (:after_key, :bucket, :member)
    AND NOT EXISTS (
        SELECT 1
        FROM member_search AS e
        WHERE e.bucket = s.bucket AND e.member = s.member AND e.key >= :first AND e.key < s.key)
ORDER BY s.key, s.bucket, s.member
LIMIT :page_size;

-- name: list_standings
-- params: bucket bigint, member bigint, page_size bigint
SELECT s.bucket, s.member, s.tier, s.purchases, s.purchase_days, s.first_purchase_at, s.last_purchase_at, s.won_back_at,
    s.recent
FROM standing AS s
JOIN member AS m ON m.bucket = s.bucket AND m.id = s.member
WHERE (s.bucket, s.member) > (:bucket, :member) AND m.status = 1
ORDER BY s.bucket, s.member
LIMIT :page_size;

-- name: list_notes
-- params: bucket bigint, member bigint, before bigint, page_size bigint
SELECT id, at, author, body
FROM note
WHERE bucket = :bucket AND member = :member AND id < :before
ORDER BY id DESC
LIMIT :page_size;

-- name: list_consent_history
-- params: bucket bigint, member bigint, before bigint, page_size bigint
SELECT id, channel, purpose, state, at, source, wording, author
FROM consent_history
WHERE bucket = :bucket AND member = :member AND id < :before
ORDER BY id DESC, channel, purpose
LIMIT :page_size;

-- name: household_read
-- params: bucket bigint, id bigint
SELECT h.pooled, g.member
FROM household AS h
JOIN member_group AS g ON g.bucket = h.bucket AND g.grouping = h.id
WHERE h.bucket = :bucket AND h.id = :id
ORDER BY g.member;

-- name: merge_event
-- params: bucket bigint, seq bigint
SELECT j.member, j.kind
FROM journal AS j
WHERE j.bucket = :bucket AND j.seq = :seq;

-- name: merge_moved
-- params: bucket bigint, member bigint, id bigint
SELECT l.member, l.leader_before
FROM member_group AS g
JOIN merge_link AS l ON l.bucket = g.member % 64 AND l.member = g.member AND l.id = :id
WHERE g.bucket = :bucket AND g.grouping = :member
ORDER BY l.member;

-- name: custom_fields
SELECT code, name, type, choices, required, personal
FROM custom_field
ORDER BY code;

-- name: custom_field_put
-- params: code text, name text, type text, choices text, required bigint, personal bigint
INSERT INTO custom_field (code, name, type, choices, required, personal)
VALUES (:code, :name, :type, :choices, :required, :personal)
ON CONFLICT (code) DO UPDATE SET
    name = excluded.name,
    type = excluded.type,
    choices = excluded.choices,
    required = excluded.required,
    personal = excluded.personal;

-- name: custom_field_delete
-- params: code text
DELETE FROM custom_field
WHERE code = :code;

-- name: leader_read
-- params: bucket bigint, id bigint
SELECT leader, status
FROM member
WHERE bucket = :bucket AND id = :id;
