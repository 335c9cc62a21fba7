-- Long-term contracts: what commands write.

-- name: contract_put
INSERT INTO contract (bucket, id, version, member, code, name, contacts, counts, metric, commitment, price, shortfall,
    after_extension, extend_months, carry, automatic, months, notice_days, remind_days, reason, owner_person,
    owner_place, owner_role, agreed_at, from_day, until_day, months_over, renews, renew_months, renew_commitment,
    end_day, end_reason, ended_at, reminded_day, change_count, due_at)
SELECT r.bucket, r.id, r.version, r.member, r.code, r.name, r.contacts, r.counts, r.metric, r.commitment, r.price,
    r.shortfall, r.after_extension, r.extend_months, r.carry, r.automatic, r.months, r.notice_days, r.remind_days,
    r.reason, r.owner_person, r.owner_place, r.owner_role, r.agreed_at, r.from_day, r.until_day, r.months_over,
    r.renews, r.renew_months, r.renew_commitment, r.end_day, r.end_reason, r.ended_at, r.reminded_day, r.change_count,
    r.due_at
FROM :rows(bucket bigint, id bigint, version bigint, member bigint, code text, name text, contacts text,
    counts bigint, metric bigint, commitment bigint, price bigint, shortfall bigint, after_extension bigint,
    extend_months bigint, carry bigint, automatic bigint, months bigint, notice_days bigint, remind_days bigint,
    reason text, owner_person text, owner_place text, owner_role text, agreed_at bigint, from_day bigint,
    until_day bigint, months_over bigint, renews bigint, renew_months bigint, renew_commitment bigint, end_day bigint,
    end_reason text, ended_at bigint, reminded_day bigint, change_count bigint, due_at bigint) AS r
WHERE true
ON CONFLICT (bucket, id) DO UPDATE
SET version = excluded.version, name = excluded.name, contacts = excluded.contacts, counts = excluded.counts,
    metric = excluded.metric, commitment = excluded.commitment, price = excluded.price, shortfall = excluded.shortfall,
    after_extension = excluded.after_extension, extend_months = excluded.extend_months, carry = excluded.carry,
    automatic = excluded.automatic, months = excluded.months, notice_days = excluded.notice_days,
    remind_days = excluded.remind_days, reason = excluded.reason, owner_person = excluded.owner_person,
    owner_place = excluded.owner_place, owner_role = excluded.owner_role, until_day = excluded.until_day,
    months_over = excluded.months_over, renews = excluded.renews, renew_months = excluded.renew_months,
    renew_commitment = excluded.renew_commitment, end_day = excluded.end_day, end_reason = excluded.end_reason,
    ended_at = excluded.ended_at, reminded_day = excluded.reminded_day, change_count = excluded.change_count,
    due_at = excluded.due_at;

-- name: terms_put
INSERT INTO contract_terms (bucket, contract, from_day, member, granted, discount, factor, payment, until)
SELECT r.bucket, r.contract, r.from_day, r.member, r.granted, r.discount, r.factor, r.payment, r.until
FROM :rows(bucket bigint, contract bigint, from_day bigint, member bigint, granted bigint, discount bigint,
    factor bigint, payment text, until bigint) AS r
WHERE true
ON CONFLICT (bucket, contract, from_day) DO UPDATE
SET until = excluded.until;

-- name: period_put
INSERT INTO contract_period (bucket, contract, number, member, from_day, until_day, extended_day, commitment, carried,
    spend, purchases, nights, due, closed_at)
SELECT r.bucket, r.contract, r.number, r.member, r.from_day, r.until_day, r.extended_day, r.commitment, r.carried,
    r.spend, r.purchases, r.nights, r.due, r.closed_at
FROM :rows(bucket bigint, contract bigint, number bigint, member bigint, from_day bigint, until_day bigint,
    extended_day bigint, commitment bigint, carried bigint, spend bigint, purchases bigint, nights bigint, due bigint,
    closed_at bigint) AS r
WHERE true
ON CONFLICT (bucket, contract, number) DO UPDATE
SET until_day = excluded.until_day, extended_day = excluded.extended_day, commitment = excluded.commitment,
    carried = excluded.carried, spend = excluded.spend, purchases = excluded.purchases, nights = excluded.nights,
    due = excluded.due, closed_at = excluded.closed_at;

-- name: change_put
INSERT INTO contract_change (bucket, contract, number, member, at, what, actor, reason, period, day, amount,
    collected_at, reference)
SELECT r.bucket, r.contract, r.number, r.member, r.at, r.what, r.actor, r.reason, r.period, r.day, r.amount,
    r.collected_at, r.reference
FROM :rows(bucket bigint, contract bigint, number bigint, member bigint, at bigint, what text, actor text,
    reason text, period bigint, day bigint, amount bigint, collected_at bigint, reference text) AS r
WHERE true
ON CONFLICT (bucket, contract, number) DO UPDATE
SET collected_at = excluded.collected_at, reference = excluded.reference;

-- name: count_put
INSERT INTO contract_count (bucket, contract, event, member, buyer, day, spend, purchases, nights)
SELECT r.bucket, r.contract, r.event, r.member, r.buyer, r.day, r.spend, r.purchases, r.nights
FROM :rows(bucket bigint, contract bigint, event bigint, member bigint, buyer bigint, day bigint, spend bigint,
    purchases bigint, nights bigint) AS r
WHERE true
ON CONFLICT (bucket, contract, event) DO UPDATE
SET day = excluded.day, spend = excluded.spend, purchases = excluded.purchases, nights = excluded.nights;

-- ---- read: slot tells whose they are ----

-- name: contracts_load
SELECT r.slot, c.id, c.version, c.member, c.code, c.name, c.contacts, c.counts, c.metric, c.commitment,
    c.price, c.shortfall, c.after_extension, c.extend_months, c.carry, c.automatic, c.months, c.notice_days,
    c.remind_days, c.reason, c.owner_person, c.owner_place, c.owner_role, c.agreed_at, c.from_day, c.months_over,
    c.renews, c.renew_months, c.renew_commitment, c.end_day, c.end_reason, c.ended_at, c.reminded_day, c.change_count
FROM :rows(slot bigint, bucket bigint, contract bigint) AS r
JOIN contract AS c ON c.bucket = r.bucket AND c.id = r.contract;

-- name: terms_load
SELECT r.slot, t.granted, t.from_day, t.discount, t.factor, t.payment, t.until
FROM :rows(slot bigint, bucket bigint, contract bigint) AS r
JOIN contract_terms AS t ON t.bucket = r.bucket AND t.contract = r.contract
ORDER BY r.slot, t.from_day;

-- name: periods_load
SELECT r.slot, p.number, p.from_day, p.until_day, p.extended_day, p.commitment, p.carried, p.spend,
    p.purchases, p.nights, p.due, p.closed_at
FROM :rows(slot bigint, bucket bigint, contract bigint) AS r
JOIN contract_period AS p ON p.bucket = r.bucket AND p.contract = r.contract
ORDER BY r.slot, p.number;

-- Amounts alone, or all.
-- name: changes_load
SELECT r.slot, h.number, h.at, h.what, h.actor, h.reason, h.period, h.day, h.amount, h.collected_at,
    h.reference
FROM :rows(slot bigint, bucket bigint, contract bigint, everything bigint) AS r
JOIN contract_change AS h ON h.bucket = r.bucket AND h.contract = r.contract AND (r.everything = 1 OR h.amount <> 0)
ORDER BY r.slot, h.number;

-- name: counts_load
SELECT r.slot, n.event, n.buyer, n.day, n.spend, n.purchases, n.nights
FROM :rows(slot bigint, bucket bigint, contract bigint, event bigint) AS r
JOIN contract_count AS n ON n.bucket = r.bucket AND n.contract = r.contract AND n.event = r.event;

-- name: contacts_load
SELECT r.slot, k.member, k.organisation, k.role, k.from_on, k.until_on
FROM :rows(slot bigint, bucket bigint, member bigint, organisation bigint) AS r
JOIN organisation_contact AS k ON k.bucket = r.bucket AND k.member = r.member AND k.organisation = r.organisation;

-- ---- lists ----

-- The end that is next first. member 0: of anybody; ended 0: those that run or come, 1: those that are over, -1: all.
-- name: contract_page
-- params: member bigint, ended bigint, planned_from bigint, running_until bigint, before bigint, after_day bigint, after_bucket bigint, after_id bigint, page_size bigint
SELECT c.id
FROM contract AS c
WHERE c.bucket >= 0 AND (:member = 0 OR c.member = :member)
    AND (:ended < 0 OR (:ended = 0 AND c.ended_at = 0) OR (:ended = 1 AND c.ended_at > 0))
    AND c.from_day > :planned_from AND c.from_day <= :running_until AND c.until_day < :before
    AND (c.until_day, c.bucket, c.id) > (:after_day, :after_bucket, :after_id)
ORDER BY c.until_day, c.bucket, c.id
LIMIT :page_size;

-- What is to collect, or to pay back; what was collected has an amount, too. open 1: what nobody settled.
-- name: dues_page
-- params: open bigint, after_at bigint, after_bucket bigint, after_contract bigint, after_number bigint, page_size bigint
SELECT h.contract, h.member, c.code, h.number, h.at, h.what, h.period, h.amount, h.collected_at, h.reference
FROM contract_change AS h
JOIN contract AS c ON c.bucket = h.bucket AND c.id = h.contract
WHERE h.bucket >= 0 AND h.amount <> 0 AND h.what IN ('due', 'correction') AND (:open = 0 OR h.collected_at = 0)
    AND (h.at, h.bucket, h.contract, h.number) > (:after_at, :after_bucket, :after_contract, :after_number)
ORDER BY h.at, h.bucket, h.contract, h.number
LIMIT :page_size;

-- name: contracts_due
-- params: now bigint, page_size bigint
SELECT c.id
FROM contract AS c
WHERE c.bucket >= 0 AND c.due_at < 9223372036854775807 AND c.due_at <= :now
ORDER BY c.due_at, c.bucket, c.id
LIMIT :page_size;

-- ---- what the reaction asks ----

-- Those of which an event may count still.
-- name: contracts_open
-- params: ended_after bigint
SELECT c.id, c.member
FROM contract AS c
WHERE c.bucket >= 0 AND (c.ended_at = 0 OR c.ended_at > :ended_after)
ORDER BY c.bucket, c.id;

-- name: contract_contacts
SELECT r.slot, k.member
FROM :rows(slot bigint, organisation bigint) AS r
JOIN organisation_contact AS k ON k.bucket >= 0 AND k.organisation = r.organisation;

-- The members of the person of each.
-- name: contract_people
SELECT r.slot, m.id, COALESCE(g.member, m.id)
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN member AS m ON m.bucket = r.bucket AND m.id = r.member
LEFT JOIN member_group AS g ON g.bucket = m.leader % 64 AND g.grouping = m.leader;

-- Past events of members that a contract may count.
-- name: contract_past
SELECT r.slot, j.bucket, j.seq, j.member, j.kind, j.cause
FROM :rows(slot bigint, bucket bigint, member bigint, since bigint) AS r
JOIN journal AS j ON j.bucket = r.bucket AND j.member = r.member AND j.at >= r.since
WHERE j.kind IN ('purchase', 'claim', 'stay_departed')
ORDER BY r.slot, j.at, j.seq;

-- What a contract counts of all its events.
-- name: contract_counted
-- params: bucket bigint, contract bigint
SELECT n.event, n.buyer, j.kind, j.cause
FROM contract_count AS n
JOIN journal AS j ON j.bucket = n.event % 64 AND j.seq = n.event >> 6
WHERE n.bucket = :bucket AND n.contract = :contract
ORDER BY n.event;
