-- What happened to a card, whatever the bucket of the purchase that it paid for.
CREATE INDEX gift_card_movement_by_card ON gift_card_movement (card);
