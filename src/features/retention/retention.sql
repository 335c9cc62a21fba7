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

-- Details of a bucket that are older than `before`: the last one, and how many.
-- name: due
-- params: bucket bigint, before bigint
SELECT CAST(COALESCE(MAX(d.seq), 0) AS bigint), CAST(COUNT(*) AS bigint)
FROM detail AS d
JOIN journal AS j ON j.bucket = d.bucket AND j.seq = d.seq
WHERE d.bucket = :bucket AND j.recorded_at < :before;

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
