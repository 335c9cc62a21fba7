"""What fails beside the server: each failure is a problem with a stable code, nothing acknowledged is lost, and work goes
on by itself when the cause is gone."""
import concurrent.futures
import os
import resource
import socket
import sqlite3
import subprocess
import threading
import time

import patron
import postgres
import pytest
import requests
from conftest import verify, wait_until, with_programme
from load import PROGRAMME, Load, Request

BUSY_SECONDS = 10  # how long the server waits for a locked database
STOP_SECONDS = 10  # in which a stopping server answers what it took
OUTAGE_CODES = {"storage.unavailable", "storage.commit_unknown", "storage.conflict", "engine.busy", "http.busy"}


@pytest.fixture
def server(patron_binary):
    """On SQLite, with the programme of the load."""
    with patron.Patron(patron_binary) as made:
        yield with_programme(made)


def works(client):
    """Whether the server takes a command; a problem must be a refusal."""
    reply = client.post("/v1/members", {}, timeout=60)
    assert reply.status in (201, 503), reply
    return reply.status == 201


def settle(made, server):
    """Everything is there as it was answered, before and after what has no answer is sent again."""
    made.finish()
    made.check(server.client)
    made.repeat_unsettled(server.client)
    made.check(server.client)
    assert made.count("kept") > 0


# ---- PostgreSQL ----

def test_a_postgres_that_crashes_under_load_is_found_again(patron_binary):
    with postgres.Postgres() as database, patron.Patron(patron_binary, database=database.url) as server:
        with_programme(server)
        made = Load([server.client], "crash")
        made.start()
        time.sleep(0.8)
        database.restart("immediate")
        wait_until(lambda: works(server.client), 15)
        database.kill()
        time.sleep(0.5)
        assert server.client.get("/v1/members", timeout=60).status in (200, 503)
        database.start()
        wait_until(lambda: works(server.client), 15)
        time.sleep(0.5)
        made.over.set()
        settle(made, server)
        assert set(made.refusals) <= OUTAGE_CODES, made.refusals
        verify(server)
        assert server.process.poll() is None and server.stop() == 0


class LateCommit:
    """A way to PostgreSQL on which the first COMMIT after `word` went by arrives when its sender is cut off already."""

    def __init__(self, port, word, seconds):
        self.port, self.word, self.seconds = port, word, seconds
        self.late = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self):
        return f"postgresql://patron@127.0.0.1:{self.listener.getsockname()[1]}/"

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.port))
            threading.Thread(target=self.carry, args=(client, server), daemon=True).start()
            threading.Thread(target=self.bring_back, args=(server, client), daemon=True).start()

    def carry(self, client, server):
        seen = False
        while data := receive(client):
            seen = seen or self.word in data
            if seen and b"COMMIT" in data and not self.late.is_set():
                client.shutdown(socket.SHUT_RDWR)
                self.late.set()
                time.sleep(self.seconds)
                server.sendall(data)
                return
            server.sendall(data)
        server.close()

    @staticmethod
    def bring_back(server, client):
        while data := receive(server):
            try:
                client.sendall(data)
            except OSError:
                pass


def receive(source):
    try:
        return source.recv(65536)
    except OSError:
        return b""


def test_a_commit_that_arrives_after_the_connection_was_lost_counts_once(patron_binary, database_server):
    way = LateCommit(database_server.port, b"latecomer", 1.0)
    address = way.url + database_server.create_database("late_commit").rsplit("/", 1)[1]
    with patron.Patron(patron_binary, database=address) as server:
        with_programme(server)
        member = server.client.post("/v1/members", {}, expect=201)["id"]
        body = {"member": {"id": member}, "points": 100, "reason": "late"}
        server.client.post("/v1/adjustments", body, expect=201)
        redemption = {"member": {"id": member}, "points": 30, "store": "latecomer"}
        assert server.client.post("/v1/redemptions", redemption, expect=201)["balance"] == 70
        assert way.late.is_set()
        wallet = server.client.get(f"/v1/members/{member}/wallets", expect=200)["items"][0]
        assert wallet["balance"] == 70
        verify(server)


@pytest.fixture
def pair(patron_binary, database_server):
    """Two servers on one PostgreSQL."""
    pair.count = getattr(pair, "count", 0) + 1
    address = database_server.create_database(f"pair_{pair.count}")
    with patron.Patron(patron_binary, database=address) as first:
        with_programme(first)
        with patron.Patron(patron_binary, database=address, folder=first.folder) as second:
            second.token = first.token
            second.client = patron.Client(second.url, first.token)
            yield first, second


def send_to_both_at_once(made, pair):
    """The same receipts, four times to each server: one of the eight is the first."""
    for _ in range(5):
        body, command = made.purchase_body()
        request = Request("/v1/purchases", body, [command])
        made.requests.append(request)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            clients = [server.client for server in pair] * 4
            replies = list(pool.map(lambda client, sent=request: sent.send(client, made.refusals), clients))
        assert sorted(reply.status for reply in replies) == [201] + [409] * 7


def test_two_servers_on_one_postgres_do_everything_once(pair):
    first, second = pair
    made = Load([first.client, second.client], "pair", workers=8)
    made.start()
    time.sleep(2.5)
    second.kill()  # the other one goes on
    made.clients.remove(second.client)
    time.sleep(0.7)
    second.start()
    made.clients.append(second.client)
    time.sleep(0.7)
    made.over.set()
    settle(made, second)
    send_to_both_at_once(made, pair)
    made.check(first.client)
    verify(first)


def test_a_publication_switches_two_servers_at_the_same_moment(pair):
    double = {**PROGRAMME, "rules": [{**PROGRAMME["rules"][0], "points": 2}]}
    published = pair[0].client.post("/v1/programme/versions", {"document": double}, expect=201)
    made = Load([server.client for server in pair], "publish")
    switched = threading.Event()
    earned = []  # (server, at, points)

    def buy(index):
        while not switched.is_set():
            body, _ = made.purchase_body()
            reply = pair[index].client.post("/v1/purchases", body, expect=201)
            units = sum(int(line["amount"]["amount"].split(".")[0]) for line in body["lines"])
            earned.append((index, reply["earned"][0]["active_at"], reply["earned"][0]["points"] // units))
            time.sleep(0.01)

    buyers = [threading.Thread(target=buy, args=(index,)) for index in (0, 1)]
    for buyer in buyers:
        buyer.start()
    for server in pair:
        wait_until(lambda shown=server: shown.client.get("/v1/programme", expect=200)["version"] == published["version"])
    time.sleep(0.5)
    switched.set()
    for buyer in buyers:
        buyer.join()
    assert {(index, factor) for index, _, factor in earned} == {(0, 1), (0, 2), (1, 1), (1, 2)}
    wrong = [row for row in earned if row[2] != (2 if row[1] >= published["effective_at"] else 1)]
    assert wrong == [], published["effective_at"]


# ---- the file of SQLite ----

def limit_files(server, size):
    """No file of the server grows beyond `size` bytes: as a full disk."""
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_full_disk_is_told_and_forgotten(server):
    made = Load([server.client], "full")
    made.start()
    time.sleep(0.5)
    largest = max(os.path.getsize(server.database + end) for end in ("", "-wal") if os.path.exists(server.database + end))
    limit_files(server, largest + 65536)
    wait_until(lambda: made.refusals["storage.full"] > 10)
    assert server.client.get(f"/v1/members/{made.members[0]}", timeout=10).status == 200

    def is_refused():  # not at once: when the log begins anew, there is room again for a moment
        reply = server.client.post("/v1/members", {})
        assert reply.status == 201 or (reply.status == 503 and reply.code == "storage.full"), reply
        return reply.status == 503

    wait_until(is_refused)
    limit_files(server, resource.RLIM_INFINITY)
    wait_until(lambda: works(server.client), 5)
    time.sleep(0.3)
    made.over.set()
    settle(made, server)
    assert set(made.refusals) == {"storage.full"}, made.refusals
    verify(server)
    assert server.stop() == 0


def test_a_file_locked_for_a_moment_is_waited_for_and_then_told(server):
    made = Load([server.client], "lock")
    made.start()
    other = sqlite3.connect(server.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    time.sleep(2)
    other.execute("ROLLBACK")
    time.sleep(0.5)
    made.finish()
    assert not made.refusals, made.refusals
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    refused = server.client.post("/v1/members", {}, timeout=60)
    assert refused.status == 503 and refused.code == "storage.locked", refused
    assert time.monotonic() - started < BUSY_SECONDS + 5
    assert server.client.get(f"/v1/members/{made.members[0]}", timeout=10).status == 200
    other.execute("ROLLBACK")
    other.close()
    wait_until(lambda: works(server.client), 5)
    settle(made, server)
    verify(server)


def test_a_read_only_file_is_told_at_the_start(patron_binary, server):
    server.client.post("/v1/members", {}, expect=201)
    assert server.stop() == 0
    os.chmod(server.folder, 0o755)
    command = [patron_binary, "serve", "--database", server.database, "--key-file", server.key_file, "--port", "0",
               "--files", "/nonexistent/files"]
    for name in os.listdir(server.folder):
        os.chmod(os.path.join(server.folder, name), 0o444)
    who = {"user": "nobody"} if os.geteuid() == 0 else {}  # root writes to any file
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **who)
    assert done.returncode == 1 and "cannot be written" in done.stderr, done.stderr
    for name in os.listdir(server.folder):
        os.chmod(os.path.join(server.folder, name), 0o600 if name == "patron.key" else 0o644)
    server.start()
    assert works(server.client)
    verify(server)


# ---- too much, and the end ----

def test_a_flood_is_refused_beyond_the_queue_and_reads_go_on(server):
    made = Load([server.client], "flood")
    other = sqlite3.connect(server.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # so that the queue fills for certain
    requests_made = []
    for _ in range(20):
        bodies = [made.purchase_body() for _ in range(1000)]
        requests_made.append(Request("/v1/purchases", [body for body, _ in bodies], [command for _, command in bodies]))
    made.requests += requests_made
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = [pool.submit(request.send, server.client, made.refusals) for request in requests_made]
        wait_until(lambda: made.refusals["engine.busy"] > 0, 30)
        started = time.monotonic()
        assert server.client.get(f"/v1/members/{made.members[0]}", timeout=10).status == 200
        assert time.monotonic() - started < 2
        other.execute("ROLLBACK")
        replies = [answer.result(60) for answer in answers]
    other.close()
    refused = [reply for reply in replies if reply.status == 503]
    assert 0 < len(refused) < len(replies)
    for reply in refused:
        assert reply.code == "engine.busy" and int(reply.headers["Retry-After"]) > 0
    assert works(server.client)
    settle(made, server)
    verify(server)


def test_a_stopped_server_answers_what_it_took(server):
    made = Load([server.client], "stop")
    other = sqlite3.connect(server.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    under_way = []
    for _ in range(12):
        body, command = made.redemption_body()
        under_way.append(Request("/v1/redemptions", body, [command]))
    made.requests += under_way
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = [pool.submit(request.send, server.client, made.refusals) for request in under_way]
        time.sleep(1)
        started = time.monotonic()
        server.process.terminate()
        time.sleep(1)
        assert server.process.poll() is None, "it did not wait for what is under way"
        with pytest.raises(requests.ConnectionError):
            requests.get(server.url + "/healthz", timeout=5)
        other.execute("ROLLBACK")
        assert [answer.result(30).status for answer in answers] == [201] * 12
    assert server.process.wait(STOP_SECONDS) == 0
    assert time.monotonic() - started < STOP_SECONDS
    other.close()
    server.start()
    made.clients[0] = server.client
    settle(made, server)
    verify(server)


def test_a_server_under_load_stops_in_time(server):
    made = Load([server.client], "end")
    made.start(until_silence=True)
    time.sleep(1)
    started = time.monotonic()
    assert server.stop(STOP_SECONDS) == 0
    assert time.monotonic() - started < STOP_SECONDS / 2
    made.finish()
    assert set(made.refusals) <= {"http.stopping"}, made.refusals
    server.start()
    settle(made, server)
    verify(server)
