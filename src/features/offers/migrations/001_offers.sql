-- Quotes as they are now; state as in quote.h. The document says what was quoted: codes, numbers, no words of people.
CREATE TABLE quote (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    member bigint NOT NULL,
    state bigint NOT NULL,
    at bigint NOT NULL,
    due_at bigint NOT NULL,
    reserved bigint NOT NULL,
    settled_by bigint NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE INDEX quote_by_member ON quote (bucket, member, id);
CREATE INDEX quote_by_due ON quote (state, due_at, id);
