"""Scores of members: as of now for one, as last scored for all; the model they rest on; on both engines."""
import csv
import io
import itertools
import json
import random
import subprocess
import time
from datetime import datetime, timedelta, timezone

import pytest

from conftest import ENGINES

COUNTER = itertools.count(1)
PROGRAMME = {"zone": "UTC", "currency": "USD", "register_unknown": True,
             "wallets": [{"code": "points"}], "rules": [{"code": "base", "wallet": "points", "points": 1, "per": "1.00"}]}
MEMBERS = 150
SORTS = ("clv", "expected_value", "expected_purchases", "alive", "churn_risk", "loyalty")


def today():
    return datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)


TODAY = today()


def purchase(who, days_ago, amount):
    at = TODAY - timedelta(days=days_ago)
    return {"member": {"card": who}, "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "store": "one",
            "receipt": f"S{next(COUNTER)}", "total": {"amount": f"{amount:.2f}", "currency": "USD"}}


def purchases_of_a_base():
    """People who buy at rates of their own and leave at some time, as the models suppose."""
    chance = random.Random(7)
    rows = []
    for number in range(MEMBERS):
        rate, leaving, mean = chance.gammavariate(1.5, 1 / 40), chance.expovariate(1 / 300), chance.uniform(10, 60)
        born = age = chance.randint(200, 360)
        while age > 0 and (age == born or born - age < leaving):
            rows.append(purchase(f"SCORE{number:04d}", int(age), chance.gammavariate(4, mean / 4) + 0.01))
            age -= max(1, chance.expovariate(rate))
    return rows


class Base:
    """A server with the base, before anything was learned of it."""

    def __init__(self, server):
        self.server, self.client = server, server.client
        version = self.client.post("/v1/programme/versions", {"document": PROGRAMME}, expect=201)["version"]
        until = time.monotonic() + 30
        while self.client.get("/v1/programme", expect=200)["version"] != version:
            assert time.monotonic() < until
            time.sleep(0.2)
        rows = purchases_of_a_base()
        self.ids = {}
        for start in range(0, len(rows), 500):
            replies = self.client.post("/v1/purchases", rows[start:start + 500], expect=200).json
            for row, reply in zip(rows[start:start + 500], replies):
                assert reply["status"] == 201, reply
                self.ids[row["member"]["card"]] = reply["member"]

    def score_all(self, **body):
        job = self.client.wait_for_job(self.client.post("/v1/scores", body, expect=202)["job"])
        assert job["state"] == "done", job
        return job

    def scores(self, member, **params):
        return self.client.get(f"/v1/members/{member}/scores", params=params, expect=200).json

    def listed(self, **params):
        found, after = [], {}
        while True:
            page = self.client.get("/v1/scores", params={**params, **after}, expect=200).json
            found += page["items"]
            if page["next"] is None:
                return found
            after = {"after": page["next"]}


@pytest.fixture(scope="module", params=ENGINES)
def base(request, servers):
    server = servers.start(request.param)
    made = Base(server)
    someone = made.ids["SCORE0001"]
    before = made.scores(someone)
    assert before["model"] is None and before["alive"] is None and before["clv"] is None and before["stage"] != "none"
    assert made.client.get("/v1/models/clv", expect=404).code == "insight.no_model"
    assert made.listed() == []
    made.job = made.score_all()
    yield made
    server.close()


def test_every_buyer_is_scored(base):
    assert base.job["counts"]["members"] == MEMBERS
    assert {row["member"] for row in base.listed(limit=200)} == set(base.ids.values())


def test_pages_follow_each_score_both_ways(base):
    for sort in SORTS:
        def key(row):
            value = row[sort]
            return float(value["amount"] if isinstance(value, dict) else value)
        highest = base.listed(sort=sort, limit=40)
        lowest = base.listed(sort=sort, order="lowest", limit=40)
        values = [key(row) for row in highest]
        assert values == sorted(values, reverse=True) and len(values) == MEMBERS and values[0] > values[-1]
        assert [row["member"] for row in lowest] == [row["member"] for row in reversed(highest)]


def test_what_is_kept_is_what_a_read_computes(base):
    for row in base.listed(limit=200)[:20]:
        live = base.scores(row["member"])
        for name in ("alive", "churn_risk", "expected_purchases"):
            assert float(live[name]) == pytest.approx(float(row[name]), abs=2e-6)
        for name in ("clv", "expected_value", "loyalty"):
            assert live[name] == row[name]
        assert float(live["alive"]) + float(live["churn_risk"]) == pytest.approx(1, abs=2e-6)


def test_the_model_tells_what_it_learned_from(base):
    model = base.client.get("/v1/models/clv", expect=200).json
    assert model["customers"] == MEMBERS == model["scored_members"] and model["converged"]
    assert model["chosen_by_holdout"] and model["until"] == TODAY.strftime("%Y-%m-%d")
    for parameter in model["parameters"] + model["spend_parameters"]:
        assert float(parameter["value"]) > 0
        if parameter["low"] is not None:
            assert float(parameter["low"]) < float(parameter["value"]) < float(parameter["high"])
    assert model["spend_customers"] > 10 and float(model["log_likelihood"]) < 0


def test_the_same_figures_as_on_a_plain_file(base, patron_binary, tmp_path):
    """What the API computes and what `analyze clv` says of the exported purchases are one."""
    job = base.client.wait_for_job(base.client.post("/v1/exports", {"table": "purchases"}, expect=202)["job"])
    exported = base.client.get(f"/v1/exports/{job['id']}/file", expect=200).text
    file = tmp_path / "purchases.csv"
    file.write_text(exported, encoding="utf-8")
    model = base.client.get("/v1/models/clv", expect=200)["model"]
    ran = subprocess.run([patron_binary, "analyze", "clv", str(file), "--customer", "member", "--date", "at", "--amount",
                          "amount", "--model", model, "--until", TODAY.strftime("%Y-%m-%d"), "--scores", "--format",
                          "json"], capture_output=True, text=True, check=True)
    told = {row["customer"]: row for row in json.loads(ran.stdout)}
    for number in range(0, MEMBERS, 7):
        row, live = told[f"card:SCORE{number:04d}"], base.scores(base.ids[f"SCORE{number:04d}"])
        assert float(live["alive"]) == pytest.approx(row["alive"], rel=1e-4, abs=1e-5)
        assert float(live["expected_purchases"]) == pytest.approx(row["expected_purchases"], rel=1e-4, abs=1e-5)
        assert float(live["clv"]["amount"]) == pytest.approx(row["discounted_value"], rel=1e-3, abs=0.02)


def test_a_purchase_counts_at_once_for_its_member(base):
    member = base.listed(sort="churn_risk", limit=1)[0]["member"]
    card = next(card for card, one in base.ids.items() if one == member)
    before = base.scores(member)
    base.client.post("/v1/purchases", purchase(card, 0, 30), expect=201)
    after = base.scores(member)
    assert after["purchase_days"] == before["purchase_days"] + 1
    assert float(after["alive"]) > float(before["alive"])
    assert float(after["expected_purchases"]) > float(before["expected_purchases"])
    assert float(after["clv"]["amount"]) > float(before["clv"]["amount"]) and after["loyalty"] >= before["loyalty"]
    kept = next(row for row in base.listed(limit=200) if row["member"] == member)
    assert float(kept["alive"]) == pytest.approx(float(before["alive"]), abs=2e-6)


def test_a_longer_horizon_expects_more(base):
    member = base.listed(limit=1)[0]["member"]
    near, far = base.scores(member, horizon=4), base.scores(member, horizon=104)
    assert 0 < float(near["expected_purchases"]) < float(far["expected_purchases"])
    assert near["alive"] == far["alive"] and near["clv"] == far["clv"]
    assert base.client.get(f"/v1/members/{member}/scores", params={"horizon": 0}).status == 422


def test_a_visitor_has_a_stage_and_no_scores(base):
    visitor = base.client.post("/v1/members", {"identifiers": [{"kind": "card", "value": "SCOREVIS"}]}, expect=201)["id"]
    shown = base.scores(visitor)
    assert shown["stage"] == "none" and shown["rfm"] is None and shown["alive"] is None and shown["purchase_days"] == 0


def test_merged_members_are_scored_as_one_person(base):
    first, second = base.ids["SCORE0002"], base.ids["SCORE0003"]
    days = [base.scores(one)["purchase_days"] for one in (first, second)]
    base.client.post("/v1/merges", {"into": {"id": first}, "from": {"id": second}}, expect=201)
    merged = base.scores(second)
    assert merged["member"] == first and max(days) <= merged["purchase_days"] <= sum(days)
    assert second not in {row["member"] for row in base.listed(limit=200)}
    base.score_all()
    kept = {row["member"]: row for row in base.listed(limit=200)}
    assert second not in kept
    assert float(kept[first]["alive"]) == pytest.approx(float(base.scores(first)["alive"]), abs=2e-6)


def test_scores_of_the_erased_are_gone(base):
    erased = base.ids["SCORE0005"]
    told = base.client.get(f"/v1/members/{erased}/export", expect=200).json
    assert "member_score" in json.dumps(told)
    base.client.request("DELETE", f"/v1/members/{erased}", expect=204)
    assert erased not in {row["member"] for row in base.listed(limit=200)}
    base.score_all()
    assert erased not in {row["member"] for row in base.listed(limit=200)}


def test_scores_are_exported(base):
    job = base.client.wait_for_job(base.client.post("/v1/exports", {"table": "scores"}, expect=202)["job"])
    rows = list(csv.DictReader(io.StringIO(base.client.get(f"/v1/exports/{job['id']}/file", expect=200).text)))
    kept = {row["alive"] for row in rows}
    assert len(rows) == len(base.listed(limit=200)) and all(0 <= float(alive) <= 1 for alive in kept)
    assert all(row["member"].startswith("card:SCORE") and float(row["clv"]) >= 0 for row in rows)


def analyse(base, model, /, **options):
    body = {"model": model, "options": [{"name": name} if value is True else {"name": name, "value": value}
                                        for name, value in options.items()]}
    job = base.client.wait_for_job(base.client.post("/v1/analyses", body, expect=202)["job"])
    assert job["state"] == "done", job
    return base.client.get(f"/v1/analyses/{job['id']}", expect=200).json


def figures(analysis):
    return {row["figure"]: row for row in analysis["rows"]}


def test_analyses_of_the_base_say_what_the_command_says(base, patron_binary):
    for model, options in (("clv", {"model": "pareto-nbd", "horizon": "26"}), ("counts", {}), ("rfm", {"bins": "3"}),
                           ("cohorts", {"period": "quarter"}), ("cohorts", {"summary": True}), ("loyalty", {"trend": "2"})):
        told = analyse(base, model, **options)
        given = [f"--{name}" if value is True else f"--{name}={value}" for name, value in options.items()]
        ran = subprocess.run([patron_binary, "analyze", model, "--database", base.server.database, "--key-file",
                              base.server.key_file, "--format", "json", *given], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        assert told["rows"] == json.loads(ran.stdout) and told["rows"]
        assert told["model"] == model and {entry["name"] for entry in told["options"]} == set(options)


def test_a_lifetime_analysis_has_intervals_a_sentence_and_renews_the_model(base):
    before = base.client.get("/v1/models/clv", expect=200)["learned_at"]
    told = figures(analyse(base, "clv"))
    expected = told["expected_purchases"]
    assert expected["low"] < expected["value"] < expected["high"]
    assert told["customers"]["value"] >= MEMBERS - 2 and "still buy here" in told["summary"]["note"]
    assert base.client.get("/v1/models/clv", expect=200)["learned_at"] > before


def test_finished_analyses_are_listed(base):
    first, second = analyse(base, "counts")["job"], analyse(base, "rfm")["job"]
    page = base.client.get("/v1/analyses", params={"limit": 1}, expect=200)
    assert [entry["job"] for entry in page["items"]] == [second] and "rows" not in page["items"][0]
    page = base.client.get("/v1/analyses", params={"limit": 1, "after": page["next"]}, expect=200)
    assert [entry["job"] for entry in page["items"]] == [first]
    assert base.client.get("/v1/analyses/job_0000000000001", expect=404).code == "analysis.unknown"


def test_a_wrong_analysis_is_refused(base):
    def post(**body):
        return base.client.post("/v1/analyses", body)
    assert post(model="tarot").code == "analysis.model"
    for option in ({"name": "plot", "value": "x.svg"}, {"name": "bins"}, {"name": "columns", "value": "a,b"}, {"name": "live"},
                   {"name": "database", "value": "x"}):
        reply = post(model="rfm", options=[option])
        assert (reply.status, reply.code) == (422, "analysis.option"), reply
    job = base.client.post("/v1/analyses", {"model": "rfm", "options": [{"name": "bins", "value": "99"}]}, expect=202)["job"]
    ended = base.client.wait_for_job(job)
    assert ended["state"] == "failed" and "--bins is a number" in ended["message"] and ended["error"] == "analysis.option"


def test_a_file_and_a_database_are_one_too_many(base, patron_binary):
    ran = subprocess.run([patron_binary, "analyze", "rfm", "x.csv", "--database", base.server.database],
                         capture_output=True, text=True)
    assert ran.returncode == 2 and "not both" in ran.stderr


def test_reasons_for_leaving_are_recorded_counted_and_forgotten(base):
    ids = [base.ids[f"SCORE{number:04d}"] for number in range(20, 32)]
    said = [({"reason": "太贵了", "source": "call", "note": "cancelled on the phone"}, "price"),
            ({"reason": "a rival had a better offer"}, "competition"),
            ({"reason": "rude staff", "cause": "passive_service"}, "passive_service"),
            ({"reason": "who knows"}, "other")]
    for number, member in enumerate(ids):
        body, cause = said[number % 4]
        told = base.client.post(f"/v1/members/{member}/churn-reasons", body, expect=201)
        assert told["cause"] == cause and told["member"] == member
    shown = base.client.get("/v1/churn-causes", expect=200).json
    causes = {row["cause"]: row for row in shown["causes"]}
    assert shown["recorded"] == 12 and len(causes) == 8 and causes["moved"]["count"] == 0
    for cause in ("price", "competition", "passive_service", "other"):
        row = causes[cause]
        assert row["count"] == 3 and float(row["share"]) == 0.25
        # Wilson, 90 %, 3 of 12
        assert float(row["low"]) == pytest.approx(0.104653, abs=2e-6)
        assert float(row["high"]) == pytest.approx(0.487337, abs=2e-6)
    assert "Of 12 reasons recorded" in shown["summary"]
    before = base.client.get("/v1/churn-causes", params={"to": "2020-01-31"}, expect=200)
    assert before["recorded"] == 0 and before["causes"][0]["share"] is None
    timeline = base.client.get(f"/v1/members/{ids[0]}/timeline", expect=200)["items"]
    entry = next(entry for entry in timeline if entry["kind"] == "churn_reason")
    assert entry["detail"]["properties"]["reason"] == "太贵了" and entry["detail"]["properties"]["source"] == "call"
    told = json.dumps(base.client.get(f"/v1/members/{ids[0]}/export", expect=200).json, ensure_ascii=False)
    assert "太贵了" in told and "churn_reason" in told
    base.client.request("DELETE", f"/v1/members/{ids[0]}", expect=204)
    assert base.client.get("/v1/churn-causes", expect=200)["recorded"] == 11
    verified = base.client.wait_for_job(base.client.post("/v1/verify", expect=202)["job"])
    assert verified["state"] == "done", verified


def test_a_wrong_reason_is_refused(base):
    path = f"/v1/members/{base.ids['SCORE0040']}/churn-reasons"
    assert base.client.post(path, {"reason": " "}).status == 422
    assert base.client.post(path, {"reason": "x", "cause": "weather"}).code == "json.choice"
    assert base.client.post(path, {"reason": "x", "at": "2999-01-01T00:00:00Z"}).code == "event.in_future"
    assert base.client.post("/v1/members/mbr_000000000ZZZZ/churn-reasons", {"reason": "x"}).status == 404
    assert base.client.get("/v1/churn-causes", params={"from": "2026-02-01", "to": "2026-01-01"}).code == "insight.range"


def test_alerts_come_with_the_weeks_that_show_them(base):
    shown = base.client.get("/v1/alerts", expect=200).json
    series = {entry["series"]: entry["weeks"] for entry in shown["evidence"]}
    assert set(series) == {"all", "best_fifth", "new"} and shown["weeks_between_false_alarms"] == 500
    weeks = series["all"]
    assert len(weeks) >= 20 and all(0 <= float(week["risk"]) <= 1 and week["members"] > 0 for week in weeks)
    days = [datetime.strptime(week["day"], "%Y-%m-%d") for week in weeks]
    assert all((later - earlier).days == 7 for earlier, later in zip(days, days[1:]))
    for alert in shown["alerts"]:
        assert alert["since"] <= alert["day"] and float(alert["after"]) > float(alert["before"]) and alert["summary"]


def test_scoring_needs_its_permission(base):
    desk = base.client.post("/v1/keys", {"name": "till", "scopes": ["members.read"]}, expect=201)["token"]
    till = base.client.as_key(desk)
    member = base.listed(limit=1)[0]["member"]
    assert till.get(f"/v1/members/{member}/scores").status == 200
    for method, path in (("GET", "/v1/scores"), ("POST", "/v1/scores"), ("GET", "/v1/models/clv"),
                         ("GET", "/v1/analyses"), ("POST", "/v1/analyses"), ("GET", "/v1/alerts"),
                         ("GET", "/v1/churn-causes")):
        assert till.request(method, path).code == "auth.forbidden"


def test_a_base_without_repeats_says_so(fresh_server):
    client = fresh_server.client
    job = client.wait_for_job(client.post("/v1/scores", {}, expect=202)["job"])
    assert job["state"] == "failed" and job["message"]
