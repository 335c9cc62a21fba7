-- How persons buy, counted from their purchase lines; and what all do.

-- The journal up to the cursor is counted.
-- name: habit_state
-- params: bucket bigint
SELECT h.seq, COALESCE(c.seq, 0)
FROM head AS h
LEFT JOIN habit_cursor AS c ON c.bucket = h.bucket
WHERE h.bucket = :bucket;

-- name: habit_cursor_put
-- params: bucket bigint, seq bigint
INSERT INTO habit_cursor (bucket, seq)
VALUES (:bucket, :seq)
ON CONFLICT (bucket) DO UPDATE
SET seq = excluded.seq;

-- Members of whom something is new: in the journal, or in what is kept for days.
-- name: habit_touched
-- params: bucket bigint, seq bigint
SELECT m.id, m.leader, m.status
FROM (
    SELECT j.member
    FROM journal AS j
    WHERE j.bucket = :bucket AND j.seq > :seq AND j.member > 0
        AND (j.kind IN ('purchase', 'claim', 'void', 'merge', 'merged', 'unmerge', 'unmerged') OR REPLACE(j.kind, 'view', '') <> j.kind)
    UNION
    SELECT t.member
    FROM trace AS t
    WHERE t.bucket = :bucket AND REPLACE(t.kind, 'view', '') <> t.kind
    UNION
    SELECT h.member
    FROM member_habit AS h
    WHERE h.bucket = :bucket AND h.looks > 0
) AS n
JOIN member AS m ON m.bucket = :bucket AND m.id = n.member
ORDER BY m.id;

-- The lines of each person. An item of the catalogue has a brand, or an attribute "brand", or none. SQLite would rather read the
-- lines of a whole bucket: it is told the order.
-- name: habit_lines
-- dialect: sqlite
SELECT r.leader, j.day, l.category, l.discount,
    CASE WHEN i.brand <> '' THEN i.brand WHEN i.attributes LIKE '{%' THEN CAST(json_extract(i.attributes, '$.brand') AS text) END
FROM :rows(bucket bigint, leader bigint) AS r
JOIN member AS m ON m.bucket = r.bucket AND m.id = r.leader
LEFT JOIN member_group AS g ON g.bucket = m.bucket AND g.grouping = m.id
CROSS JOIN journal AS j ON j.bucket = COALESCE(g.member, m.id) % 64 AND j.member = COALESCE(g.member, m.id)
CROSS JOIN purchase_line AS l ON l.bucket = j.bucket AND l.seq = j.seq
LEFT JOIN item AS i ON i.bucket = 0 AND i.sku = l.sku
WHERE j.kind IN ('purchase', 'claim')
    AND NOT EXISTS (
        SELECT 1
        FROM journal AS v
        WHERE v.bucket = j.bucket AND v.cause = j.seq * 64 + j.bucket AND v.cause > 0 AND v.kind = 'void'
    );
-- dialect: postgres
SELECT r.leader, j.day, l.category, l.discount,
    CASE WHEN i.brand <> '' THEN i.brand WHEN i.attributes LIKE '{%' THEN CAST(i.attributes AS json) ->> 'brand' END
FROM :rows(bucket bigint, leader bigint) AS r
JOIN member AS m ON m.bucket = r.bucket AND m.id = r.leader
LEFT JOIN member_group AS g ON g.bucket = m.bucket AND g.grouping = m.id
JOIN journal AS j ON j.bucket = COALESCE(g.member, m.id) % 64 AND j.member = COALESCE(g.member, m.id)
JOIN purchase_line AS l ON l.bucket = j.bucket AND l.seq = j.seq
LEFT JOIN item AS i ON i.bucket = 0 AND i.sku = l.sku
WHERE j.kind IN ('purchase', 'claim')
    AND NOT EXISTS (
        SELECT 1
        FROM journal AS v
        WHERE v.bucket = j.bucket AND v.cause = j.seq * 64 + j.bucket AND v.cause > 0 AND v.kind = 'void'
    );

-- name: habit_looks
SELECT r.leader, COUNT(*)
FROM :rows(bucket bigint, leader bigint, since bigint) AS r
JOIN member AS m ON m.bucket = r.bucket AND m.id = r.leader
LEFT JOIN member_group AS g ON g.bucket = m.bucket AND g.grouping = m.id
JOIN journal AS j ON j.bucket = COALESCE(g.member, m.id) % 64 AND j.member = COALESCE(g.member, m.id) AND j.at >= r.since
WHERE REPLACE(j.kind, 'view', '') <> j.kind
GROUP BY r.leader;

-- name: habit_looks_traced
SELECT r.leader, COUNT(*)
FROM :rows(bucket bigint, leader bigint, since bigint) AS r
JOIN member AS m ON m.bucket = r.bucket AND m.id = r.leader
LEFT JOIN member_group AS g ON g.bucket = m.bucket AND g.grouping = m.id
JOIN trace AS t ON t.bucket = COALESCE(g.member, m.id) % 64 AND t.member = COALESCE(g.member, m.id) AND t.at >= r.since
WHERE REPLACE(t.kind, 'view', '') <> t.kind
GROUP BY r.leader;

-- name: habits_put
INSERT INTO member_habit (bucket, member, counted_at, lines, discounted, full_price, own_brand, brands, brand, categories,
    promoted, look_days, looks)
SELECT r.bucket, r.member, r.counted_at, r.lines, r.discounted, r.full_price, r.own_brand, r.brands, r.brand, r.categories,
    r.promoted, r.look_days, r.looks
FROM :rows(bucket bigint, member bigint, counted_at bigint, lines bigint, discounted bigint, full_price bigint,
    own_brand bigint, brands bigint, brand text, categories bigint, promoted bigint, look_days bigint, looks bigint) AS r
JOIN member AS m ON m.bucket = r.bucket AND m.id = r.member
WHERE m.status = 1 AND m.leader = m.id
ON CONFLICT (bucket, member) DO UPDATE
SET counted_at = excluded.counted_at, lines = excluded.lines, discounted = excluded.discounted,
    full_price = excluded.full_price, own_brand = excluded.own_brand, brands = excluded.brands, brand = excluded.brand,
    categories = excluded.categories, promoted = excluded.promoted, look_days = excluded.look_days, looks = excluded.looks;

-- name: habits_drop
DELETE FROM member_habit
USING :rows(bucket bigint, member bigint) AS r
WHERE member_habit.bucket = r.bucket AND member_habit.member = r.member;

-- name: habits_of_bucket
-- params: bucket bigint
SELECT member, counted_at, lines, discounted, full_price, own_brand, brands, brand, categories, promoted, look_days, looks
FROM member_habit
WHERE bucket = :bucket
ORDER BY member;

-- Lines at full price by brand, of the members of a bucket.
-- name: habit_brands
-- params: bucket bigint
-- dialect: sqlite
SELECT CASE WHEN i.brand <> '' THEN i.brand WHEN i.attributes LIKE '{%' THEN CAST(json_extract(i.attributes, '$.brand') AS text) END, SUM(n.lines)
FROM (
    SELECT l.sku, COUNT(*) AS lines
    FROM journal AS j
    JOIN purchase_line AS l ON l.bucket = j.bucket AND l.seq = j.seq
    WHERE j.bucket = :bucket AND j.member > 0 AND j.kind IN ('purchase', 'claim') AND l.discount = 0
        AND NOT EXISTS (
            SELECT 1
            FROM journal AS v
            WHERE v.bucket = j.bucket AND v.cause = j.seq * 64 + j.bucket AND v.cause > 0 AND v.kind = 'void'
        )
    GROUP BY l.sku
) AS n
JOIN item AS i ON i.bucket = 0 AND i.sku = n.sku
GROUP BY 1;
-- dialect: postgres
SELECT CASE WHEN i.brand <> '' THEN i.brand WHEN i.attributes LIKE '{%' THEN CAST(i.attributes AS json) ->> 'brand' END, CAST(SUM(n.lines) AS bigint)
FROM (
    SELECT l.sku, COUNT(*) AS lines
    FROM journal AS j
    JOIN purchase_line AS l ON l.bucket = j.bucket AND l.seq = j.seq
    WHERE j.bucket = :bucket AND j.member > 0 AND j.kind IN ('purchase', 'claim') AND l.discount = 0
        AND NOT EXISTS (
            SELECT 1
            FROM journal AS v
            WHERE v.bucket = j.bucket AND v.cause = j.seq * 64 + j.bucket AND v.cause > 0 AND v.kind = 'void'
        )
    GROUP BY l.sku
) AS n
JOIN item AS i ON i.bucket = 0 AND i.sku = n.sku
GROUP BY 1;

-- name: brand_lines_drop
DELETE FROM brand_line
WHERE bucket = 0;

-- name: brand_lines_put
INSERT INTO brand_line (bucket, brand, lines)
SELECT 0, r.brand, r.lines
FROM :rows(brand text, lines bigint) AS r;

-- name: brand_lines
SELECT brand, lines
FROM brand_line
WHERE bucket = 0;

-- name: brand_lines_of
-- params: brand text
SELECT brand, lines
FROM brand_line
WHERE bucket = 0 AND brand = :brand;
