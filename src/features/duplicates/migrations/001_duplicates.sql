-- Pairs of persons that are probably one, for people to decide. No personal value is here: evidence is made when it is read.

-- id is made of the two members; one < other; the bucket is that of one. state as in enum duplicate_state. score and rarity in
-- thousandths of a bit, probability in millionths.
CREATE TABLE duplicate_pair (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    one bigint NOT NULL,
    other bigint NOT NULL,
    state bigint NOT NULL,
    score bigint NOT NULL,
    rarity bigint NOT NULL,
    probability bigint NOT NULL,
    found_at bigint NOT NULL,
    decided_at bigint NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE INDEX duplicate_pair_by_score ON duplicate_pair (state, score, bucket, id);

-- What the last scan learned, and whether a scan runs each night; body as queue_store.c writes it.
CREATE TABLE duplicate_model (
    bucket bigint NOT NULL,
    learned_at bigint NOT NULL,
    nightly bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (bucket)
) :without_rowid;
