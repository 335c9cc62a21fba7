-- Amounts by their time.
CREATE INDEX contract_change_by_time ON contract_change (at, bucket, contract, number) WHERE amount <> 0;
