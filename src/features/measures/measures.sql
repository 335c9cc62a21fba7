-- The rules of figures.

-- name: lifecycle_get
SELECT version, active_days, own_interval_days, at_risk_tenths, lapsed_tenths, lost_tenths, won_back_days, new_purchases,
    growth_days, repeat_purchases
FROM lifecycle
WHERE bucket = 0;

-- name: lifecycle_put
-- params: version bigint, changed_at bigint, active_days bigint, own_interval_days bigint, at_risk_tenths bigint, lapsed_tenths bigint, lost_tenths bigint, won_back_days bigint, new_purchases bigint, growth_days bigint, repeat_purchases bigint
INSERT INTO lifecycle (bucket, version, changed_at, active_days, own_interval_days, at_risk_tenths, lapsed_tenths,
    lost_tenths, won_back_days, new_purchases, growth_days, repeat_purchases)
VALUES (0, :version, :changed_at, :active_days, :own_interval_days, :at_risk_tenths, :lapsed_tenths, :lost_tenths,
    :won_back_days, :new_purchases, :growth_days, :repeat_purchases)
ON CONFLICT (bucket) DO UPDATE
SET version = excluded.version, changed_at = excluded.changed_at, active_days = excluded.active_days,
    own_interval_days = excluded.own_interval_days, at_risk_tenths = excluded.at_risk_tenths,
    lapsed_tenths = excluded.lapsed_tenths, lost_tenths = excluded.lost_tenths, won_back_days = excluded.won_back_days,
    new_purchases = excluded.new_purchases, growth_days = excluded.growth_days,
    repeat_purchases = excluded.repeat_purchases;

-- name: epoch_bump
-- params: epoch bigint
INSERT INTO epoch (bucket, epoch)
VALUES (0, :epoch)
ON CONFLICT (bucket) DO UPDATE
SET epoch = epoch.epoch + 1;
