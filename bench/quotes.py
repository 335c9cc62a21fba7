"""Quotes a second and their 99th percentile over HTTP: a basket of twenty lines, a member, and 10, 1,000 or 10,000 live offers.

Most offers are for a few goods, a store or a segment, as they are in a shop; some 50 of 10,000 can apply to a basket. What the reply takes over HTTP stands beside
the time of the processor that pricing alone takes (bench/quotes.c).
"""
import json
import random
import re
import socket
import time

WANTED_MS = {10: 1, 1_000: 2, 10_000: 10}
SKUS, CATEGORIES, STORES, REQUESTS, WARM_UP = 20_000, 200, 500, 2_000, 100
RECEIVED_BYTES = 1 << 18
LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)\r\n", re.I)


def documents(count):
    draw = random.Random(7)
    for number in range(count):
        goods = {"skus": [f"sku{draw.randrange(SKUS)}" for _ in range(5)]}
        kind = number % 10
        if kind < 2 and number < 400:
            goods = {"categories": [f"cat{draw.randrange(CATEGORIES)}"]}
        discount = [{"kind": "percentage", "percent": draw.randrange(1, 30)}, {"kind": "amount", "amount": "1.00"},
                    {"kind": "buy_get", "buy": 2, "get": 1}, {"kind": "price", "price": "4.00"}][number % 4]
        document = {"name": f"offer {number}", "discount": discount, "items": goods, "order": draw.randrange(5)}
        if kind == 2:
            document = {**document, "items": {}, "stores": [f"store{draw.randrange(STORES)}"], "group": "store"}
        elif kind == 3:
            document = {**document, "items": {}, "audience": {"tiers": ["gold"]}, "group": "tier"} if number < 50 else {
                **document, "items": {}, "audience": {"segments": [f"segment{number}"]}}
        elif kind == 4:
            document = {**document, "minimum": {"spend": f"{draw.randrange(20, 300)}.00", "of": "order"}}
        elif kind == 5:
            document = {**document, "codes": [f"code{number}"]}
        elif kind == 6:
            document = {**document, "schedule": {"hours": [{"from": "00:00", "until": "24:00"}]}, "group": f"g{number % 7}"}
        yield {"kind": "offers", "code": f"o{number}", "document": document}


def basket(draw, member):
    lines = [{"sku": f"sku{draw.randrange(SKUS)}", "category": f"cat{draw.randrange(CATEGORIES)}",
              "quantity": draw.randrange(1, 4), "amount": {"amount": f"{draw.randrange(1, 40)}.90", "currency": "USD"}}
             for _ in range(20)]
    return {"keep": False, "member": {"id": member}, "store": f"store{draw.randrange(STORES)}", "lines": lines}


def wait(server, count):
    until = time.monotonic() + 60
    while server.call("GET", f"/v1/offers/o{count - 1}")["state"] != "in_force":
        if time.monotonic() > until:
            raise RuntimeError("the offers are not in force")
        time.sleep(0.2)
    time.sleep(1)


def receive(connection):
    """The body of one answer; http.client would read its head for as long as the server needs for the whole."""
    answer, end = b"", -1
    while end < 0:
        answer += more(connection)
        end = answer.find(b"\r\n\r\n")
    size = end + 4 + int(LENGTH.search(answer, 0, end + 2)[1])
    while len(answer) < size:
        answer += more(connection)
    return answer[end + 4:]


def more(connection):
    data = connection.recv(RECEIVED_BYTES)
    if not data:
        raise RuntimeError("the server closed the connection")
    return data


def measure(server):
    """(quotes a second on one connection, 99th percentile in milliseconds, offers that applied on average)."""
    member = server.call("POST", "/v1/members", {"identifiers": [{"kind": "external", "value": "bench-quotes"}]})["id"]
    draw, times, applied = random.Random(11), [], 0
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(REQUESTS + WARM_UP):
            body = json.dumps(basket(draw, member)).encode()
            head = (f"POST /v1/quotes HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {server.token}\r\n"
                    f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode()
            started = time.perf_counter()
            connection.sendall(head + body)
            reply = receive(connection)
            if number >= WARM_UP:
                times.append(time.perf_counter() - started)
                applied += len(json.loads(reply)["offers"])
    times.sort()
    return len(times) / sum(times), times[len(times) * 99 // 100] * 1000, applied / len(times)
