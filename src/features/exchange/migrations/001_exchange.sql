-- How the files of a system are read, under a name (configuration: bucket 0). document is JSON.
CREATE TABLE import_mapping (
    bucket bigint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    document text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (bucket, name)
) :without_rowid;
