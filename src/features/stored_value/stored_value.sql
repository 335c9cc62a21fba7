-- Queries of stored value.

-- What is left of the lots of an account, by the store at which they were paid in. Lots and their source share a bucket.
-- name: by_store
-- params: wallet text
SELECT j.store, CAST(SUM(l.remaining + l.held) AS bigint)
FROM lot AS l
JOIN journal AS j ON j.bucket = l.bucket AND j.seq = (l.source - l.bucket) >> 6
WHERE l.bucket >= 0 AND l.wallet = :wallet AND l.remaining + l.held > 0
GROUP BY j.store
ORDER BY j.store;
