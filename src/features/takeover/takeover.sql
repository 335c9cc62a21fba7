-- Answers, coupons and the sheets of a migration.

-- name: answer_put
INSERT INTO survey_answer (bucket, member, id, question, low, high, low_is_best, value, at, day, channel, store, comment)
SELECT r.bucket, r.member, r.id, r.question, r.low, r.high, r.low_is_best, r.value, r.at, r.day, r.channel, r.store, r.comment
FROM :rows(bucket bigint, member bigint, id bigint, question text, low bigint, high bigint, low_is_best bigint,
    value bigint, at bigint, day bigint, channel text, store text, comment text) AS r
WHERE true
ON CONFLICT (bucket, member, id) DO NOTHING;

-- name: coupon_put
INSERT INTO coupon (bucket, id, member, code, value, valid_from, valid_until, counter_bucket)
SELECT r.bucket, r.id, r.member, r.code, r.value, r.valid_from, r.valid_until, r.counter_bucket
FROM :rows(bucket bigint, id bigint, member bigint, code text, value text, valid_from bigint, valid_until bigint,
    counter_bucket bigint) AS r
WHERE true
ON CONFLICT (bucket, id) DO NOTHING;

-- name: coupon_get
-- params: bucket bigint, id bigint
SELECT member, code, value, valid_from, valid_until
FROM coupon
WHERE bucket = :bucket AND id = :id;

-- name: coupon_uses
-- params: bucket bigint, id text
SELECT used, maximum
FROM counter
WHERE bucket = :bucket AND id = :id;

-- name: files
-- params: migration text, every bigint
SELECT migration, source, kind, rows_read, imported, known, refused, registered, at, actor, version
FROM takeover_file
WHERE bucket = 0 AND (:every = 1 OR migration = :migration)
ORDER BY migration, source;

-- name: file_put
INSERT INTO takeover_file (bucket, migration, source, kind, rows_read, imported, known, refused, registered, at, actor,
    version)
SELECT 0, r.migration, r.source, r.kind, r.rows_read, r.imported, r.known, r.refused, r.registered, r.at, r.actor, 1
FROM :rows(migration text, source text, kind text, rows_read bigint, imported bigint, known bigint, refused bigint,
    registered bigint, at bigint, actor text) AS r
WHERE true
ON CONFLICT (bucket, migration, source) DO UPDATE
SET kind = excluded.kind, rows_read = excluded.rows_read, imported = excluded.imported, known = excluded.known,
    refused = excluded.refused, registered = excluded.registered, at = excluded.at, actor = excluded.actor,
    version = takeover_file.version + 1;

-- name: lines_delete
-- params: migration text, source text
DELETE FROM takeover_line
WHERE bucket = 0 AND migration = :migration AND source = :source;

-- name: lines_put
INSERT INTO takeover_line (bucket, migration, source, line, measure, wallet, store, month, value)
SELECT 0, r.migration, r.source, r.line, r.measure, r.wallet, r.store, r.month, r.value
FROM :rows(migration text, source text, line bigint, measure bigint, wallet text, store text, month text,
    value bigint) AS r;

-- name: lines
-- params: migration text, given bigint
SELECT measure, wallet, store, month, value
FROM takeover_line
WHERE bucket = 0 AND migration = :migration
    AND ((:given = 1 AND source = '') OR (:given = 0 AND source <> ''))
ORDER BY source, line;

-- What there is now. The row that is the source of a lot lies in its bucket: an id is seq * 64 + bucket.
-- name: points_now
-- params: bucket bigint
SELECT l.wallet, j.store, l.expires_at, l.remaining + l.held
FROM lot AS l
JOIN journal AS j ON j.bucket = l.bucket AND j.seq = l.source >> 6
WHERE l.bucket = :bucket AND l.remaining + l.held > 0;

-- name: holders_now
-- params: bucket bigint
SELECT COUNT(DISTINCT w.member)
FROM wallet AS w
WHERE w.bucket = :bucket AND (w.active + w.pending + w.held > 0 OR w.debt > 0);

-- name: debts_now
-- params: bucket bigint
SELECT w.code, CAST(SUM(w.debt) AS bigint)
FROM wallet AS w
WHERE w.bucket = :bucket AND w.debt > 0
GROUP BY w.code;

-- name: members_now
-- params: bucket bigint
SELECT COUNT(*)
FROM member AS m
WHERE m.bucket = :bucket AND m.status = 1;
