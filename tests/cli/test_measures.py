"""`patron measures`: what figures are, and the values that they rest on, on both databases."""
import json


def test_figures_are_told_and_their_values_set(engine_shell):
    rows = {row["code"]: row for row in json.loads(engine_shell.run("measures", "--format", "json").stdout)}
    assert rows["sales"]["unit"] == "money" and "overview.sales" in rows["sales"]["shown"]
    assert "last 365 days" in engine_shell.run("measures", "active").stdout
    changed = engine_shell.run("measures", "set", "active_days=180", "lapsed_intervals=2.5").stdout
    assert "180" in changed and "2.5" in changed
    assert json.loads(engine_shell.run("measures", "active", "--format", "json").stdout)["formula"].endswith("last 180 days")
    assert "measures.order" in engine_shell.run("measures", "set", "lapsed_intervals=2", expect=1).stderr
    assert {row["name"]: row["value"] for row in json.loads(engine_shell.run("measures", "rules", "--format", "json").stdout)
            }["lapsed_intervals"] == 2.5
    engine_shell.run("measures", "nothing", expect=2)
    engine_shell.run("measures", "set", "active_days", expect=2)
    engine_shell.run("measures", "active", "more", expect=2)
