-- Why members left, as recorded (cause: enum churn_cause; the words are in the detail of the journal row `id`), and the
-- risk of the base and of parts of it by week (bucket 0; risk in millionths).
CREATE TABLE churn_reason (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    id bigint NOT NULL,
    at bigint NOT NULL,
    cause bigint NOT NULL,
    PRIMARY KEY (bucket, member, id)
) :without_rowid;

CREATE TABLE churn_risk (
    bucket bigint NOT NULL,
    series bigint NOT NULL,
    day bigint NOT NULL,
    members bigint NOT NULL,
    risk bigint NOT NULL,
    PRIMARY KEY (bucket, series, day)
) :without_rowid;
