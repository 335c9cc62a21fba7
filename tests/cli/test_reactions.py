"""What follows from events by itself, from the command line, on both databases."""
import json


def test_it_is_told_how_far_each_reaction_came(shells_on_both):
    for shell in shells_on_both:
        shell.write("members.csv", "external,family_name\n1,Li\n")
        shell.run("import", "members", "members.csv", "--quiet")
        for words in (["reactions"], ["reactions", "list"], ["reactions", "run"]):
            listed = shell.run(*words, "--format", "json").stdout
            assert all(one["behind"] == 0 for one in json.loads(listed or "[]")), listed
        assert "say list or run" in shell.run("reactions", "walk", expect=2).stderr
