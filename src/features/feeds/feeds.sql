-- What was ever in force, to see what of it was advertised; configuration lies in bucket 0.

-- name: published
-- params: kind text
SELECT code, version, from_at, until_at, document
FROM definition_version
WHERE bucket = 0 AND kind = :kind AND until_at > from_at
ORDER BY code, from_at;
