-- A bucket of the journal in its order.

-- Who had an event from `since` on and before `until`, and what came back or was claimed then.
-- name: scan
-- params: bucket bigint, since bigint, until bigint
SELECT j.bucket, j.seq, j.member, j.kind, j.cause, j.at, j.recorded_at
FROM journal AS j
WHERE j.bucket = :bucket
    AND (j.kind = 'claim' OR j.at >= :since AND j.at < :until AND j.kind IN ('purchase', 'return', 'void',
        'partner_purchase', 'partner_claim', 'partner_return', 'partner_redemption'));

-- Who else had an event of a kind then.
-- name: scan_kind
-- params: bucket bigint, since bigint, until bigint, kind text
SELECT j.bucket, j.seq, j.member, j.kind, j.cause, j.at, j.recorded_at
FROM journal AS j
WHERE j.bucket = :bucket AND j.at >= :since AND j.at < :until AND j.kind = :kind;

-- With `others` 1 all kinds.
-- name: rows_after
-- params: bucket bigint, seq bigint, last_at bigint, others bigint, count bigint
SELECT j.bucket, j.seq, j.member, j.kind, j.at, j.recorded_at, j.day, j.cause, j.store, j.channel, j.receipt, j.amount,
    j.facts
FROM journal AS j
WHERE j.bucket = :bucket AND j.seq > :seq AND j.recorded_at <= :last_at
    AND (:others = 1
        OR j.kind IN ('registration', 'purchase', 'claim', 'return', 'void', 'visit', 'merge', 'unmerge', 'tier_given',
            'benefit_given', 'right_ended', 'membership_bought', 'membership_renewed', 'membership_cancelled',
            'membership_refunded', 'contract_agreed', 'contract_terms', 'contract_renewal', 'contract_renewed',
            'contract_extended', 'contract_amended', 'contract_notice', 'contract_ended',
            'partner_purchase', 'partner_claim', 'partner_return', 'partner_redemption', 'occasion_registration', 'occasion_referral', 'occasion_birthday', 'occasion_anniversary'))
ORDER BY j.seq
LIMIT :count;

-- name: lines_between
-- params: bucket bigint, after bigint, last bigint
SELECT l.seq, l.line, l.sku, l.category, l.quantity_milli, l.amount, l.discount, l.of_line
FROM purchase_line AS l
WHERE l.bucket = :bucket AND l.seq > :after AND l.seq <= :last
ORDER BY l.seq, l.line;

-- name: details_between
-- params: bucket bigint, after bigint, last bigint
SELECT d.seq, d.body
FROM detail AS d
WHERE d.bucket = :bucket AND d.seq > :after AND d.seq <= :last
ORDER BY d.seq;

-- name: kinds_of
SELECT r.slot, j.kind
FROM :rows(slot bigint, bucket bigint, seq bigint) AS r
JOIN journal AS j ON j.bucket = r.bucket AND j.seq = r.seq;
