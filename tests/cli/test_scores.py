"""Scores of members through the command line, without a server, on both databases."""
import json
import random
from datetime import date, timedelta


def sales():
    chance, today, rows = random.Random(4), date.today(), ["card,date,amount,off"]
    for number in range(120):
        age, step = chance.randint(200, 300), chance.randint(8, 40)
        end = chance.randint(0, 200) if number % 3 else 0
        while age > end:
            rows.append(f"C{number:03d},{today - timedelta(days=age)},{chance.uniform(5, 60):.2f},{'1.00' if number == 7 else '0'}")
            age -= chance.randint(step - 5, step + 5)
    return "\n".join(rows) + "\n"


def ask(shell, *arguments):
    return json.loads(shell.run("scores", *arguments, "--format", "json").stdout)


def test_scores_are_made_listed_and_shown(engine_shell):
    shell = engine_shell
    shell.write("sales.csv", sales())
    shell.run("import", "purchases", "sales.csv", "--map", "discount=off", "--register")
    assert ask(shell, "list") == [] == ask(shell, "alerts")
    assert ask(shell, "show", "card:C007")["type"] == ""
    ran = ask(shell, "run")
    assert ran["members"] == 120 and ran["alerts"] == 0 and ran["model"]
    rows = ask(shell, "list", "--sort", "churn_risk", "--limit", "200")
    risks = [float(row["churn_risk"]) for row in rows]
    assert len(rows) == 120 and risks == sorted(risks, reverse=True) and 0 <= risks[-1] < risks[0] <= 1
    lowest = ask(shell, "list", "--sort", "churn_risk", "--lowest", "--limit", "5")
    assert [row["member"] for row in lowest] == [row["member"] for row in reversed(rows)][:5]
    shown = ask(shell, "show", "card:C007")
    kept = next(row for row in rows if row["member"] == shown["member"])
    assert shown["type"] == kept["type"] == "value-driven" and shown["evidence"].startswith("value-driven")
    assert shown["churn_model"] in ("fitted", "lifetime") and abs(float(shown["churn_risk"]) - float(kept["churn_risk"])) < 3e-6
    assert "0 alerts acknowledged" in shell.run("scores", "acknowledge", "card:C007").stdout
    assert ask(shell, "run", "--choose")["members"] == 120


def test_what_is_not_understood_is_said(shell):
    shell.write("sales.csv", "card,date,amount\nC1,2026-01-05,10.50\n")
    shell.run("import", "purchases", "sales.csv", "--register")
    assert "say list" in shell.run("scores", expect=2).stderr
    assert "no score to sort by" in shell.run("scores", "list", "--sort", "shoe_size", expect=2).stderr
    assert "the state is open" in shell.run("scores", "alerts", "--state", "x", expect=2).stderr
    assert "[" in shell.run("scores", "show", "card:nobody", expect=1).stderr
    assert "clv." in shell.run("scores", "run", expect=1).stderr
