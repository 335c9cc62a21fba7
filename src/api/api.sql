-- name: user_list
SELECT id, name, display_name, roles, disabled, created_at, version, password
FROM user_account
ORDER BY name;

-- name: user_get
-- params: id bigint
SELECT id, name, display_name, roles, disabled, created_at, version, password
FROM user_account
WHERE id = :id;

-- name: user_find
-- params: name text
SELECT id, name, display_name, roles, disabled, created_at, version, password
FROM user_account
WHERE name = :name;

-- name: user_insert
-- params: id bigint, name text, display_name text, roles bigint, password text, created_at bigint
INSERT INTO user_account (id, name, display_name, roles, disabled, password, created_at, version)
VALUES (:id, :name, :display_name, :roles, 0, :password, :created_at, 1)
ON CONFLICT (name) DO NOTHING;

-- name: user_update
-- params: id bigint, display_name text, roles bigint, disabled bigint
UPDATE user_account
SET display_name = :display_name, roles = :roles, disabled = :disabled, version = version + 1
WHERE id = :id;

-- name: user_password
-- params: id bigint, password text
UPDATE user_account
SET password = :password, version = version + 1
WHERE id = :id;

-- name: user_delete
-- params: id bigint
DELETE FROM user_account
WHERE id = :id;

-- name: session_list
-- params: now bigint
SELECT digest, account, expires_at
FROM session
WHERE expires_at > :now;

-- name: session_insert
-- params: digest bytea, account bigint, created_at bigint, expires_at bigint
INSERT INTO session (digest, account, created_at, expires_at)
VALUES (:digest, :account, :created_at, :expires_at);

-- name: session_delete
-- params: digest bytea
DELETE FROM session
WHERE digest = :digest;

-- name: session_end
-- params: account bigint
DELETE FROM session
WHERE account = :account;

-- name: session_expire
-- params: now bigint
DELETE FROM session
WHERE expires_at <= :now;

-- name: key_list
SELECT id, name, scopes, rate_per_second, created_at, revoked_at, last_used_at, actor, digest
FROM api_key
ORDER BY created_at, id;

-- name: key_insert
-- params: id bigint, name text, digest bytea, scopes text, rate_per_second bigint, created_at bigint, actor text
INSERT INTO api_key (id, name, digest, scopes, rate_per_second, created_at, revoked_at, last_used_at, actor)
VALUES (:id, :name, :digest, :scopes, :rate_per_second, :created_at, 0, 0, :actor);

-- name: key_revoke
-- params: id bigint, revoked_at bigint
UPDATE api_key
SET revoked_at = :revoked_at
WHERE id = :id AND revoked_at = 0;

-- name: key_used
-- params: id bigint, last_used_at bigint
UPDATE api_key
SET last_used_at = :last_used_at
WHERE id = :id AND last_used_at < :last_used_at;

-- name: attempt_add
-- params: who bigint, failures bigint, at bigint
INSERT INTO sign_in_failure (who, failures, at)
VALUES (:who, :failures, :at)
ON CONFLICT (who) DO UPDATE SET failures = sign_in_failure.failures + excluded.failures, at = excluded.at;

-- name: attempt_clear
-- params: who bigint
DELETE FROM sign_in_failure
WHERE who = :who;

-- name: attempts_trim
-- params: kept bigint
DELETE FROM sign_in_failure
WHERE at < (SELECT MIN(l.at) FROM (SELECT at FROM sign_in_failure ORDER BY at DESC LIMIT :kept) AS l);

-- name: attempts_list
-- params: room bigint
SELECT who, failures, at
FROM sign_in_failure
ORDER BY at DESC
LIMIT :room;

-- name: change_read
SELECT value
FROM settings
WHERE name = 'auth.change';

-- name: change_bump
INSERT INTO settings (name, value)
VALUES ('auth.change', 1)
ON CONFLICT (name) DO UPDATE SET value = settings.value + 1;

-- name: setting_read
-- params: name text
SELECT value
FROM settings
WHERE name = :name;

-- name: setting_create
-- params: name text, value bigint
INSERT INTO settings (name, value)
VALUES (:name, :value)
ON CONFLICT (name) DO NOTHING;

-- name: audit_insert
-- params: bucket bigint, at bigint, id bigint, actor text, what text, subject bigint, before text, after text
INSERT INTO audit (bucket, at, id, actor, what, subject, before, after)
VALUES (:bucket, :at, :id, :actor, :what, :subject, :before, :after);

-- name: audit_page
-- params: from bigint, to bigint, at bigint, bucket bigint, id bigint, actor text, what text, subject bigint, lines bigint
SELECT bucket, at, id, actor, what, subject, before, after
FROM audit
WHERE (at, bucket, id) < (:at, :bucket, :id)
    AND at >= :from
    AND at < :to
    AND (:actor = '' OR actor = :actor)
    AND (:what = '' OR what = :what)
    AND (:subject = 0 OR subject = :subject)
ORDER BY at DESC, bucket DESC, id DESC
LIMIT :lines;

-- name: job_insert
-- params: id bigint, kind text, actor text, process bigint, created_at bigint
INSERT INTO job (id, kind, actor, state, process, percent, message, counts, created_at, alive_at, ended_at)
VALUES (:id, :kind, :actor, 'waiting', :process, 0, '', '{}', :created_at, :created_at, 0);

-- A sign of life that comes late does not open a job that ended.
-- name: job_update
-- params: id bigint, state text, percent bigint, message text, counts text, alive_at bigint, ended_at bigint, error text
UPDATE job
SET state = :state, percent = :percent, message = :message, counts = :counts, alive_at = :alive_at,
    ended_at = :ended_at, error = :error
WHERE id = :id AND (ended_at = 0 OR :ended_at > 0);

-- name: job_interrupt
-- params: dead_before bigint, now bigint
UPDATE job
SET state = 'interrupted', ended_at = :now
WHERE ended_at = 0 AND alive_at < :dead_before;

-- name: job_cancel
-- params: id bigint, now bigint
UPDATE job
SET cancel_at = :now
WHERE id = :id AND ended_at = 0;

-- name: job_open
SELECT id, alive_at, cancel_at
FROM job
WHERE ended_at = 0;

-- name: job_get
-- params: id bigint
SELECT id, kind, actor, state, percent, message, counts, created_at, ended_at, error
FROM job
WHERE id = :id;

-- name: job_page
-- params: created_at bigint, id bigint, lines bigint
SELECT id, kind, actor, state, percent, message, counts, created_at, ended_at, error
FROM job
WHERE (created_at, id) < (:created_at, :id)
ORDER BY created_at DESC, id DESC
LIMIT :lines;

-- name: job_ended_before
-- params: before bigint
SELECT id
FROM job
WHERE ended_at > 0 AND ended_at < :before;
