"""patron.py: the real server for a test, and a small client that records every exchange.

    with Patron(binary) as server:
        member = server.client.post("/v1/members", {...}, expect=201)
"""
import contextlib
import datetime
import http.client
import json
import os
import re
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

import requests

START_SECONDS = 60
FAKETIME = Path("/usr/lib") / (os.uname().machine + "-linux-gnu") / "faketime/libfaketimeMT.so.1"


def clock_at(moment):
    """The environment of a server whose clock begins at a moment."""
    utc = moment.astimezone(datetime.timezone.utc)
    return {"LD_PRELOAD": str(FAKETIME), "FAKETIME": utc.strftime("@%Y-%m-%d %H:%M:%S"), "TZ": "UTC"}


class Reply:
    """An answer: status, headers (any case), text and json (None when it is none)."""

    def __init__(self, status, headers, content):
        self.status, self.headers, self.content = status, headers, content
        self.text = content.decode("utf-8", "replace")
        kind = headers.get("Content-Type", "")
        self.json = json.loads(self.text) if re.search(r"[/+]json\b", kind) and self.text else None

    def __getitem__(self, name):
        return self.json[name]

    @property
    def code(self):
        """The code of a problem."""
        return self.json.get("code") if isinstance(self.json, dict) else None

    def __repr__(self):
        return f"<{self.status} {self.text[:400]}>"


class Client:
    """Speaks to one server as one key (or as nobody), over a connection a thread; keeps no cookies."""

    def __init__(self, url, token=None, record=None, headers=None):
        self.url, self.token, self.record, self.headers = url, token, record, headers or {}
        self.local = threading.local()

    def connection(self, timeout):
        """The thread's connection, unless the server has closed it meanwhile."""
        kept = getattr(self.local, "connection", None)
        if kept is not None and kept.sock is not None and select.select([kept.sock], [], [], 0)[0]:
            kept.close()
        if kept is None or kept.sock is None:
            address = urllib.parse.urlsplit(self.url)
            kept = http.client.HTTPConnection(address.hostname, address.port, timeout=timeout)
            kept.connect()
            kept.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.local.connection = kept
        kept.sock.settimeout(timeout)
        return kept

    def as_key(self, token):
        return Client(self.url, token, self.record)

    def as_session(self, session):
        """As who signed in with Patron.sign_in."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in session.cookies)
        return Client(self.url, None, self.record, {"Cookie": cookies, "X-CSRF-Token": session.headers["X-CSRF-Token"]})

    def request(self, method, path, body=None, *, headers=None, params=None, data=None, expect=None, timeout=60):
        sent = {**self.headers, **(headers or {})}
        if self.token and "Authorization" not in sent:
            sent["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        if data is None and method in ("POST", "PUT", "PATCH"):
            sent.setdefault("Content-Length", "0")
        path = urllib.parse.quote(path, safe="!#$%&'()*+,/:;=?@[]~")
        if params:
            given = {name: value for name, value in params.items() if value is not None}
            path += ("&" if "?" in path else "?") + urllib.parse.urlencode(given, doseq=True)
        reply = self.exchange(method, path, data.encode() if isinstance(data, str) else data, sent, timeout)
        if self.record:
            self.write_record(method, path, body, reply)
        if expect is not None:
            assert reply.status == expect, f"{method} {path}: wanted {expect}, got {reply}"
        return reply

    def exchange(self, method, path, data, headers, timeout):
        try:
            connection = self.connection(timeout)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may answer before all was sent
                connection.request(method, path, data, headers)
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException) as error:
            if getattr(self.local, "connection", None) is not None:
                self.local.connection.close()
            raise requests.ConnectionError(f"{method} {path}: {error!r}") from error

    def write_record(self, method, path, body, reply):
        line = json.dumps({"method": method, "path": path, "request": body, "status": reply.status,
                           "type": reply.headers.get("Content-Type", ""), "response": reply.json})
        with open(self.record, "a", encoding="utf-8") as file:
            file.write(line + "\n")

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.request("POST", path, body, **options)

    def put(self, path, body=None, **options):
        return self.request("PUT", path, body, **options)

    def patch(self, path, body=None, **options):
        return self.request("PATCH", path, body, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    def all(self, path, **params):
        """The items of all pages."""
        items, after = [], None
        while True:
            page = self.get(path, params={**params, **({"after": after} if after else {})}, expect=200)
            items += page["items"]
            after = page["next"]
            if after is None:
                return items

    def wait_for_job(self, job, seconds=60):
        """The job when it has ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.get(f"/v1/jobs/{job}", expect=200)
            if found["ended_at"] is not None:
                return found
            time.sleep(0.05)
        raise AssertionError(f"job {job} does not end")


class Patron:
    """A server on a free port with a database of its own (SQLite in a temporary folder, unless `database` is given)."""

    def __init__(self, binary, database=None, options=(), record=None, environment=None, folder=None):
        self.binary, self.record = binary, record
        self.own_folder = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="patron-server-")
        self.database = database or os.path.join(self.folder, "patron.db")
        self.key_file = os.path.join(self.folder, "patron.key")
        self.options = list(options)
        self.environment = {**os.environ, **(environment or {})}
        self.password = self.token = self.process = None
        self.start()

    def start(self, options=()):
        self.log = open(os.path.join(self.folder, "stderr.txt"), "ab")
        command = [self.binary, "serve", "--database", self.database, "--key-file", self.key_file, "--port", "0",
                   "--files", os.path.join(self.folder, "files"), *self.options, *options]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log,
                                        text=True, env=self.environment)
        self.read_start()
        self.drain = threading.Thread(target=self.process.stdout.read, daemon=True)
        self.drain.start()
        self.wait_until_healthy()
        if self.token is None and self.password is not None:
            self.token = self.make_key()
        self.client = Client(self.url, self.token, self.record)

    def read_start(self):
        for line in self.process.stdout:
            password = re.search(r"password (\S+)", line)
            address = re.search(r"listening on (\S+)", line)
            if password:
                self.password = password[1]
            if address:
                self.url = address[1]
                return
        self.process.wait()
        raise AssertionError(f"the server did not start:\n{self.stderr()}")

    def wait_until_healthy(self):
        session = requests.Session()
        session.trust_env = False
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                if session.get(self.url + "/healthz", timeout=5, verify=False).status_code == 200:
                    return
            except requests.RequestException:
                time.sleep(0.05)
        raise AssertionError(f"the server is not healthy:\n{self.stderr()}")

    def sign_in(self, name="admin", password=None):
        """A requests.Session with the cookie and the CSRF header."""
        session = requests.Session()
        session.trust_env = False
        session.verify = False
        reply = session.post(self.url + "/v1/sessions", json={"name": name, "password": password or self.password},
                             timeout=30)
        assert reply.status_code == 201, reply.text
        session.headers["X-CSRF-Token"] = reply.json()["csrf_token"]
        session.permissions = reply.json()["permissions"]
        return session

    def make_key(self, scopes=None, name="test", rate_per_second=0, places=()):
        session = self.sign_in()
        reply = session.post(self.url + "/v1/keys", timeout=30,
                             json={"name": name, "scopes": scopes or session.permissions, "places": list(places),
                                   "rate_per_second": rate_per_second})
        assert reply.status_code == 201, reply.text
        return reply.json()["token"]

    def stderr(self):
        with open(os.path.join(self.folder, "stderr.txt"), encoding="utf-8", errors="replace") as file:
            return file.read()[-8000:]

    def kill(self):
        """SIGKILL: nothing is finished."""
        self.process.kill()
        self.process.wait()
        self.log.close()

    def stop(self, seconds=60):
        """SIGTERM, and the exit status."""
        if self.process is None or self.process.poll() is not None:
            return self.process and self.process.returncode
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the server did not stop") from None
        self.log.close()
        return self.process.returncode

    def close(self):
        """Stops the server and removes its folder."""
        try:
            self.stop()
        finally:
            if self.own_folder:
                shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
