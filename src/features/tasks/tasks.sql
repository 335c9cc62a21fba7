-- Tasks, their holders and proofs, and the declared reasons.

-- ---- written by commands ----

-- name: task_put
INSERT INTO task (bucket, id, version, member, store, reason, body, priority, state, opened_at, opened_by, due_at, closed_at,
    closed_by, outcome, outcome_text, reference, media, noted)
SELECT r.bucket, r.id, r.version, r.member, r.store, r.reason, r.body, r.priority, r.state, r.opened_at, r.opened_by, r.due_at,
    r.closed_at, r.closed_by, r.outcome, r.outcome_text, r.reference, r.media, r.noted
FROM :rows(bucket bigint, id bigint, version bigint, member bigint, store text, reason text, body text, priority bigint,
    state bigint, opened_at bigint, opened_by text, due_at bigint, closed_at bigint, closed_by text, outcome text,
    outcome_text text, reference text, media text, noted bigint) AS r
WHERE true
ON CONFLICT (bucket, id) DO UPDATE SET
    version = excluded.version,
    body = excluded.body,
    priority = excluded.priority,
    state = excluded.state,
    due_at = excluded.due_at,
    closed_at = excluded.closed_at,
    closed_by = excluded.closed_by,
    outcome = excluded.outcome,
    outcome_text = excluded.outcome_text,
    reference = excluded.reference,
    media = excluded.media,
    noted = excluded.noted;

-- name: holder_put
INSERT INTO task_holder (bucket, task, number, member, from_at, until_at, step, person, place, role)
SELECT r.bucket, r.task, r.number, r.member, r.from_at, r.until_at, r.step, r.person, r.place, r.role
FROM :rows(bucket bigint, task bigint, number bigint, member bigint, from_at bigint, until_at bigint, step bigint, person text,
    place text, role text) AS r
WHERE true
ON CONFLICT (bucket, task, number) DO UPDATE SET until_at = excluded.until_at, step = excluded.step;

-- name: proof_put
INSERT INTO task_proof (bucket, task, member, media, content)
SELECT r.bucket, r.task, r.member, r.media, r.content
FROM :rows(bucket bigint, task bigint, member bigint, media text, content bytea) AS r;

-- ---- read ----

-- name: tasks_load
SELECT r.slot, t.bucket, t.id, t.version, t.member, t.store, t.reason, t.body, t.priority, t.state, t.opened_at, t.opened_by, t.due_at, t.closed_at,
    t.closed_by, t.outcome, t.outcome_text, t.reference, t.media, t.noted
FROM :rows(slot bigint, bucket bigint, id bigint) AS r
JOIN task AS t ON t.bucket = r.bucket AND t.id = r.id;

-- name: holders_load
SELECT r.slot, h.number, h.from_at, h.until_at, h.step, h.person, h.place, h.role
FROM :rows(slot bigint, bucket bigint, id bigint) AS r
JOIN task_holder AS h ON h.bucket = r.bucket AND h.task = r.id
ORDER BY r.slot, h.number;

-- Of the states from .. until before; empty texts: any. overdue: due at or before due_until only.
-- name: task_page
-- params: state_from bigint, state_end bigint, due_until bigint, store text, person text, role text, reason text, now bigint, after_due bigint, after_bucket bigint, after_id bigint, page_size bigint
SELECT t.bucket, t.id, t.version, t.member, t.store, t.reason, t.body, t.priority, t.state, t.opened_at, t.opened_by, t.due_at, t.closed_at,
    t.closed_by, t.outcome, t.outcome_text, t.reference, t.media, t.noted,
    h.number, h.from_at, h.until_at, h.step, h.person, h.place, h.role
FROM task AS t
JOIN task_holder AS h ON h.bucket = t.bucket AND h.task = t.id AND h.from_at <= :now AND h.until_at > :now
WHERE t.bucket >= 0 AND t.state >= :state_from AND t.state < :state_end AND t.due_at <= :due_until
    AND (:store = '' OR t.store = :store OR h.place = :store)
    AND (:person = '' OR h.person = :person)
    AND (:role = '' OR h.role = :role)
    AND (:reason = '' OR t.reason = :reason)
    AND (t.due_at, t.bucket, t.id) > (:after_due, :after_bucket, :after_id)
ORDER BY t.due_at, t.bucket, t.id
LIMIT :page_size;

-- name: task_member_page
-- params: bucket bigint, member bigint, state_from bigint, state_end bigint, due_until bigint, store text, person text, role text, reason text, now bigint, after_due bigint, after_bucket bigint, after_id bigint, page_size bigint
SELECT t.bucket, t.id, t.version, t.member, t.store, t.reason, t.body, t.priority, t.state, t.opened_at, t.opened_by, t.due_at, t.closed_at,
    t.closed_by, t.outcome, t.outcome_text, t.reference, t.media, t.noted,
    h.number, h.from_at, h.until_at, h.step, h.person, h.place, h.role
FROM task AS t
JOIN task_holder AS h ON h.bucket = t.bucket AND h.task = t.id AND h.from_at <= :now AND h.until_at > :now
WHERE t.bucket = :bucket AND t.member = :member AND t.state >= :state_from AND t.state < :state_end AND t.due_at <= :due_until
    AND (:store = '' OR t.store = :store OR h.place = :store)
    AND (:person = '' OR h.person = :person)
    AND (:role = '' OR h.role = :role)
    AND (:reason = '' OR t.reason = :reason)
    AND (t.due_at, t.bucket, t.id) > (:after_due, :after_bucket, :after_id)
ORDER BY t.due_at, t.bucket, t.id
LIMIT :page_size;

-- name: task_proof_get
-- params: bucket bigint, task bigint
SELECT media, content
FROM task_proof
WHERE bucket = :bucket AND task = :task;

-- Tasks that wait, and what was closed since.
-- name: task_counts
-- params: now bigint, since bigint
SELECT store, state, COUNT(*), CAST(SUM(CASE WHEN due_at <= :now THEN 1 ELSE 0 END) AS bigint)
FROM task
WHERE bucket >= 0 AND (state < 2 OR closed_at >= :since)
GROUP BY store, state
ORDER BY store, state;

-- name: tasks_risen
-- params: now bigint, page_size bigint
SELECT DISTINCT t.bucket, t.id
FROM task AS t
JOIN task_holder AS h ON h.bucket = t.bucket AND h.task = t.id
WHERE t.bucket >= 0 AND t.state < 2 AND t.due_at <= :now AND h.step > t.noted AND h.from_at <= :now
ORDER BY t.bucket, t.id
LIMIT :page_size;

-- ---- reasons ----

-- name: reasons_list
SELECT code, version, name, priority, due_minutes, role, proof, outcomes, ladder
FROM task_reason
WHERE bucket = 0
ORDER BY code;

-- name: reason_put
-- params: code text, version bigint, name text, priority bigint, due_minutes bigint, role text, proof bigint, outcomes text, ladder text
INSERT INTO task_reason (bucket, code, version, name, priority, due_minutes, role, proof, outcomes, ladder)
VALUES (0, :code, :version, :name, :priority, :due_minutes, :role, :proof, :outcomes, :ladder)
ON CONFLICT (bucket, code) DO UPDATE SET
    version = excluded.version,
    name = excluded.name,
    priority = excluded.priority,
    due_minutes = excluded.due_minutes,
    role = excluded.role,
    proof = excluded.proof,
    outcomes = excluded.outcomes,
    ladder = excluded.ladder;

-- name: reason_delete
-- params: code text
DELETE FROM task_reason
WHERE bucket = 0 AND code = :code;

