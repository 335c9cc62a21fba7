-- One purchase of two lines as an application would record it: statement by statement, one transaction a purchase. It writes
-- the same rows as the server and adds to totals in place; members are found by a table of their numbers (bench_card).
\set n random(0, :members - 1)
\set receipt random(1, 1000000000000000)
\set claim_bucket :receipt % 64
\set store random(10, 19)
\set first random(100, 9999)
\set second random(100, 9999)
\set amount :first + :second
\set points :amount / 100
SELECT bucket, member FROM bench_card WHERE n = :n \gset
BEGIN;
UPDATE head SET batch = batch + 1, seq = seq + 2, at = CAST(extract(epoch FROM now()) * 1000000 AS bigint) WHERE bucket = :bucket RETURNING seq - 1 AS seq, seq * 64 + bucket AS lot, (seq - 1) * 64 + bucket AS event, at AS now, at / 86400000000 AS day \gset
SELECT leader AS leader, status AS status FROM member WHERE bucket = :bucket AND id = :member \gset
SELECT tier AS tier, purchases AS purchases FROM standing WHERE bucket = :bucket AND member = :leader \gset
INSERT INTO journal (bucket, seq, member, kind, at, recorded_at, day, cause, store, channel, receipt, amount, facts, seal) VALUES (:bucket, :seq, :member, 'purchase', :now, :now, :day, 0, 'store' || :store::text, 'pos', '2026-01-01/pos/store' || :store::text || '/1/' || :receipt::text, :amount, '{"earned":[{"rule":"base","wallet":"points","points":' || :points::text || '}]}', '\x00112233445566778899aabbccddeeff');
INSERT INTO purchase_line (bucket, seq, line, sku, category, quantity_milli, amount, discount, of_line) VALUES (:bucket, :seq, 1, 'sku' || :first::text, 'category' || :store::text, 1000, :first, 0, 0);
INSERT INTO purchase_line (bucket, seq, line, sku, category, quantity_milli, amount, discount, of_line) VALUES (:bucket, :seq, 2, 'sku' || :second::text, 'category' || :store::text, 1000, :second, 0, 0);
INSERT INTO movement (bucket, seq, line, member, wallet, debit, credit, amount, lot) VALUES (:bucket, :seq, 1, :member, 'points', 10, 1, :points, :lot);
INSERT INTO claim (bucket, kind, key, reference, member) VALUES (:claim_bucket, 'receipt', '2026-01-01/pos/store' || :store::text || '/1/' || :receipt::text, :event, :member) ON CONFLICT (bucket, kind, key) DO NOTHING;
UPDATE standing SET purchases = purchases + 1, purchase_days = purchase_days + 1, spend = spend + :amount, first_purchase_at = least(first_purchase_at, :now), last_purchase_at = :now, last_event_at = :now, qualifying = qualifying + :points, recent = '\x0011223344556677' WHERE bucket = :bucket AND member = :leader;
INSERT INTO wallet (bucket, member, code, active, pending, held, debt) VALUES (:bucket, :member, 'points', :points, 0, 0, 0) ON CONFLICT (bucket, member, code) DO UPDATE SET active = wallet.active + excluded.active;
INSERT INTO lot (bucket, member, id, wallet, source, earned_at, active_at, expires_at, amount, remaining, held, pending, expired) VALUES (:bucket, :member, :lot, 'points', :event, :now, :now, 9223372036854775807, :points, :points, 0, 0, 0);
INSERT INTO member_day (bucket, member, day, purchases, spend) VALUES (:bucket, :member, :day, 1, :amount) ON CONFLICT (bucket, member, day) DO UPDATE SET purchases = member_day.purchases + 1, spend = member_day.spend + excluded.spend;
INSERT INTO ledger_day (bucket, wallet, account, day, amount) VALUES (:bucket, 'points', 1, :day, :points) ON CONFLICT (bucket, wallet, account, day) DO UPDATE SET amount = ledger_day.amount + excluded.amount;
INSERT INTO ledger_day (bucket, wallet, account, day, amount) VALUES (:bucket, 'points', 10, :day, -(:points::bigint)) ON CONFLICT (bucket, wallet, account, day) DO UPDATE SET amount = ledger_day.amount + excluded.amount;
INSERT INTO measure_day (bucket, day, measure, store, amount) VALUES (:bucket, :day, 'purchases', 'store' || :store::text, 1) ON CONFLICT (bucket, day, measure, store) DO UPDATE SET amount = measure_day.amount + excluded.amount;
INSERT INTO measure_day (bucket, day, measure, store, amount) VALUES (:bucket, :day, 'sales', 'store' || :store::text, :amount) ON CONFLICT (bucket, day, measure, store) DO UPDATE SET amount = measure_day.amount + excluded.amount;
COMMIT;
