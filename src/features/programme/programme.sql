-- Queries of the programme. Configuration lies in bucket 0.

-- name: versions_configure
SELECT version, effective_at, source
FROM programme_version
WHERE bucket = 0
ORDER BY effective_at, version;

-- name: rates_configure
SELECT currency, day, numerator, denominator
FROM currency_rate
WHERE bucket = 0
ORDER BY currency, day;

-- name: epoch_read
SELECT epoch
FROM epoch
WHERE bucket = 0;

-- name: epoch_bump
UPDATE epoch SET epoch = epoch + 1
WHERE bucket = 0;

-- name: version_last
SELECT CAST(COALESCE(MAX(version), 0) AS bigint)
FROM programme_version
WHERE bucket = 0;

-- name: version_add
-- params: version bigint, published_at bigint, effective_at bigint, author text, note text, source text
INSERT INTO programme_version (bucket, version, published_at, effective_at, author, note, source)
VALUES (0, :version, :published_at, :effective_at, :author, :note, :source);

-- name: version_list
-- params: before bigint, page_size bigint
SELECT version, published_at, effective_at, author, note, source
FROM programme_version
WHERE bucket = 0 AND version < :before
ORDER BY version DESC
LIMIT :page_size;

-- name: rate_put
INSERT INTO currency_rate (bucket, currency, day, rate, numerator, denominator)
SELECT 0, r.currency, r.day, r.rate, r.numerator, r.denominator
FROM :rows(currency text, day bigint, rate bigint, numerator bigint, denominator bigint) AS r
WHERE true
ON CONFLICT (bucket, currency, day) DO UPDATE
SET rate = excluded.rate, numerator = excluded.numerator, denominator = excluded.denominator;

-- name: rate_list
-- params: currency text, day bigint, page_size bigint
SELECT currency, day, rate
FROM currency_rate
WHERE bucket = 0 AND (currency, day) > (:currency, :day)
ORDER BY currency, day
LIMIT :page_size;
