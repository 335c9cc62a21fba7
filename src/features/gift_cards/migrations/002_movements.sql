-- What rows of the journal did to gift cards; bucket and seq are those of the row, card is the id of the row that sold it.
-- debit and credit as enum account.
CREATE TABLE gift_card_movement (
    bucket bigint NOT NULL,
    seq bigint NOT NULL,
    card bigint NOT NULL,
    debit bigint NOT NULL,
    credit bigint NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (bucket, seq)
) :without_rowid;

INSERT INTO gift_card_movement (bucket, seq, card, debit, credit, amount)
SELECT bucket, seq, seq * 64 + bucket, 17, 1, amount
FROM journal
WHERE bucket >= 0 AND kind = 'gift_card_sold';

INSERT INTO gift_card_movement (bucket, seq, card, debit, credit, amount)
SELECT bucket, seq, cause, 1, 11, amount
FROM journal
WHERE bucket >= 0 AND kind = 'gift_card_charge';

INSERT INTO gift_card_movement (bucket, seq, card, debit, credit, amount)
SELECT bucket, seq, cause, 1, 15, amount
FROM journal
WHERE bucket >= 0 AND kind = 'gift_card_void' AND amount > 0;

INSERT INTO gift_card_movement (bucket, seq, card, debit, credit, amount)
SELECT r.bucket, r.seq, c.cause, 11, 1, r.amount
FROM journal AS r
JOIN journal AS c ON c.bucket = r.bucket AND c.seq = (r.cause >> 6)
WHERE r.bucket >= 0 AND r.kind = 'gift_card_refund';

CREATE UNIQUE INDEX gift_card_by_id ON gift_card (bucket, id);
CREATE INDEX gift_card_by_end ON gift_card (expires_at, bucket, key) WHERE state < 3;
