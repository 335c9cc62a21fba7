-- Published versions of the programme, and the rates of foreign currencies (configuration: bucket 0).

CREATE TABLE programme_version (
    bucket bigint NOT NULL,
    version bigint NOT NULL,
    published_at bigint NOT NULL,
    effective_at bigint NOT NULL,
    author text NOT NULL,
    note text NOT NULL,
    source text NOT NULL,
    PRIMARY KEY (bucket, version)
) :without_rowid;

-- On the day, one minor unit of the currency is numerator / denominator minor units of the programme's.
CREATE TABLE currency_rate (
    bucket bigint NOT NULL,
    currency text NOT NULL,
    day bigint NOT NULL,
    rate bigint NOT NULL,
    numerator bigint NOT NULL,
    denominator bigint NOT NULL,
    PRIMARY KEY (bucket, currency, day)
) :without_rowid;
