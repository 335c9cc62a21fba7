-- In which segments a person is, under its leader: written by features/segments, read wherever a condition names one.
CREATE TABLE segment_member (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    segment text NOT NULL,
    since bigint NOT NULL,
    PRIMARY KEY (bucket, member, segment)
) :without_rowid;

CREATE INDEX segment_member_by_segment ON segment_member (segment, bucket, member);
