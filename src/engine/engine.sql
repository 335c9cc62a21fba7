-- name: heads_create
INSERT INTO head (bucket, batch, seq, seal, at)
SELECT r.bucket, 0, 0, r.seal, 0
FROM :rows(bucket bigint, seal bytea) AS r
WHERE true
ON CONFLICT (bucket) DO NOTHING;

-- name: epoch_create
-- params: epoch bigint
INSERT INTO epoch (bucket, epoch)
VALUES (0, :epoch)
ON CONFLICT (bucket) DO NOTHING;

-- name: epoch_read
SELECT epoch
FROM epoch
WHERE bucket = 0;

-- name: head_take
-- params: bucket bigint
UPDATE head
SET batch = batch + 1
WHERE bucket = :bucket
RETURNING bucket, batch, seq, seal, at;

-- name: head_store
UPDATE head
SET seq = r.seq, seal = r.seal, at = r.at
FROM :rows(bucket bigint, seq bigint, seal bytea, at bigint) AS r
WHERE head.bucket = r.bucket;

-- name: head_read
-- params: bucket bigint
SELECT batch, seq, seal, at
FROM head
WHERE bucket = :bucket;

-- name: head_skip
-- params: bucket bigint, count bigint
UPDATE head
SET batch = batch + 1, seq = seq + :count
WHERE bucket = :bucket;

-- name: journal_seal
-- params: bucket bigint, seq bigint
SELECT seal
FROM journal
WHERE bucket = :bucket AND seq = :seq;

-- name: claims_load
SELECT c.kind, c.key, c.reference, c.member
FROM :rows(bucket bigint, kind text, key text) AS r
JOIN claim AS c ON c.bucket = r.bucket AND c.kind = r.kind AND c.key = r.key;

-- name: claims_insert
INSERT INTO claim (bucket, kind, key, reference, member)
SELECT r.bucket, r.kind, r.key, r.reference, r.member
FROM :rows(bucket bigint, kind text, key text, reference bigint, member bigint) AS r
WHERE true
ON CONFLICT (bucket, kind, key) DO NOTHING;

-- name: claims_update
UPDATE claim
SET reference = r.reference, member = r.member
FROM :rows(bucket bigint, kind text, key text, reference bigint, member bigint) AS r
WHERE claim.bucket = r.bucket AND claim.kind = r.kind AND claim.key = r.key;

-- SQLite uses only the first column of a key that is IN a list; it sees one row at a time.
-- name: claims_delete
-- dialect: sqlite
DELETE FROM claim
WHERE (bucket, kind, key) = (SELECT r.bucket, r.kind, r.key FROM :rows(bucket bigint, kind text, key text) AS r);
-- dialect: postgres
DELETE FROM claim
WHERE (bucket, kind, key) IN (SELECT r.bucket, r.kind, r.key FROM :rows(bucket bigint, kind text, key text) AS r);

-- name: events_member
SELECT j.bucket, j.seq, j.member
FROM :rows(bucket bigint, seq bigint) AS r
JOIN journal AS j ON j.bucket = r.bucket AND j.seq = r.seq;

-- name: members_load
SELECT m.id, m.leader, m.household, m.registered_at, m.status, m.salt
FROM :rows(bucket bigint, id bigint) AS r
JOIN member AS m ON m.bucket = r.bucket AND m.id = r.id;

-- name: groupings_load
SELECT g.grouping, g.member
FROM :rows(bucket bigint, grouping bigint) AS r
JOIN member_group AS g ON g.bucket = r.bucket AND g.grouping = r.grouping;

-- name: households_load
SELECT h.id, h.pooled
FROM :rows(bucket bigint, id bigint) AS r
JOIN household AS h ON h.bucket = r.bucket AND h.id = r.id;

-- name: standings_load
SELECT s.member, s.purchases, s.purchase_days, s.spend, s.returns, s.visits, s.first_purchase_at, s.last_purchase_at,
    s.last_visit_at, s.last_event_at, s.won_back_at, s.tier_since, s.tier_until, s.qualifying, s.qualifying_from, s.tier,
    s.tier_grace, s.recent, s.due_at, s.held
FROM :rows(bucket bigint, member bigint) AS r
JOIN standing AS s ON s.bucket = r.bucket AND s.member = r.member;

-- name: standings_own_load
SELECT s.member, s.purchases, s.purchase_days, s.spend, s.returns, s.visits, s.first_purchase_at, s.last_purchase_at,
    s.last_visit_at, s.last_event_at, s.won_back_at, s.tier_since, s.tier_until, s.qualifying, s.qualifying_from, s.tier,
    s.tier_grace, s.recent, s.due_at, s.held
FROM :rows(bucket bigint, member bigint) AS r
JOIN standing_own AS s ON s.bucket = r.bucket AND s.member = r.member;

-- name: wallets_load
SELECT w.member, w.code, w.active, w.pending, w.held, w.debt
FROM :rows(bucket bigint, member bigint) AS r
JOIN wallet AS w ON w.bucket = r.bucket AND w.member = r.member;

-- name: lots_load
SELECT l.member, l.id, l.wallet, l.source, l.earned_at, l.active_at, l.expires_at, l.amount, l.remaining, l.held, l.pending,
    l.expired
FROM :rows(bucket bigint, member bigint) AS r
JOIN lot AS l ON l.bucket = r.bucket AND l.member = r.member
WHERE l.remaining + l.held > 0;

-- name: lots_named_load
SELECT l.member, l.id, l.wallet, l.source, l.earned_at, l.active_at, l.expires_at, l.amount, l.remaining, l.held, l.pending,
    l.expired
FROM :rows(bucket bigint, member bigint, id bigint) AS r
JOIN lot AS l ON l.bucket = r.bucket AND l.member = r.member AND l.id = r.id
WHERE l.remaining + l.held = 0;

-- name: holds_load
SELECT h.member, h.id, h.wallet, h.amount, h.captured, h.expires_at, h.state, h.parts
FROM :rows(bucket bigint, member bigint) AS r
JOIN hold AS h ON h.bucket = r.bucket AND h.member = r.member
WHERE h.state = 1;

-- name: holds_named_load
SELECT h.member, h.id, h.wallet, h.amount, h.captured, h.expires_at, h.state, h.parts
FROM :rows(bucket bigint, member bigint, id bigint) AS r
JOIN hold AS h ON h.bucket = r.bucket AND h.member = r.member AND h.id = r.id
WHERE h.state <> 1;

-- name: days_load
SELECT d.member, d.day, d.purchases, d.spend
FROM :rows(bucket bigint, member bigint, day bigint) AS r
JOIN member_day AS d ON d.bucket = r.bucket AND d.member = r.member AND d.day = r.day;

-- name: progress_load
SELECT p.member, p.id, p.used
FROM :rows(bucket bigint, member bigint) AS r
JOIN progress AS p ON p.bucket = r.bucket AND p.member = r.member;

-- name: requests_load
SELECT q.scope, q.key, q.digest, q.status, q.reply
FROM :rows(bucket bigint, scope text, key text) AS r
JOIN request AS q ON q.bucket = r.bucket AND q.scope = r.scope AND q.key = r.key;

-- name: journal_load
SELECT j.bucket, j.seq, j.member, j.kind, j.at, j.recorded_at, j.day, j.cause, j.store, j.channel, j.receipt, j.amount,
    j.facts
FROM :rows(bucket bigint, seq bigint) AS r
JOIN journal AS j ON j.bucket = r.bucket AND j.seq = r.seq;

-- SQLite takes the range of all causes unless it is told that few rows have this one.
-- name: followers_load
-- dialect: sqlite
SELECT j.bucket, j.seq, j.member, j.kind, j.at, j.recorded_at, j.day, j.cause, j.store, j.channel, j.receipt, j.amount,
    j.facts
FROM :rows(bucket bigint, cause bigint) AS r
JOIN journal AS j ON j.bucket = r.bucket AND unlikely(j.cause = r.cause)
WHERE j.cause > 0;
-- dialect: postgres
SELECT j.bucket, j.seq, j.member, j.kind, j.at, j.recorded_at, j.day, j.cause, j.store, j.channel, j.receipt, j.amount,
    j.facts
FROM :rows(bucket bigint, cause bigint) AS r
JOIN journal AS j ON j.bucket = r.bucket AND j.cause = r.cause
WHERE j.cause > 0;

-- name: lines_load
SELECT l.bucket, l.seq, l.line, l.sku, l.category, l.quantity_milli, l.amount, l.discount, l.of_line
FROM :rows(bucket bigint, seq bigint) AS r
JOIN purchase_line AS l ON l.bucket = r.bucket AND l.seq = r.seq;

-- name: movements_load
SELECT m.bucket, m.seq, m.line, m.member, m.wallet, m.debit, m.credit, m.amount, m.lot
FROM :rows(bucket bigint, seq bigint) AS r
JOIN movement AS m ON m.bucket = r.bucket AND m.seq = r.seq;

-- name: details_load
SELECT d.bucket, d.seq, d.body
FROM :rows(bucket bigint, seq bigint) AS r
JOIN detail AS d ON d.bucket = r.bucket AND d.seq = r.seq;

-- name: counter_take
-- params: bucket bigint, id text
UPDATE counter
SET used = used
WHERE bucket = :bucket AND id = :id
RETURNING id, used, maximum;

-- name: counters_insert
INSERT INTO counter (bucket, id, used, maximum)
SELECT r.bucket, r.id, r.used, r.maximum
FROM :rows(bucket bigint, id text, used bigint, maximum bigint) AS r
WHERE true
ON CONFLICT (bucket, id) DO NOTHING;

-- name: counters_store
UPDATE counter
SET used = r.used, maximum = r.maximum
FROM :rows(bucket bigint, id text, used bigint, maximum bigint) AS r
WHERE counter.bucket = r.bucket AND counter.id = r.id;

-- name: members_store
INSERT INTO member (bucket, id, leader, household, status, registered_at, salt)
SELECT r.bucket, r.id, r.leader, r.household, r.status, r.registered_at, r.salt
FROM :rows(bucket bigint, id bigint, leader bigint, household bigint, status bigint, registered_at bigint, salt bytea) AS r
WHERE true
ON CONFLICT (bucket, id) DO UPDATE
SET leader = excluded.leader, household = excluded.household, status = excluded.status, salt = excluded.salt;

-- name: standings_store
INSERT INTO standing (bucket, member, purchases, purchase_days, spend, returns, visits, first_purchase_at,
    last_purchase_at, last_visit_at, last_event_at, won_back_at, tier_since, tier_until, qualifying, qualifying_from, tier,
    tier_grace, recent, due_at, held)
SELECT r.bucket, r.member, r.purchases, r.purchase_days, r.spend, r.returns, r.visits, r.first_purchase_at,
    r.last_purchase_at, r.last_visit_at, r.last_event_at, r.won_back_at, r.tier_since, r.tier_until, r.qualifying,
    r.qualifying_from, r.tier, r.tier_grace, r.recent, r.due_at, r.held
FROM :rows(bucket bigint, member bigint, purchases bigint, purchase_days bigint, spend bigint, returns bigint,
    visits bigint, first_purchase_at bigint, last_purchase_at bigint, last_visit_at bigint, last_event_at bigint,
    won_back_at bigint, tier_since bigint, tier_until bigint, qualifying bigint, qualifying_from bigint, tier text,
    tier_grace bigint, recent bytea, due_at bigint, held text) AS r
WHERE true
ON CONFLICT (bucket, member) DO UPDATE
SET purchases = excluded.purchases, purchase_days = excluded.purchase_days, spend = excluded.spend,
    returns = excluded.returns, visits = excluded.visits, first_purchase_at = excluded.first_purchase_at,
    last_purchase_at = excluded.last_purchase_at, last_visit_at = excluded.last_visit_at,
    last_event_at = excluded.last_event_at, won_back_at = excluded.won_back_at, tier_since = excluded.tier_since,
    tier_until = excluded.tier_until, qualifying = excluded.qualifying, qualifying_from = excluded.qualifying_from,
    tier = excluded.tier, tier_grace = excluded.tier_grace, recent = excluded.recent, due_at = excluded.due_at,
    held = excluded.held;

-- name: standings_own_store
INSERT INTO standing_own (bucket, member, purchases, purchase_days, spend, returns, visits, first_purchase_at,
    last_purchase_at, last_visit_at, last_event_at, won_back_at, tier_since, tier_until, qualifying, qualifying_from, tier,
    tier_grace, recent, due_at, held)
SELECT r.bucket, r.member, r.purchases, r.purchase_days, r.spend, r.returns, r.visits, r.first_purchase_at,
    r.last_purchase_at, r.last_visit_at, r.last_event_at, r.won_back_at, r.tier_since, r.tier_until, r.qualifying,
    r.qualifying_from, r.tier, r.tier_grace, r.recent, r.due_at, r.held
FROM :rows(bucket bigint, member bigint, purchases bigint, purchase_days bigint, spend bigint, returns bigint,
    visits bigint, first_purchase_at bigint, last_purchase_at bigint, last_visit_at bigint, last_event_at bigint,
    won_back_at bigint, tier_since bigint, tier_until bigint, qualifying bigint, qualifying_from bigint, tier text,
    tier_grace bigint, recent bytea, due_at bigint, held text) AS r
WHERE true
ON CONFLICT (bucket, member) DO UPDATE
SET purchases = excluded.purchases, purchase_days = excluded.purchase_days, spend = excluded.spend,
    returns = excluded.returns, visits = excluded.visits, first_purchase_at = excluded.first_purchase_at,
    last_purchase_at = excluded.last_purchase_at, last_visit_at = excluded.last_visit_at,
    last_event_at = excluded.last_event_at, won_back_at = excluded.won_back_at, tier_since = excluded.tier_since,
    tier_until = excluded.tier_until, qualifying = excluded.qualifying, qualifying_from = excluded.qualifying_from,
    tier = excluded.tier, tier_grace = excluded.tier_grace, recent = excluded.recent, due_at = excluded.due_at,
    held = excluded.held;

-- name: standings_drop
DELETE FROM standing
WHERE (bucket, member) IN (SELECT r.bucket, r.member FROM :rows(bucket bigint, member bigint) AS r);

-- name: standings_own_drop
DELETE FROM standing_own
WHERE (bucket, member) IN (SELECT r.bucket, r.member FROM :rows(bucket bigint, member bigint) AS r);

-- name: wallets_store
INSERT INTO wallet (bucket, member, code, active, pending, held, debt)
SELECT r.bucket, r.member, r.code, r.active, r.pending, r.held, r.debt
FROM :rows(bucket bigint, member bigint, code text, active bigint, pending bigint, held bigint, debt bigint) AS r
WHERE true
ON CONFLICT (bucket, member, code) DO UPDATE
SET active = excluded.active, pending = excluded.pending, held = excluded.held, debt = excluded.debt;

-- name: lots_store
INSERT INTO lot (bucket, member, id, wallet, source, earned_at, active_at, expires_at, amount, remaining, held, pending,
    expired)
SELECT r.bucket, r.member, r.id, r.wallet, r.source, r.earned_at, r.active_at, r.expires_at, r.amount, r.remaining, r.held,
    r.pending, r.expired
FROM :rows(bucket bigint, member bigint, id bigint, wallet text, source bigint, earned_at bigint, active_at bigint,
    expires_at bigint, amount bigint, remaining bigint, held bigint, pending bigint, expired bigint) AS r
WHERE true
ON CONFLICT (bucket, member, id) DO UPDATE
SET active_at = excluded.active_at, expires_at = excluded.expires_at, remaining = excluded.remaining, held = excluded.held,
    pending = excluded.pending, expired = excluded.expired;

-- name: holds_store
INSERT INTO hold (bucket, member, id, wallet, amount, captured, expires_at, state, parts)
SELECT r.bucket, r.member, r.id, r.wallet, r.amount, r.captured, r.expires_at, r.state, r.parts
FROM :rows(bucket bigint, member bigint, id bigint, wallet text, amount bigint, captured bigint, expires_at bigint,
    state bigint, parts bytea) AS r
WHERE true
ON CONFLICT (bucket, member, id) DO UPDATE
SET captured = excluded.captured, state = excluded.state, parts = excluded.parts;

-- name: days_store
INSERT INTO member_day (bucket, member, day, purchases, spend)
SELECT r.bucket, r.member, r.day, r.purchases, r.spend
FROM :rows(bucket bigint, member bigint, day bigint, purchases bigint, spend bigint) AS r
WHERE true
ON CONFLICT (bucket, member, day) DO UPDATE
SET purchases = excluded.purchases, spend = excluded.spend;

-- name: progress_store
INSERT INTO progress (bucket, member, id, used)
SELECT r.bucket, r.member, r.id, r.used
FROM :rows(bucket bigint, member bigint, id text, used bigint) AS r
WHERE true
ON CONFLICT (bucket, member, id) DO UPDATE
SET used = excluded.used;

-- name: journal_store
INSERT INTO journal (bucket, seq, member, kind, at, recorded_at, day, cause, store, channel, receipt, amount, facts, seal)
SELECT r.bucket, r.seq, r.member, r.kind, r.at, r.recorded_at, r.day, r.cause, r.store, r.channel, r.receipt, r.amount,
    r.facts, r.seal
FROM :rows(bucket bigint, seq bigint, member bigint, kind text, at bigint, recorded_at bigint, day bigint, cause bigint,
    store text, channel text, receipt text, amount bigint, facts text, seal bytea) AS r;

-- name: lines_store
INSERT INTO purchase_line (bucket, seq, line, sku, category, quantity_milli, amount, discount, of_line)
SELECT r.bucket, r.seq, r.line, r.sku, r.category, r.quantity_milli, r.amount, r.discount, r.of_line
FROM :rows(bucket bigint, seq bigint, line bigint, sku text, category text, quantity_milli bigint, amount bigint,
    discount bigint, of_line bigint) AS r;

-- name: movements_store
INSERT INTO movement (bucket, seq, line, member, wallet, debit, credit, amount, lot)
SELECT r.bucket, r.seq, r.line, r.member, r.wallet, r.debit, r.credit, r.amount, r.lot
FROM :rows(bucket bigint, seq bigint, line bigint, member bigint, wallet text, debit bigint, credit bigint, amount bigint,
    lot bigint) AS r;

-- name: details_store
INSERT INTO detail (bucket, seq, member, body)
SELECT r.bucket, r.seq, r.member, r.body
FROM :rows(bucket bigint, seq bigint, member bigint, body text) AS r;

-- name: digests_store
INSERT INTO detail_digest (bucket, seq, digest)
SELECT r.bucket, r.seq, r.digest
FROM :rows(bucket bigint, seq bigint, digest bytea) AS r;

-- name: ledger_store
INSERT INTO ledger_day (bucket, wallet, account, day, amount)
SELECT r.bucket, r.wallet, r.account, r.day, r.amount
FROM :rows(bucket bigint, wallet text, account bigint, day bigint, amount bigint) AS r
WHERE true
ON CONFLICT (bucket, wallet, account, day) DO UPDATE
SET amount = ledger_day.amount + excluded.amount;

-- name: measures_store
INSERT INTO measure_day (bucket, day, measure, store, amount)
SELECT r.bucket, r.day, r.measure, r.store, r.amount
FROM :rows(bucket bigint, day bigint, measure text, store text, amount bigint) AS r
WHERE true
ON CONFLICT (bucket, day, measure, store) DO UPDATE
SET amount = measure_day.amount + excluded.amount;

-- name: requests_store
INSERT INTO request (bucket, scope, key, digest, member, status, reply, expires_at)
SELECT r.bucket, r.scope, r.key, r.digest, r.member, r.status, r.reply, r.expires_at
FROM :rows(bucket bigint, scope text, key text, digest bytea, member bigint, status bigint, reply text, expires_at bigint) AS r
WHERE true
ON CONFLICT (bucket, scope, key) DO NOTHING;

-- name: requests_purge
-- params: bucket bigint, now bigint
DELETE FROM request
WHERE bucket = :bucket AND expires_at <= :now;

-- name: audits_store
INSERT INTO audit (bucket, at, id, actor, what, subject, before, after)
SELECT r.bucket, r.at, r.id, r.actor, r.what, r.subject, r.before, r.after
FROM :rows(bucket bigint, at bigint, id bigint, actor text, what text, subject bigint, before text, after text) AS r;

-- name: due_members
-- params: bucket bigint, now bigint, count bigint
SELECT member
FROM standing
WHERE bucket = :bucket AND due_at <= :now AND due_at < 9223372036854775807
ORDER BY due_at, member
LIMIT :count;

-- name: cursor_create
-- params: bucket bigint, reader text
INSERT INTO cursor (bucket, reader, seq)
VALUES (:bucket, :reader, 0)
ON CONFLICT (bucket, reader) DO NOTHING;

-- name: cursor_read
-- params: bucket bigint, reader text
SELECT seq
FROM cursor
WHERE bucket = :bucket AND reader = :reader;

-- name: cursor_move
-- params: bucket bigint, reader text, seq_old bigint, seq_new bigint
UPDATE cursor
SET seq = :seq_new
WHERE bucket = :bucket AND reader = :reader AND seq = :seq_old;

-- name: journal_after
-- params: bucket bigint, seq bigint, count bigint
SELECT bucket, seq, member, kind, at, recorded_at, day, cause, store, channel, receipt, amount, facts
FROM journal
WHERE bucket = :bucket AND seq > :seq
ORDER BY seq
LIMIT :count;
