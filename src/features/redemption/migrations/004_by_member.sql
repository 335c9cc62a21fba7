-- What is known of one member, for the export of everything about a person and for erasure.

CREATE INDEX fraud_case_by_member ON fraud_case (bucket, member);
CREATE INDEX fraud_alert_by_member ON fraud_alert (bucket, member);
