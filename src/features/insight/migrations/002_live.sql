-- What is learned of the whole base, and what follows for each person. Scores are whole numbers: millionths of
-- probabilities and purchases, minor units of money, points of the index; lifetime -1: nothing is known of amounts.

-- body as live_model.c writes it.
CREATE TABLE insight_model (
    bucket bigint NOT NULL,
    name text NOT NULL,
    learned_at bigint NOT NULL,
    chosen_at bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (bucket, name)
) :without_rowid;

CREATE TABLE member_score (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    scored_at bigint NOT NULL,
    alive bigint NOT NULL,
    expected bigint NOT NULL,
    value bigint NOT NULL,
    lifetime bigint NOT NULL,
    loyalty bigint NOT NULL,
    PRIMARY KEY (bucket, member)
) :without_rowid;
