-- Recorded reasons for leaving, and risk by week.

-- name: churn_reason_put
INSERT INTO churn_reason (bucket, member, id, at, cause)
SELECT r.bucket, r.member, r.id, r.at, r.cause
FROM :rows(bucket bigint, member bigint, id bigint, at bigint, cause bigint) AS r
WHERE true
ON CONFLICT (bucket, member, id) DO NOTHING;

-- name: churn_reasons_count
-- params: first bigint, beyond bigint
SELECT cause, COUNT(*)
FROM churn_reason
WHERE bucket >= 0 AND at >= :first AND at < :beyond
GROUP BY cause;

-- name: churn_reasons_of_members
-- params: first bigint, beyond bigint
SELECT cause, member
FROM churn_reason
WHERE bucket >= 0 AND at >= :first AND at < :beyond;

-- name: churn_risk_put
INSERT INTO churn_risk (bucket, series, day, members, risk)
SELECT 0, r.series, r.day, r.members, r.risk
FROM :rows(series bigint, day bigint, members bigint, risk bigint) AS r
WHERE true
ON CONFLICT (bucket, series, day) DO UPDATE
SET members = excluded.members, risk = excluded.risk;

-- name: churn_risks
-- params: first bigint
SELECT series, day, members, risk
FROM churn_risk
WHERE bucket = 0 AND day >= :first
ORDER BY series, day;
