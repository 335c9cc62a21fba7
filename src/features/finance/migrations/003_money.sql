-- What is owed for contracts, and paid by partners, is in the figures from now on: where no month is closed yet all is read again.
DELETE FROM finance_epoch
WHERE bucket = 0 AND NOT EXISTS (SELECT 1 FROM finance_close WHERE bucket = 0);
