"""Tasks from the command line, on both databases."""
import csv
import io


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_task_is_opened_listed_taken_and_done(shells_on_both):
    for shell in shells_on_both:
        shell.write("members.csv", "external,family_name,phone\n1,Li,13800138000\n")
        shell.run("import", "members", "members.csv", "--quiet")
        task = shell.run("task", "open", "call_back", "asks for a larger size", "--role", "desk", "--member", "external:1",
                         "--due", "2026-01-01T18:00:00+08:00", "--key", "call:1").stdout.strip()
        assert shell.run("task", "open", "call_back", "again", "--role", "desk", "--key", "call:1").stdout == (
            f"{task}: opened before\n")
        listed = rows(shell.run("task", "list", "--overdue", "--member", "external:1", "--format", "csv").stdout)
        assert [(one["id"], one["due"], one["overdue"], one["priority"]) for one in listed] == [
            (task, "2026-01-01T10:00:00Z", "yes", "high")]
        assert shell.run("task", "take", task, "--person", "mei").stdout == f"{task}: taken\n"
        assert rows(shell.run("task", "list", "--person", "mei", "--format", "csv").stdout)[0]["owner"] == "mei"
        assert shell.run("task", "assign", task, "--role", "agent").stdout == f"{task}: open\n"
        assert "task.outcome" in shell.run("task", "done", task, "--outcome", "eaten", expect=1).stderr
        shell.run("task", "done", task, "--outcome", "reached", "--text", "comes on Friday")
        assert rows(shell.run("task", "list", "--format", "csv").stdout) == []
        assert rows(shell.run("task", "show", task, "--format", "csv").stdout)[0]["outcome"] == "reached"
        assert rows(shell.run("task", "counts", "--format", "csv").stdout) == [
            {"store": "", "state": "done", "tasks": "1", "overdue": "0"}]
        assert "clean" in shell.run("verify").stdout


def test_mistakes_are_told(shell):
    shell.write("members.csv", "external,family_name\n1,Li\n")
    shell.run("import", "members", "members.csv", "--quiet")
    assert "say what" in shell.run("task", "forget", expect=2).stderr
    assert "tsk_" in shell.run("task", "done", "17", expect=2).stderr
    assert "--person" in shell.run("task", "take", "tsk_0000000000001", expect=2).stderr
    assert "task.unknown" in shell.run("task", "drop", "tsk_0000000000001", expect=1).stderr
    assert "--state" in shell.run("task", "list", "--state", "gone", expect=2).stderr
    assert "task.owner" in shell.run("task", "open", "custom", "of nobody", expect=1).stderr
