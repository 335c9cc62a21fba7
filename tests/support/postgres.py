"""postgres.py: a PostgreSQL server of its own for a test: empty, on a free port of 127.0.0.1, gone at the end."""
import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile

BIN = os.environ.get("PATRON_POSTGRES_BIN", "/usr/lib/postgresql/15/bin")


class Postgres:
    """Started by the constructor; `url` is its address. Use it in `with`, or call stop()."""

    def __init__(self, fsync=True, settings=None):
        self.folder = tempfile.mkdtemp(prefix="patron-postgres-")
        self.data = os.path.join(self.folder, "data")
        self.log = os.path.join(self.folder, "log")
        # initdb and postgres refuse to run as root.
        self.as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.running = False
        os.chmod(self.folder, 0o755)
        if self.as_user:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        atexit.register(self.stop)
        self._run("initdb", "--pgdata", self.data, "--username", "patron", "--auth", "trust", "--encoding", "UTF8",
                  "--locale", "C.UTF-8", "--no-sync")
        self.port = free_port()
        lines = {"listen_addresses": "'127.0.0.1'", "port": self.port, "unix_socket_directories": f"'{self.folder}'",
                 "fsync": "on" if fsync else "off", "max_connections": 200, "shared_buffers": "'128MB'",
                 "max_wal_size": "'4GB'", "restart_after_crash": "on", "log_min_messages": "warning"}
        lines.update(settings or {})
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in lines.items())
        self.start()
        self._run("createdb", "--host", "127.0.0.1", "--port", str(self.port), "--username", "patron", "patron")
        self.url = f"postgresql://patron@127.0.0.1:{self.port}/patron"

    def _run(self, program, *arguments):
        command = self.as_user + [os.path.join(BIN, program), *arguments]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, cwd="/", check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed:\n{done.stdout}")

    def _control(self, *arguments):
        # A server keeps the pipe of its output open, so its output goes to the log.
        command = self.as_user + [os.path.join(BIN, "pg_ctl"), "--pgdata", self.data, "--log", self.log, "--wait",
                                  "--silent", *arguments]
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       cwd="/", check=True)

    def create_database(self, name):
        """A further empty database on the same server; returns its address."""
        self._run("createdb", "--host", "127.0.0.1", "--port", str(self.port), "--username", "patron", name)
        return self.url.rsplit("/", 1)[0] + "/" + name

    def start(self):
        self._control("start")
        self.running = True

    def kill(self):
        """Stops as a crash does: nothing is flushed."""
        self._control("stop", "--mode", "immediate")
        self.running = False

    def restart(self, mode="fast"):
        """Mode `immediate` is a crash, after which the server recovers from its log."""
        self._control("restart", "--mode", mode)

    def restart_command(self, mode="immediate"):
        """The same as a shell command, for programs that are tested."""
        words = self.as_user + [os.path.join(BIN, "pg_ctl"), "--pgdata", self.data, "--log", self.log, "--wait",
                                "--silent", "restart", "--mode", mode]
        return "cd / && " + " ".join(words) + " </dev/null >/dev/null 2>&1"

    def stop(self):
        if self.running:
            self.running = False
            try:
                self._control("stop", "--mode", "immediate")
            except subprocess.CalledProcessError:
                pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def main(command, fsync):
    """Runs a command with PATRON_POSTGRES set to the address; returns its exit code."""
    def interrupted(number, _frame):
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, interrupted)
    with Postgres(fsync=fsync) as server:
        environment = dict(os.environ, PATRON_POSTGRES=server.url, PATRON_POSTGRES_RESTART=server.restart_command())
        return subprocess.run(command, env=environment, check=False).returncode
