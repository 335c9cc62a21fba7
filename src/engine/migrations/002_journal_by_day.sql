-- The ledger of one day is read without the days before and after it.

CREATE INDEX journal_by_day ON journal (bucket, day, seq);
