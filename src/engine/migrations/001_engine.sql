-- The tables of the engine: what every command reads and writes. Every key begins with the bucket.

CREATE TABLE head (
    bucket bigint NOT NULL,
    batch bigint NOT NULL,
    seq bigint NOT NULL,
    seal bytea NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (bucket)
) :without_rowid;

-- salt is empty once the member is erased.
CREATE TABLE member (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    leader bigint NOT NULL,
    household bigint NOT NULL,
    status bigint NOT NULL,
    registered_at bigint NOT NULL,
    salt bytea NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

-- Who belongs to a person (group = leader's id) or a household (group = its id), in the bucket of that id.
CREATE TABLE member_group (
    bucket bigint NOT NULL,
    grouping bigint NOT NULL,
    member bigint NOT NULL,
    PRIMARY KEY (bucket, grouping, member)
) :without_rowid;

CREATE TABLE household (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    pooled bigint NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE TABLE standing (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    purchases bigint NOT NULL,
    purchase_days bigint NOT NULL,
    spend bigint NOT NULL,
    returns bigint NOT NULL,
    visits bigint NOT NULL,
    first_purchase_at bigint NOT NULL,
    last_purchase_at bigint NOT NULL,
    last_visit_at bigint NOT NULL,
    last_event_at bigint NOT NULL,
    won_back_at bigint NOT NULL,
    tier_since bigint NOT NULL,
    tier_until bigint NOT NULL,
    qualifying bigint NOT NULL,
    qualifying_from bigint NOT NULL,
    tier text NOT NULL,
    tier_grace bigint NOT NULL,
    recent bytea NOT NULL,
    due_at bigint NOT NULL,
    PRIMARY KEY (bucket, member)
) :without_rowid;

CREATE INDEX standing_due ON standing (bucket, due_at) WHERE due_at < 9223372036854775807;

-- The share of one member in a person of several.
CREATE TABLE standing_own (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    purchases bigint NOT NULL,
    purchase_days bigint NOT NULL,
    spend bigint NOT NULL,
    returns bigint NOT NULL,
    visits bigint NOT NULL,
    first_purchase_at bigint NOT NULL,
    last_purchase_at bigint NOT NULL,
    last_visit_at bigint NOT NULL,
    last_event_at bigint NOT NULL,
    won_back_at bigint NOT NULL,
    tier_since bigint NOT NULL,
    tier_until bigint NOT NULL,
    qualifying bigint NOT NULL,
    qualifying_from bigint NOT NULL,
    tier text NOT NULL,
    tier_grace bigint NOT NULL,
    recent bytea NOT NULL,
    due_at bigint NOT NULL,
    PRIMARY KEY (bucket, member)
) :without_rowid;

CREATE TABLE member_day (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    day bigint NOT NULL,
    purchases bigint NOT NULL,
    spend bigint NOT NULL,
    PRIMARY KEY (bucket, member, day)
) :without_rowid;

CREATE TABLE wallet (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    code text NOT NULL,
    active bigint NOT NULL,
    pending bigint NOT NULL,
    held bigint NOT NULL,
    debt bigint NOT NULL,
    PRIMARY KEY (bucket, member, code)
) :without_rowid;

-- Lots stay when they are empty: a reversal gives back to them.
CREATE TABLE lot (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    id bigint NOT NULL,
    wallet text NOT NULL,
    source bigint NOT NULL,
    earned_at bigint NOT NULL,
    active_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    amount bigint NOT NULL,
    remaining bigint NOT NULL,
    held bigint NOT NULL,
    expired bigint NOT NULL,
    pending bigint NOT NULL,
    PRIMARY KEY (bucket, member, id)
) :without_rowid;

-- state as in enum hold_state; parts is a list of (member, lot, amount), eight bytes each, big-endian.
CREATE TABLE hold (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    id bigint NOT NULL,
    wallet text NOT NULL,
    amount bigint NOT NULL,
    captured bigint NOT NULL,
    expires_at bigint NOT NULL,
    state bigint NOT NULL,
    parts bytea NOT NULL,
    PRIMARY KEY (bucket, member, id)
) :without_rowid;

CREATE TABLE progress (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    id text NOT NULL,
    used bigint NOT NULL,
    PRIMARY KEY (bucket, member, id)
) :without_rowid;

CREATE TABLE journal (
    bucket bigint NOT NULL,
    seq bigint NOT NULL,
    member bigint NOT NULL,
    kind text NOT NULL,
    at bigint NOT NULL,
    recorded_at bigint NOT NULL,
    day bigint NOT NULL,
    cause bigint NOT NULL,
    store text NOT NULL,
    channel text NOT NULL,
    receipt text NOT NULL,
    amount bigint NOT NULL,
    facts text NOT NULL,
    seal bytea NOT NULL,
    PRIMARY KEY (bucket, seq)
) :without_rowid;

CREATE INDEX journal_by_member ON journal (bucket, member, at, seq);
CREATE INDEX journal_by_cause ON journal (bucket, cause) WHERE cause > 0;

CREATE TABLE purchase_line (
    bucket bigint NOT NULL,
    seq bigint NOT NULL,
    line bigint NOT NULL,
    sku text NOT NULL,
    category text NOT NULL,
    quantity_milli bigint NOT NULL,
    amount bigint NOT NULL,
    discount bigint NOT NULL,
    of_line bigint NOT NULL,
    PRIMARY KEY (bucket, seq, line)
) :without_rowid;

CREATE TABLE movement (
    bucket bigint NOT NULL,
    seq bigint NOT NULL,
    line bigint NOT NULL,
    member bigint NOT NULL,
    wallet text NOT NULL,
    debit bigint NOT NULL,
    credit bigint NOT NULL,
    amount bigint NOT NULL,
    lot bigint NOT NULL,
    PRIMARY KEY (bucket, seq, line)
) :without_rowid;

-- Personal text and properties of a journal row; its digest is under the row's seal, the row goes with an erasure.
CREATE TABLE detail (
    bucket bigint NOT NULL,
    seq bigint NOT NULL,
    member bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (bucket, seq)
) :without_rowid;

CREATE INDEX detail_by_member ON detail (bucket, member);

-- The sealed digest of each detail stays when the detail goes.
CREATE TABLE detail_digest (
    bucket bigint NOT NULL,
    seq bigint NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (bucket, seq)
) :without_rowid;

-- What entered an account on a day, less what left it.
CREATE TABLE ledger_day (
    bucket bigint NOT NULL,
    wallet text NOT NULL,
    account bigint NOT NULL,
    day bigint NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (bucket, wallet, account, day)
) :without_rowid;

CREATE TABLE measure_day (
    bucket bigint NOT NULL,
    day bigint NOT NULL,
    measure text NOT NULL,
    store text NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (bucket, day, measure, store)
) :without_rowid;

-- What is unique over all members. The bucket is the stable hash of (kind, key).
CREATE TABLE claim (
    bucket bigint NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    reference bigint NOT NULL,
    member bigint NOT NULL,
    PRIMARY KEY (bucket, kind, key)
) :without_rowid;

CREATE TABLE request (
    bucket bigint NOT NULL,
    scope text NOT NULL,
    key text NOT NULL,
    digest bytea NOT NULL,
    member bigint NOT NULL,
    status bigint NOT NULL,
    reply text NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (bucket, scope, key)
) :without_rowid;

CREATE INDEX request_expiry ON request (bucket, expires_at);
CREATE INDEX request_by_member ON request (bucket, member);

CREATE TABLE counter (
    bucket bigint NOT NULL,
    id text NOT NULL,
    used bigint NOT NULL,
    maximum bigint NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE TABLE cursor (
    bucket bigint NOT NULL,
    reader text NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (bucket, reader)
) :without_rowid;

CREATE TABLE audit (
    bucket bigint NOT NULL,
    at bigint NOT NULL,
    id bigint NOT NULL,
    actor text NOT NULL,
    what text NOT NULL,
    subject bigint NOT NULL,
    before text,
    after text,
    PRIMARY KEY (bucket, at, id)
) :without_rowid;

CREATE INDEX audit_by_time ON audit (at, bucket, id);
CREATE INDEX audit_by_subject ON audit (bucket, subject);

CREATE TABLE tombstone (
    bucket bigint NOT NULL,
    hash bytea NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (bucket, hash)
) :without_rowid;

-- Rises with each change of the configuration; one row, bucket 0.
CREATE TABLE epoch (
    bucket bigint NOT NULL,
    epoch bigint NOT NULL,
    PRIMARY KEY (bucket)
) :without_rowid;
