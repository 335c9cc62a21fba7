"""Imports and exports as jobs of the server, and saved mappings."""
import csv
import gzip
import io
import uuid

import pytest
import requests

SALES = "customer,date,receipt,store,sku,amount\n" + "".join(
    f"exchange-{{tag}}-{i % 7},2026-01-{1 + i % 28:02} 10:00,x{{tag}}-{i},S1,A{i % 3},{10 + i}.50\n" for i in range(40))


def start(client, content, expect=202, **params):
    reply = client.post("/v1/imports", data=content, params=params, headers={"Content-Type": "text/csv"},
                        expect=expect)
    return client.wait_for_job(reply["job"]) if expect == 202 else reply


def errors(client, job):
    reply = client.get(f"/v1/imports/{job['id']}/errors", expect=200)
    return list(csv.DictReader(io.StringIO(reply.text)))


def test_an_import_runs_as_a_job_and_again_changes_nothing(client):
    content = SALES.replace("{tag}", "a").encode()
    job = start(client, content, kind="purchases", register="true")
    assert job["state"] == "done", job
    assert job["counts"]["imported"] == 40 and job["counts"]["registered"] == 7
    again = start(client, gzip.compress(content), kind="purchases", register="true")
    assert (again["counts"]["imported"], again["counts"]["known"]) == (0, 40)
    assert errors(client, again) == []


def test_reasons_for_leaving_come_in_by_a_job_and_are_counted_once(client):
    card = f"RSN{uuid.uuid4().hex[:10]}"
    client.post("/v1/members", {"identifiers": [{"kind": "card", "value": card}]}, expect=201)
    before = client.get("/v1/churn-causes", expect=200)["recorded"]
    content = f"card,reason,source\n{card},a rival had a better offer,survey\n{card},,\n".encode()
    for imported, known in ((1, 0), (0, 1)):
        job = start(client, content, kind="reasons")
        assert (job["counts"]["imported"], job["counts"]["known"], job["counts"]["refused"]) == (imported, known, 1)
        assert [row["code"] for row in errors(client, job)] == ["import.reason"]
        assert client.get("/v1/churn-causes", expect=200)["recorded"] == before + 1


def test_what_an_import_refuses_is_listed(client):
    content = b"customer,date,amount\nexchange-b,someday,5.00\nexchange-b,2026-01-01,5.00\n"
    job = start(client, content, kind="purchases", register="true")
    assert job["counts"]["refused"] == 1 and job["counts"]["imported"] == 1
    found = errors(client, job)
    assert [(row["line"], row["column"], row["code"]) for row in found] == [("2", "at", "import.date")]


def test_a_dry_run_writes_nothing(client):
    content = b"external,name\nexchange-dry,Ann\n"
    job = start(client, content, kind="members", dry_run="true")
    assert job["counts"]["imported"] == 1
    assert client.get("/v1/members", params={"external": "exchange-dry"}, expect=200)["items"] == []


def test_a_mapping_is_saved_used_changed_and_deleted(client):
    name = "/v1/import-mappings/exchange-till"
    document = {"kind": "purchases", "map": {"external": "who", "at": "when", "amount": "paid"}, "decimal_comma": True}
    saved = client.put(name, {"document": document}, expect=200)
    assert saved["kind"] == "purchases" and saved["document"]["map"]["external"] == "who"
    assert client.get(name, expect=200)["version"] == saved["version"]
    assert "exchange-till" in [one["name"] for one in client.get("/v1/import-mappings", expect=200)["items"]]
    job = start(client, b"who;when;paid\nexchange-c;2026-01-01;12,90\n", kind="purchases", mapping="exchange-till",
                register="true")
    assert job["counts"]["imported"] == 1, job
    assert client.put(name, {"document": document}, expect=200)["version"] > saved["version"]
    assert client.put(name, {"document": {"kind": "dogs"}}, expect=422).code == "mapping.document"
    client.delete(name, expect=204)
    assert client.get(name, expect=404).code == "mapping.unknown"
    assert client.delete(name, expect=404).code == "mapping.unknown"


@pytest.mark.parametrize("params, status, code", [
    ({"kind": "dogs"}, 422, "json.choice"),
    ({}, 422, "json.missing"),
    ({"kind": "members", "mapping": "none-such"}, 404, "mapping.unknown"),
    ({"kind": "members", "map": "amount=x"}, 422, "mapping.field"),
    ({"kind": "members", "map": "phone"}, 422, "mapping.syntax"),
])
def test_a_wrong_request_is_refused_before_it_starts(client, params, status, code):
    assert start(client, b"a,b\n1,2\n", expect=status, **params).code == code


def test_a_file_that_cannot_be_understood_makes_the_job_fail(client):
    job = start(client, b"a,b\n1,2\n", kind="purchases")
    assert job["state"] == "failed"


@pytest.mark.parametrize("format, begins", [("csv", b"member,"), ("jsonl", b"{"), ("xlsx", b"PK")])
def test_a_table_is_exported_into_a_file(client, format, begins):
    client.post("/v1/members", {"identifiers": [{"kind": "external", "value": "exchange-x"}], "if_exists": "accept"})
    start(client, b"external\nexchange-x\n", kind="members")
    job = client.wait_for_job(client.post("/v1/exports", {"table": "members", "format": format}, expect=202)["job"])
    assert job["state"] == "done", job
    reply = client.get(f"/v1/exports/{job['id']}/file", expect=200)
    assert reply.content.startswith(begins)
    if format == "csv":
        assert any(row["external"] == "exchange-x" for row in csv.DictReader(io.StringIO(reply.text)))


def form(client, files, fields=None, **params):
    """A form, as a browser or `curl -F` sends it."""
    request = requests.Request("POST", client.url, files=files, data=fields).prepare()
    return client.post("/v1/imports", data=request.body, params=params,
                       headers={"Content-Type": request.headers["Content-Type"]})


@pytest.mark.parametrize("rows", [3, 400000])
def test_a_file_comes_in_a_form(client, rows):
    """The same as the bare body, in memory and above what is kept there; other fields are passed over."""
    name = uuid.uuid4().hex
    content = ("external,name\n" + f"form-{name},Ann\n" * rows).encode()
    reply = form(client, {"file": ("members.csv", content, "text/csv")}, {"note": "x"}, kind="members")
    job = client.wait_for_job(reply["job"])
    assert job["state"] == "done" and job["counts"]["rows"] == rows and job["counts"]["imported"] == 1


def test_a_form_without_a_usable_file_is_refused(client):
    assert form(client, {"other": ("a.csv", b"x", "text/csv")}, kind="members").code == "http.form"
    two = [("file", ("a.csv", b"x", "text/csv")), ("file", ("b.csv", b"y", "text/csv"))]
    assert form(client, two, kind="members").code == "http.form"
    for kind, body in (("multipart/form-data; boundary=aa", b"no boundary at all"), ("multipart/form-data", b"x"),
                       ("multipart/form-data; boundary=aa",
                        b'--aa\r\nContent-Disposition: form-data; name="file"\r\n\r\ncut off')):
        reply = client.post("/v1/imports", data=body, params={"kind": "members"}, headers={"Content-Type": kind})
        assert reply.status == 422 and reply.code == "http.form", reply


def test_an_unknown_table_or_job_is_told(client):
    assert client.post("/v1/exports", {"table": "dogs"}, expect=422).code == "export.table"
    for path in ("/v1/exports/job_0000000000G41/file", "/v1/imports/job_0000000000G41/errors"):
        assert client.get(path, expect=404).code in ("job.unknown", "job.no_files")
    job = client.wait_for_job(client.post("/v1/exports", {"table": "stores"}, expect=202)["job"])
    assert client.get(f"/v1/imports/{job['id']}/errors", expect=404).code == "job.no_files"


def test_importing_and_exporting_need_their_permissions(server, client):
    reader = client.as_key(server.make_key(["members.read"], name="exchange-reader"))
    assert reader.post("/v1/imports", data=b"x", params={"kind": "members"}).status == 403
    assert reader.post("/v1/exports", {"table": "members"}).status == 403
    assert reader.get("/v1/import-mappings").status == 403
