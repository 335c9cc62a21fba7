"""Events for members from the command line."""
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


def test_events_and_their_bookings_are_listed(engine_shell, patron_binary):
    shell = engine_shell
    server = patron.Patron(patron_binary, database=str(shell.database), folder=str(shell.folder))
    definitions.publish(server.client, "member-events", {"tasting": {
        "name": "Tasting", "starts": "2090-05-01T18:00:00Z", "ends": "2090-05-01T21:00:00Z", "seats": 1}})
    for card in ("C1", "C2"):
        server.client.post("/v1/members", {"identifiers": [{"kind": "card", "value": card}]}, expect=201)
        server.client.post("/v1/member-event-bookings", {"member": {"card": card}, "event": "tasting"}, expect=201)
    server.stop()
    listed = rows(shell.run("member-event", "list", "--format", "csv").stdout)
    assert [(one["code"], one["state"], one["seats"], one["booked"], one["waiting"], one["left"]) for one in listed] == [
        ("tasting", "open", "1", "1", "1", "0")]
    booked = rows(shell.run("member-event", "bookings", "tasting", "--format", "csv").stdout)
    assert [(one["state"], one["place"], one["ticket"] != "") for one in booked] == [
        ("booked", "1", True), ("waiting", "2", False)]
    own = rows(shell.run("member-event", "bookings", "--member", "card:C2", "--format", "csv").stdout)
    assert [one["id"] for one in own] == [booked[1]["id"]]
    assert "say what" in shell.run("member-event", "eat", expect=2).stderr
    assert "clean" in shell.run("verify").stdout
