-- What statements of partners rest on, beside the sums of finance.

-- Co-branded rewards that were handed over and came back: the store is "partner:CODE/REWARD".
-- name: fulfilments
-- params: first bigint, last bigint
SELECT day, measure, store, CAST(SUM(amount) AS bigint)
FROM measure_day
WHERE bucket >= 0 AND day >= :first AND day <= :last AND measure IN ('partner_rewards', 'partner_reward_share')
GROUP BY day, measure, store
ORDER BY day, measure, store;

-- What happened at a partner on the days of a month, and what was recorded later for days before.
-- name: transactions
-- params: place text, first bigint, last bigint, since bigint
SELECT j.bucket, j.seq, j.kind, j.at, j.day, j.facts
FROM journal AS j
WHERE j.bucket >= 0 AND j.channel = 'partner' AND j.store = :place AND j.day <= :last
    AND (j.day >= :first OR j.recorded_at >= :since)
ORDER BY j.day, j.bucket, j.seq;
