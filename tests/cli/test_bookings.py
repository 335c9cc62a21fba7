"""Orders, reservations and stays from the command line, beside a running server, on both databases."""
import json
import subprocess

import patron


def money(amount):
    return {"amount": amount, "currency": "USD"}


def test_lists_and_histories(patron_binary, database_server):
    for database in (None, database_server.create_database("bookings")):
        with patron.Patron(patron_binary, database=database) as server:
            client = server.client
            member = client.post("/v1/members", {"identifiers": [{"kind": "card", "value": "C1"}]}, expect=201)["id"]
            orders = [client.post("/v1/orders", {"number": number, "channel": "web", "store": store, "member": {"id": member},
                                                 "lines": [{"amount": money("60.00")}], "paid": True}, expect=201)["id"]
                      for number, store in (("1001", "A"), ("1002", "B"))]
            client.post(f"/v1/orders/{orders[0]}/ready", expect=200)
            client.post("/v1/stays", {"number": "7731", "channel": "hotel", "store": "H", "guest": {"id": member},
                                      "arrival": "2026-01-29", "departure": "2026-02-02"}, expect=201)
            guest = client.post("/v1/stays", {"number": "7732", "channel": "hotel", "store": "H", "guest": {"id": member},
                                              "arrival": "2026-01-30", "departure": "2026-02-02",
                                              "night_price": money("100.00")}, expect=201)["id"]
            client.post(f"/v1/stays/{guest}/arrived", expect=200)

            def run(*arguments, expect=0):
                done = subprocess.run([patron_binary, *arguments, "--database", server.database, "--key-file", server.key_file],
                                      capture_output=True, text=True, timeout=120, check=False)
                assert done.returncode == expect, done.stdout + done.stderr
                return done.stdout if expect == 0 else done.stderr

            listed = json.loads(run("order", "list", "--state", "ready", "--format", "json"))
            assert [(one["id"], one["number"], one["store"], one["amount"]) for one in listed] == [
                (orders[0], "1001", "A", "60.00 USD")]
            listed = json.loads(run("order", "list", "--store", "B", "--member", "card:C1", "--format", "json"))
            assert [one["id"] for one in listed] == [orders[1]]
            history = json.loads(run("order", "show", "web/1001", "--format", "json"))
            assert [one["kind"] for one in history] == ["order", "order_paid", "purchase", "order_ready"]
            stays = json.loads(run("stay", "list", "--day", "2026-01-29", "--format", "json"))
            assert [(one["number"], one["state"], one["until"]) for one in stays] == [("7731", "booked", "2026-02-02")]
            stays = json.loads(run("stay", "list", "--day", "2026-01-30", "--format", "json"))
            assert [(one["state"], one["pending"]) for one in stays] == [("arrived", "300 points")]
            assert "order.unknown" in run("stay", "show", "hotel/1", expect=1)
            assert "list, or show" in run("reservation", expect=2)
            assert "--state" in run("reservation", "list", "--state", "paid", expect=2)
