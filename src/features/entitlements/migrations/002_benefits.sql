-- Uses of counted benefits. id: of the journal row. via: the membership by which it was held; 0: by something else. reversed: the
-- row that took it back; 0: none. value: minor units.
CREATE TABLE benefit_use (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    member bigint NOT NULL,
    code text NOT NULL,
    store text NOT NULL,
    units bigint NOT NULL,
    at bigint NOT NULL,
    value bigint NOT NULL,
    via bigint NOT NULL,
    reversed bigint NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE INDEX benefit_use_by_member ON benefit_use (bucket, member, code, at);

-- Paid memberships. id: of the journal row of the purchase. Times in microseconds, 0: not; amounts in minor units.
CREATE TABLE membership (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    member bigint NOT NULL,
    code text NOT NULL,
    bought_at bigint NOT NULL,
    term_from bigint NOT NULL,
    paid_until bigint NOT NULL,
    grace_until bigint NOT NULL,
    fee bigint NOT NULL,
    earlier_from bigint NOT NULL,
    earlier_fee bigint NOT NULL,
    terms bigint NOT NULL,
    paid bigint NOT NULL,
    refunded bigint NOT NULL,
    cancelled_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    reference text NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE INDEX membership_by_member ON membership (bucket, member, bought_at);

-- What a membership saved. id: the journal row by which; line: several of one row.
CREATE TABLE membership_saving (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    line bigint NOT NULL,
    member bigint NOT NULL,
    membership bigint NOT NULL,
    amount bigint NOT NULL,
    at bigint NOT NULL,
    what text NOT NULL,
    PRIMARY KEY (bucket, id, line)
) :without_rowid;

CREATE INDEX membership_saving_by_member ON membership_saving (bucket, member, at);
