-- What happened at a partner, for the list behind its statement: rows of the journal that came through its tills.
CREATE INDEX journal_of_partner ON journal (store, day, bucket, seq) WHERE channel = 'partner';
