"""What was acknowledged survives: servers killed at random moments, databases that crash, fill up, or are shared."""
import os
import random
import resource
import signal
import time

import pytest

from conftest import ENGINES
from load import Load
from patron import Patron

KILLS = int(os.environ.get("PATRON_KILLS", "3"))
SEED = int(os.environ.get("PATRON_SEED", str(random.randrange(10**9))))


def start(binary, database, **options):
    return Patron(binary, database=database.url if database else None, **options)


def wait_until_it_works(server, seconds=60):
    """A registration succeeds again."""
    until = time.monotonic() + seconds
    while True:
        reply = Load.registration().send(server.client)
        if reply.status == 201:
            return
        assert reply.status == 503 and time.monotonic() < until, reply
        time.sleep(0.2)


@pytest.mark.parametrize("database", ENGINES, indirect=True)
def test_a_killed_server_keeps_what_it_acknowledged_once(patron_binary, database, verify):
    print(f"PATRON_SEED={SEED}")
    chance = random.Random(SEED)
    with start(patron_binary, database) as server:
        load = Load(server, SEED)
        for _ in range(KILLS):
            load.start(server)
            time.sleep(chance.uniform(0.1, 1.5))
            server.kill()
            load.stop()
            verify(server)
            server.start()
            load.settle(server.client)
            load.check_balances(server.client)
            load.forget()
        verify(server)
        assert load.strange == []


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_postgres_that_crashes_under_load_loses_nothing(patron_binary, database, verify):
    with start(patron_binary, database) as server:
        load = Load(server, SEED)
        load.start(server)
        time.sleep(1)
        database.restart("immediate")
        time.sleep(1.5)
        load.stop()
        wait_until_it_works(server)
        load.settle(server.client)
        load.check_balances(server.client)
        verify(server)
        assert load.strange == []


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_two_servers_share_one_postgres(patron_binary, database, verify):
    with start(patron_binary, database) as first:
        with start(patron_binary, database, folder=first.folder) as second:
            second.client.token = first.client.token
            load = Load(first, SEED, threads=8)
            load.start(first, second)
            time.sleep(2)
            first.kill()
            load.stop()
            load.settle(second.client)
            load.check_balances(second.client)
            verify(second)
            assert load.strange == []
        first.start()


def limit_files(server, size):
    """No file of the server may grow past `size` (-1: any): as if the disk were full."""
    limit = resource.RLIM_INFINITY if size < 0 else size
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


def test_a_full_disk_is_told_and_work_goes_on_when_there_is_room(patron_binary, verify):
    with Patron(patron_binary) as server:
        load = Load(server, SEED, threads=1)
        wal = server.database + "-wal"
        limit_files(server, os.path.getsize(wal) if os.path.exists(wal) else 4096)
        told = None
        for _ in range(200):
            operation = load.any_operation(random.Random(SEED))
            load.operations.append(operation)
            if operation.send(server.client).status >= 500:
                told = operation.reply
                break
        assert told is not None and told.code.startswith("storage."), told
        assert server.process.poll() is None
        assert server.client.get(f"/v1/members/{load.members[0]}").status == 200
        limit_files(server, -1)
        wait_until_it_works(server)
        load.settle(server.client)
        load.check_balances(server.client)
        verify(server)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to read-only files")
def test_a_read_only_database_is_told_at_the_start(patron_binary):
    with Patron(patron_binary) as server:
        server.stop()
        os.chmod(server.database, 0o444)
        with pytest.raises(AssertionError, match="read-only|storage"):
            server.start()
        os.chmod(server.database, 0o644)
        server.start()


def test_a_stopped_server_answers_what_it_took(patron_binary, verify):
    with Patron(patron_binary) as server:
        load = Load(server, SEED)
        load.start(server)
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 0
        load.stop()
        server.start()
        load.settle(server.client)
        load.check_balances(server.client)
        verify(server)
