"""Programmes that come with the program: each loads in each language, and its worked receipt is what the till says; on both engines."""
import datetime
import json
import re
import subprocess
import time
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from conftest import ENGINES

FOLDER = Path(__file__).resolve().parents[2] / "programmes"
NAMES = sorted(path.name for path in FOLDER.iterdir())
LANGUAGES = ["en", "zh-CN", "zh-TW"]


def read(name, file):
    return json.loads((FOLDER / name / file).read_text(encoding="utf-8"))


def filled(value, words):
    """The value with {member} and its kind replaced."""
    text = json.dumps(value)
    for word, replacement in words.items():
        text = text.replace("{" + word + "}", replacement)
    return json.loads(text)


class Business:
    """A server on which one ready programme is in force."""

    def __init__(self, server, name):
        self.server, self.client, self.name = server, server.client, name
        self.receipt = read(name, "receipt.json")
        reply = self.client.post(f"/v1/ready-programmes/{name}/publication", {"language": "zh-CN"}, expect=200)
        self.in_effect = datetime.datetime.fromisoformat(reply["effective_at"].replace("Z", "+00:00"))

    def wait(self):
        left = self.in_effect - datetime.datetime.now(datetime.timezone.utc)
        time.sleep(max(0, left.total_seconds()) + 0.2)

    def buy(self):
        """The receipt at the till: what was quoted, what the purchase earned."""
        receipt, client = self.receipt, self.client
        member = client.post("/v1/members", {"identifiers": [{"kind": "external", "value": f"R-{self.name}"}]}, expect=201)["id"]
        words = {"member": member, "store": "main", "receipt": f"ready-{self.name}"}
        for step in receipt.get("before", []):
            client.post(filled(step["post"], words), filled(step["body"], words), expect=201)
        body = {"member": {"id": member}, "store": "main", "lines": receipt["lines"]}
        if "organisation" in receipt:
            company = client.post("/v1/organisations", receipt["organisation"], expect=201)["member"]
            client.put(f"/v1/organisations/{company}/contacts/{member}", {"role": "buyer"}, expect=200)
            body["organisation"] = company
        return member, words, body


@pytest.fixture(scope="module", params=ENGINES)
def businesses(request, servers):
    """All at once: each waits five seconds for its programme."""
    started = {name: Business(servers.start(request.param), name) for name in NAMES}
    for business in started.values():
        business.wait()
    yield started
    for business in started.values():
        business.server.close()


def settle(business):
    """Quotes the receipt and buys it; (amount paid, points by account, worth of the points)."""
    receipt = business.receipt
    member, words, body = business.buy()
    quoted = dict(body)
    if "codes" in receipt:
        quoted["codes"] = receipt["codes"]
    if "at" in receipt:  # another time: nothing is bought
        quote = business.client.post("/v1/quotes", {**quoted, "at": receipt["at"], "keep": False}, expect=200)
        points = {}
        for one in quote["earns"]:
            points[one["wallet"]] = points.get(one["wallet"], 0) + one["points"]
        return quote["total"]["amount"], points, words
    quote = business.client.post("/v1/quotes", quoted, expect=201)
    promised = {}
    for one in quote["earns"]:
        promised[one["wallet"]] = promised.get(one["wallet"], 0) + one["points"]
    bought = {"quote": quote["id"], "member": body["member"], "store": "main", "receipt": words["receipt"],
              **receipt.get("pay", {})}
    if "organisation" in body:
        bought["organisation"] = body["organisation"]
    purchase = business.client.post("/v1/purchases", bought, expect=201)
    points = {}
    for one in purchase["earned"]:
        points[one["wallet"]] = points.get(one["wallet"], 0) + one["points"]
    assert purchase["amount"]["amount"] == quote["total"]["amount"]
    if "pay" not in receipt and "organisation" not in receipt:
        assert promised == points
    return quote["total"]["amount"], points, words


@pytest.mark.parametrize("name", NAMES)
def test_the_receipt_is_what_was_worked_out_by_hand(businesses, name):
    business, expected = businesses[name], businesses[name].receipt["expected"]
    total, points, words = settle(business)
    assert total == expected["total"] and points == expected["points"]
    for step in business.receipt.get("then", []):
        until = time.monotonic() + 10
        while True:
            reply = business.client.get(filled(step["get"], words), expect=200).json
            wanted = step["expect"]["steps"][0]
            found = {key: reply["steps"][0][key] for key in wanted}
            if found == wanted or time.monotonic() > until:
                break
            time.sleep(0.2)
        assert found == wanted


def test_costs_and_terms_say_what_the_documents_say():
    for name in NAMES:
        about, receipt, programme = read(name, "about.json"), read(name, "receipt.json"), read(name, "programme.json")
        expected = {key: Decimal(value) for key, value in receipt["expected"].items() if isinstance(value, str)}
        public = sum(Decimal(line["amount"]["amount"]) for line in receipt["lines"])
        assert public == expected["public"], name
        value = programme["wallets"][0]["value"]
        worth = Decimal(receipt["expected"]["points"][programme["wallets"][0]["code"]]) * Decimal(value["amount"]) / value["points"]
        assert worth == expected["worth"], name
        given = public - expected["total"] + worth + Decimal(receipt.get("bonus", "0"))
        assert (given / public * 100).quantize(Decimal("0.01"), ROUND_HALF_UP) == expected["cost"], name
        assert about["cost"]["receipt"] == receipt["expected"]["cost"]
        for language in LANGUAGES:
            terms = (FOLDER / name / f"terms.{language}.md").read_text(encoding="utf-8")
            assert re.search(rf"\b100\b.*{re.escape(value['amount'])}", terms), (name, language)
            expiry = programme["wallets"][0]["expiry"]
            months = expiry.get("months", expiry.get("count"))
            assert str(months) in terms, (name, language)
            assert all(language in text for text in (about["title"], about["for"], about["text"], receipt["text"]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_can_be_loaded_in_each_language(businesses, language):
    client = businesses[NAMES[0]].client
    listed = client.get("/v1/ready-programmes", params={"language": language}, expect=200)["items"]
    assert [one["name"] for one in listed] == NAMES
    for one in listed:
        shown = client.get(f"/v1/ready-programmes/{one['name']}", params={"language": language}, expect=200)
        about = read(one["name"], "about.json")
        assert shown["about"]["title"] == about["title"][language] == one["about"]["title"]
        assert shown["terms"] == (FOLDER / one["name"] / f"terms.{language}.md").read_text(encoding="utf-8")
        checked = client.post(f"/v1/ready-programmes/{one['name']}/publication", {"language": language, "check": True}, expect=200)
        assert checked["published"] + checked["unchanged"] == shown["lines"].count("\n")


def test_what_is_published_is_not_replaced_by_accident(businesses):
    client = businesses["hotel-nights"].client
    assert client.post("/v1/ready-programmes/cafe-stamps/publication", {}, expect=409).code == "programme.published"
    assert client.get("/v1/ready-programmes/no-such", expect=404).code == "programme.not_ready"


def test_the_command_line_loads_one_with_one_command(patron_binary, tmp_path):
    def run(*arguments, expect=0):
        done = subprocess.run([patron_binary, "ready", *arguments], capture_output=True, text=True, timeout=60, check=False,
                              cwd=tmp_path)
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr

    assert "咖啡豆" in run("list", "--language", "zh-CN") and "10 %" in run("show", "fashion-tiers")
    assert "2 published" in run("load", "beauty-salon", "--database", "salon.db")
    time.sleep(6)
    assert "programme.published" in run("load", "cafe-stamps", "--database", "salon.db", expect=1)
    assert "published" in run("load", "cafe-stamps", "--database", "salon.db", "--replace")
    assert "cafe-stamps" in run("load", "no-such", "--database", "salon.db", expect=1)
