-- What statements of partners rest on, beside the sums of finance.

-- Co-branded rewards that were handed over and came back: the store is "partner:CODE/REWARD".
-- name: fulfilments
-- params: first bigint, last bigint
SELECT day, measure, store, CAST(SUM(amount) AS bigint)
FROM measure_day
WHERE bucket >= 0 AND day >= :first AND day <= :last AND measure IN ('partner_rewards', 'partner_reward_share')
GROUP BY day, measure, store
ORDER BY day, measure, store;
