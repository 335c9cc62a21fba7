-- ---- written by commands ----

-- name: counts_put
INSERT INTO challenge_count (bucket, member, challenge, event, step, value, at, units)
SELECT r.bucket, r.member, r.challenge, r.event, r.step, r.value, r.at, r.units
FROM :rows(bucket bigint, member bigint, challenge text, event bigint, step text, value text, at bigint, units bigint) AS r
WHERE true
ON CONFLICT (bucket, member, challenge, event, step, value) DO UPDATE
SET at = excluded.at, units = excluded.units;

-- name: counts_delete
DELETE FROM challenge_count
USING :rows(bucket bigint, member bigint, challenge text, event bigint, step text, value text) AS r
WHERE challenge_count.bucket = r.bucket AND challenge_count.member = r.member
    AND challenge_count.challenge = r.challenge AND challenge_count.event = r.event
    AND challenge_count.step = r.step AND challenge_count.value = r.value;

-- name: reward_put
INSERT INTO challenge_reward (bucket, member, id, challenge, number, event, given_at, wallet, points, badge, item, used_at,
    taken_at)
SELECT r.bucket, r.member, r.id, r.challenge, r.number, r.event, r.given_at, r.wallet, r.points, r.badge, r.item, r.used_at,
    r.taken_at
FROM :rows(bucket bigint, member bigint, id bigint, challenge text, number bigint, event bigint, given_at bigint,
    wallet text, points bigint, badge text, item text, used_at bigint, taken_at bigint) AS r
WHERE true
ON CONFLICT (bucket, member, id) DO UPDATE
SET used_at = excluded.used_at, taken_at = excluded.taken_at;

-- name: enrolment_put
INSERT INTO challenge_enrolment (bucket, member, challenge, enrolled_at, left_at)
SELECT r.bucket, r.member, r.challenge, r.enrolled_at, r.left_at
FROM :rows(bucket bigint, member bigint, challenge text, enrolled_at bigint, left_at bigint) AS r
WHERE true
ON CONFLICT (bucket, member, challenge) DO UPDATE
SET enrolled_at = excluded.enrolled_at, left_at = excluded.left_at;

-- name: badge_put
INSERT INTO member_badge (bucket, member, id, badge, awarded_at, source, revoked_at)
SELECT r.bucket, r.member, r.id, r.badge, r.awarded_at, r.source, r.revoked_at
FROM :rows(bucket bigint, member bigint, id bigint, badge text, awarded_at bigint, source bigint, revoked_at bigint) AS r
WHERE true
ON CONFLICT (bucket, member, id) DO UPDATE
SET revoked_at = excluded.revoked_at;

-- ---- read: slot tells whose they are ----

-- name: counts_load
SELECT r.slot, c.challenge, c.step, c.member, c.event, c.at, c.value, c.units
FROM :rows(slot bigint, bucket bigint, member bigint, challenge text) AS r
JOIN challenge_count AS c ON c.bucket = r.bucket AND c.member = r.member AND c.challenge = r.challenge;

-- name: rewards_load
SELECT r.slot, w.member, w.id, w.challenge, w.number, w.event, w.given_at, w.wallet, w.points, w.badge, w.item, w.used_at,
    w.taken_at
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN challenge_reward AS w ON w.bucket = r.bucket AND w.member = r.member;

-- name: enrolments_load
SELECT r.slot, e.member, e.challenge, e.enrolled_at, e.left_at
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN challenge_enrolment AS e ON e.bucket = r.bucket AND e.member = r.member;

-- name: badges_load
SELECT r.slot, b.member, b.id, b.badge, b.awarded_at, b.source, b.revoked_at
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN member_badge AS b ON b.bucket = r.bucket AND b.member = r.member;

-- ---- figures ----

-- name: figures
-- params: challenge text
SELECT CAST(COUNT(DISTINCT member) AS bigint), CAST(COUNT(DISTINCT event) AS bigint)
FROM challenge_count
WHERE bucket >= 0 AND challenge = :challenge;

-- name: figures_rewards
-- params: challenge text
SELECT CAST(COUNT(*) AS bigint), CAST(COALESCE(SUM(points), 0) AS bigint),
    CAST(COALESCE(SUM(CASE WHEN taken_at > 0 THEN 1 ELSE 0 END), 0) AS bigint),
    CAST(COALESCE(SUM(CASE WHEN used_at > 0 THEN 1 ELSE 0 END), 0) AS bigint)
FROM challenge_reward
WHERE bucket >= 0 AND challenge = :challenge;
