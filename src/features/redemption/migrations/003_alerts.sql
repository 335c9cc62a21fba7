-- Unusual earning: what went through each employee and till on each day, and the alerts that people decide.

-- kind: 1 employee, 2 till ("soho/3"); bucket is that of the hash of the code. purchases of members, and points issued for them.
CREATE TABLE fraud_activity (
    bucket bigint NOT NULL,
    kind bigint NOT NULL,
    code text NOT NULL,
    store text NOT NULL,
    day bigint NOT NULL,
    purchases bigint NOT NULL,
    points bigint NOT NULL,
    PRIMARY KEY (bucket, kind, code, store, day)
) :without_rowid;

CREATE INDEX fraud_activity_by_day ON fraud_activity (day, kind, store);

-- kind: 1 employee, 2 till, 3 member; metric: 1 purchases, 2 points; state: 1 open, 2 confirmed, 3 dismissed. id is made of kind,
-- subject, store, day and metric. probability in units of 10^-9, usual in thousandths.
CREATE TABLE fraud_alert (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    kind bigint NOT NULL,
    subject text NOT NULL,
    member bigint NOT NULL,
    store text NOT NULL,
    day bigint NOT NULL,
    metric bigint NOT NULL,
    value bigint NOT NULL,
    usual bigint NOT NULL,
    probability bigint NOT NULL,
    tests bigint NOT NULL,
    history bigint NOT NULL,
    state bigint NOT NULL,
    raised_at bigint NOT NULL,
    decided_at bigint NOT NULL,
    decided_by text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE INDEX fraud_alert_by_time ON fraud_alert (day, bucket, id);

-- The last day that was searched.
CREATE TABLE fraud_search_day (
    bucket bigint NOT NULL,
    day bigint NOT NULL,
    PRIMARY KEY (bucket)
) :without_rowid;
