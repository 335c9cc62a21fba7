"""patron quote: what a basket costs, without a server."""
import json

BASKET = {"lines": [{"sku": "tea", "quantity": 2, "amount": {"amount": "12.00", "currency": "USD"}}], "codes": ["TEN"]}


def test_a_basket_is_priced_for_nobody_and_for_a_member(shells_on_both):
    for shell in shells_on_both:
        shell.write("members.csv", "external_id\nann\n")
        shell.run("import", "members", "members.csv")
        shell.write("basket.json", json.dumps(BASKET))
        for who in [[], ["--member", "external:ann"]]:
            shown = json.loads(shell.run("quote", "basket.json", *who).stdout)
            assert shown["total"] == {"amount": "12.00", "currency": "USD"} and shown["id"] is None
            assert [row["why"] for row in shown["not_applied"]] == ["coupon.unknown"]
        assert shown["earns"] == [{"rule": "base", "wallet": "points", "points": 12}]
        shell.write("company.json", json.dumps({**BASKET, "organisation": "mbr_0000000000001"}))
        assert "[organisation.buyer]" in shell.run("quote", "company.json", expect=1).stderr
        assert "[member.unknown]" in shell.run("quote", "basket.json", "--member", "external:bob", expect=1).stderr


def test_what_is_no_basket_is_refused(shell):
    shell.write("basket.json", json.dumps({**BASKET, "member": {"external": "ann"}}))
    assert "[quote.member]" in shell.run("quote", "basket.json", expect=1).stderr
    shell.write("basket.json", "{}")
    assert "[json.missing]" in shell.run("quote", "basket.json", expect=1).stderr
    shell.run("quote", expect=2)
