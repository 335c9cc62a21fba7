-- What was counted for challenges, what was given for them, who enrolled, and badges. Rows of a member lie in its bucket and never
-- move: a person's progress is folded from the rows of its members.

-- value: of what is counted by different values; the number of a period in a row. units: goods in thousandths, minor units, or 1.
CREATE TABLE challenge_count (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    challenge text NOT NULL,
    event bigint NOT NULL,
    step text NOT NULL,
    value text NOT NULL,
    at bigint NOT NULL,
    units bigint NOT NULL,
    PRIMARY KEY (bucket, member, challenge, event, step, value)
) :without_rowid;

-- id: of the journal row. used_at: an item was handed over; taken_at: it was taken back; 0: not.
CREATE TABLE challenge_reward (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    id bigint NOT NULL,
    challenge text NOT NULL,
    number bigint NOT NULL,
    event bigint NOT NULL,
    given_at bigint NOT NULL,
    wallet text NOT NULL,
    points bigint NOT NULL,
    badge text NOT NULL,
    item text NOT NULL,
    used_at bigint NOT NULL,
    taken_at bigint NOT NULL,
    PRIMARY KEY (bucket, member, id)
) :without_rowid;

-- left_at: 0 while enrolled.
CREATE TABLE challenge_enrolment (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    challenge text NOT NULL,
    enrolled_at bigint NOT NULL,
    left_at bigint NOT NULL,
    PRIMARY KEY (bucket, member, challenge)
) :without_rowid;

-- id: of the journal row. source: the reward it came with, 0: by hand. revoked_at: 0 while it is held.
CREATE TABLE member_badge (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    id bigint NOT NULL,
    badge text NOT NULL,
    awarded_at bigint NOT NULL,
    source bigint NOT NULL,
    revoked_at bigint NOT NULL,
    PRIMARY KEY (bucket, member, id)
) :without_rowid;
