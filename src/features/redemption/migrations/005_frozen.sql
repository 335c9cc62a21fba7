-- Frozen lots keep until when they wait by themselves: a range of instants instead of one.
CREATE INDEX lot_frozen_until ON lot (bucket, member)
    WHERE active_at >= 253370764800000000 AND active_at < 9223372036854775806;
