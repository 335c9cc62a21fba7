-- A bucket of the journal in its order.

-- Who had an event from `since` on and before `until`, and what came back or was claimed then.
-- name: scan
-- params: bucket bigint, since bigint, until bigint
SELECT j.bucket, j.seq, j.member, j.kind, j.cause, j.at, j.recorded_at
FROM journal AS j
WHERE j.bucket = :bucket
    AND (j.kind = 'claim' OR j.at >= :since AND j.at < :until AND j.kind IN ('purchase', 'return', 'void'));

-- name: rows_after
-- params: bucket bigint, seq bigint, last_at bigint, count bigint
SELECT j.bucket, j.seq, j.member, j.kind, j.at, j.recorded_at, j.day, j.cause, j.store, j.channel, j.receipt, j.amount,
    j.facts
FROM journal AS j
WHERE j.bucket = :bucket AND j.seq > :seq AND j.recorded_at <= :last_at
    AND j.kind IN ('registration', 'purchase', 'claim', 'return', 'void', 'visit', 'merge', 'unmerge')
ORDER BY j.seq
LIMIT :count;

-- name: lines_between
-- params: bucket bigint, after bigint, last bigint
SELECT l.seq, l.line, l.sku, l.category, l.quantity_milli, l.amount, l.discount, l.of_line
FROM purchase_line AS l
WHERE l.bucket = :bucket AND l.seq > :after AND l.seq <= :last
ORDER BY l.seq, l.line;
