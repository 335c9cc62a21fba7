-- Orders, reservations and stays as they are now; what happened to them is in the journal. kind, state and done as in bookings.h;
-- days are numbers since 1970, the smallest 32-bit number stands for none. Names and notes lie in detail, under the journal.
CREATE TABLE booking (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    kind bigint NOT NULL,
    state bigint NOT NULL,
    done bigint NOT NULL,
    version bigint NOT NULL,
    member bigint NOT NULL,
    payer bigint NOT NULL,
    store text NOT NULL,
    origin text NOT NULL,
    channel text NOT NULL,
    number text NOT NULL,
    place text NOT NULL,
    rate text NOT NULL,
    from_day bigint NOT NULL,
    until_day bigint NOT NULL,
    party bigint NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL,
    purchase bigint NOT NULL,
    at bigint NOT NULL,
    paid_at bigint NOT NULL,
    ready_at bigint NOT NULL,
    arrived_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    detail bigint NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE INDEX booking_by_day ON booking (kind, from_day, id);
CREATE INDEX booking_by_store ON booking (kind, store, from_day, id);
CREATE INDEX booking_by_member ON booking (bucket, member, id);

-- Configuration: how orders and stays are credited, and the rate codes of stays.
CREATE TABLE booking_policy (
    bucket bigint NOT NULL,
    kind text NOT NULL,
    version bigint NOT NULL,
    credit bigint NOT NULL,
    activation bigint NOT NULL,
    return_days bigint NOT NULL,
    PRIMARY KEY (bucket, kind)
) :without_rowid;

CREATE TABLE rate_code (
    bucket bigint NOT NULL,
    code text NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    earns bigint NOT NULL,
    credit bigint NOT NULL,
    PRIMARY KEY (bucket, code)
) :without_rowid;
