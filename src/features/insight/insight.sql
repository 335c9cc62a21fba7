-- Queries of insight: standings, days of measures and ledger, never single events.

-- name: interval_configure
SELECT interval_micros, computed_at
FROM base_interval
WHERE bucket = 0;

-- name: interval_put
-- params: computed_at bigint, interval_micros bigint
INSERT INTO base_interval (bucket, computed_at, interval_micros)
VALUES (0, :computed_at, :interval_micros)
ON CONFLICT (bucket) DO UPDATE
SET computed_at = excluded.computed_at, interval_micros = excluded.interval_micros;

-- name: epoch_bump
-- params: epoch bigint
INSERT INTO epoch (bucket, epoch)
VALUES (0, :epoch)
ON CONFLICT (bucket) DO UPDATE
SET epoch = epoch.epoch + 1;

-- name: reply_get
-- params: name text
SELECT computed_at, took, body
FROM insight_reply
WHERE bucket = 0 AND name = :name;

-- name: reply_put
-- params: name text, computed_at bigint, took bigint, body text
INSERT INTO insight_reply (bucket, name, computed_at, took, body)
VALUES (0, :name, :computed_at, :took, :body)
ON CONFLICT (bucket, name) DO UPDATE
SET computed_at = excluded.computed_at, took = excluded.took, body = excluded.body;

-- name: standings
SELECT s.purchases, s.purchase_days, s.spend, s.returns, s.visits, s.first_purchase_at, s.last_purchase_at,
    s.last_visit_at, s.last_event_at, s.won_back_at, s.tier_since, s.tier_until, s.qualifying, s.qualifying_from, s.tier,
    s.tier_grace, s.recent, s.due_at, s.held, s.member
FROM standing AS s
JOIN member AS m ON m.bucket = s.bucket AND m.id = s.member
WHERE s.bucket >= 0 AND m.status = 1;

-- Persons who were at stores, by store: purchases ever and in the period, and the last purchase or visit. What was voided
-- never was.
-- name: part_people
-- params: bucket bigint, start bigint, finish bigint
SELECT m.leader, m.status, j.store,
    CAST(SUM(CASE WHEN j.kind IN ('purchase', 'claim') THEN 1 ELSE 0 END) AS bigint),
    CAST(SUM(CASE WHEN j.kind IN ('purchase', 'claim') AND j.at >= :start AND j.at < :finish THEN 1 ELSE 0 END) AS bigint),
    CAST(MAX(CASE WHEN j.kind IN ('purchase', 'claim', 'visit') THEN j.at ELSE 0 END) AS bigint)
FROM journal AS j
JOIN member AS m ON m.bucket = j.bucket AND m.id = j.member
WHERE j.bucket = :bucket AND j.member > 0 AND j.store <> ''
    AND (j.kind NOT IN ('purchase', 'claim') OR NOT EXISTS (
        SELECT 1
        FROM journal AS v
        WHERE v.bucket = j.bucket AND v.cause > 0 AND v.cause IN (j.seq * 64 + j.bucket, j.cause) AND v.kind = 'void'))
GROUP BY m.leader, m.status, j.store;

-- name: members_count
SELECT COUNT(*)
FROM member
WHERE bucket >= 0 AND status = 1 AND leader = id;

-- name: measures
SELECT m.day, m.measure, CAST(SUM(m.amount) AS bigint)
FROM :rows(bucket bigint, first bigint, last bigint, store text) AS r
JOIN measure_day AS m ON m.bucket = r.bucket AND m.day >= r.first AND m.day <= r.last
WHERE r.store = '' OR m.store = r.store
GROUP BY m.day, m.measure;

-- name: measures_of_stores
-- params: first bigint, last bigint
SELECT day, measure, CAST(SUM(amount) AS bigint), store
FROM measure_day
WHERE bucket >= 0 AND day >= :first AND day <= :last
GROUP BY day, measure, store;

-- name: ledger
SELECT l.wallet, l.account, l.day, CAST(SUM(l.amount) AS bigint)
FROM :rows(bucket bigint, last bigint) AS r
JOIN ledger_day AS l ON l.bucket = r.bucket AND l.day <= r.last
GROUP BY l.wallet, l.account, l.day;

-- name: period_buyers
-- params: first bigint, last bigint
SELECT m.leader, CAST(SUM(d.purchases) AS bigint)
FROM member_day AS d
JOIN member AS m ON m.bucket = d.bucket AND m.id = d.member
WHERE d.bucket >= 0 AND d.day >= :first AND d.day <= :last
GROUP BY m.leader;

-- name: base_size
SELECT CAST(SUM(seq) AS bigint)
FROM head
WHERE bucket >= 0;

-- name: store_figures
-- params: first bigint, last bigint
SELECT store, measure, CAST(SUM(amount) AS bigint)
FROM measure_day
WHERE bucket >= 0 AND day >= :first AND day <= :last
GROUP BY store, measure
ORDER BY store, measure;
