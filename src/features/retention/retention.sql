-- Queries of retention.

-- name: policy_read
SELECT version, detail_days, archive_days, quote_days
FROM retention_policy
WHERE bucket = 0;

-- name: policy_put
-- params: version bigint, detail_days bigint, archive_days bigint, quote_days bigint
INSERT INTO retention_policy (bucket, version, detail_days, archive_days, quote_days)
VALUES (0, :version, :detail_days, :archive_days, :quote_days)
ON CONFLICT (bucket) DO UPDATE
SET version = excluded.version,
    detail_days = excluded.detail_days,
    archive_days = excluded.archive_days,
    quote_days = excluded.quote_days;

-- name: cut_of
-- params: bucket bigint
SELECT until_seq
FROM retention_cut
WHERE bucket = :bucket;

-- name: texts
-- params: bucket bigint, after bigint, until bigint, page bigint
SELECT d.seq, j.member, j.recorded_at, m.salt, d.body
FROM detail AS d
JOIN journal AS j ON j.bucket = d.bucket AND j.seq = d.seq
LEFT JOIN member AS m ON m.bucket = j.bucket AND m.id = j.member
WHERE d.bucket = :bucket AND d.seq > :after AND d.seq <= :until
ORDER BY d.seq
LIMIT :page;

-- name: salt
-- params: bucket bigint, member bigint
SELECT salt
FROM member
WHERE bucket = :bucket AND id = :member;

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
