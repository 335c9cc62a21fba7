-- Long-term contracts, all in the bucket of who committed itself. Days as numbers; the smallest 32-bit number: none. Numbers of
-- metric, shortfall and counts as in features/contracts/contract.h. due_at: when something is to be done; the largest number: never.
CREATE TABLE contract (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    version bigint NOT NULL,
    member bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    contacts text NOT NULL,
    counts bigint NOT NULL,
    metric bigint NOT NULL,
    commitment bigint NOT NULL,
    price bigint NOT NULL,
    shortfall bigint NOT NULL,
    after_extension bigint NOT NULL,
    extend_months bigint NOT NULL,
    carry bigint NOT NULL,
    automatic bigint NOT NULL,
    months bigint NOT NULL,
    notice_days bigint NOT NULL,
    remind_days bigint NOT NULL,
    reason text NOT NULL,
    owner_person text NOT NULL,
    owner_place text NOT NULL,
    owner_role text NOT NULL,
    agreed_at bigint NOT NULL,
    from_day bigint NOT NULL,
    until_day bigint NOT NULL,
    months_over bigint NOT NULL,
    renews bigint NOT NULL,
    renew_months bigint NOT NULL,
    renew_commitment bigint NOT NULL,
    end_day bigint NOT NULL,
    end_reason text NOT NULL,
    ended_at bigint NOT NULL,
    reminded_day bigint NOT NULL,
    change_count bigint NOT NULL,
    due_at bigint NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE INDEX contract_by_member ON contract (bucket, member);
CREATE INDEX contract_by_end ON contract (until_day, bucket, id);
CREATE INDEX contract_due ON contract (due_at, bucket, id) WHERE due_at < 9223372036854775807;

-- A version of the terms from a day on. granted: the id of the right, and of the row of the journal; until: of the right.
CREATE TABLE contract_terms (
    bucket bigint NOT NULL,
    contract bigint NOT NULL,
    from_day bigint NOT NULL,
    member bigint NOT NULL,
    granted bigint NOT NULL,
    discount bigint NOT NULL,
    factor bigint NOT NULL,
    payment text NOT NULL,
    until bigint NOT NULL,
    PRIMARY KEY (bucket, contract, from_day)
) :without_rowid;

CREATE TABLE contract_period (
    bucket bigint NOT NULL,
    contract bigint NOT NULL,
    number bigint NOT NULL,
    member bigint NOT NULL,
    from_day bigint NOT NULL,
    until_day bigint NOT NULL,
    extended_day bigint NOT NULL,
    commitment bigint NOT NULL,
    carried bigint NOT NULL,
    spend bigint NOT NULL,
    purchases bigint NOT NULL,
    nights bigint NOT NULL,
    due bigint NOT NULL,
    closed_at bigint NOT NULL,
    PRIMARY KEY (bucket, contract, number)
) :without_rowid;

-- Its history. amount: minor units to collect, below 0 to pay back.
CREATE TABLE contract_change (
    bucket bigint NOT NULL,
    contract bigint NOT NULL,
    number bigint NOT NULL,
    member bigint NOT NULL,
    at bigint NOT NULL,
    what text NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    period bigint NOT NULL,
    day bigint NOT NULL,
    amount bigint NOT NULL,
    collected_at bigint NOT NULL,
    reference text NOT NULL,
    PRIMARY KEY (bucket, contract, number)
) :without_rowid;

-- What an event counts: of a purchase what has not come back.
CREATE TABLE contract_count (
    bucket bigint NOT NULL,
    contract bigint NOT NULL,
    event bigint NOT NULL,
    member bigint NOT NULL,
    buyer bigint NOT NULL,
    day bigint NOT NULL,
    spend bigint NOT NULL,
    purchases bigint NOT NULL,
    nights bigint NOT NULL,
    PRIMARY KEY (bucket, contract, event)
) :without_rowid;
