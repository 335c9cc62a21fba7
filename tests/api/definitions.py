"""The kinds of definitions: what test_definitions.py publishes of each, and test_rights.py knows of their routes.

A kind that is added needs a line: its plural in the path, its name in the operations, a valid document, and the same with a change.
The documents go with the built-in default programme (currency USD, account "points"), and nothing else.
"""

KINDS = [
    ("rewards", "reward", {"name": "Mug", "price": {"points": 100}}, {"name": "Mug", "price": {"points": 120}}),
    ("member-events", "member_event",
     {"name": "Tasting", "starts": "2090-05-01T18:00:00Z", "ends": "2090-05-01T21:00:00Z", "seats": 20},
     {"name": "Tasting", "starts": "2090-05-02T18:00:00Z", "ends": "2090-05-02T21:00:00Z", "seats": 20}),
    ("coupon-series", "series_of_coupon", {"name": "Welcome", "codes": {"kind": "unique", "prefix": "WALK"}},
     {"name": "Welcome", "codes": {"kind": "unique", "prefix": "WALK"}, "uses_per_member": 1}),
    ("segments", "segment", {"name": "Regulars", "when": "member.purchases >= 3"},
     {"name": "Regulars", "when": "member.purchases >= 4", "about": "Came back more than twice."}),
    ("challenges", "challenge",
     {"name": "Ten coffees", "steps": [{"code": "cups", "count": "quantity", "target": 10}], "reward": {"points": 50}},
     {"name": "Ten coffees", "repeat": 3, "steps": [{"code": "cups", "count": "quantity", "target": 10}],
      "reward": {"points": 60}}),
    ("referral-programmes", "referral_programme", {"name": "Bring a friend", "referrer": {"points": 200}},
     {"name": "Bring a friend", "referrer": {"points": 200}, "friend": {"points": 100}}),
    ("badges", "badge", {"name": "Explorer"}, {"name": "Explorer", "about": "Who came to three stores"}),
    ("offers", "offer", {"name": "A tenth off", "discount": {"kind": "percentage", "percent": 10}},
     {"name": "A fifth off", "discount": {"kind": "percentage", "percent": 20}}),
    ("benefits", "benefit", {"name": "Lounge", "effect": {"kind": "lounge"}, "for": {"everyone": True}},
     {"name": "Lounge", "effect": {"kind": "lounge"}, "for": {"when": "member.purchases > 3"}}),
    ("memberships", "membership", {"name": "Plus", "fee": "99.00", "term": {"months": 12}, "refund": "pro_rata"},
     {"name": "Plus", "fee": "109.00", "term": {"months": 12}, "refund": "pro_rata"}),
    ("partners", "partner", {"name": "Acme Air", "settlement": {"issued": "0.012", "redeemed": "0.01"}},
     {"name": "Acme Air", "settlement": {"issued": "0.015", "redeemed": "0.01"}, "suspended": True}),
    ("earning-rules", "earning_rule",
     {"name": "Fifty for a hundred", "wallet": "points", "when": "purchase.total >= 100.0",
      "effect": {"kind": "fixed", "points": 50}},
     {"name": "Sixty for a hundred", "wallet": "points", "when": "purchase.total >= 100.0",
      "effect": {"kind": "fixed", "points": 60}}),
    # ("offers", "offer", {"name": "Ten off", ...}, {"name": "Ten off", "percent": 20, ...}),
]

PLURALS = [plural for plural, _, _, _ in KINDS]
DOCUMENTS = {plural: (document, changed) for plural, _, document, changed in KINDS}

READS = ["list_{0}s", "get_{0}", "list_{0}_versions", "get_{0}_version", "compare_{0}"]
CHANGES = ["put_{0}", "drop_{0}", "submit_{0}", "review_{0}", "publish_{0}", "withdraw_{0}", "roll_back_{0}"]


def operations(patterns):
    return [pattern.format(name) for _, name, _, _ in KINDS for pattern in patterns]


def publish(client, plural, documents, seconds=20):
    """Publishes documents by their codes, and waits until they are in force."""
    import time
    for code, document in documents.items():
        client.put(f"/v1/{plural}/{code}", {"document": document, "publish": True}, expect=200)
    until = time.monotonic() + seconds
    for code in documents:
        while client.get(f"/v1/{plural}/{code}", expect=200)["state"] != "in_force":
            assert time.monotonic() < until, f"{plural}/{code} is not in force"
            time.sleep(0.1)
