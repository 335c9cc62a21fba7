-- Fraud cases: opened and closed by people. An open one freezes its member, one account of the member, or its employee.

-- bucket is that of the member, 0 for an employee. state: 1 open, 2 released, 3 confirmed.
CREATE TABLE fraud_case (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    member bigint NOT NULL,
    wallet text NOT NULL,
    employee text NOT NULL,
    store text NOT NULL,
    state bigint NOT NULL,
    reason text NOT NULL,
    opened_at bigint NOT NULL,
    opened_by text NOT NULL,
    outcome text NOT NULL,
    closed_at bigint NOT NULL,
    closed_by text NOT NULL,
    alert bigint NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE INDEX fraud_case_open ON fraud_case (bucket, id) WHERE state = 1;
CREATE INDEX fraud_case_by_time ON fraud_case (opened_at, bucket, id);

-- Points that a freeze holds back, from freeze.h: few.
CREATE INDEX lot_frozen ON lot (bucket, member) WHERE active_at = 253370764800000000;
