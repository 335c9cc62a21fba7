"""For how long texts are kept, on the command line."""
import csv
import io


def test_the_policy_is_shown_set_and_carried_out(shell):
    def rows(*arguments):
        return list(csv.DictReader(io.StringIO(shell.run("retention", *arguments, "--format", "csv").stdout)))

    shell.write("members.csv", "external,name\nm1,Ada\n")
    shell.run("import", "members", "members.csv")
    assert rows("show") == [{"detail_days": "0", "archive_days": "0", "quote_days": "30", "due": "0"}]
    assert rows("set", "365", "--quote-days", "7") == [{"detail_days": "365", "archive_days": "0", "quote_days": "7", "due": "0"}]
    assert rows("set", "365")[0]["quote_days"] == "7"
    assert "[retention.days]" in shell.run("retention", "set", "7", expect=1).stderr
    shell.run("retention", "set", "week", expect=2)
    assert shell.run("retention", "run").stdout == "0 texts and 0 quotes are gone\n"
    assert "[retention.archive_days]" in shell.run("retention", "set", "365", "--archive-days", "300", expect=1).stderr
    assert rows("set", "365", "--archive-days", "3650")[0]["archive_days"] == "3650"
    assert "[retention.no_archive]" in shell.run("retention", "archive", expect=1).stderr
    assert rows("archive", "--event-archive", "events") == []
    member = next(csv.DictReader(io.StringIO(shell.run("member", "find", "Ada", "--format", "csv").stdout)))
    assert rows("read", next(value for value in member.values() if value.startswith("mbr_")), "--event-archive", "events") == []
    shell.run("retention", "read", "Ada", "--event-archive", "events", expect=2)
    shell.run("verify")
