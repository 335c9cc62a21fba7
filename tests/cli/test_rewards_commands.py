"""Rewards from the command line."""
import csv
import io
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "api"))
import definitions  # noqa: E402
import patron  # noqa: E402


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_rewards_are_listed_ordered_and_handed_over(engine_shell, patron_binary):
    shell = engine_shell
    server = patron.Patron(patron_binary, database=str(shell.database), folder=str(shell.folder))
    definitions.publish(server.client, "rewards", {"mug": {"name": "Mug", "price": {"points": 30}, "stock": 2},
                                                   "tea": {"name": "Tea", "price": {"points": 500}}})
    server.client.post("/v1/members", {"identifiers": [{"kind": "card", "value": "C1"}]}, expect=201)
    server.client.post("/v1/adjustments", {"member": {"card": "C1"}, "points": 100, "reason": "start"}, expect=201)
    server.stop()
    listed = rows(shell.run("rewards", "list", "--member", "card:C1", "--format", "csv").stdout)
    assert [(one["code"], one["points"], one["left"], one["available"], one["missing"]) for one in listed] == [
        ("mug", "30", "2", "yes", "0"), ("tea", "500", "any", "no", "400")]
    order = shell.run("rewards", "order", "mug", "--member", "card:C1").stdout.split(":")[0]
    assert shell.run("rewards", "prepare", order).stdout == f"{order}: ready\n"
    assert shell.run("rewards", "handover", order).stdout == f"{order}: handed_over\n"
    assert "reward.points" in shell.run("rewards", "order", "tea", "--member", "card:C1", expect=1).stderr
    assert "reward.state" in shell.run("rewards", "ship", order, expect=1).stderr
    assert rows(shell.run("rewards", "orders", "--member", "card:C1", "--format", "csv").stdout)[0]["state"] == "handed_over"
    assert shell.run("rewards", "cancel", order, "--reason", "broken").stdout == f"{order}: cancelled\n"
    assert "say what" in shell.run("rewards", "eat", expect=2).stderr
    assert "rwo_" in shell.run("rewards", "cancel", "17", expect=2).stderr
    assert "clean" in shell.run("verify").stdout
