"""A database that is put back by hand, without `patron restore`."""
import os
import shutil
import subprocess

import patron


def test_a_server_erases_again_who_was_erased_after_the_backup(patron_binary):
    with patron.Patron(patron_binary) as server:
        kept, erased = (server.client.post("/v1/members", {"display_name": name}, expect=201)["id"] for name in ("Ann", "Ben"))
        backup = os.path.join(server.folder, "backup.db")
        subprocess.run([patron_binary, "backup", backup, "--no-verify", "--database", server.database, "--key-file",
                        server.key_file], check=True, capture_output=True)
        server.client.delete(f"/v1/members/{erased}", expect=204)
        server.stop()
        for name in ("", "-wal", "-shm"):
            if os.path.exists(server.database + name):
                os.unlink(server.database + name)
        shutil.copy(backup, server.database)
        server.start()
        assert server.client.get(f"/v1/members/{kept}", expect=200)["display_name"] == "Ann"
        assert server.client.get(f"/v1/members/{erased}", expect=404).code == "member.erased"
        fresh = server.client.post("/v1/members", {}, expect=201)["id"]
        assert fresh > kept
