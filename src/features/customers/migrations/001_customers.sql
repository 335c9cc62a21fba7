-- Who the members are, what is known of them, and what they agreed to. Points and standing are the engine's.

CREATE TABLE profile (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    family_name text NOT NULL,
    given_name text NOT NULL,
    display_name text NOT NULL,
    gender text NOT NULL,
    birthday text NOT NULL,
    birthday_calendar text NOT NULL,
    language text NOT NULL,
    time_zone text NOT NULL,
    country text NOT NULL,
    region text NOT NULL,
    city text NOT NULL,
    address text NOT NULL,
    postal_code text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (bucket, member)
) :without_rowid;

CREATE TABLE identifier (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    added_at bigint NOT NULL,
    PRIMARY KEY (bucket, member, kind, value)
) :without_rowid;

-- The keys by which a member is searched: names, pinyin, initials, last four digits.
CREATE TABLE member_search (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    key text NOT NULL,
    PRIMARY KEY (bucket, member, key)
) :without_rowid;

CREATE INDEX member_search_by_key ON member_search (key, bucket, member);

CREATE TABLE member_field (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    field text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (bucket, member, field)
) :without_rowid;

CREATE TABLE tag (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    tag text NOT NULL,
    added_at bigint NOT NULL,
    PRIMARY KEY (bucket, member, tag)
) :without_rowid;

CREATE INDEX tag_by_tag ON tag (tag, bucket, member);

CREATE TABLE note (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    id bigint NOT NULL,
    at bigint NOT NULL,
    author text NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (bucket, member, id)
) :without_rowid;

-- liking is likes or dislikes; known is told, observed or inferred.
CREATE TABLE preference (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    id bigint NOT NULL,
    topic text NOT NULL,
    value text NOT NULL,
    liking text NOT NULL,
    known text NOT NULL,
    confirmed_at bigint NOT NULL,
    author text NOT NULL,
    PRIMARY KEY (bucket, member, id)
) :without_rowid;

-- What the member agreed to, now; state is granted or withdrawn; channel and purpose '*' cover what has no row.
CREATE TABLE consent (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    channel text NOT NULL,
    purpose text NOT NULL,
    state text NOT NULL,
    at bigint NOT NULL,
    source text NOT NULL,
    wording text NOT NULL,
    author text NOT NULL,
    PRIMARY KEY (bucket, member, channel, purpose)
) :without_rowid;

CREATE TABLE consent_history (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    id bigint NOT NULL,
    channel text NOT NULL,
    purpose text NOT NULL,
    state text NOT NULL,
    at bigint NOT NULL,
    source text NOT NULL,
    wording text NOT NULL,
    author text NOT NULL,
    PRIMARY KEY (bucket, member, id, channel, purpose)
) :without_rowid;

-- Which merge (its journal id) moved a member from one leader to another; undone in reverse.
CREATE TABLE merge_link (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    id bigint NOT NULL,
    leader_before bigint NOT NULL,
    leader_after bigint NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (bucket, member, id)
) :without_rowid;

-- Configuration: the fields that a business adds to its members. choices are a JSON list of text.
CREATE TABLE custom_field (
    code text NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    choices text NOT NULL,
    required bigint NOT NULL,
    personal bigint NOT NULL,
    PRIMARY KEY (code)
) :without_rowid;
