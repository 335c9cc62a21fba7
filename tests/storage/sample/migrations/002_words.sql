CREATE TABLE word (
    key text NOT NULL PRIMARY KEY
) :without_rowid;

-- dialect: sqlite
CREATE INDEX word_engine ON word (key);
-- dialect: postgres
CREATE INDEX word_engine ON word (key text_pattern_ops);
