-- The base as tables that analyses read like files: days, lines of purchases, persons.

-- name: table_days_count
-- params: first bigint, last bigint
SELECT COUNT(*)
FROM member_day
WHERE bucket >= 0 AND day >= :first AND day <= :last AND purchases > 0;

-- name: table_days
-- params: first bigint, last bigint
SELECT m.leader, d.day, d.spend
FROM member_day AS d
JOIN member AS m ON m.bucket = d.bucket AND m.id = d.member
WHERE d.bucket >= 0 AND d.day >= :first AND d.day <= :last AND d.purchases > 0 AND m.status = 1;

-- A purchase that came without lines is one line.
-- name: table_lines
-- params: first bigint, last bigint
SELECT m.leader, j.seq * 64 + j.bucket, j.day, j.store, j.channel, j.amount, COALESCE(l.line, 0), COALESCE(l.sku, ''),
    COALESCE(l.category, ''), COALESCE(l.quantity_milli, 1000), COALESCE(l.amount, j.amount), COALESCE(l.discount, 0)
FROM journal AS j
JOIN member AS m ON m.bucket = j.bucket AND m.id = j.member
LEFT JOIN purchase_line AS l ON l.bucket = j.bucket AND l.seq = j.seq
WHERE j.bucket >= 0 AND j.kind IN ('purchase', 'claim') AND j.day >= :first AND j.day <= :last AND m.status = 1
    AND NOT EXISTS (
        SELECT 1
        FROM journal AS v
        WHERE v.bucket = j.bucket AND v.cause = j.seq * 64 + j.bucket AND v.cause > 0 AND v.kind = 'void'
    );

-- name: table_returns
SELECT j.cause, COALESCE(l.of_line, 0), COALESCE(l.quantity_milli, 0), COALESCE(l.amount, j.amount)
FROM journal AS j
LEFT JOIN purchase_line AS l ON l.bucket = j.bucket AND l.seq = j.seq
WHERE j.bucket >= 0 AND j.cause > 0 AND j.kind = 'return';

-- name: table_items
SELECT sku, category, attributes, brand, cost
FROM item
WHERE bucket = 0;

-- name: table_persons_count
SELECT COUNT(*)
FROM member
WHERE bucket >= 0 AND status = 1 AND leader = id;

-- name: table_persons
SELECT m.id, s.purchases, s.purchase_days, s.spend, s.returns, s.visits, s.first_purchase_at, s.last_purchase_at,
    m.registered_at, s.tier
FROM standing AS s
JOIN member AS m ON m.bucket = s.bucket AND m.id = s.member
WHERE s.bucket >= 0 AND s.purchases > 0 AND m.status = 1 AND m.leader = m.id;

-- name: table_habits
SELECT m.leader, COUNT(*), CAST(SUM(CASE WHEN l.discount > 0 THEN 1 ELSE 0 END) AS bigint), COUNT(DISTINCT l.category)
FROM journal AS j
JOIN member AS m ON m.bucket = j.bucket AND m.id = j.member
JOIN purchase_line AS l ON l.bucket = j.bucket AND l.seq = j.seq
WHERE j.bucket >= 0 AND j.kind IN ('purchase', 'claim') AND m.status = 1
    AND NOT EXISTS (
        SELECT 1
        FROM journal AS v
        WHERE v.bucket = j.bucket AND v.cause = j.seq * 64 + j.bucket AND v.cause > 0 AND v.kind = 'void'
    )
GROUP BY m.leader, m.id;
