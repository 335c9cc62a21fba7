"""The SQL that both engines share: the agreed subset, and keys that shard by bucket."""
import re

import tree

# Words outside the subset, each with the reason. Statements with a dialect of their own are free.
FORBIDDEN = {
    r"\bnow\s*\(": "time comes as a parameter",
    r"\bcurrent_(time|date|timestamp)\b": "time comes as a parameter",
    r"\b(datetime|strftime|julianday|date_trunc|extract)\s*\(": "days are decided by the programme's zone, not by SQL",
    r"\brandom\s*\(|\brandomblob\s*\(|\bgen_random_uuid\b": "chance is a hash",
    r"\blike\b|\bilike\b|\bglob\b|\bsimilar\s+to\b": "engines differ in it",
    r"\bfor\s+(update|share|no\s+key\s+update)\b": "heads serialise",
    r"\b(big)?serial\b|\bnextval\b|\bautoincrement\b|\bidentity\b": "ids are made of seq and bucket",
    r"\bmerge\s+into\b|\binsert\s+or\b|\breplace\s+into\b": "ON CONFLICT says it",
    r"\btrigger\b|\bsavepoint\b|\bprocedure\b": "all logic is in decide",
    r"->|\bjson\w*\s*\(": "no JSON on the hot path",
    r"/": "integer division differs; divide in C",
    r"\browid\b|\bctid\b|\bpragma\b": "known to one engine only",
    r"\b(int|integer|smallint|varchar|char|boolean|real|double|numeric|decimal|float|timestamp|jsonb?|blob)\b":
        "columns are bigint, text or bytea",
}

KEYWORDS = ("select insert into update delete from where values join inner outer cross group order having limit union except "
            "set and or not null is in exists between case when then else distinct create table index primary "
            "unique on conflict do nothing returning with as asc desc cast").split()

# Tables without member data, or whose key is global by design; every other key begins with bucket.
KEYED_OTHERWISE = {
    "migration": "the schema itself",
    "claim": "unique over all members",
    "request": "unique over all members",
    "counter": "global budgets and stocks",
    "cursor": "positions of readers",
    "tombstone": "hashes of erased identifiers",
}
CONFIGURATION = {  # written by administrators, replicated to every shard
    "account", "api_key", "audit", "business_day", "category", "channel", "configuration", "currency_rate",
    "custom_field", "earning_rule", "export_approval", "second_factor", "identity_attempt", "identity_link",
    "event_kind", "field", "field_definition", "item", "job", "kind", "ladder", "mapping", "multiplier", "programme",
    "programme_version", "publication", "saved_mapping", "session", "setting", "sign_in_failure", "settings", "store", "tier", "tier_definition",
    "user_account", "users", "wallet_definition",
}


def statements():
    for path in tree.below("src", ".sql"):
        for line, text in tree.sql_statements(path):
            yield path, line, text


def tables():
    """name -> (path, line, first column of the key) of every table that a migration creates."""
    found = {}
    for path, line, text in statements():
        create = re.search(r"\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)\s*\((.*)", text, re.S)
        if create:
            key = re.search(r"\bPRIMARY\s+KEY\s*\(\s*(\w+)", create[2])
            inline = re.search(r"(\w+)\s+\w+[^,(]*\bPRIMARY\s+KEY\b(?!\s*\()", create[2])
            found[create[1]] = (path, line, key[1] if key else inline[1] if inline else None)
    return found


def test_shared_sql_keeps_to_the_subset():
    problems = []
    for path, line, text in statements():
        for pattern, reason in FORBIDDEN.items():
            match = re.search(pattern, text, re.I)
            if match:
                at = line + text[:match.start()].count("\n")
                problems.append(f"{path}:{at}: '{match[0].strip()}': {reason}")
    tree.fail_with(problems)


def test_keywords_are_upper_case():
    problems = []
    pattern = re.compile(rf"(?<![:.\w])({'|'.join(KEYWORDS)})(?![\w.(])")
    for path, line, text in statements():
        match = pattern.search(text)
        if match:
            problems.append(f"{path}:{line + text[:match.start()].count(chr(10))}: '{match[1]}' is not in upper case")
    tree.fail_with(problems)


def test_keys_of_member_data_begin_with_bucket():
    problems = []
    for name, (path, line, key) in tables().items():
        if key is None:
            problems.append(f"{path}:{line}: table {name} has no primary key")
        elif key != "bucket" and name not in KEYED_OTHERWISE and name not in CONFIGURATION:
            problems.append(f"{path}:{line}: the key of table {name} begins with {key}, not with bucket")
    tree.fail_with(problems)


def test_statements_on_member_data_name_the_bucket():
    sharded = {name for name, (_, _, key) in tables().items() if key == "bucket"}
    problems = []
    for path, line, text in statements():
        if "migrations" in path.parts:
            continue
        named = {word for word in re.findall(r"\b(?:FROM|JOIN|INTO|UPDATE|USING)\s+(\w+)", text)}
        if named & sharded and not re.search(r"\bbucket\b", text):
            problems.append(f"{path}:{line}: {', '.join(sorted(named & sharded))} without bucket")
    tree.fail_with(problems)


def test_the_subset_tells_right_from_wrong():
    refused = ["SELECT now()", "SELECT random()", "WHERE name LIKE :x", "SELECT a FROM t FOR UPDATE", "id bigserial",
               "SELECT nextval('s')", "MERGE INTO t", "INSERT OR REPLACE INTO t", "CREATE TRIGGER x", "SELECT a / b", "a integer"]
    allowed = ["SELECT likes, merged_into FROM preference WHERE bucket = :bucket", "INSERT INTO t (a) VALUES (:a) ON CONFLICT DO NOTHING",
               "SELECT CAST(SUM(amount) AS bigint) FROM movement"]
    tree.fail_with([f"not refused: {text}" for text in refused
                    if not any(re.search(pattern, text, re.I) for pattern in FORBIDDEN)] +
                   [f"refused by {pattern}: {text}" for text in allowed for pattern in FORBIDDEN if re.search(pattern, text, re.I)])
