-- Gift cards, in the bucket of the counter that counts what was spent. state as enum gift_state. Instants 0: not.
CREATE TABLE gift_card (
    bucket bigint NOT NULL,
    key text NOT NULL,
    id bigint NOT NULL,
    version bigint NOT NULL,
    state bigint NOT NULL,
    minor bigint NOT NULL,
    expires_at bigint NOT NULL,
    store text NOT NULL,
    paid_by text NOT NULL,
    pin_hash text NOT NULL,
    sold_at bigint NOT NULL,
    activated_at bigint NOT NULL,
    voided_at bigint NOT NULL,
    tries bigint NOT NULL,
    locked_until bigint NOT NULL,
    PRIMARY KEY (bucket, key)
) :without_rowid;
