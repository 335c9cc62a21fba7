-- Places, goods and declared kinds of events (configuration: bucket 0), and events that are kept for days only.

-- cut_minutes: the business day begins so many minutes after midnight of the store's zone.
CREATE TABLE store (
    bucket bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    zone text NOT NULL,
    cut_minutes bigint NOT NULL,
    region text NOT NULL,
    parent text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (bucket, code)
) :without_rowid;

CREATE TABLE channel (
    bucket bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (bucket, code)
) :without_rowid;

-- price in minor units of the programme's currency, -1: none; attributes is a JSON object.
CREATE TABLE item (
    bucket bigint NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    category text NOT NULL,
    price bigint NOT NULL,
    attributes text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (bucket, sku)
) :without_rowid;

-- kept_days 0: for ever; properties is a JSON array of {name, type, required, choices}.
CREATE TABLE event_kind (
    bucket bigint NOT NULL,
    name text NOT NULL,
    kept_days bigint NOT NULL,
    properties text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (bucket, name)
) :without_rowid;

-- Unsealed events that go after their days; they earn nothing.
CREATE TABLE trace (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    at bigint NOT NULL,
    id bigint NOT NULL,
    kind text NOT NULL,
    store text NOT NULL,
    channel text NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (bucket, member, at, id)
) :without_rowid;

CREATE INDEX trace_by_kind ON trace (bucket, kind, at);
