-- Queries of the conformance suite.

-- name: insert
INSERT INTO sample (bucket, id, name, body, amount)
SELECT r.bucket, r.id, r.name, r.body, r.amount
FROM :rows(bucket bigint, id bigint, name text, body bytea, amount bigint) AS r;

-- name: insert_new
INSERT INTO sample (bucket, id, name, body, amount)
SELECT r.bucket, r.id, r.name, NULL, r.amount
FROM :rows(bucket bigint, id bigint, name text, amount bigint) AS r
WHERE true
ON CONFLICT (bucket, id) DO NOTHING;

-- name: insert_returning
INSERT INTO sample (bucket, id, amount)
SELECT r.bucket, r.id, r.amount * 2
FROM :rows(bucket bigint, id bigint, amount bigint) AS r
RETURNING id, amount;

-- name: upsert
INSERT INTO sample (bucket, id, amount)
SELECT r.bucket, r.id, r.amount
FROM :rows(bucket bigint, id bigint, amount bigint) AS r
WHERE true
ON CONFLICT (bucket, id) DO UPDATE SET amount = sample.amount + excluded.amount;

-- name: load
SELECT s.id, s.name, s.body, s.amount
FROM :rows(bucket bigint, id bigint) AS r
JOIN sample AS s ON s.bucket = r.bucket AND s.id = r.id
WHERE s.amount > 0 OR s.amount IS NULL;

-- name: load_left
SELECT r.id, s.amount
FROM :rows(bucket bigint, id bigint) AS r
LEFT JOIN sample AS s ON s.bucket = r.bucket AND s.id = r.id;

-- name: update
UPDATE sample SET amount = r.amount
FROM :rows(bucket bigint, id bigint, amount bigint) AS r
WHERE sample.bucket = r.bucket AND sample.id = r.id;

-- name: delete
DELETE FROM sample
USING :rows(bucket bigint, id bigint) AS r
WHERE sample.bucket = r.bucket AND sample.id = r.id;

-- name: delete_in
DELETE FROM sample
WHERE (bucket, id) IN (SELECT r.bucket, r.id FROM :rows(bucket bigint, id bigint) AS r);

-- name: count
-- params: bucket bigint
SELECT COUNT(*), CAST(COALESCE(SUM(amount), 0) AS bigint)
FROM sample
WHERE bucket = :bucket;

-- name: page
-- params: bucket bigint, after_amount bigint, after_id bigint, page_size bigint
SELECT amount, id
FROM sample
WHERE bucket = :bucket AND (amount, id) > (:after_amount, :after_id)
ORDER BY amount, id
LIMIT :page_size;

-- name: all
-- params: bucket bigint
SELECT id, name, body, amount
FROM sample
WHERE bucket = :bucket
ORDER BY id;

-- name: echo
-- params: number bigint, name text, body bytea
SELECT :number, :name, :body, 1 = 1, 7;

-- name: numeric_sum
-- dialect: sqlite
SELECT SUM(amount) / 4.0 FROM sample;
-- dialect: postgres
SELECT SUM(amount) FROM sample;

-- name: counter_take
-- params: id bigint
UPDATE counted SET used = used + 1
WHERE id = :id
RETURNING used;

-- name: counter_new
-- params: id bigint
INSERT INTO counted (id, used)
VALUES (:id, 0);

-- name: counter_read
-- params: id bigint
SELECT used
FROM counted
WHERE id = :id;

-- name: word_add
INSERT INTO word (key)
SELECT r.key
FROM :rows(key text) AS r
WHERE true
ON CONFLICT DO NOTHING;

-- name: word_list
SELECT key
FROM word
ORDER BY key;
