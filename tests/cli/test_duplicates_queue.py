"""The queue of duplicates and previews from the command line, on both databases."""
import csv
import io

MEMBERS = """external,family_name,given_name,phone,birthday,city
1,王,小明,13800138000,1990-05-17,上海
2,李,丽,13911112222,1985-01-02,北京
3,Wang,Xiaoming,13800138001,1990-05-17,上海
4,Jones,Mary,+447700900123,1971-11-28,York
5,Mary,Jones,+447700900132,1971-11-28,York
"""


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_pairs_are_found_listed_and_decided(shells_on_both):
    for shell in shells_on_both:
        shell.write("members.csv", MEMBERS)
        shell.run("import", "members", "members.csv", "--quiet")
        assert shell.run("duplicates", "scan").stdout == "5 members compared, 2 pairs in the queue\n"
        listed = rows(shell.run("duplicates", "list", "--format", "csv").stdout)
        assert len(listed) == 2 and all("phone one digit wrong" in one["evidence"] for one in listed)
        ming = next(one["id"] for one in listed if "小明" in one["evidence"])
        mary = next(one["id"] for one in listed if "jones" in one["evidence"])
        preview = rows(shell.run("member", "merge", "external:1", "external:3", "--preview", "--format", "csv").stdout)
        assert [one["then"] for one in preview if one["figure"] == "members"] == ["2"]
        assert shell.run("duplicates", "decide", ming, "merge", "--leader", "external:1").stdout == f"{ming}: merged\n"
        assert "duplicate.merged" in shell.run("duplicates", "decide", ming, "different", expect=1).stderr
        shell.run("duplicates", "decide", mary, "different")
        assert rows(shell.run("duplicates", "list", "--format", "csv").stdout) == []
        assert [one["id"] for one in rows(shell.run("duplicates", "list", "--state", "merged", "--format", "csv").stdout)] == [ming]
        leaving = rows(shell.run("member", "unmerge", "external:3", "--preview", "--format", "csv").stdout)
        assert [(one["today"], one["leaving"], one["staying"]) for one in leaving if one["figure"] == "members"] == [("2", "1", "1")]
        assert shell.run("duplicates", "scan").stdout == "5 members compared, 0 pairs in the queue\n"
        assert "clean" in shell.run("verify").stdout


def test_mistakes_are_told(shell):
    shell.write("members.csv", MEMBERS)
    shell.run("import", "members", "members.csv", "--quiet")
    assert "scan, list, or decide" in shell.run("duplicates", "forget", expect=2).stderr
    assert "duplicate.unknown" in shell.run("duplicates", "decide", "dup_0000000000001", "later", expect=1).stderr
    assert "--state" in shell.run("duplicates", "list", "--state", "gone", expect=2).stderr
