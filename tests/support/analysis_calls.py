"""Every analysis as one would call it on a sound file, and such files."""
import csv
import functools
import io
import random

# ---- the analyses, each as one would call it on a sound file ----

PURCHASES, MEMBERS = "purchases", "members"
GROUPS = ["--group", "store"]
SCORES = ["--satisfaction1", "satisfied", "--loyalty1", "recommend", "--satisfaction2", "satisfied_then", "--loyalty2",
          "recommend_then"]
CALLS = [
    ("rfm", PURCHASES, []),
    ("rfm", PURCHASES, ["--scores"]),
    ("clv", PURCHASES, []),
    ("clv", PURCHASES, ["--model", "pareto-nbd", "--scores"]),
    ("clv", PURCHASES, ["--model", "pareto-nbd", "--covariates", "shop_size"]),
    ("clv", PURCHASES, ["--model", "bg-bb", "--period", "month"]),
    ("cohorts", PURCHASES, []),
    ("cohorts", PURCHASES, ["--summary"]),
    ("counts", PURCHASES, ["--basket", "receipt", "--quantity", "pieces", "--profit", "margin"]),
    ("next", PURCHASES, []),
    ("next", PURCHASES, ["--scores"]),
    ("loyalty", PURCHASES, ["--store", "store", "--attitudes", "attitudes.csv"]),
    ("loyalty", PURCHASES, ["--scores"]),
    ("loyalty", PURCHASES, ["--check", "60"]),
    ("roi", PURCHASES, ["--rewards", "rewards.csv", "--reward-cost", "cost"]),
    ("profit", PURCHASES, ["--goods", "margin", "--serving-each", "1"]),
    ("profit", PURCHASES, ["--goods-percent", "60", "--scores"]),
    ("demand", PURCHASES, ["--store", "store", "--category", "category", "--horizon", "7"]),
    ("baskets", PURCHASES, ["--basket", "receipt", "--item", "product"]),
    ("types", PURCHASES, ["--discount", "saved", "--brand", "brand", "--category", "category", "--promotion",
                          "promoted", "--views", "views"]),
    ("churn", MEMBERS, ["--target", "gone", "--id", "member", "--model", "logistic"]),
    ("churn", MEMBERS, ["--target", "gone", "--customer", "member", "--model", "trees", "--folds", "2", "--scores"]),
    ("churn", MEMBERS, ["--reason", "why", "--segment", "store"]),
    ("survival", MEMBERS, ["--time", "months", "--event", "ended", "--group", "plan"]),
    ("survival", MEMBERS, ["--time", "months", "--event", "ended", "--covariates", "plan,visits,spend"]),
    ("experiment", MEMBERS, ["--group", "arm", "--outcome", "spend,bought", "--covariate", "visits", "--before",
                             "before,before"]),
    ("uplift", MEMBERS, ["--treatment", "treated", "--outcome", "bought", "--id", "member", "--ignore", "arm",
                         "--folds", "2"]),
    ("pls", MEMBERS, ["--model", "model.txt", "--bootstrap", "50", *GROUPS]),
    ("nps", MEMBERS, ["--score", "recommend", *GROUPS]),
    ("nps", MEMBERS, ["--score", "recommend", "--date", "day"]),
    ("csat", MEMBERS, ["--score", "satisfied", *GROUPS]),
    ("ces", MEMBERS, ["--score", "easy", "--date", "day"]),
    ("attributes", MEMBERS, ["--scores", "satisfied,easy", "--expectations", "satisfied_then,easy_then"]),
    ("drivers", MEMBERS, ["--outcome", "satisfied", "--drivers", "easy,recommend,spend", "--samples", "50"]),
    ("trend", MEMBERS, ["--score", "recommend", "--date", "day"]),
    ("matrix", MEMBERS, ["--satisfaction", "satisfied", "--loyalty", "recommend"]),
    ("matrix", MEMBERS, ["--satisfaction", "satisfied", "--value", "spend"]),
    ("panel", MEMBERS, SCORES),
    ("duplicates", MEMBERS, ["--map", "name=why", "--map", "birthday=day", "--map", "city=store", "--summary"]),
    ("segments", MEMBERS, ["--customer", "member", "--features", "visits,spend,months"]),
]
ENDLESS = ["demand", "baskets"]  # they have no --until


def call_name(call):
    return "-".join([call[0], *(word.strip("-") for word in call[2][:2])])


# ---- sound files ----

def purchase_rows(dice, customers=30):
    rows = [["customer", "date", "amount", "store", "category", "product", "receipt", "saved", "brand", "promoted",
             "pieces", "margin", "views", "shop_size"]]
    for customer in range(customers):
        size = dice.choice([1, 2, 3])
        day, gap = dice.randrange(200), dice.choice([20, 40, 90])
        while day < 420:
            kind = dice.randrange(4)
            amount = dice.gammavariate(3, 8)
            rows.append([f"c{customer}", f"{2025 + day // 365}-{day % 365 // 31 + 1:02}-{day % 31 % 28 + 1:02}",
                         f"{amount:.2f}", f"shop {kind % 2}", f"kind {kind}", f"p{dice.randrange(12)}",
                         f"r{customer}-{day // 3}", f"{dice.choice([0, 1.5])}", f"maker {dice.randrange(3)}",
                         f"{dice.randrange(2)}", f"{1 + dice.randrange(3)}", f"{amount / 4:.2f}",
                         f"{dice.randrange(4)}", f"{size}"])
            day += 1 + int(dice.expovariate(1 / gap))
    return rows


def member_rows(dice, members=120):
    rows = [["member", "day", "gone", "months", "ended", "arm", "spend", "before", "treated", "bought", "plan", "visits",
             "recommend", "satisfied", "easy", "recommend_then", "satisfied_then", "easy_then", "why", "store"]]
    for member in range(members):
        mood, visits = dice.gauss(0, 1), dice.randrange(20)
        answer = [max(1, min(5, round(3 + mood + dice.gauss(0, 1)))) for _ in range(4)]
        ten = [max(0, min(10, round(7 + 2 * mood + dice.gauss(0, 1)))) for _ in range(2)]
        treated = dice.randrange(2)
        rows.append([f"m{member}", f"2025-{1 + member % 12:02}-{1 + member % 28:02}",
                     "yes" if dice.random() < 0.3 + 0.01 * visits else "no", f"{1 + dice.expovariate(0.1):.1f}",
                     f"{dice.randrange(2)}", ["control", "mail"][treated], f"{dice.gammavariate(2, 20):.2f}",
                     f"{dice.gammavariate(2, 20):.2f}", f"{treated}", f"{int(dice.random() < 0.3 + 0.2 * treated)}",
                     dice.choice(["monthly", "yearly"]), f"{visits}", f"{ten[0]}", f"{answer[0]}", f"{answer[1]}",
                     f"{ten[1]}", f"{answer[2]}", f"{answer[3]}", dice.choice(["too dear", "moved", "rude staff"]),
                     dice.choice(["North", "South"])])
    return rows


KEYS = {PURCHASES: ["customer", "date"], MEMBERS: ["member", "day"]}
TEXTS = {"customer", "date", "store", "category", "product", "receipt", "brand", "member", "day", "gone", "arm", "plan",
         "why"}


@functools.lru_cache(maxsize=4)
def sound_rows(kind, seed=1):
    dice = random.Random(seed)
    return purchase_rows(dice) if kind == PURCHASES else member_rows(dice)


def as_csv(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


# Files that options name.
BESIDE = {
    "rewards.csv": "customer,start,end,cost\n" + "".join(
        f"c{i},2025-0{1 + i % 6}-01,2025-0{2 + i % 6}-01,{i % 3}\n" for i in range(20)),
    "attitudes.csv": "customer,recommendation,satisfaction\n" + "".join(
        f"c{i},{i % 11},{1 + i % 5}\n" for i in range(20)),
    "model.txt": "Mood: satisfied easy\nLoyalty: recommend satisfied_then\nMood -> Loyalty\n",
}
