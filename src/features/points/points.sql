-- Queries of points beside what the engine reads and writes.

-- name: hold_find
-- params: bucket bigint, id bigint, member bigint
SELECT h.member, h.wallet, h.amount, h.captured, h.expires_at, h.state
FROM hold AS h
WHERE h.bucket = :bucket AND h.member = :member AND h.id = :id;

-- name: hold_member
-- params: bucket bigint, seq bigint
SELECT member
FROM journal
WHERE bucket = :bucket AND seq = :seq AND kind = 'hold';

-- name: statement_opening
SELECT CAST(COALESCE(SUM(CASE WHEN m.credit <= 4 THEN m.amount ELSE 0 END
        - CASE WHEN m.debit <= 4 THEN m.amount ELSE 0 END), 0) AS bigint)
FROM :rows(bucket bigint, member bigint, wallet text, start bigint) AS r
JOIN journal AS j ON j.bucket = r.bucket AND j.member = r.member
JOIN movement AS m ON m.bucket = j.bucket AND m.seq = j.seq
WHERE j.at < r.start AND m.wallet = r.wallet;

-- SQLite would group a whole bucket in the order of its key unless it is told where the member's rows are.
-- name: statement_entries
-- dialect: sqlite
SELECT j.bucket, j.seq, j.member, j.kind, j.at, j.store,
    CAST(SUM(CASE WHEN m.credit <= 4 THEN m.amount ELSE 0 END
        - CASE WHEN m.debit <= 4 THEN m.amount ELSE 0 END) AS bigint), j.facts
FROM :rows(bucket bigint, member bigint, wallet text, start bigint, finish bigint) AS r
JOIN journal AS j INDEXED BY journal_by_member ON j.bucket = r.bucket AND j.member = r.member
JOIN movement AS m ON m.bucket = j.bucket AND m.seq = j.seq
WHERE j.at >= r.start AND j.at < r.finish AND m.wallet = r.wallet
GROUP BY j.bucket, j.seq, j.member, j.kind, j.at, j.store, j.facts;
-- dialect: postgres
SELECT j.bucket, j.seq, j.member, j.kind, j.at, j.store,
    CAST(SUM(CASE WHEN m.credit <= 4 THEN m.amount ELSE 0 END
        - CASE WHEN m.debit <= 4 THEN m.amount ELSE 0 END) AS bigint), j.facts
FROM :rows(bucket bigint, member bigint, wallet text, start bigint, finish bigint) AS r
JOIN journal AS j ON j.bucket = r.bucket AND j.member = r.member
JOIN movement AS m ON m.bucket = j.bucket AND m.seq = j.seq
WHERE j.at >= r.start AND j.at < r.finish AND m.wallet = r.wallet
GROUP BY j.bucket, j.seq, j.member, j.kind, j.at, j.store, j.facts;

-- name: account_totals
SELECT wallet, account, CAST(SUM(amount) AS bigint)
FROM ledger_day
WHERE bucket >= 0
GROUP BY wallet, account
ORDER BY wallet, account;

-- By the store whose event gave the lot; what has no lot by the store of the event. In the account where points arrive and,
-- below zero, in the one that they leave.
-- name: ledger_part
-- params: bucket bigint, last bigint
SELECT m.wallet, CASE WHEN m.lot > 0 THEN COALESCE(s.store, '') ELSE j.store END, m.debit, m.credit, j.day,
    CAST(SUM(m.amount) AS bigint)
FROM movement AS m
JOIN journal AS j ON j.bucket = m.bucket AND j.seq = m.seq
LEFT JOIN lot AS l ON l.bucket = m.bucket AND l.member = m.member AND l.id = m.lot
LEFT JOIN journal AS s ON s.bucket = l.source % 64 AND s.seq = l.source >> 6
WHERE m.bucket = :bucket AND j.day <= :last
GROUP BY m.wallet, CASE WHEN m.lot > 0 THEN COALESCE(s.store, '') ELSE j.store END, m.debit, m.credit, j.day;

-- The last column: the store whose event gave the lot.
-- name: ledger_page
-- params: bucket bigint, seq bigint, line bigint, wallet text, any_wallet bigint, page_size bigint
SELECT m.bucket, m.seq, m.line, m.member, j.kind, m.wallet, m.debit, m.credit, m.amount, m.lot, j.at, j.day, j.store,
    COALESCE(s.store, '')
FROM movement AS m
JOIN journal AS j ON j.bucket = m.bucket AND j.seq = m.seq
LEFT JOIN lot AS l ON l.bucket = m.bucket AND l.member = m.member AND l.id = m.lot
LEFT JOIN journal AS s ON s.bucket = l.source % 64 AND s.seq = l.source >> 6
WHERE (m.bucket, m.seq, m.line) > (:bucket, :seq, :line)
    AND (:any_wallet = 1 OR m.wallet = :wallet)
ORDER BY m.bucket, m.seq, m.line
LIMIT :page_size;

-- name: ledger_day_page
-- params: bucket bigint, seq bigint, line bigint, wallet text, any_wallet bigint, day bigint, page_size bigint
SELECT m.bucket, m.seq, m.line, m.member, j.kind, m.wallet, m.debit, m.credit, m.amount, m.lot, j.at, j.day, j.store,
    COALESCE(s.store, '')
FROM movement AS m
JOIN journal AS j ON j.bucket = m.bucket AND j.seq = m.seq
LEFT JOIN lot AS l ON l.bucket = m.bucket AND l.member = m.member AND l.id = m.lot
LEFT JOIN journal AS s ON s.bucket = l.source % 64 AND s.seq = l.source >> 6
WHERE m.bucket = :bucket
    AND m.seq IN (SELECT d.seq FROM journal AS d WHERE d.bucket = :bucket AND d.day = :day AND d.seq >= :seq)
    AND (m.seq > :seq OR m.line > :line)
    AND (:any_wallet = 1 OR m.wallet = :wallet)
ORDER BY m.seq, m.line
LIMIT :page_size;

-- Verification reads a bucket in pages of the journal.

-- name: verify_heads
SELECT bucket, batch, seq, seal
FROM head
WHERE bucket >= 0
ORDER BY bucket;

-- What is mostly zero or empty travels as NULL on PostgreSQL: a value costs it more to send than to find.
-- name: verify_journal
-- params: bucket bigint, after bigint, page_size bigint
-- dialect: sqlite
SELECT seq, member, kind, at, recorded_at, day, cause, store, channel, receipt, amount, facts, seal
FROM journal
WHERE bucket = :bucket AND seq > :after
ORDER BY seq
LIMIT :page_size;
-- dialect: postgres
SELECT seq, member, kind, at, recorded_at, day, NULLIF(cause, 0), NULLIF(store, ''), NULLIF(channel, ''),
    NULLIF(receipt, ''), NULLIF(amount, 0), NULLIF(facts, ''), seal
FROM journal
WHERE bucket = :bucket AND seq > :after
ORDER BY seq
LIMIT :page_size;

-- The row before the last ones of a bucket; none: they are all there are.
-- name: verify_start
-- params: bucket bigint, last_rows bigint
SELECT seq, seal
FROM journal
WHERE bucket = :bucket
ORDER BY seq DESC
LIMIT 1 OFFSET :last_rows;

-- name: verify_lines
-- params: bucket bigint, after bigint, last bigint
-- dialect: sqlite
SELECT seq, line, sku, category, quantity_milli, amount, discount, of_line
FROM purchase_line
WHERE bucket = :bucket AND seq > :after AND seq <= :last
ORDER BY seq, line;
-- dialect: postgres
SELECT seq, NULLIF(line, 0), NULLIF(sku, ''), NULLIF(category, ''), quantity_milli, amount, NULLIF(discount, 0),
    NULLIF(of_line, 0)
FROM purchase_line
WHERE bucket = :bucket AND seq > :after AND seq <= :last
ORDER BY seq, line;

-- name: verify_movements
-- params: bucket bigint, after bigint, last bigint
SELECT seq, member, wallet, debit, credit, amount, lot
FROM movement
WHERE bucket = :bucket AND seq > :after AND seq <= :last
ORDER BY seq, line;

-- name: verify_details
-- params: bucket bigint, after bigint, last bigint
SELECT g.seq, g.digest, d.body, m.salt
FROM detail_digest AS g
LEFT JOIN detail AS d ON d.bucket = g.bucket AND d.seq = g.seq
LEFT JOIN journal AS j ON j.bucket = g.bucket AND j.seq = g.seq
LEFT JOIN member AS m ON m.bucket = j.bucket AND m.id = j.member
WHERE g.bucket = :bucket AND g.seq > :after AND g.seq <= :last
ORDER BY g.seq;

-- Up to where texts of a bucket are gone by the policy of retention, and the sealed row that says so.
-- name: verify_cut
-- params: bucket bigint
SELECT until_seq, row_seq
FROM retention_cut
WHERE bucket = :bucket;

-- name: verify_wallets
-- params: bucket bigint, from bigint, before bigint
-- dialect: sqlite
SELECT member, code, active, pending, held, debt
FROM wallet
WHERE bucket = :bucket AND member >= :from AND member < :before;
-- dialect: postgres
SELECT member, code, active, NULLIF(pending, 0), NULLIF(held, 0), NULLIF(debt, 0)
FROM wallet
WHERE bucket = :bucket AND member >= :from AND member < :before;

-- name: verify_lots
-- params: bucket bigint, from bigint, before bigint
-- dialect: sqlite
SELECT member, id, wallet, amount, remaining, held, expired, pending
FROM lot
WHERE bucket = :bucket AND member >= :from AND member < :before;
-- dialect: postgres
SELECT member, id, wallet, amount, remaining, NULLIF(held, 0), NULLIF(expired, 0), NULLIF(pending, 0)
FROM lot
WHERE bucket = :bucket AND member >= :from AND member < :before;

-- name: verify_days
-- params: bucket bigint
SELECT wallet, account, day, amount
FROM ledger_day
WHERE bucket = :bucket;

-- name: verify_holds
-- params: bucket bigint
SELECT wallet, CAST(SUM(amount) AS bigint)
FROM hold
WHERE bucket = :bucket AND state = 1
GROUP BY wallet;

-- Movements of gift cards that are not what their row of the journal says; accounts as enum account.
-- name: verify_card_movements
SELECT m.bucket, m.seq, m.amount, j.kind, j.amount
FROM gift_card_movement AS m
LEFT JOIN journal AS j ON j.bucket = m.bucket AND j.seq = m.seq
WHERE m.bucket >= 0 AND (j.seq IS NULL OR j.amount <> m.amount
    OR NOT ((j.kind = 'gift_card_sold' AND m.debit IN (10, 17) AND m.credit = 1)
        OR (j.kind = 'gift_card_topped_up' AND m.debit = 17 AND m.credit = 1)
        OR (j.kind = 'gift_card_charge' AND m.debit = 1 AND m.credit = 11)
        OR (j.kind = 'gift_card_refund' AND m.debit = 11 AND m.credit = 1)
        OR (j.kind = 'gift_card_void' AND m.debit = 1 AND m.credit = 15)
        OR (j.kind = 'gift_card_expired' AND m.debit = 1 AND m.credit = 12)))
ORDER BY m.bucket, m.seq
LIMIT 1;

-- name: verify_card_count
SELECT CAST(COUNT(*) AS bigint)
FROM gift_card_movement
WHERE bucket >= 0;

-- Rows of the journal that should have a movement and have none.
-- name: verify_card_rows
SELECT j.bucket, j.seq, m.amount, j.kind, j.amount
FROM journal AS j
LEFT JOIN gift_card_movement AS m ON m.bucket = j.bucket AND m.seq = j.seq
WHERE j.bucket >= 0 AND j.amount > 0 AND m.seq IS NULL AND j.kind IN ('gift_card_sold', 'gift_card_charge',
    'gift_card_refund', 'gift_card_void', 'gift_card_expired', 'gift_card_topped_up')
ORDER BY j.bucket, j.seq
LIMIT 1;

-- Cards that have not what their movements say; a counter with a maximum below 0 is of a void card.
-- name: verify_cards
SELECT c.bucket, c.id, c.minor, c.balance, c.paid_in, c.moved
FROM (
    SELECT g.bucket AS bucket, g.id AS id, g.minor AS minor,
        CASE WHEN n.id IS NULL OR n.maximum < 0 THEN 0 ELSE n.maximum - n.used END AS balance,
        COALESCE(s.paid_in, 0) AS paid_in, COALESCE(s.moved, 0) AS moved
    FROM gift_card AS g
    LEFT JOIN counter AS n ON n.bucket = g.bucket AND n.id = 'gift:' || g.key
    LEFT JOIN (
        SELECT m.card AS card,
            CAST(SUM(CASE WHEN m.debit IN (10, 17) THEN m.amount ELSE 0 END) AS bigint) AS paid_in,
            CAST(SUM(CASE WHEN m.credit = 1 THEN m.amount ELSE -m.amount END) AS bigint) AS moved
        FROM gift_card_movement AS m
        WHERE m.bucket >= 0
        GROUP BY m.card
    ) AS s ON s.card = g.id
    WHERE g.bucket >= 0
) AS c
WHERE c.minor <> c.paid_in OR c.balance <> c.moved
ORDER BY c.bucket, c.id
LIMIT 1;
