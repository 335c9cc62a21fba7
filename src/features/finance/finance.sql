-- The reader of the journal that keeps the sums of finance, and what is read of them.

-- name: state_read
SELECT version
FROM finance_state
WHERE bucket = 0;

-- name: state_hold
-- params: version bigint
UPDATE finance_state
SET version = :version
WHERE bucket = 0 AND version = :version;

-- name: state_change
-- params: version bigint
UPDATE finance_state
SET version = version + 1
WHERE bucket = 0 AND version = :version;

-- name: epochs_read
SELECT number, cut, tree
FROM finance_epoch
WHERE bucket = 0
ORDER BY number;

-- name: epoch_put
-- params: number bigint, cut text, tree text
INSERT INTO finance_epoch (bucket, number, cut, tree)
VALUES (0, :number, :cut, :tree);

-- name: epochs_clear
DELETE FROM finance_epoch
WHERE bucket = 0;

-- name: closes_read
SELECT month, closed_at, actor, cut, seals, rates, digest
FROM finance_close
WHERE bucket = 0
ORDER BY month;

-- name: close_put
-- params: month bigint, closed_at bigint, actor text, cut text, seals text, rates text, digest bytea
INSERT INTO finance_close (bucket, month, closed_at, actor, cut, seals, rates, digest)
VALUES (0, :month, :closed_at, :actor, :cut, :seals, :rates, :digest);

-- name: cursors_read
SELECT bucket, seq
FROM cursor
WHERE bucket >= 0 AND reader = 'finance'
ORDER BY bucket;

-- name: cursor_make
INSERT INTO cursor (bucket, reader, seq)
SELECT r.bucket, 'finance', 0
FROM :rows(bucket bigint) AS r
WHERE r.bucket >= 0
ON CONFLICT (bucket, reader) DO NOTHING;

-- name: cursors_move
UPDATE cursor
SET seq = r.seq_new
FROM :rows(bucket bigint, seq_old bigint, seq_new bigint) AS r
WHERE cursor.bucket = r.bucket AND cursor.reader = 'finance' AND cursor.seq = r.seq_old;

-- name: cursors_clear
UPDATE cursor
SET seq = 0
WHERE bucket >= 0 AND reader = 'finance';

-- The movements of a bucket with the row, the lot and the event that made the lot; all of one bucket.
-- name: movements_after
-- params: bucket bigint, after bigint, last bigint
SELECT m.seq, m.line, m.member, m.wallet, m.debit, m.credit, m.amount, m.lot, j.kind, j.day, j.recorded_at, j.store,
    j.cause, l.source, l.earned_at, s.kind, s.store, s.day
FROM movement AS m
JOIN journal AS j ON j.bucket = m.bucket AND j.seq = m.seq AND j.seq > :after AND j.seq <= :last
LEFT JOIN lot AS l ON l.bucket = :bucket AND l.member = m.member AND l.id = m.lot
LEFT JOIN journal AS s ON s.bucket = :bucket AND s.seq = (l.source >> 6)
WHERE m.bucket = :bucket AND m.seq > :after AND m.seq <= :last
ORDER BY m.seq, m.line;

-- What happened to gift cards; who sold them is looked up: they may lie in any bucket.
-- name: card_movements_after
-- params: bucket bigint, after bigint, last bigint
SELECT m.seq, m.card, m.debit, m.credit, m.amount, j.day, j.recorded_at, j.store, j.cause
FROM gift_card_movement AS m
JOIN journal AS j ON j.bucket = m.bucket AND j.seq = m.seq
WHERE m.bucket = :bucket AND m.seq > :after AND m.seq <= :last
ORDER BY m.seq;

-- Money that is owed and paid besides points: shortfalls of contracts, payments of statements of partners.
-- name: money_after
-- params: bucket bigint, after bigint, last bigint
SELECT j.seq, j.kind, j.store, j.day, j.recorded_at, j.amount, j.facts
FROM journal AS j
WHERE j.bucket = :bucket AND j.seq > :after AND j.seq <= :last
    AND j.kind IN ('contract_due', 'contract_correction', 'contract_collected', 'contract_waived', 'partner_payment')
ORDER BY j.seq;

-- What a member came to owe and paid in a points account before a movement: the same columns.
-- name: debts
-- params: bucket bigint, member bigint, wallet text, seq bigint, line bigint
SELECT m.seq, m.line, m.member, m.wallet, m.debit, m.credit, m.amount, m.lot, j.kind, j.day, j.recorded_at, j.store,
    j.cause, l.source, l.earned_at, s.kind, s.store, s.day
FROM journal AS j
JOIN movement AS m ON m.bucket = j.bucket AND m.seq = j.seq
LEFT JOIN lot AS l ON l.bucket = :bucket AND l.member = m.member AND l.id = m.lot
LEFT JOIN journal AS s ON s.bucket = :bucket AND s.seq = (l.source >> 6)
WHERE j.bucket = :bucket AND j.member = :member AND m.wallet = :wallet AND (m.debit = 4 OR m.credit = 4)
    AND (m.seq < :seq OR (m.seq = :seq AND m.line < :line))
ORDER BY m.seq, m.line;

-- name: journal_places
SELECT r.slot, j.kind, j.store, j.cause, j.day
FROM :rows(slot bigint, bucket bigint, seq bigint) AS r
JOIN journal AS j ON j.bucket = r.bucket AND j.seq = r.seq;

-- name: lot_source
-- params: bucket bigint, member bigint, lot bigint
SELECT l.source, s.kind, s.store, s.day
FROM lot AS l
JOIN journal AS s ON s.bucket = l.bucket AND s.seq = (l.source >> 6)
WHERE l.bucket = :bucket AND l.member = :member AND l.id = :lot;

-- Rows of other members that an operation moved points of; in whichever bucket.
-- name: companions
SELECT j.bucket, j.seq
FROM :rows(bucket bigint, cause bigint) AS r
JOIN journal AS j ON j.bucket = r.bucket AND j.cause = r.cause
WHERE j.kind = 'share' AND j.cause > 0;

-- name: sum_add
INSERT INTO finance_sum (bucket, kind, month, wallet, entity, counterparty, other_month, entry, amount)
SELECT 0, r.kind, r.month, r.wallet, r.entity, r.counterparty, r.other_month, r.entry, r.amount
FROM :rows(kind bigint, month bigint, wallet text, entity text, counterparty text, other_month bigint, entry bigint,
    amount bigint) AS r
WHERE r.kind > 0
ON CONFLICT (bucket, kind, month, wallet, entity, counterparty, other_month, entry) DO UPDATE
SET amount = finance_sum.amount + excluded.amount;

-- name: sums_clear
DELETE FROM finance_sum
WHERE bucket = 0;

-- name: sums_read
-- params: kind bigint, from bigint, to bigint
SELECT kind, month, wallet, entity, counterparty, other_month, entry, amount
FROM finance_sum
WHERE bucket = 0 AND kind = :kind AND month >= :from AND month <= :to AND amount <> 0
ORDER BY kind, month, wallet, entity, counterparty, other_month, entry;

-- The seal that a bucket had reached with row `seq`.
-- name: seal_at
-- params: bucket bigint, seq bigint
SELECT seal
FROM journal
WHERE bucket = :bucket AND seq <= :seq
ORDER BY seq DESC
LIMIT 1;

-- name: settings_read
SELECT version, body
FROM finance_settings
WHERE bucket = 0;

-- name: settings_put
-- params: version bigint, body text
INSERT INTO finance_settings (bucket, version, body)
VALUES (0, :version, :body)
ON CONFLICT (bucket) DO UPDATE
SET version = excluded.version, body = excluded.body;
