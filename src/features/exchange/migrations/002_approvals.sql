-- Exports of many rows that wait for a second person, by the id of their job; state is waiting, approved or refused.

CREATE TABLE export_approval (
    job bigint NOT NULL,
    actor text NOT NULL,
    subject text NOT NULL,
    amount bigint NOT NULL,
    state text NOT NULL,
    decided_by text NOT NULL,
    asked_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    decided_at bigint NOT NULL,
    PRIMARY KEY (job)
);

CREATE INDEX export_approval_by_time ON export_approval (asked_at, job);
