-- Gift cards.

-- name: card_put
INSERT INTO gift_card (bucket, key, id, version, state, minor, expires_at, store, paid_by, pin_hash, sold_at, activated_at,
    voided_at, tries, locked_until)
SELECT r.bucket, r.key, r.id, r.version, r.state, r.minor, r.expires_at, r.store, r.paid_by, r.pin_hash, r.sold_at,
    r.activated_at, r.voided_at, 0, 0
FROM :rows(bucket bigint, key text, id bigint, version bigint, state bigint, minor bigint, expires_at bigint, store text,
    paid_by text, pin_hash text, sold_at bigint, activated_at bigint, voided_at bigint) AS r
WHERE true
ON CONFLICT (bucket, key) DO UPDATE SET
    version = excluded.version,
    state = excluded.state,
    activated_at = excluded.activated_at,
    voided_at = excluded.voided_at;

-- name: card_top_up
UPDATE gift_card
SET minor = gift_card.minor + r.minor, expires_at = r.expires_at, version = gift_card.version + 1
FROM :rows(bucket bigint, key text, minor bigint, expires_at bigint) AS r
WHERE gift_card.bucket = r.bucket AND gift_card.key = r.key;

-- name: card_void
UPDATE gift_card
SET state = 3, version = version + 1, voided_at = r.at
FROM :rows(bucket bigint, key text, at bigint) AS r
WHERE gift_card.bucket = r.bucket AND gift_card.key = r.key;

-- name: movement_put
INSERT INTO gift_card_movement (bucket, seq, card, debit, credit, amount)
SELECT r.bucket, r.seq, r.card, r.debit, r.credit, r.amount
FROM :rows(bucket bigint, seq bigint, card bigint, debit bigint, credit bigint, amount bigint) AS r;

-- Cards by the rows that sold them.
-- name: takers_read
SELECT r.slot, g.key, g.expires_at
FROM :rows(slot bigint, bucket bigint, id bigint) AS r
JOIN gift_card AS g ON g.bucket = r.bucket AND g.id = r.id;

-- name: cards_load
SELECT r.slot, g.key, g.id, g.version, g.state, g.minor, g.expires_at, g.store, g.paid_by, g.pin_hash, g.sold_at, g.activated_at,
    g.voided_at, g.tries, g.locked_until, COALESCE(n.used, 0)
FROM :rows(slot bigint, bucket bigint, key text, counter text) AS r
JOIN gift_card AS g ON g.bucket = r.bucket AND g.key = r.key
LEFT JOIN counter AS n ON n.bucket = r.bucket AND n.id = r.counter;

-- The fifth wrong PIN makes the card rest.
-- name: pin_wrong
-- params: bucket bigint, key text, now bigint, rest_until bigint, most bigint
UPDATE gift_card
SET tries = CASE WHEN tries + 1 < :most THEN tries + 1 ELSE 0 END,
    locked_until = CASE WHEN tries + 1 < :most THEN 0 ELSE :rest_until END
WHERE bucket = :bucket AND key = :key AND locked_until <= :now
RETURNING tries;

-- name: pin_right
-- params: bucket bigint, key text, now bigint
UPDATE gift_card
SET tries = 0, locked_until = 0
WHERE bucket = :bucket AND key = :key AND locked_until <= :now
RETURNING tries;

-- What happened to a card, the newest first: its rows lie in its own bucket and in those of the purchases that it paid for.
-- name: history
-- params: card bigint, most bigint
SELECT m.bucket, m.seq, j.kind, j.at, m.debit, m.amount, j.store, j.facts, j.recorded_at
FROM gift_card_movement AS m
JOIN journal AS j ON j.bucket = m.bucket AND j.seq = m.seq
WHERE m.card = :card AND m.bucket >= 0
ORDER BY j.recorded_at DESC, m.bucket DESC, m.seq DESC
LIMIT :most;

-- Cards whose end has come.
-- name: cards_ended
-- params: now bigint, most bigint
SELECT key
FROM gift_card
WHERE bucket >= 0 AND state < 3 AND expires_at <= :now
ORDER BY expires_at, bucket, key
LIMIT :most;

-- What is owed, by the store that sold.
-- name: liability
SELECT g.store, COUNT(*), CAST(SUM(n.maximum - n.used) AS bigint)
FROM gift_card AS g
JOIN counter AS n ON n.bucket = g.bucket AND n.id = 'gift:' || g.key
WHERE g.bucket >= 0 AND g.state < 3
GROUP BY g.store
ORDER BY g.store;
