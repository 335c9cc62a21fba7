-- Queries of quotes.

-- name: quote_put
-- params: bucket bigint, id bigint, member bigint, state bigint, at bigint, due_at bigint, reserved bigint, settled_by bigint, document text
INSERT INTO quote (bucket, id, member, state, at, due_at, reserved, settled_by, document)
VALUES (:bucket, :id, :member, :state, :at, :due_at, :reserved, :settled_by, :document)
ON CONFLICT (bucket, id) DO UPDATE
SET state = excluded.state, settled_by = excluded.settled_by;

-- name: quotes_load
SELECT q.id, q.member, q.state, q.at, q.due_at, q.reserved, q.settled_by, q.document
FROM :rows(bucket bigint, id bigint) AS r
JOIN quote AS q ON q.bucket = r.bucket AND q.id = r.id;

-- name: quotes_list_member
-- params: bucket bigint, member bigint, before bigint, page_size bigint
SELECT q.id, q.member, q.state, q.at, q.due_at, q.reserved, q.settled_by, q.document
FROM quote AS q
WHERE q.bucket = :bucket AND q.member = :member AND q.id < :before
ORDER BY q.id DESC
LIMIT :page_size;

-- name: quotes_due
-- params: state bigint, now bigint, page_size bigint
SELECT q.id, q.member, q.state, q.at, q.due_at, q.reserved, q.settled_by, q.document
FROM quote AS q
WHERE q.bucket >= 0 AND q.state = :state AND q.due_at <= :now
ORDER BY q.due_at, q.id
LIMIT :page_size;

-- Of one state, those that end first first.
-- name: quotes_page
-- params: state bigint, reserved bigint, after_due bigint, after_id bigint, page_size bigint
SELECT q.id, q.member, q.state, q.at, q.due_at, q.reserved, q.settled_by, q.document
FROM quote AS q
WHERE q.bucket >= 0 AND q.state = :state AND q.reserved >= :reserved
    AND q.due_at >= :after_due AND (q.due_at > :after_due OR q.id > :after_id)
ORDER BY q.due_at, q.id
LIMIT :page_size;

-- Some that ended long ago.
-- name: quotes_drop
-- params: state bigint, before bigint, page_size bigint
DELETE FROM quote
WHERE (bucket, id) IN (
    SELECT q.bucket, q.id
    FROM quote AS q
    WHERE q.bucket >= 0 AND q.state = :state AND q.due_at < :before
    ORDER BY q.due_at, q.id
    LIMIT :page_size)
RETURNING id;

-- name: counters_read
SELECT c.id, c.used
FROM :rows(bucket bigint, id text) AS r
JOIN counter AS c ON c.bucket = r.bucket AND c.id = r.id;

-- name: progress_read
SELECT r.member, p.id, p.used
FROM :rows(bucket bigint, member bigint) AS r
JOIN progress AS p ON p.bucket = r.bucket AND p.member = r.member;
