-- What the journal comes to in months, legal entities and points accounts. Sums over all members: they lie in bucket 0, because
-- they are written together with the positions of the reader that made them, and hold nothing of a single member.

-- version rises whenever the tree of entities or the closed months change; whoever writes sums holds this row.
CREATE TABLE finance_state (
    bucket bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (bucket)
) :without_rowid;

INSERT INTO finance_state (bucket, version)
VALUES (0, 1);

-- Which entity each place belongs to, for the rows of the journal after `cut` (a number for each bucket). tree as tree.c writes it.
CREATE TABLE finance_epoch (
    bucket bigint NOT NULL,
    number bigint NOT NULL,
    cut text NOT NULL,
    tree text NOT NULL,
    PRIMARY KEY (bucket, number)
) :without_rowid;

-- month is year * 12 + month - 1. seals are the heads of the journal at the cut.
CREATE TABLE finance_close (
    bucket bigint NOT NULL,
    month bigint NOT NULL,
    closed_at bigint NOT NULL,
    actor text NOT NULL,
    cut text NOT NULL,
    seals text NOT NULL,
    rates text NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (bucket, month)
) :without_rowid;

-- kind as in enum finance_kind, entry as in enum finance_entry; see fold.h.
CREATE TABLE finance_sum (
    bucket bigint NOT NULL,
    kind bigint NOT NULL,
    month bigint NOT NULL,
    wallet text NOT NULL,
    entity text NOT NULL,
    counterparty text NOT NULL,
    other_month bigint NOT NULL,
    entry bigint NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (bucket, kind, month, wallet, entity, counterparty, other_month, entry)
) :without_rowid;

-- Numbers of the accounts and rates between entities, one document.
CREATE TABLE finance_settings (
    bucket bigint NOT NULL,
    version bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (bucket)
) :without_rowid;
