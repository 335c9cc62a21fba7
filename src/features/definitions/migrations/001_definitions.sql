-- The parts of the programme that are published one by one (configuration: bucket 0). Every version is kept for ever.

-- One row a definition with its draft. revision: raised by every change. versions: the number of the last one. draft_state as enum
-- draft_state; 0: no draft, and the texts of the draft are empty. withdrawn: whether the last thing that became of it was that.
CREATE TABLE definition (
    bucket bigint NOT NULL,
    kind text NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    revision bigint NOT NULL,
    versions bigint NOT NULL,
    withdrawn bigint NOT NULL,
    draft_state bigint NOT NULL,
    draft_name text NOT NULL,
    document text NOT NULL,
    author text NOT NULL,
    note text NOT NULL,
    saved_at bigint NOT NULL,
    reviewer text NOT NULL,
    review_note text NOT NULL,
    reviewed_at bigint NOT NULL,
    PRIMARY KEY (bucket, kind, code)
) :without_rowid;

-- In force from from_at until before until_at; until_at = from_at: never. ends_at: planned, or of the withdrawal.
CREATE TABLE definition_version (
    bucket bigint NOT NULL,
    kind text NOT NULL,
    code text NOT NULL,
    version bigint NOT NULL,
    from_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    until_at bigint NOT NULL,
    published_at bigint NOT NULL,
    publisher text NOT NULL,
    author text NOT NULL,
    reviewer text NOT NULL,
    note text NOT NULL,
    withdrawn_at bigint NOT NULL,
    withdrawn_by text NOT NULL,
    withdrawal_note text NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (bucket, kind, code, version)
) :without_rowid;

CREATE INDEX definition_version_by_end ON definition_version (bucket, kind, until_at);

-- Raised first by every change, so that changes wait for each other.
CREATE TABLE definition_turn (
    bucket bigint NOT NULL,
    turn bigint NOT NULL,
    PRIMARY KEY (bucket)
) :without_rowid;

INSERT INTO definition_turn (bucket, turn)
VALUES (0, 0);
