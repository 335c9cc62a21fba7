-- name: user_list
SELECT id, name, display_name, roles, disabled, created_at, version, password, places, home_members
FROM user_account
ORDER BY name;

-- name: user_get
-- params: id bigint
SELECT id, name, display_name, roles, disabled, created_at, version, password, places, home_members
FROM user_account
WHERE id = :id;

-- name: user_find
-- params: name text
SELECT id, name, display_name, roles, disabled, created_at, version, password, places, home_members
FROM user_account
WHERE name = :name;

-- name: user_insert
-- params: id bigint, name text, display_name text, roles bigint, password text, created_at bigint, places text, home_members bigint
INSERT INTO user_account (id, name, display_name, roles, disabled, password, created_at, version, places, home_members)
VALUES (:id, :name, :display_name, :roles, 0, :password, :created_at, 1, :places, :home_members)
ON CONFLICT (name) DO NOTHING;

-- name: user_update
-- params: id bigint, display_name text, roles bigint, disabled bigint, places text, home_members bigint
UPDATE user_account
SET display_name = :display_name, roles = :roles, disabled = :disabled, places = :places, home_members = :home_members,
    version = version + 1
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
SELECT id, name, scopes, rate_per_second, created_at, revoked_at, last_used_at, actor, digest, places, home_members
FROM api_key
ORDER BY created_at, id;

-- name: key_insert
-- params: id bigint, name text, digest bytea, scopes text, rate_per_second bigint, created_at bigint, actor text, places text, home_members bigint
INSERT INTO api_key (id, name, digest, scopes, rate_per_second, created_at, revoked_at, last_used_at, actor, places,
    home_members)
VALUES (:id, :name, :digest, :scopes, :rate_per_second, :created_at, 0, 0, :actor, :places, :home_members);

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

-- Both only rise: the tree of places, on which scopes hang, changes with the epoch of the configuration.
-- name: change_read
SELECT COALESCE((SELECT s.value FROM settings AS s WHERE s.name = 'auth.change'), 0)
    + COALESCE((SELECT e.epoch FROM epoch AS e WHERE e.bucket = 0), 0);

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

-- What scopes need of others' tables: the tree of places, and at which stores a member was.
-- name: scope_places
SELECT code, parent, kind
FROM store
WHERE bucket = 0
ORDER BY code;

-- name: scope_grouped
SELECT r.member, g.member
FROM :rows(bucket bigint, member bigint) AS r
JOIN member_group AS g ON g.bucket = r.bucket AND g.grouping = r.member;

-- name: scope_stores
SELECT r.member, j.store
FROM :rows(bucket bigint, member bigint) AS r
JOIN journal AS j ON j.bucket = r.bucket AND j.member = r.member
WHERE j.store <> ''
GROUP BY r.member, j.store;

-- name: scope_leaders
-- params: bucket bigint
SELECT m.leader, j.store
FROM journal AS j
JOIN member AS m ON m.bucket = j.bucket AND m.id = j.member
WHERE j.bucket = :bucket AND j.member > 0 AND j.store <> ''
GROUP BY m.leader, j.store;

-- name: scope_everyone
-- params: bucket bigint
SELECT id, leader
FROM member
WHERE bucket = :bucket;

-- name: factor_list
SELECT account, secret, confirmed, last_step, recovery
FROM second_factor;

-- name: factor_get
-- params: account bigint
SELECT account, secret, confirmed, last_step, recovery
FROM second_factor
WHERE account = :account;

-- name: factor_put
-- params: account bigint, secret bytea, recovery text
INSERT INTO second_factor (account, secret, confirmed, last_step, recovery)
VALUES (:account, :secret, 0, 0, :recovery)
ON CONFLICT (account) DO UPDATE
SET secret = excluded.secret, confirmed = 0, last_step = 0, recovery = excluded.recovery;

-- name: factor_confirm
-- params: account bigint, last_step bigint, recovery text
UPDATE second_factor
SET confirmed = 1, last_step = :last_step, recovery = :recovery
WHERE account = :account AND confirmed = 0;

-- name: factor_use
-- params: account bigint, last_step bigint
UPDATE second_factor
SET last_step = :last_step
WHERE account = :account AND last_step < :last_step;

-- name: factor_recover
-- params: account bigint, before text, after text
UPDATE second_factor
SET recovery = :after
WHERE account = :account AND recovery = :before;

-- name: factor_delete
-- params: account bigint
DELETE FROM second_factor
WHERE account = :account;

-- name: setting_put
-- params: name text, value bigint
INSERT INTO settings (name, value)
VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: identity_attempt_put
-- params: digest bytea, created_at bigint, return_to text
INSERT INTO identity_attempt (digest, created_at, return_to)
VALUES (:digest, :created_at, :return_to);

-- name: identity_attempts_drop
-- params: before bigint
DELETE FROM identity_attempt
WHERE created_at < :before;

-- name: identity_attempt_count
SELECT COUNT(*)
FROM identity_attempt;

-- name: identity_attempt_take
-- params: digest bytea
DELETE FROM identity_attempt
WHERE digest = :digest
RETURNING created_at, return_to;

-- name: identity_link_get
-- params: issuer text, subject text
SELECT account
FROM identity_link
WHERE issuer = :issuer AND subject = :subject;

-- name: identity_link_count
-- params: account bigint
SELECT COUNT(*)
FROM identity_link
WHERE account = :account;

-- name: identity_link_put
-- params: issuer text, subject text, account bigint, linked_at bigint
INSERT INTO identity_link (issuer, subject, account, linked_at)
VALUES (:issuer, :subject, :account, :linked_at)
ON CONFLICT (issuer, subject) DO UPDATE
SET account = excluded.account, linked_at = excluded.linked_at;

-- name: identity_link_drop
-- params: account bigint
DELETE FROM identity_link
WHERE account = :account;
