-- The rules of figures in force (bucket 0), where they are not the usual ones; intervals in tenths.
CREATE TABLE lifecycle (
    bucket bigint NOT NULL,
    version bigint NOT NULL,
    changed_at bigint NOT NULL,
    active_days bigint NOT NULL,
    own_interval_days bigint NOT NULL,
    at_risk_tenths bigint NOT NULL,
    lapsed_tenths bigint NOT NULL,
    lost_tenths bigint NOT NULL,
    won_back_days bigint NOT NULL,
    new_purchases bigint NOT NULL,
    growth_days bigint NOT NULL,
    repeat_purchases bigint NOT NULL,
    PRIMARY KEY (bucket)
) :without_rowid;
