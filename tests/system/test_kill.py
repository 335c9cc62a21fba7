"""A server killed with SIGKILL under load: what it acknowledged is there once, and nothing is half there.

PATRON_KILLS says how often (3), PATRON_SEED makes the moments those of an earlier run.
"""
import os
import random
import subprocess
import time

import patron
from conftest import verify, with_programme
from load import Load

KILLS = int(os.environ.get("PATRON_KILLS", "3"))
SEED = int(os.environ.get("PATRON_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


def kill_while_starting(server, rng):
    """A restart that is killed before it is done."""
    command = [server.binary, "serve", "--database", server.database, "--key-file", server.key_file, "--port", "0",
               "--files", os.path.join(server.folder, "files")]
    starting = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(rng.uniform(0, 0.2))
    starting.kill()
    starting.wait()


def test_a_server_killed_at_any_moment_loses_nothing_it_acknowledged(patron_binary, database, record_property):
    rng = random.Random(SEED)
    print(f"PATRON_SEED={SEED}")
    loads, unknown, there, repeated = [], 0, 0, 0
    with patron.Patron(patron_binary, database=database) as server:
        with_programme(server)
        for kill in range(KILLS):
            made = Load([server.client], f"kill{kill}", seed=rng.random())
            made.start(until_silence=True)
            time.sleep(rng.uniform(0.02, 1.2))
            server.kill()
            made.finish()
            if rng.random() < 0.3:
                kill_while_starting(server, rng)
            verify(server)
            server.start()
            unknown += made.count("unknown")
            there += made.check(server.client)
            repeated += made.repeat_unsettled(server.client, rng)
            made.check(server.client)
            loads.append(made)
        for made in loads:
            made.check(server.client)
        verify(server)
        assert server.stop() == 0
    kept = sum(made.count("kept") for made in loads)
    figures = f"{KILLS} kills: {kept} commands acknowledged, 0 lost; {unknown} without an answer, of which {there} " \
        f"were there whole; {repeated} requests repeated"
    record_property("figures", figures)
    print(figures)
    assert kept > 0
