-- Queries of retention.

-- name: policy_read
SELECT version, detail_days
FROM retention_policy
WHERE bucket = 0;

-- name: policy_put
-- params: version bigint, detail_days bigint
INSERT INTO retention_policy (bucket, version, detail_days)
VALUES (0, :version, :detail_days)
ON CONFLICT (bucket) DO UPDATE
SET version = excluded.version, detail_days = excluded.detail_days;

-- name: head_of
-- params: bucket bigint
SELECT seq
FROM head
WHERE bucket = :bucket;

-- name: row_from
-- params: bucket bigint, seq bigint
SELECT seq, recorded_at
FROM journal
WHERE bucket = :bucket AND seq >= :seq
ORDER BY seq
LIMIT 1;

-- name: details_until
-- params: bucket bigint, seq bigint
SELECT CAST(COUNT(*) AS bigint)
FROM detail
WHERE bucket = :bucket AND seq <= :seq;

-- name: details_drop
DELETE FROM detail
USING :rows(bucket bigint, until_seq bigint) AS r
WHERE detail.bucket = r.bucket AND detail.seq <= r.until_seq;

-- name: cut_put
INSERT INTO retention_cut (bucket, until_seq, row_seq)
SELECT r.bucket, r.until_seq, r.row_seq
FROM :rows(bucket bigint, until_seq bigint, row_seq bigint) AS r
WHERE true
ON CONFLICT (bucket) DO UPDATE
SET until_seq = excluded.until_seq, row_seq = excluded.row_seq;
