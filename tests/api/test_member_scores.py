"""What is known of members beyond their lifetime value: kinds of buyers, the fitted risk, alerts; on both engines."""
import json
import random
import sqlite3
import subprocess
from datetime import timedelta

import psycopg2
import pytest

from conftest import ENGINES
from test_scores import COUNTER, TODAY, Base, purchase, purchases_of_a_base, today  # noqa: F401

MAKERS = [f"Maker {n}" for n in range(10)]
SPENDERS = 400


def basket(who, days_ago, lines):
    """(sku, discounted) each at 4.00."""
    made = purchase(who, days_ago, 4 * len(lines))
    made["lines"] = [{"sku": sku, "amount": {"amount": "4.00", "currency": "USD"},
                      "discount": {"amount": "1.00" if discounted else "0.00", "currency": "USD"}} for sku, discounted in lines]
    return made


def purchases_of_spenders():
    """All buy every week; whoever spends little bought last some four weeks ago: what purchase days alone do not foretell."""
    chance, rows = random.Random(11), []
    for number in range(SPENDERS):
        poor, age = number % 2 == 0, chance.randint(100, 160)
        while age >= (29 if poor else 0):
            rows.append(purchase(f"SPEND{number:04d}", age, chance.uniform(4, 8) if poor else chance.uniform(50, 80)))
            age -= chance.randint(5, 9)
    return rows


class Kinds(Base):
    def __init__(self, server):
        super().__init__(server)
        self.rows = []
        for number, maker in enumerate(MAKERS):
            self.client.put(f"/v1/items/K{number}", {"name": f"Item {number}", "category": f"group{number}",
                                                     "attributes": {"brand": maker}})
        self.client.put("/v1/event-kinds/product_view", {"kept_days": 30, "properties": []})
        chance = random.Random(3)
        self.buy([basket(f"KIND{who:02d}", days, [(f"K{chance.randrange(10)}", chance.random() < 0.1) for _ in range(3)])
                  for who in range(30) for days in (30, 20, 10, 3)])
        self.buy([basket("VALUE", days, [(f"K{chance.randrange(10)}", True) for _ in range(3)]) for days in (30, 20, 10)])
        self.buy([basket("BRAND", days, [("K3", False)] * 3) for days in (30, 20, 10)])
        self.buy(purchases_of_spenders())

    def buy(self, rows):
        self.rows += rows
        for start in range(0, len(rows), 500):
            for row, reply in zip(rows[start:start + 500],
                                  self.client.post("/v1/purchases", rows[start:start + 500], expect=200).json):
                assert reply["status"] == 201, reply
                self.ids[row["member"]["card"]] = reply["member"]

    def type_of(self, card):
        return self.scores(self.ids[card])["type"]

    def kept(self):
        return {row["member"]: row for row in self.listed(limit=200)}

    def sql(self, statement):
        if self.server.database.startswith("postgres"):
            connection = psycopg2.connect(self.server.database)
        else:
            connection = sqlite3.connect(self.server.database, timeout=30)
        with connection:
            connection.cursor().execute(statement)
        connection.close()

    def alerts(self, **params):
        found, after = [], {}
        while True:
            page = self.client.get("/v1/alerts/members", params={"limit": 60, **params, **after}, expect=200)
            found += page["items"]
            if page["next"] is None:
                return found
            after = {"after": page["next"]}


@pytest.fixture(scope="module", params=ENGINES)
def base(request, servers):
    server = servers.start(request.param)
    made = Kinds(server)
    before = made.scores(made.ids["VALUE"])
    assert before["type"] is None and before["type_evidence"] == [] and before["churn_model"] is None
    assert made.client.get("/v1/models/churn", expect=404).code == "insight.no_model"
    made.score_all()
    yield made
    server.close()


def test_buyers_are_known_by_what_they_do(base):
    value, brand = base.scores(base.ids["VALUE"]), base.scores(base.ids["BRAND"])
    assert value["type"] == "value-driven" and brand["type"] == "brand-loyal" and brand["brand"] == "Maker 3"
    told = {row["type"]: row for row in value["type_evidence"]}
    assert (told["value-driven"]["count"], told["value-driven"]["of"], told["value-driven"]["share"]) == (9, 9, 1)
    assert float(told["value-driven"]["chance"]) < 0.01 and float(told["value-driven"]["low"]) > 0.7
    told = {row["type"]: row for row in brand["type_evidence"]}
    assert (told["brand-loyal"]["count"], told["brand-loyal"]["of"]) == (9, 9)
    kept = base.kept()
    assert kept[base.ids["VALUE"]]["type"] == "value-driven" and kept[base.ids["BRAND"]]["type"] == "brand-loyal"
    assert sum(row["type"] == "not enough evidence" for row in kept.values()) > len(kept) * 0.9


def test_types_are_those_of_the_file(base, patron_binary, tmp_path):
    """`analyze types` on the same lines says the same."""
    file = tmp_path / "lines.csv"
    with open(file, "w", encoding="utf-8") as out:
        out.write("customer,date,amount,saved,maker,group\n")
        for row in purchases_of_a_base() + base.rows:
            for line in row.get("lines", [{"sku": "", "discount": {"amount": "0"}, "amount": row["total"]}]):
                number = line["sku"][1:]
                out.write(f"{row['member']['card']},{row['at'][:10]},{line['amount']['amount']},{line['discount']['amount']},"
                          f"{MAKERS[int(number)] if number else ''},{'group' + number if number else ''}\n")
    ran = subprocess.run([patron_binary, "analyze", "types", file, "--discount", "saved", "--brand", "maker", "--category",
                          "group", "--promotion", "saved", "--scores", "--format", "json"], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    told = {row["customer"]: row for row in json.loads(ran.stdout)}
    kept = base.kept()
    assert len(told) == len(kept) and len({row["type"] for row in told.values()}) > 1
    for card, row in told.items():
        assert kept[base.ids[card]]["type"] == row["type"], card


def test_a_line_counts_at_once_and_in_the_list_with_the_next_scoring(base):
    base.buy([basket("TURN", days, [("K1", False), ("K2", False), ("K3", False)]) for days in (40, 35)])
    assert base.type_of("TURN") == "not enough evidence"
    base.buy([basket("TURN", days, [("K1", True), ("K2", True), ("K3", True)]) for days in (9, 8, 7, 6, 5)])
    assert base.type_of("TURN") == "value-driven"
    base.score_all()
    assert base.kept()[base.ids["TURN"]]["type"] == "value-driven"
    base.buy([basket("TURN", 4, [("K4", False)] * 30)])
    assert base.kept()[base.ids["TURN"]]["type"] == "value-driven"
    base.score_all()
    assert base.kept()[base.ids["TURN"]]["type"] == base.type_of("TURN") != "value-driven"


def test_whoever_looks_much_seeks_information(base):
    at = (TODAY - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for number in range(60):
        who = "KIND05" if number < 50 else f"KIND{number - 44:02d}"
        base.client.post("/v1/events", {"kind": "product_view", "member": {"card": who}, "at": at,
                                        "event_id": f"look-{next(COUNTER)}", "channel": "web"}, expect=201)
    base.score_all()
    seeker = base.scores(base.ids["KIND05"])
    told = {row["type"]: row for row in seeker["type_evidence"]}["information-seeking"]
    assert told["count"] == 50 and 3 <= told["of"] <= 4 and seeker["type"] == "information-seeking"
    assert base.kept()[base.ids["KIND05"]]["type"] == "information-seeking"


def test_merged_members_buy_as_one_and_the_erased_are_forgotten(base):
    first, second = base.ids["VALUE"], base.ids["KIND01"]
    before = [row["of"] for one in (first, second) for row in base.scores(one)["type_evidence"] if row["type"] == "value-driven"]
    base.client.post("/v1/merges", {"into": {"id": first}, "from": {"id": second}}, expect=201)
    now = {row["type"]: row["of"] for row in base.scores(second)["type_evidence"]}
    assert now["value-driven"] == sum(before)
    base.score_all()
    gone = base.ids["KIND02"]
    assert "member_habit" in json.dumps(base.client.get(f"/v1/members/{gone}/export", expect=200).json)
    base.client.request("DELETE", f"/v1/members/{gone}", expect=204)
    base.score_all()
    assert gone not in base.kept() and second not in base.kept()


def test_the_fitted_risk_is_in_force_where_it_foretells_better(base):
    model = base.client.get("/v1/models/churn", expect=200).json
    assert model["learned"] and model["in_force"] == "fitted" and model["members"] >= 200
    assert float(model["fitted"]["auc"]) > float(model["lifetime"]["auc"]) + 0.03
    assert float(model["gain"]) > 1.6 * float(model["gain_error"]) > 0
    assert float(model["fitted"]["log_loss"]) < float(model["lifetime"]["log_loss"])
    assert float(model["false_alarms"]) <= 0.05 < float(model["caught"])
    assert 28 <= model["window_days"] <= 180
    kept, reasons = base.kept(), set()
    for number in range(0, SPENDERS, 16):
        live = base.scores(base.ids[f"SPEND{number:04d}"])
        assert live["churn_model"] == "fitted" and live["churn_window"] == model["window_days"]
        assert float(live["churn_risk"]) == pytest.approx(float(kept[live["member"]]["churn_risk"]), abs=2e-6)
        assert len(live["churn_reasons"]) == 3
        effects = [abs(float(reason["effect"])) for reason in live["churn_reasons"]]
        assert effects == sorted(effects, reverse=True)
        reasons |= {reason["trait"] for reason in live["churn_reasons"]}
    assert "mean_spend" in reasons or "days_since_purchase" in reasons


def test_a_risk_that_passes_the_threshold_raises_one_alert(base):
    threshold = float(base.client.get("/v1/models/churn", expect=200)["threshold"])
    base.score_all()
    assert base.alerts(state="all") == []
    high = {row["member"] for row in base.listed(limit=200) if float(row["churn_risk"]) >= threshold}
    assert len(high) >= 5
    base.sql("UPDATE member_score SET risk = 1")  # as if all had been scored when nobody was about to leave
    job = base.score_all()
    raised = base.alerts()
    assert {alert["member"] for alert in raised} == high and job["counts"]["alerts"] == len(high) == len(raised)
    for alert in raised:
        assert float(alert["before"]) < float(alert["threshold"]) == threshold <= float(alert["risk"])
        assert float(alert["false_alarm_share"]) == 0.05 and alert["acknowledged_at"] is None and "risk of leaving rose" in alert["summary"]
    assert len({alert["member"] for alert in raised}) == len(raised) > 60  # more than a page
    base.sql("UPDATE member_score SET risk = 1")
    assert base.score_all()["counts"]["alerts"] == 0 and len(base.alerts(state="all")) == len(high)

    one, other = raised[0]["member"], raised[1]["member"]
    assert base.client.post(f"/v1/members/{one}/alerts/acknowledge", expect=200)["acknowledged"] == 1
    assert base.client.post(f"/v1/members/{one}/alerts/acknowledge", expect=200)["acknowledged"] == 0
    assert one not in {alert["member"] for alert in base.alerts()}
    mine, = base.alerts(state="acknowledged", member=one)
    assert mine["acknowledged_by"] == "key:test" and mine["acknowledged_at"] and mine["ended_at"] is None

    card = next(card for card, member in base.ids.items() if member == other)
    base.buy([purchase(card, days, 60) for days in range(8)])
    assert float(base.scores(other)["churn_risk"]) < threshold
    base.score_all()
    ended, = base.alerts(state="ended")
    assert ended["member"] == other and other not in {alert["member"] for alert in base.alerts()}


def test_alerts_ask_for_their_permissions(base):
    desk = base.client.as_key(base.client.post("/v1/keys", {"name": "r", "scopes": ["members.read"]}, expect=201)["token"])
    for method, path in (("GET", "/v1/alerts/members"), ("GET", "/v1/models/churn"),
                         ("POST", f"/v1/members/{base.ids['BRAND']}/alerts/acknowledge")):
        assert desk.request(method, path).code == "auth.forbidden"
    assert base.client.post("/v1/members/mbr_000000000ZZZZ/alerts/acknowledge").status == 404
    assert base.client.get("/v1/alerts/members", params={"state": "x"}).status == 422


def test_the_command_line_says_the_same(base, patron_binary):
    def run(*arguments):
        done = subprocess.run([patron_binary, "scores", *arguments, "--database", base.server.database, "--key-file",
                               base.server.key_file], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout
    rows = json.loads(run("list", "--sort", "churn_risk", "--limit", "7", "--format", "json"))
    told = base.listed(sort="churn_risk", limit=50)[:7]
    assert [row["member"] for row in rows] == [row["member"] for row in told]
    assert [float(row["churn_risk"]) for row in rows] == [float(row["churn_risk"]) for row in told]
    shown, live = json.loads(run("show", "card:BRAND", "--format", "json")), base.scores(base.ids["BRAND"])
    assert (shown["type"], shown["brand"]) == ("brand-loyal", "Maker 3") and "brand-loyal 9 of 9" in shown["evidence"]
    assert float(shown["churn_risk"]) == pytest.approx(float(live["churn_risk"]), abs=2e-6)
    assert shown["churn_model"] == "fitted" and shown["churn_reasons"].startswith(live["churn_reasons"][0]["trait"])
    assert float(shown["clv"]) == float(live["clv"]["amount"])
    open_alerts = json.loads(run("alerts", "--format", "json"))
    assert [row["member"] for row in open_alerts] == [row["member"] for row in base.alerts()][:50]
    assert "1 alerts acknowledged" in run("acknowledge", open_alerts[0]["member"])
    assert open_alerts[0]["member"] not in {alert["member"] for alert in base.alerts()}
    ran = json.loads(run("run", "--format", "json"))
    assert ran["members"] == len(base.kept()) and ran["model"] == base.client.get("/v1/models/clv", expect=200)["model"]
