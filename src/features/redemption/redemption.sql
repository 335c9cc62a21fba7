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
WHERE l.bucket = :bucket AND l.active_at = 253370764800000000 AND (l.member, l.id) > (:after_member, :after_id)
    AND l.remaining > 0
ORDER BY l.member, l.id
LIMIT :page_size;
