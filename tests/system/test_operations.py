"""What a server does for its operators by itself."""
import os
import subprocess

import patron
from conftest import wait_until


def test_a_server_keeps_the_seals_of_each_day(patron_binary, tmp_path):
    with patron.Patron(patron_binary, options=["--heads", str(tmp_path / "heads")]) as server:
        wait_until(lambda: (tmp_path / "heads").exists() and list((tmp_path / "heads").glob("heads-????-??-??.txt")))
        [kept] = (tmp_path / "heads").iterdir()
        server.client.post("/v1/members", {}, expect=201)
        done = subprocess.run([patron_binary, "verify", "--heads", kept, "--database", server.database, "--key-file",
                               server.key_file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        done = subprocess.run([patron_binary, "doctor", "--heads", kept.parent, "--files", os.path.join(server.folder, "files"),
                               "--database", server.database, "--key-file", server.key_file],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
