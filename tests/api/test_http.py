"""HTTP itself: methods, sizes, slow and half requests, floods, TLS, events."""
import json
import re
import socket
import subprocess
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

warnings.filterwarnings("ignore", message="Unverified HTTPS request")


def connect(server):
    host, port = server.url.split("//")[1].split(":")
    return socket.create_connection((host, int(port)), timeout=30)


def raw(server, data):
    with connect(server) as connection:
        connection.sendall(data)
        connection.settimeout(30)
        received = b""
        while True:
            try:
                part = connection.recv(65536)
            except ConnectionResetError:
                return received
            if not part:
                return received
            received += part


def test_the_page_health_and_metrics_answer(client):
    nobody = client.as_key(None)
    assert "Patron" in nobody.get("/", expect=200).text
    health = nobody.get("/healthz", expect=200)
    assert health["healthy"] is True and health["database"] in ("sqlite", "postgres")
    client.post("/v1/members", {"identifiers": [{"kind": "external", "value": f"metrics-{time.time()}"}]}, expect=201)
    client.get("/v1/finance/months", params={"from": "2026-01"}, expect=200)
    metrics = client.get("/metrics", expect=200).text
    assert 'patron_requests_total{operation="get_health",status="2xx"}' in metrics
    assert "patron_engine_queue_length" in metrics
    commits = {line.split(" ")[0]: float(line.split(" ")[1]) for line in metrics.splitlines() if line.startswith("patron_engine_commit")}
    assert commits['patron_engine_commit_seconds_bucket{le="+Inf"}'] == commits["patron_engine_commit_seconds_count"] > 0
    assert commits["patron_engine_commit_seconds_sum"] > 0
    assert 'patron_reader_behind_rows{reader="finance"}' in metrics


def test_an_administrator_confirms_the_time_for_the_sweeper(client):
    assert client.get("/v1/sweeper", expect=200).json["stopped"] is False
    assert client.post("/v1/sweeper/confirm", expect=200).json["stopped"] is False
    assert client.get("/v1/audit?what=sweeper.confirmed", expect=200).json["items"][0]["what"] == "sweeper.confirmed"


def test_it_is_told_how_far_each_reaction_came(client):
    assert all(one["name"] and one["behind"] >= 0 for one in client.get("/v1/reactions", expect=200).json["items"])


def test_the_description_is_openapi(client):
    document = client.get("/v1/openapi.json", expect=200).json
    assert document["openapi"] == "3.1.0" and "/v1/users/{user}" in document["paths"]


def test_an_unknown_address_is_404_and_a_wrong_method_405(client):
    assert client.get("/v1/nothing").code == "http.not_found"
    reply = client.put("/v1/users", {})
    assert reply.status == 405 and set(reply.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}
    options = client.request("OPTIONS", "/v1/users", expect=204)
    assert "POST" in options.headers["Allow"]


def test_head_is_get_without_a_body(client):
    reply = client.request("HEAD", "/healthz", expect=200)
    assert reply.content == b"" and int(reply.headers["Content-Length"]) > 0


@pytest.mark.parametrize("body, code", [
    (b"{", "json.syntax"), (b"", "json.syntax"), (b'{"name":"a","name":"b"}', "json.syntax"),
    (b'{"name":"\xff"}', "json.syntax"), (b'{"name":"\\u0000"}', "json.syntax"), (b"[" * 40 + b"]" * 40, "json.syntax"),
    (b'"text"', "json.type"), (b'{"nmae":"a"}', "json.unknown_field"), (b'{"name":1}', "json.type"),
    (b'{"name":null}', "json.type"), (b"{}", "json.missing"), (b'{"name":""}', "json.length"),
    (b'{"name":"' + b"x" * 100 + b'"}', "json.length")])
def test_a_malformed_body_is_named(client, body, code):
    reply = client.post("/v1/sessions", data=body, headers={"Content-Type": "application/json"})
    assert reply.code == code and reply.status == (400 if code == "json.syntax" else 422)


def test_a_mistyped_field_gets_the_nearest_name(client):
    reply = client.post("/v1/sessions", {"name": "a", "pasword": "b"})
    assert reply["field"] == "pasword" and "'password'" in reply["detail"]


def test_a_body_that_is_not_json_is_415(client):
    assert client.post("/v1/sessions", data=b"a=b", headers={"Content-Type": "text/plain"}).status == 415


def test_bad_encoding_in_the_address_is_400(server):
    request = b"GET /v1/audit?what=%ff HTTP/1.0\r\nAuthorization: Bearer " + server.token.encode() + b"\r\n\r\n"
    assert raw(server, request).split()[1] == b"400"
    assert raw(server, b"GET /v1/users/%zz" + request[len(b"GET /v1/audit?what=%ff"):]).split()[1] == b"400"


def test_too_large_a_body_is_413(client):
    reply = client.post("/v1/sessions", data=b" " * (8 * 1024 * 1024 + 1), headers={"Content-Type": "application/json"})
    assert reply.status == 413 and reply.code == "http.too_large"


def test_too_large_a_body_is_refused_before_it_is_sent(server):
    reply = raw(server, b"POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 900000000\r\n"
                        b"Expect: 100-continue\r\nConnection: close\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 413")


def test_too_large_a_chunked_body_is_413(client):
    def pieces():
        for _ in range(9):
            yield b" " * 1024 * 1024
    assert client.post("/v1/sessions", data=pieces(), headers={"Content-Type": "application/json"}).status == 413


def test_too_long_an_address_is_414(client):
    assert client.get("/v1/" + "a" * 9000).status == 414


def test_too_many_headers_are_refused(server):
    reply = raw(server, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-Filler: " + b"x" * 60000 + b"\r\n\r\n")
    assert reply.split(b" ")[1] in (b"431", b"413")


def test_half_a_request_is_dropped_and_hurts_nobody(server, client):
    for data in (b"GET", b"GET / HTTP/1.1\r\nHost:", b"POST /v1/sessions HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"):
        with connect(server) as connection:
            connection.sendall(data)
    client.get("/healthz", expect=200)


def test_nonsense_is_refused(server, client):
    assert raw(server, b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.0 400")
    client.get("/healthz", expect=200)


def test_slow_clients_do_not_stop_others(server, client):
    slow = [connect(server) for _ in range(100)]
    try:
        for connection in slow:
            connection.sendall(b"POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{")
        started = time.monotonic()
        for _ in range(50):
            client.get("/healthz", expect=200)
        assert time.monotonic() - started < 5
    finally:
        for connection in slow:
            connection.close()


def test_a_flood_is_answered_or_told_to_come_back(server):
    def one(_):
        try:
            return requests.get(server.url + "/healthz", timeout=30).status_code
        except requests.ConnectionError:
            return 0
    with ThreadPoolExecutor(64) as pool:
        statuses = list(pool.map(one, range(1000)))
    assert set(statuses) <= {200, 503} and statuses.count(200) > 900


def test_one_connection_carries_many_requests(server):
    with connect(server) as connection:
        for _ in range(50):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            reply = connection.recv(65536)
            assert reply.startswith(b"HTTP/1.1 200")


def test_pipelined_requests_are_answered_in_order(server):
    reply = raw(server, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"
                        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert re.findall(rb"HTTP/1.1 (\d+)", reply) == [b"200", b"404", b"200"]


def test_jobs_are_listed_and_an_unknown_one_is_404(client):
    client.get("/v1/jobs", expect=200)
    assert client.get("/v1/jobs/job_0000000000001").code == "job.unknown"
    assert client.get("/v1/jobs/mbr_0000000000001").code == "path.unknown"


def test_the_events_of_a_job_come_as_they_happen(server, client):
    job = client.post("/v1/verify", {}, expect=202)["job"]
    with requests.get(f"{server.url}/v1/jobs/{job}/events", headers={"Authorization": f"Bearer {server.token}"},
                      stream=True, timeout=60) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        lines = [line for line in stream.iter_lines(decode_unicode=True) if line]
    assert "event: end" in lines
    last = json.loads(lines[-1].removeprefix("data: "))
    assert last["id"] == job and last["state"] == "done" and last["percent"] == 100
    client.get(f"/v1/jobs/{job}/events", expect=200)
    assert client.post(f"/v1/jobs/{job}/cancel").code == "job.ended"


def test_tls_by_option(servers, tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost"], check=True,
                   capture_output=True)
    served = servers.start("sqlite", options=["--tls-cert", str(certificate), "--tls-key", str(key)])
    try:
        assert served.url.startswith("https://")
        reply = requests.post(served.url + "/v1/sessions", json={"name": "admin", "password": served.password},
                              verify=False, timeout=10)
        assert reply.status_code == 201 and "Secure" in reply.headers["Set-Cookie"]
    finally:
        served.close()


def test_a_stopping_server_finishes_what_it_has(servers):
    served = servers.start("sqlite")
    try:
        served.client.get("/healthz", expect=200)
        assert served.stop() == 0
    finally:
        served.close()
