-- What live scores read and keep: days with purchases, the model of the base, scores of every person.

-- name: purchase_days
SELECT m.leader, d.day, d.spend
FROM member_day AS d
JOIN member AS m ON m.bucket = d.bucket AND m.id = d.member
WHERE d.bucket >= 0 AND d.purchases > 0 AND m.status = 1;

-- name: person_days
-- params: bucket bigint, leader bigint
SELECT d.day, d.spend
FROM member AS m
LEFT JOIN member_group AS g ON g.bucket = m.bucket AND g.grouping = m.id
JOIN member_day AS d ON d.bucket = COALESCE(g.member, m.id) % 64 AND d.member = COALESCE(g.member, m.id)
WHERE m.bucket = :bucket AND m.id = :leader AND d.purchases > 0
ORDER BY d.day;

-- name: model_get
-- params: name text
SELECT learned_at, chosen_at, body
FROM insight_model
WHERE bucket = 0 AND name = :name;

-- name: model_put
-- params: name text, learned_at bigint, chosen_at bigint, body text
INSERT INTO insight_model (bucket, name, learned_at, chosen_at, body)
VALUES (0, :name, :learned_at, :chosen_at, :body)
ON CONFLICT (bucket, name) DO UPDATE
SET learned_at = excluded.learned_at, chosen_at = excluded.chosen_at, body = excluded.body;

-- Not for whoever was erased or merged into another since the days were read.
-- name: scores_put
INSERT INTO member_score (bucket, member, scored_at, alive, expected, value, lifetime, loyalty)
SELECT r.bucket, r.member, r.scored_at, r.alive, r.expected, r.value, r.lifetime, r.loyalty
FROM :rows(bucket bigint, member bigint, scored_at bigint, alive bigint, expected bigint, value bigint,
    lifetime bigint, loyalty bigint) AS r
JOIN member AS m ON m.bucket = r.bucket AND m.id = r.member
WHERE m.status = 1 AND m.leader = m.id
ON CONFLICT (bucket, member) DO UPDATE
SET scored_at = excluded.scored_at, alive = excluded.alive, expected = excluded.expected, value = excluded.value,
    lifetime = excluded.lifetime, loyalty = excluded.loyalty;

-- name: scores_drop
-- params: bucket bigint, scored_at bigint
DELETE FROM member_score
WHERE bucket = :bucket AND scored_at < :scored_at;

-- name: scores_count
SELECT COUNT(*), COALESCE(MAX(scored_at), 0)
FROM member_score
WHERE bucket >= 0;

-- name: scores_worst_alive
-- params: after_key bigint, after_bucket bigint, after_member bigint, page_size bigint
SELECT s.bucket, s.member, s.scored_at, s.alive, s.expected, s.value, s.lifetime, s.loyalty
FROM member_score AS s
JOIN member AS m ON m.bucket = s.bucket AND m.id = s.member
WHERE (s.alive, s.bucket, s.member) > (:after_key, :after_bucket, :after_member) AND m.status = 1 AND m.leader = m.id
ORDER BY s.alive, s.bucket, s.member
LIMIT :page_size;

-- name: scores_best_alive
-- params: after_key bigint, after_bucket bigint, after_member bigint, page_size bigint
SELECT s.bucket, s.member, s.scored_at, s.alive, s.expected, s.value, s.lifetime, s.loyalty
FROM member_score AS s
JOIN member AS m ON m.bucket = s.bucket AND m.id = s.member
WHERE (s.alive, s.bucket, s.member) < (:after_key, :after_bucket, :after_member) AND m.status = 1 AND m.leader = m.id
ORDER BY s.alive DESC, s.bucket DESC, s.member DESC
LIMIT :page_size;

-- name: scores_worst_expected
-- params: after_key bigint, after_bucket bigint, after_member bigint, page_size bigint
SELECT s.bucket, s.member, s.scored_at, s.alive, s.expected, s.value, s.lifetime, s.loyalty
FROM member_score AS s
JOIN member AS m ON m.bucket = s.bucket AND m.id = s.member
WHERE (s.expected, s.bucket, s.member) > (:after_key, :after_bucket, :after_member) AND m.status = 1 AND m.leader = m.id
ORDER BY s.expected, s.bucket, s.member
LIMIT :page_size;

-- name: scores_best_expected
-- params: after_key bigint, after_bucket bigint, after_member bigint, page_size bigint
SELECT s.bucket, s.member, s.scored_at, s.alive, s.expected, s.value, s.lifetime, s.loyalty
FROM member_score AS s
JOIN member AS m ON m.bucket = s.bucket AND m.id = s.member
WHERE (s.expected, s.bucket, s.member) < (:after_key, :after_bucket, :after_member) AND m.status = 1 AND m.leader = m.id
ORDER BY s.expected DESC, s.bucket DESC, s.member DESC
LIMIT :page_size;

-- name: scores_worst_value
-- params: after_key bigint, after_bucket bigint, after_member bigint, page_size bigint
SELECT s.bucket, s.member, s.scored_at, s.alive, s.expected, s.value, s.lifetime, s.loyalty
FROM member_score AS s
JOIN member AS m ON m.bucket = s.bucket AND m.id = s.member
WHERE (s.value, s.bucket, s.member) > (:after_key, :after_bucket, :after_member) AND m.status = 1 AND m.leader = m.id
ORDER BY s.value, s.bucket, s.member
LIMIT :page_size;

-- name: scores_best_value
-- params: after_key bigint, after_bucket bigint, after_member bigint, page_size bigint
SELECT s.bucket, s.member, s.scored_at, s.alive, s.expected, s.value, s.lifetime, s.loyalty
FROM member_score AS s
JOIN member AS m ON m.bucket = s.bucket AND m.id = s.member
WHERE (s.value, s.bucket, s.member) < (:after_key, :after_bucket, :after_member) AND m.status = 1 AND m.leader = m.id
ORDER BY s.value DESC, s.bucket DESC, s.member DESC
LIMIT :page_size;

-- name: scores_worst_lifetime
-- params: after_key bigint, after_bucket bigint, after_member bigint, page_size bigint
SELECT s.bucket, s.member, s.scored_at, s.alive, s.expected, s.value, s.lifetime, s.loyalty
FROM member_score AS s
JOIN member AS m ON m.bucket = s.bucket AND m.id = s.member
WHERE (s.lifetime, s.bucket, s.member) > (:after_key, :after_bucket, :after_member) AND m.status = 1 AND m.leader = m.id
ORDER BY s.lifetime, s.bucket, s.member
LIMIT :page_size;

-- name: scores_best_lifetime
-- params: after_key bigint, after_bucket bigint, after_member bigint, page_size bigint
SELECT s.bucket, s.member, s.scored_at, s.alive, s.expected, s.value, s.lifetime, s.loyalty
FROM member_score AS s
JOIN member AS m ON m.bucket = s.bucket AND m.id = s.member
WHERE (s.lifetime, s.bucket, s.member) < (:after_key, :after_bucket, :after_member) AND m.status = 1 AND m.leader = m.id
ORDER BY s.lifetime DESC, s.bucket DESC, s.member DESC
LIMIT :page_size;

-- name: scores_worst_loyalty
-- params: after_key bigint, after_bucket bigint, after_member bigint, page_size bigint
SELECT s.bucket, s.member, s.scored_at, s.alive, s.expected, s.value, s.lifetime, s.loyalty
FROM member_score AS s
JOIN member AS m ON m.bucket = s.bucket AND m.id = s.member
WHERE (s.loyalty, s.bucket, s.member) > (:after_key, :after_bucket, :after_member) AND m.status = 1 AND m.leader = m.id
ORDER BY s.loyalty, s.bucket, s.member
LIMIT :page_size;

-- name: scores_best_loyalty
-- params: after_key bigint, after_bucket bigint, after_member bigint, page_size bigint
SELECT s.bucket, s.member, s.scored_at, s.alive, s.expected, s.value, s.lifetime, s.loyalty
FROM member_score AS s
JOIN member AS m ON m.bucket = s.bucket AND m.id = s.member
WHERE (s.loyalty, s.bucket, s.member) < (:after_key, :after_bucket, :after_member) AND m.status = 1 AND m.leader = m.id
ORDER BY s.loyalty DESC, s.bucket DESC, s.member DESC
LIMIT :page_size;
