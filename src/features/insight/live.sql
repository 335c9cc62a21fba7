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
INSERT INTO member_score (bucket, member, scored_at, alive, expected, value, lifetime, loyalty, risk, kind)
SELECT r.bucket, r.member, r.scored_at, r.alive, r.expected, r.value, r.lifetime, r.loyalty, r.risk, r.kind
FROM :rows(bucket bigint, member bigint, scored_at bigint, alive bigint, expected bigint, value bigint,
    lifetime bigint, loyalty bigint, risk bigint, kind bigint) AS r
JOIN member AS m ON m.bucket = r.bucket AND m.id = r.member
WHERE m.status = 1 AND m.leader = m.id
ON CONFLICT (bucket, member) DO UPDATE
SET scored_at = excluded.scored_at, alive = excluded.alive, expected = excluded.expected, value = excluded.value,
    lifetime = excluded.lifetime, loyalty = excluded.loyalty, risk = excluded.risk, kind = excluded.kind;

-- name: scores_drop
-- params: bucket bigint, scored_at bigint
DELETE FROM member_score
WHERE bucket = :bucket AND scored_at < :scored_at;

-- name: scores_count
SELECT COUNT(*), COALESCE(MAX(scored_at), 0)
FROM member_score
WHERE bucket >= 0;

-- ---- some buckets at a time ----

-- name: chunk_apart
-- params: bucket bigint
SELECT id
FROM member
WHERE bucket = :bucket AND (leader <> id OR status <> 1)
ORDER BY id;

-- name: chunk_days
-- params: bucket bigint
SELECT member, day, spend
FROM member_day
WHERE bucket = :bucket AND purchases > 0
ORDER BY member, day;

-- Days of those who were merged into a person of the bucket.
-- name: chunk_joined
-- params: bucket bigint
SELECT m.id, d.day, d.spend
FROM member_group AS g
JOIN member AS m ON m.bucket = g.bucket AND m.id = g.grouping
JOIN member_day AS d ON d.bucket = g.member % 64 AND d.member = g.member
WHERE g.bucket = :bucket AND g.member <> g.grouping AND m.status = 1 AND m.leader = m.id AND d.purchases > 0;

-- ---- the order of members by a score ----

-- The last piece that begins at or before a place, or the first one after it.
-- name: score_list_before
-- params: list bigint, score bigint, at_bucket bigint, at_id bigint
SELECT score, first_bucket, first_id, members
FROM score_list
WHERE bucket = 0 AND list = :list AND score <= :score AND (score, first_bucket, first_id) <= (:score, :at_bucket, :at_id)
ORDER BY score DESC, first_bucket DESC, first_id DESC
LIMIT 1;

-- name: score_list_after
-- params: list bigint, score bigint, at_bucket bigint, at_id bigint
SELECT score, first_bucket, first_id, members
FROM score_list
WHERE bucket = 0 AND list = :list AND score >= :score AND (score, first_bucket, first_id) > (:score, :at_bucket, :at_id)
ORDER BY score, first_bucket, first_id
LIMIT 1;

-- name: score_list_drop
-- params: list bigint
DELETE FROM score_list
WHERE bucket = 0 AND list = :list;

-- name: score_list_put
INSERT INTO score_list (bucket, list, score, first_bucket, first_id, members)
SELECT 0, r.list, r.score, r.first_bucket, r.first_id, r.members
FROM :rows(list bigint, score bigint, first_bucket bigint, first_id bigint, members bytea) AS r;

-- name: scores_of
SELECT s.member, s.scored_at, s.alive, s.expected, s.value, s.lifetime, s.loyalty, s.risk, s.kind
FROM :rows(bucket bigint, member bigint) AS r
JOIN member_score AS s ON s.bucket = r.bucket AND s.member = r.member
JOIN member AS m ON m.bucket = s.bucket AND m.id = s.member
WHERE m.status = 1 AND m.leader = m.id;
