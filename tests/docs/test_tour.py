"""The commands of README.md and docs/import.md, run as they stand against a real server: the docs stay true."""
import gzip
import os
import re
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
JOURNEY_HEADER = ("household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_disc,"
                  "coupon_match_disc,week,transaction_timestamp")


def blocks(path, heading=None):
    """The shell blocks of a page, or of one chapter of it."""
    text = path.read_text(encoding="utf-8")
    if heading:
        assert f"\n## {heading}\n" in text, f"{path.name} has no chapter '{heading}'"
        text = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S)


def prompts(path):
    """The commands after '$ ' in indented examples, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", path.read_text(encoding="utf-8"))
    return re.findall(r"^    \$ (.*)$", text, re.M)


@pytest.fixture(scope="module")
def shop(patron_binary, tmp_path_factory):
    """A folder as `make run` leaves it: build/patron, a demo server on the usual address, and its environment."""
    folder = tmp_path_factory.mktemp("tour")
    (folder / "build").mkdir()
    os.symlink(patron_binary, folder / "build" / "patron")
    environment = {**os.environ, "no_proxy": "*", "PATH": f"{folder}/build:{os.environ['PATH']}"}
    for name in ("PATRON_DATABASE", "PATRON_KEY_FILE", "PATRON_PORT", "PATRON_ADDRESS", "PATRON_FILES"):
        environment.pop(name, None)
    with open(folder / "stderr.txt", "wb") as log:
        server = subprocess.Popen(["build/patron", "serve", "--demo", "--port", "0"], cwd=folder, env=environment,
                                  stdout=subprocess.PIPE, stderr=log, text=True)
        said = []
        address = None
        while address is None:
            line = server.stdout.readline()
            assert line, f"the demo did not start: {said} {(folder / 'stderr.txt').read_text()}"
            said.append(line)
            found = re.search(r"listening on (\S+)", line)
            address = found and found[1]
        yield folder, environment, address, said
        server.terminate()
        assert server.wait(30) == 0


def make_files(folder):
    """Small files with the names and forms that the pages use."""
    journey = ["2261,309,1,940996,1,3.86,0.43,0,0,5,2017-01-28 14:06:53",
               "2261,309,1,940997,0,4.440892e-16,0,0,0,5,2017-01-28 14:06:53", "7,310,2,1,2,5.00,0,0,0,5,2017-01-29 08:00:00"]
    with gzip.open(folder / "transactions_sample.csv.gz", "wt") as file:
        file.write("\n".join([JOURNEY_HEADER, *journey, ""]))
    (folder / "CDNOW_master.txt").write_bytes(
        b" customer_id  date number_of_cds  dollar_value\r\n 00001 19970101  1   11.77\r\n 00002 19970112  1   12.00\r\n")
    shop_rows = "card_id,at,total\n880000000815,2026-01-02 10:00,12.90\n"
    (folder / "monday.csv").write_text(shop_rows)
    (folder / "tuesday.csv").write_text(shop_rows.replace("01-02", "01-03"))
    (folder / "sales.csv.gz").write_bytes(gzip.compress(shop_rows.replace("01-02", "01-04").encode()))
    (folder / "sales.csv").write_text(shop_rows.replace("01-02", "01-05"))
    (folder / "会员.csv").write_bytes("external,name\nG-1,王小明\nG-2,李静\n".encode("gb18030"))
    (folder / "kasse.csv").write_text("external;at;amount\nK-1;03.01.2026;12,90\n")
    (folder / "exits.csv").write_text("card_id,grund,date,source\n880000000815,太贵了,2026-01-06,call\n")
    with gzip.open(folder / "sales.jsonl.gz", "wt") as file:
        file.write('{"external": "J-1", "at": "2026-01-02T10:00:00Z", "amount": {"amount": "3.50", "currency": "CNY"}}\n')
    shutil.copyfile(folder / "dollar.json", folder / "one-point-a-dollar.json")


def run(shop, script):
    folder, environment, address, _ = shop
    script = "set -eu -o pipefail\n" + script.replace("http://127.0.0.1:8377", address)
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{script}\nended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def test_make_run_says_what_is_there_and_where(shop):
    _, _, address, said = shop
    assert any("making Harbour & Pine" in line for line in said)
    assert any("the password" in line for line in said)
    with urllib.request.urlopen(f"{address}/healthz", timeout=10) as answer:
        assert answer.status == 200


def test_the_tour_of_the_readme_runs_and_says_what_it_promises(shop):
    output = run(shop, "\n".join(blocks(ROOT / "README.md", "The five-minute tour")))
    assert '"members":5000' in output
    assert "刘静丽" in output
    assert '"total":{"amount":"174.00","currency":"CNY"}' in output and '"because":{"by":"tier"' in output
    assert re.search(r"listed +offer +silver-beans .* 20\.00", output) and re.search(r"tenth-coffee +yes +cups", output)
    assert '"state":"ordered"' in output and '"code":"cupping"' in output
    assert '"duplicate":false' in output and '"points":365' in output
    assert '"code":"receipt.known"' in output
    assert '"points_clawed_back":[{"wallet":"points","points":282}' in output
    assert re.search(r"result +clean", output)


def test_the_imports_of_the_readme_run(shop):
    folder = shop[0]
    commands = blocks(ROOT / "README.md", "Your own card data")
    (folder / "dollar.json").write_text(re.search(r"END'\n(.*?)END\n", commands[0], re.S)[1])
    make_files(folder)
    output = run(shop, "\n".join(commands))
    assert re.search(r"imported +2\b.*known +2\b", output, re.S)
    assert "external:2261" in output


def test_the_imports_of_the_page_on_import_run(shop):
    commands = prompts(ROOT / "docs" / "import.md")
    assert len(commands) >= 8
    run(shop, "patron key add importer > key.txt")
    for number, command in enumerate(commands):
        own = "PATRON_DATABASE=import.db " if "--programme" in command else ""
        run(shop, f"KEY=$(cat key.txt)\n{'export ' + own if own else ''}\n{command}")


def test_the_answers_of_the_page_on_the_api_are_asked_for_as_written(shop):
    for script in blocks(ROOT / "docs" / "api.md"):
        run(shop, 'KEY=$(patron key add page)\nURL=http://127.0.0.1:8377/v1\n'
            'api() { curl -sS --fail-with-body -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" "$@" '
            '&& echo; }\n' + script)


def test_the_page_of_error_codes_is_current(patron_binary):
    made = subprocess.run([patron_binary, "help", "errors"], capture_output=True, text=True, check=True).stdout
    assert (ROOT / "docs" / "errors.md").read_text(encoding="utf-8") == made, "run 'make errors'"


def test_every_subcommand_has_help_with_an_example(patron_binary):
    overview = subprocess.run([patron_binary, "--help"], capture_output=True, text=True, check=True).stdout
    names = re.findall(r"^  (\w+) ", overview.split("Subcommands:", 1)[1], re.M)
    assert len(names) >= 13
    for name in names:
        text = subprocess.run([patron_binary, name, "--help"], capture_output=True, text=True, check=True).stdout
        assert "Usage: patron " in text and "Example:" in text, name


def test_a_port_in_use_is_refused_with_its_number(shop):
    folder, environment, address, _ = shop
    port = address.rsplit(":", 1)[1]
    done = subprocess.run(["build/patron", "serve", "--port", port], cwd=folder, env=environment, capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 1
    assert f"port {port}: Address already in use" in done.stderr


def test_a_key_made_on_the_command_line_works_at_once(shop):
    for _ in range(3):
        run(shop, 'curl -sS --fail -o answer.json -H "Authorization: Bearer $(patron key add now)" '
                  'http://127.0.0.1:8377/v1/tiers')


def test_a_missing_database_is_named_and_leaves_no_key_behind(patron_binary, tmp_path):
    done = subprocess.run([patron_binary, "member", "find", "a", "--database", "none.db"], cwd=tmp_path,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "there is no database 'none.db'" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_demo_can_be_interrupted_while_it_is_made_and_goes_on(patron_binary, tmp_path):
    server = subprocess.Popen([patron_binary, "serve", "--demo", "--port", "0"], cwd=tmp_path, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    assert "making" in server.stdout.readline()
    time.sleep(0.3)
    asked = time.monotonic()
    server.terminate()
    server.wait(30)
    assert time.monotonic() - asked < 2
