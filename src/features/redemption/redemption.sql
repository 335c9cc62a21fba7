-- Credentials of members. What counts wrong tries is written at once, beside the engine; what uses a proof up, with the command.

-- name: member_leader
-- params: bucket bigint, member bigint
SELECT leader, status
FROM member
WHERE bucket = :bucket AND id = :member;

-- name: credential_read
-- params: bucket bigint, member bigint
SELECT 0, generation, step, code_number, code_expires_at, code_tries, code_used, code_issued_at, code_hour, code_count,
    pin_version, pin_locked_until, pin_hash
FROM redemption_credential
WHERE bucket = :bucket AND member = :member;

-- name: credentials_load
SELECT r.slot, c.generation, c.step, c.code_number, c.code_expires_at, c.code_tries, c.code_used, c.code_issued_at,
    c.code_hour, c.code_count, c.pin_version, c.pin_locked_until, c.pin_hash
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN redemption_credential AS c ON c.bucket = r.bucket AND c.member = r.member;

-- Not for somebody erased meanwhile.
-- name: credential_start
-- params: bucket bigint, member bigint
INSERT INTO redemption_credential (bucket, member)
SELECT m.bucket, m.id
FROM member AS m
WHERE m.bucket = :bucket AND m.id = :member AND m.status = 1
ON CONFLICT (bucket, member) DO NOTHING;

-- name: step_used
INSERT INTO redemption_credential (bucket, member, step)
SELECT r.bucket, r.member, r.step
FROM :rows(bucket bigint, member bigint, step bigint) AS r
WHERE true
ON CONFLICT (bucket, member) DO UPDATE SET step = excluded.step;

-- name: code_used
UPDATE redemption_credential
SET code_used = r.number
FROM :rows(bucket bigint, member bigint, number bigint) AS r
WHERE redemption_credential.bucket = r.bucket AND redemption_credential.member = r.member;

-- name: pin_put
INSERT INTO redemption_credential (bucket, member, pin_hash, pin_version)
SELECT r.bucket, r.member, r.hash, r.version
FROM :rows(bucket bigint, member bigint, hash text, version bigint) AS r
WHERE true
ON CONFLICT (bucket, member) DO UPDATE
SET pin_hash = excluded.pin_hash, pin_version = excluded.pin_version, pin_tries = 0, pin_lockouts = 0,
    pin_locked_until = 0;

-- The fifth try locks before it is looked at; a right one takes the lock away again.
-- name: pin_attempt
-- params: bucket bigint, member bigint, now bigint
UPDATE redemption_credential
SET pin_tries = CASE WHEN pin_tries < 4 THEN pin_tries + 1 ELSE 0 END,
    pin_lockouts = CASE WHEN pin_tries < 4 THEN pin_lockouts ELSE pin_lockouts + 1 END,
    pin_locked_until = CASE
        WHEN pin_tries < 4 THEN 0
        WHEN pin_lockouts = 0 THEN :now + 900000000
        WHEN pin_lockouts = 1 THEN :now + 3600000000
        WHEN pin_lockouts = 2 THEN :now + 14400000000
        ELSE :now + 86400000000
    END
WHERE bucket = :bucket AND member = :member AND pin_version > 0 AND pin_locked_until <= :now
RETURNING pin_locked_until;

-- name: pin_right
-- params: bucket bigint, member bigint, version bigint
UPDATE redemption_credential
SET pin_tries = 0, pin_lockouts = 0, pin_locked_until = 0
WHERE bucket = :bucket AND member = :member AND pin_version = :version;

-- name: code_attempt
-- params: bucket bigint, member bigint, number bigint, tries bigint
UPDATE redemption_credential
SET code_tries = code_tries + 1
WHERE bucket = :bucket AND member = :member AND code_number = :number AND code_tries < :tries
RETURNING code_tries;

-- name: code_issue
-- params: bucket bigint, member bigint, before bigint, expires_at bigint, now bigint, hour bigint, count bigint
UPDATE redemption_credential
SET code_number = code_number + 1, code_expires_at = :expires_at, code_tries = 0, code_issued_at = :now,
    code_hour = :hour, code_count = :count
WHERE bucket = :bucket AND member = :member AND code_number = :before
RETURNING code_number;

-- name: generation_next
-- params: bucket bigint, member bigint
UPDATE redemption_credential
SET generation = generation + 1
WHERE bucket = :bucket AND member = :member
RETURNING generation;

-- Fraud cases.

-- name: epoch_bump
UPDATE epoch
SET epoch = epoch + 1
WHERE bucket = 0;

-- name: freezes_configure
SELECT id, member, wallet, employee
FROM fraud_case
WHERE bucket >= 0 AND state = 1;

-- name: case_open
-- params: bucket bigint, id bigint, member bigint, wallet text, employee text, store text, reason text, opened_at bigint, opened_by text, alert bigint
INSERT INTO fraud_case (bucket, id, member, wallet, employee, store, state, reason, opened_at, opened_by, outcome,
    closed_at, closed_by, alert)
VALUES (:bucket, :id, :member, :wallet, :employee, :store, 1, :reason, :opened_at, :opened_by, '', 0, '', :alert);

-- The open case of the same, if there is one.
-- name: case_same
-- params: bucket bigint, member bigint, wallet text, employee text
SELECT id
FROM fraud_case
WHERE bucket = :bucket AND state = 1 AND member = :member AND wallet = :wallet AND employee = :employee;

-- name: case_read
-- params: bucket bigint, id bigint
SELECT id, member, wallet, employee, store, state, reason, opened_at, opened_by, outcome, closed_at, closed_by, alert
FROM fraud_case
WHERE bucket = :bucket AND id = :id;

-- name: case_list
-- params: first_state bigint, last_state bigint, before_at bigint, before_bucket bigint, before_id bigint, page_size bigint
SELECT id, member, wallet, employee, store, state, reason, opened_at, opened_by, outcome, closed_at, closed_by, alert
FROM fraud_case
WHERE state >= :first_state AND state <= :last_state
    AND (opened_at, bucket, id) < (:before_at, :before_bucket, :before_id)
ORDER BY opened_at DESC, bucket DESC, id DESC
LIMIT :page_size;

-- name: case_close
-- params: bucket bigint, id bigint, state bigint, outcome text, closed_at bigint, closed_by text
UPDATE fraud_case
SET state = :state, outcome = :outcome, closed_at = :closed_at, closed_by = :closed_by
WHERE bucket = :bucket AND id = :id AND state = 1
RETURNING id;

-- name: employee_store
-- params: code text
SELECT store
FROM employee
WHERE bucket = 0 AND code = :code;

-- Points that wait.
-- name: lots_frozen
-- params: bucket bigint, after_member bigint, after_id bigint, page_size bigint
SELECT l.member, l.id, l.wallet, l.source
FROM lot AS l
WHERE l.bucket = :bucket AND l.active_at >= 253370764800000000
    AND l.active_at < 9223372036854775806 AND (l.member, l.id) > (:after_member, :after_id)
    AND l.remaining > 0
ORDER BY l.member, l.id
LIMIT :page_size;

-- Alerts of unusual earning.

-- name: fraud_day_rows
-- params: bucket bigint, day bigint
SELECT j.seq, j.store, j.facts, (
    SELECT CAST(COALESCE(SUM(m.amount), 0) AS bigint)
    FROM movement AS m
    WHERE m.bucket = j.bucket AND m.seq = j.seq AND m.debit = 10)
FROM journal AS j
WHERE j.bucket = :bucket AND j.day = :day AND j.kind = 'purchase' AND j.member > 0
ORDER BY j.seq;

-- name: fraud_activity_put
INSERT INTO fraud_activity (bucket, kind, code, store, day, purchases, points)
SELECT r.bucket, r.kind, r.code, r.store, r.day, r.purchases, r.points
FROM :rows(bucket bigint, kind bigint, code text, store text, day bigint, purchases bigint, points bigint) AS r
WHERE true
ON CONFLICT (bucket, kind, code, store, day) DO UPDATE
SET purchases = excluded.purchases, points = excluded.points;

-- name: fraud_activity_drop
-- params: before bigint
DELETE FROM fraud_activity
WHERE bucket >= 0 AND day < :before;

-- name: fraud_activity_read
-- params: first bigint, last bigint
SELECT kind, store, code, day, purchases, points
FROM fraud_activity
WHERE bucket >= 0 AND day >= :first AND day <= :last
ORDER BY kind, store, day, code;

-- name: fraud_last_day
SELECT day
FROM fraud_search_day
WHERE bucket = 0;

-- name: fraud_last_day_put
-- params: day bigint
INSERT INTO fraud_search_day (bucket, day)
VALUES (0, :day)
ON CONFLICT (bucket) DO UPDATE SET day = excluded.day;

-- How often members bought so many times in a day.
-- name: fraud_member_counts
-- params: first bigint, last bigint
SELECT purchases, COUNT(*)
FROM member_day
WHERE bucket >= 0 AND day >= :first AND day <= :last AND purchases > 0
GROUP BY purchases
ORDER BY purchases;

-- name: fraud_member_days
-- params: day bigint, least bigint
SELECT member, purchases
FROM member_day
WHERE bucket >= 0 AND day = :day AND purchases >= :least
ORDER BY purchases DESC, bucket, member
LIMIT 1000;

-- name: fraud_raise
INSERT INTO fraud_alert (bucket, id, kind, subject, member, store, day, metric, value, usual, probability, tests,
    history, state, raised_at, decided_at, decided_by, reason)
SELECT r.bucket, r.id, r.kind, r.subject, r.member, r.store, r.day, r.metric, r.value, r.usual, r.probability, r.tests,
    r.history, 1, r.raised_at, 0, '', ''
FROM :rows(bucket bigint, id bigint, kind bigint, subject text, member bigint, store text, day bigint, metric bigint,
    value bigint, usual bigint, probability bigint, tests bigint, history bigint, raised_at bigint) AS r
WHERE true
ON CONFLICT (bucket, id) DO NOTHING;

-- name: fraud_read
-- params: bucket bigint, id bigint
SELECT id, kind, subject, member, store, day, metric, value, usual, probability, tests, history, state, raised_at,
    decided_at, decided_by, reason
FROM fraud_alert
WHERE bucket = :bucket AND id = :id;

-- name: fraud_list
-- params: first_state bigint, last_state bigint, before_day bigint, before_bucket bigint, before_id bigint, page_size bigint
SELECT id, kind, subject, member, store, day, metric, value, usual, probability, tests, history, state, raised_at,
    decided_at, decided_by, reason
FROM fraud_alert
WHERE state >= :first_state AND state <= :last_state
    AND (day, bucket, id) < (:before_day, :before_bucket, :before_id)
ORDER BY day DESC, bucket DESC, id DESC
LIMIT :page_size;

-- name: fraud_decide
-- params: bucket bigint, id bigint, state bigint, decided_at bigint, decided_by text, reason text
UPDATE fraud_alert
SET state = :state, decided_at = :decided_at, decided_by = :decided_by, reason = :reason
WHERE bucket = :bucket AND id = :id
RETURNING id;

-- name: fraud_member_events
-- params: bucket bigint, member bigint, first_at bigint, end_at bigint, page_size bigint
SELECT seq
FROM journal
WHERE bucket = :bucket AND member = :member AND at >= :first_at AND at < :end_at AND kind IN ('purchase', 'claim')
ORDER BY at, seq
LIMIT :page_size;
