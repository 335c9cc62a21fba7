-- Benefits that were due with purchases and not given. kind and state as in missed.h; lines: shares of the lines; given_*: what
-- made it good; limits: which of the offer's limits count it; limit_day: of the limit of a day, or the period of a benefit.
CREATE TABLE missed_benefit (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    member bigint NOT NULL,
    purchase bigint NOT NULL,
    kind bigint NOT NULL,
    state bigint NOT NULL,
    code text NOT NULL,
    version bigint NOT NULL,
    why text NOT NULL,
    store text NOT NULL,
    channel text NOT NULL,
    day bigint NOT NULL,
    at bigint NOT NULL,
    found_at bigint NOT NULL,
    value bigint NOT NULL,
    value_left bigint NOT NULL,
    lines text NOT NULL,
    limits bigint NOT NULL,
    limit_day bigint NOT NULL,
    given_kind bigint NOT NULL,
    wallet text NOT NULL,
    points bigint NOT NULL,
    series text NOT NULL,
    code_key text NOT NULL,
    cost bigint NOT NULL,
    given_by bigint NOT NULL,
    taken bigint NOT NULL,
    task bigint NOT NULL,
    decided_at bigint NOT NULL,
    decided_by text NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE INDEX missed_benefit_by_purchase ON missed_benefit (bucket, purchase);
CREATE INDEX missed_benefit_by_member ON missed_benefit (bucket, member, id);
CREATE INDEX missed_benefit_by_day ON missed_benefit (bucket, day, id);
