-- In which segments persons are.

-- name: segments_load
SELECT r.slot, s.segment
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN segment_member AS s ON s.bucket = r.bucket AND s.member = r.member
ORDER BY r.slot, s.segment;

-- The last days of each member: at least those that a window may look at.
-- name: days_load
-- dialect: sqlite
SELECT r.slot, d.day, d.purchases, d.spend
FROM :rows(slot bigint, bucket bigint, member bigint, count bigint) AS r
JOIN member_day AS d ON d.bucket = r.bucket AND d.member = r.member
ORDER BY d.day DESC
LIMIT r.count;
-- dialect: postgres
SELECT r.slot, d.day, d.purchases, d.spend
FROM :rows(slot bigint, bucket bigint, member bigint, count bigint) AS r
CROSS JOIN LATERAL (
    SELECT m.day, m.purchases, m.spend
    FROM member_day AS m
    WHERE m.bucket = r.bucket AND m.member = r.member
    ORDER BY m.day DESC
    LIMIT r.count
) AS d;
