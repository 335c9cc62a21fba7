"""How long members stay: Kaplan-Meier and Cox on plain files, beside R 4.2.2 with survival 3.5-3."""
import gzip
import json
import math
import random

import pytest

COVARIATES = ("gender,SeniorCitizen,Partner,Dependents,PhoneService,MultipleLines,InternetService,OnlineSecurity,"
              "OnlineBackup,DeviceProtection,TechSupport,StreamingTV,StreamingMovies,Contract,PaperlessBilling,"
              "PaymentMethod,MonthlyCharges")


def figures(shell, *arguments, expect=0):
    found = json.loads(shell.plain("analyze", "survival", *arguments, "--format", "json", expect=expect).stdout)
    return {one["figure"]: one for one in found}


@pytest.fixture
def telco(shell, real_data):
    path = real_data / "telco-ibm" / "Telco-Customer-Churn.csv.gz"
    return [shell.write("telco.csv", gzip.decompress(path.read_bytes())), "--time", "tenure", "--event", "Churn"]


def test_the_curve_of_telco_is_that_of_the_table(shell, telco):
    found = figures(shell, *telco, "--times", "12,24,60,72")
    # Survival of the table; standard errors of R: summary(survfit(Surv(tenure, Churn == "Yes") ~ 1)).
    for time, survival, error in [(12, 0.843200, 0.004492160), (24, 0.788736, 0.005208964),
                                  (60, 0.664404, 0.007125315), (72, 0.592790, 0.009918767)]:
        one = found[f"survival {time}"]
        assert one["value"] == pytest.approx(survival, abs=1e-6)
        assert one["low"] < one["value"] < one["high"]
        assert float(one["note"].split()[-1]) == pytest.approx(error, abs=1e-6)
    assert found["n"]["value"] == 7043 and found["events"]["value"] == 1869
    assert found["median"]["value"] in (None, "")
    assert found["check censoring"]["value"] == pytest.approx(5174 / 7043)
    assert "84.3 % last longer than 12" in found["summary"]["note"]


def test_contracts_do_not_last_alike(shell, telco):
    found = figures(shell, *telco, "--group", "Contract")
    assert found["log_rank"]["value"] == pytest.approx(2352.87253826, rel=1e-9)
    assert found["Month-to-month: median"]["value"] == 35
    assert found["Month-to-month: events"]["value"] == 1655
    assert found["log_rank_p"]["value"] < 1e-10


def test_cox_with_all_covariates_is_as_in_the_table_and_in_r(shell, telco):
    found = figures(shell, *telco, "--covariates", COVARIATES)
    assert found["log_likelihood"]["value"] == pytest.approx(-13884.6005959, abs=1e-5)
    assert found["null_log_likelihood"]["value"] == pytest.approx(-15653.0396351, abs=1e-5)
    assert found["concordance"]["value"] == pytest.approx(0.866397379289, abs=1e-9)
    reach = found["concordance"]["high"] - found["concordance"]["value"]
    assert reach == pytest.approx(1.6448536269514722 * 0.003361235233, abs=1e-8)
    # coxph(Surv(tenure, e) ~ ...): coefficients and standard errors, signs turned where the commonest value is another.
    for name, coefficient, error in [
            ("gender: Female", 0.085483386084, 0.04643693715), ("SeniorCitizen", -0.071277705304, 0.05657411560),
            ("Partner: Yes", -0.518013360540, 0.05511444490), ("Dependents: Yes", -0.053813007916, 0.06881663383),
            ("PhoneService: No", -0.254869429217, 0.47146402407), ("MultipleLines: Yes", -0.417913243950, 0.12621056103),
            ("InternetService: DSL", -0.586659734458, 0.57506486587), ("OnlineSecurity: Yes", -0.612169941163, 0.13314247303),
            ("OnlineBackup: Yes", -0.613067882071, 0.12694975588), ("DeviceProtection: Yes", -0.282955472904, 0.12530446264),
            ("TechSupport: Yes", -0.369199419844, 0.13221119404), ("StreamingTV: Yes", 0.041131893661, 0.23609892822),
            ("StreamingMovies: Yes", -0.053903828169, 0.23532605582), ("Contract: One year", -1.615305706210, 0.08825099905),
            ("Contract: Two year", -3.232281654462, 0.16489969965), ("PaperlessBilling: No", -0.181480715132, 0.05667499372),
            ("PaymentMethod: Bank transfer (automatic)", -0.585874193858, 0.07133483259),
            ("MonthlyCharges", -0.008034919445, 0.02290151360)]:
        one = found[f"coefficient {name}"]
        assert one["value"] == pytest.approx(coefficient, abs=1e-5)
        assert float(one["note"].split()[2].rstrip(",")) == pytest.approx(error, abs=1e-5)
        assert found[f"hazard {name}"]["value"] == pytest.approx(math.exp(coefficient), rel=1e-5)
    assert "nothing that others do not" in found["coefficient StreamingTV: No internet service"]["note"]
    everything = figures(shell, *telco, "--covariates", "all", "--ignore", "customerID,TotalCharges")
    assert everything["log_likelihood"]["value"] == found["log_likelihood"]["value"]


def test_hazards_are_checked_for_staying_in_proportion_as_in_r(shell, telco):
    found = figures(shell, *telco, "--covariates", "SeniorCitizen,Contract,MonthlyCharges")
    assert found["log_likelihood"]["value"] == pytest.approx(-14343.4561202, abs=1e-5)
    assert found["likelihood_ratio"]["value"] == pytest.approx(2619.17, abs=0.005)
    assert found["concordance"]["value"] == pytest.approx(0.76324050282362, abs=1e-9)
    # cox.zph(fit, terms = FALSE)
    for name, statistic in [("SeniorCitizen", 0.03576419646), ("Contract: One year", 79.26534789045),
                            ("Contract: Two year", 20.21810662731), ("MonthlyCharges", 62.99410356901)]:
        assert found[f"proportional {name}"]["value"] == pytest.approx(statistic, rel=1e-5, abs=1e-5)
    assert found["check proportional"]["value"] == pytest.approx(3.035259259e-40, rel=1e-3)
    assert "change with time" in found["check proportional"]["note"]
    found = figures(shell, *telco, "--covariates", "SeniorCitizen,Contract,MonthlyCharges", "--ties", "breslow")
    assert found["log_likelihood"]["value"] == pytest.approx(-14376.8492883, abs=1e-5)
    assert found["coefficient SeniorCitizen"]["value"] == pytest.approx(0.021444558617408, abs=1e-6)


def write_contracts(shell, count=800):
    """Contracts whose rate of ending is doubled by a high price; seen for three years."""
    dice = random.Random(3)
    rows = ["months,ended,price,plan"]
    for _ in range(count):
        high = dice.random() < 0.5
        end, seen = dice.expovariate(0.02 * (2 if high else 1)), dice.uniform(1, 36)
        rows.append(f"{math.ceil(min(end, seen))},{int(end <= seen)},{'high' if high else 'low'},{dice.choice('AB')}")
    shell.write("contracts.csv", "\n".join(rows) + "\n")
    return ["contracts.csv", "--time", "months", "--event", "ended"]


def test_the_truth_is_found_again(shell):
    found = figures(shell, *write_contracts(shell), "--covariates", "all", "--group", "plan")
    one = found.get("coefficient price: high") or found["coefficient price: low"]
    truth = math.log(2) if "coefficient price: high" in found else -math.log(2)
    error = float(one["note"].split()[2].rstrip(","))
    assert abs(one["value"] - truth) < 2 * error
    assert found["check proportional"]["value"] > 0.01
    assert found["log_rank_p"]["value"] > 0.01


def test_the_whole_curve_is_told_step_by_step(shell):
    arguments = write_contracts(shell, 60)
    steps = json.loads(shell.plain("analyze", "survival", *arguments, "--curve", "--group", "price",
                                   "--format", "json").stdout)
    for group in ("high", "low"):
        own = [step for step in steps if step["group"] == group]
        assert all(a["survival"] >= b["survival"] and a["time"] < b["time"] for a, b in zip(own, own[1:]))
        assert own[0]["at_risk"] == sum(step["events"] + step["censored"] for step in own)


@pytest.mark.parametrize("text, words", [
    ("", "no row"),
    ("months,ended\n", "no row"),
    ("months,ended\n,yes\nNA,no\n", "no row has both"),
    ("months,ended\n3,yes\nsoon,no\n", "line 3: 'soon'"),
    ("months,ended\n3,yes\n-1,no\n", "line 3: the time -1"),
    ("months,ended\n3,maybe\n4,perhaps\n", "--positive"),
])
def test_files_that_teach_nothing_are_told_apart(shell, text, words):
    shell.write("bad.csv", text)
    done = shell.plain("analyze", "survival", "bad.csv", "--time", "months", "--event", "ended", expect=1)
    assert words in done.stderr


@pytest.mark.parametrize("text", [
    "months,ended,plan\n3,yes,a\n",
    "months,ended,plan\n0,no,a\n0,no,b\n",
    "months,ended,plan\n5,yes,a\n5,yes,b\n5,yes,a\n",
    "months,ended,plan\n1,no,a\n2,no,b\n3,,\n",
])
def test_few_rows_give_an_answer_without_nan(shell, text):
    shell.write("few.csv", text)
    done = shell.plain("analyze", "survival", "few.csv", "--time", "months", "--event", "ended", "--group", "plan",
                       "--format", "csv")
    assert "nan" not in done.stdout.lower() and "inf" not in done.stdout.lower()


def test_a_ratio_that_runs_to_infinity_is_told(shell):
    rows = [f"{i + 1},{'yes' if i % 2 else 'no'},{'x' if i % 2 else 'y'}" for i in range(40)]
    shell.write("apart.csv", "months,ended,plan\n" + "\n".join(rows) + "\n")
    found = figures(shell, "apart.csv", "--time", "months", "--event", "ended", "--covariates", "plan")
    note = (found.get("coefficient plan: x") or found["coefficient plan: y"])["note"]
    assert "infinity" in note
    done = shell.plain("analyze", "survival", "apart.csv", "--time", "months", "--event", "ended", "--positive", "no",
                       "--covariates", "plan", "--format", "csv")
    assert "nan" not in done.stdout.lower() and ",inf" not in done.stdout.lower()


def test_wrong_options_are_usage(shell):
    arguments = write_contracts(shell, 20)
    shell.plain("analyze", "survival", "contracts.csv", expect=2)
    shell.plain("analyze", "survival", *arguments, "--ties", "exact", expect=2)
    shell.plain("analyze", "survival", *arguments, "--times", "soon", expect=2)
    done = shell.plain("analyze", "survival", *arguments, "--covariates", "prise", expect=1)
    assert "'price'" in done.stderr
