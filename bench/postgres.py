"""postgres.py: a PostgreSQL cluster whose folder is kept, for the bench; started on a free port of 127.0.0.1."""
import os
import pwd
import shutil
import socket
import subprocess

BIN = os.environ.get("PATRON_POSTGRES_BIN", "/usr/lib/postgresql/15/bin")
# Durable as a server of the product would be; only the sizes differ from Debian's.
SETTINGS = {
    "listen_addresses": "'127.0.0.1'", "max_connections": 100, "shared_buffers": "'1GB'", "max_wal_size": "'8GB'",
    "checkpoint_timeout": "'15min'", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
    "log_min_messages": "warning", "unix_socket_directories": "''",
}


class Cluster:
    """The cluster in `folder`; made when it is not there."""

    def __init__(self, folder):
        self.folder, self.log, self.running = str(folder), f"{folder}.log", False
        # initdb and postgres refuse to run as root.
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if not os.path.exists(self.folder):
            os.makedirs(self.folder, mode=0o700)
            self.own(self.folder)
            self.call("initdb", "--pgdata", self.folder, "--username", "patron", "--auth", "trust", "--encoding", "UTF8",
                      "--locale", "C.UTF-8")
            with open(os.path.join(self.folder, "postgresql.conf"), "a", encoding="utf-8") as file:
                file.writelines(f"{name} = {value}\n" for name, value in SETTINGS.items())
        with open(self.log, "a", encoding="utf-8"):
            self.own(self.log)

    def own(self, path):
        if self.user:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def call(self, program, *arguments):
        command = ["runuser", "-u", "postgres", "--"] if self.user else []
        done = subprocess.run(command + [os.path.join(BIN, program), *arguments], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/", check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed:\n{done.stdout}")
        return done.stdout

    def control(self, *arguments):
        command = ["runuser", "-u", "postgres", "--"] if self.user else []
        command += [os.path.join(BIN, "pg_ctl"), "--pgdata", self.folder, "--log", self.log, "--wait", "--silent",
                    "--timeout", "300", *arguments]
        # A server keeps the pipe of its output open, so nobody reads it.
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
                       check=True)

    def start(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
        self.control("--options", f"-p {self.port}", "start")
        self.running = True
        self.url = f"postgresql://patron@127.0.0.1:{self.port}/patron"

    def create_database(self):
        self.call("createdb", "--host", "127.0.0.1", "--port", str(self.port), "--username", "patron", "patron")

    def sql(self, statements):
        return self.call("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1",
                         "--dbname", self.url, "--command", statements).strip()

    def stop(self):
        if self.running:
            self.running = False
            self.control("--mode", "fast", "stop")

    def copy(self, folder):
        """A stopped cluster, copied; returns the copy."""
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(["cp", "--archive", "--reflink=auto", self.folder, str(folder)], check=True)
        return Cluster(folder)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()


def folder_for_clusters(folder):
    """`folder`, or another one when the user postgres cannot reach it."""
    if os.geteuid() != 0:
        return str(folder)
    path = str(folder)
    while path != "/":
        if os.path.exists(path) and not os.stat(path).st_mode & 0o001:
            return "/var/tmp/patron-bench"
        path = os.path.dirname(path)
    return str(folder)
