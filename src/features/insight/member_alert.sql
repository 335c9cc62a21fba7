-- Alerts of members.

-- name: alert_risks
-- params: bucket bigint
SELECT member, risk
FROM member_score
WHERE bucket = :bucket
ORDER BY member;

-- name: alerts_going
-- params: bucket bigint
SELECT member
FROM member_alert
WHERE bucket = :bucket AND ended_at = 0
ORDER BY member;

-- name: alerts_put
INSERT INTO member_alert (bucket, member, raised_at, before, risk, threshold, ended_at, acknowledged_at, acknowledged_by)
SELECT r.bucket, r.member, r.raised_at, r.before, r.risk, r.threshold, 0, 0, ''
FROM :rows(bucket bigint, member bigint, raised_at bigint, before bigint, risk bigint, threshold bigint) AS r
JOIN member AS m ON m.bucket = r.bucket AND m.id = r.member
WHERE m.status = 1 AND m.leader = m.id
ON CONFLICT (bucket, member, raised_at) DO NOTHING;

-- name: alerts_end
UPDATE member_alert
SET ended_at = r.ended_at
FROM :rows(bucket bigint, member bigint, ended_at bigint) AS r
WHERE member_alert.bucket = r.bucket AND member_alert.member = r.member AND member_alert.ended_at = 0;

-- state: 0 open, 1 acknowledged, 2 ended, 3 all.
-- name: alerts_page
-- params: state bigint, after bigint, after_bucket bigint, after_member bigint, page_size bigint
SELECT member, raised_at, before, risk, threshold, ended_at, acknowledged_at, acknowledged_by
FROM member_alert
WHERE bucket >= 0 AND raised_at <= :after
    AND (raised_at, bucket, member) < (:after, :after_bucket, :after_member)
    AND (:state = 3 OR (:state = 0 AND acknowledged_at = 0 AND ended_at = 0) OR (:state = 1 AND acknowledged_at > 0)
        OR (:state = 2 AND ended_at > 0))
ORDER BY raised_at DESC, bucket DESC, member DESC
LIMIT :page_size;

-- name: alerts_of_member
-- params: bucket bigint, member bigint, state bigint, after bigint, page_size bigint
SELECT member, raised_at, before, risk, threshold, ended_at, acknowledged_at, acknowledged_by
FROM member_alert
WHERE bucket = :bucket AND member = :member AND raised_at < :after
    AND (:state = 3 OR (:state = 0 AND acknowledged_at = 0 AND ended_at = 0) OR (:state = 1 AND acknowledged_at > 0)
        OR (:state = 2 AND ended_at > 0))
ORDER BY raised_at DESC
LIMIT :page_size;

-- name: alerts_acknowledge
-- params: bucket bigint, member bigint, acknowledged_at bigint, acknowledged_by text
UPDATE member_alert
SET acknowledged_at = :acknowledged_at, acknowledged_by = :acknowledged_by
WHERE bucket = :bucket AND member = :member AND acknowledged_at = 0;
