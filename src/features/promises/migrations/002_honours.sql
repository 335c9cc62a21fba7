-- Advertisements without a trace that were honoured. state and give as in honour.h and good.h; given_*: what was given.
CREATE TABLE honour (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    member bigint NOT NULL,
    purchase bigint NOT NULL,
    state bigint NOT NULL,
    channel text NOT NULL,
    advertised text NOT NULL,
    seen_at bigint NOT NULL,
    store text NOT NULL,
    reason text NOT NULL,
    employee text NOT NULL,
    asked_by text NOT NULL,
    at bigint NOT NULL,
    day bigint NOT NULL,
    value bigint NOT NULL,
    asked_wallet text NOT NULL,
    asked_points bigint NOT NULL,
    give bigint NOT NULL,
    given_kind bigint NOT NULL,
    wallet text NOT NULL,
    points bigint NOT NULL,
    series text NOT NULL,
    code_key text NOT NULL,
    cost bigint NOT NULL,
    given_by bigint NOT NULL,
    task bigint NOT NULL,
    approval bigint NOT NULL,
    decided_at bigint NOT NULL,
    decided_by text NOT NULL,
    outcome text NOT NULL,
    outcome_text text NOT NULL,
    told_at bigint NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE INDEX honour_by_member ON honour (bucket, member, id);
CREATE INDEX honour_by_task ON honour (bucket, task);
CREATE INDEX honour_by_day ON honour (bucket, day, id);
