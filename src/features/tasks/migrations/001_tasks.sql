-- Things to do: who has each from when, what came of it, and the reasons that are declared.

-- member 0: of nobody. state and priority as enum task_state and task_priority. due_at, closed_at: the largest number stands for
-- never. noted: the last step of the ladder that the journal has.
CREATE TABLE task (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    version bigint NOT NULL,
    member bigint NOT NULL,
    store text NOT NULL,
    reason text NOT NULL,
    body text NOT NULL,
    priority bigint NOT NULL,
    state bigint NOT NULL,
    opened_at bigint NOT NULL,
    opened_by text NOT NULL,
    due_at bigint NOT NULL,
    closed_at bigint NOT NULL,
    closed_by text NOT NULL,
    outcome text NOT NULL,
    outcome_text text NOT NULL,
    reference text NOT NULL,
    media text NOT NULL,
    noted bigint NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE INDEX task_by_due ON task (state, due_at, bucket, id);
CREATE INDEX task_by_member ON task (bucket, member, due_at, id);

-- Who has it from from_at until before until_at. step: of the ladder, 0: given by somebody. A holder that came to nothing has
-- until_at = from_at.
CREATE TABLE task_holder (
    bucket bigint NOT NULL,
    task bigint NOT NULL,
    number bigint NOT NULL,
    member bigint NOT NULL,
    from_at bigint NOT NULL,
    until_at bigint NOT NULL,
    step bigint NOT NULL,
    person text NOT NULL,
    place text NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (bucket, task, number)
) :without_rowid;

CREATE INDEX task_holder_by_member ON task_holder (bucket, member);

-- The picture or document that shows that it is done.
CREATE TABLE task_proof (
    bucket bigint NOT NULL,
    task bigint NOT NULL,
    member bigint NOT NULL,
    media text NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (bucket, task)
) :without_rowid;

CREATE INDEX task_proof_by_member ON task_proof (bucket, member);

-- Configuration. outcomes: codes with commas between. ladder: steps MINUTES:LEVELS_ABOVE:ROLE with commas between.
CREATE TABLE task_reason (
    bucket bigint NOT NULL,
    code text NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    priority bigint NOT NULL,
    due_minutes bigint NOT NULL,
    role text NOT NULL,
    proof bigint NOT NULL,
    outcomes text NOT NULL,
    ladder text NOT NULL,
    PRIMARY KEY (bucket, code)
) :without_rowid;

INSERT INTO task_reason (bucket, code, version, name, priority, due_minutes, role, proof, outcomes, ladder)
VALUES (0, 'birthday_gift', 1, 'Birthday gift', 1, 1440, '', 0, 'given,declined,not_reached', '1440:1:'),
    (0, 'call_back', 1, 'Call back', 2, 240, '', 0, 'reached,not_reached,wrong_number', '240:1:,1440:2:'),
    (0, 'wrong_advertisement', 1, 'Wrong advertisement', 2, 1440, '', 1, 'removed,corrected', '1440:1:'),
    (0, 'approval', 1, 'Approval', 2, 1440, 'finance', 0, 'approved,refused,expired', '1440:0:administrator'),
    (0, 'custom', 1, 'Other', 1, 0, '', 0, '', '');
