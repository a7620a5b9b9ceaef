"""The SOQL parser by itself: a table, a round trip, and indexed look-ups against a plain scan."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.soql_ast import And, Comparison, Condition, Literal, Not, Or, Ordering, Query, Selected
from sandbox.salesforce.soql_parse import parse
from sandbox.salesforce.soql_run import Asked, run


def string(text):
    return Literal("string", text)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("A = 'x'", Comparison("A", "=", (string("x"),))),
        ("A<>'x'", Comparison("A", "!=", (string("x"),))),
        ("A = 'it\\'s \\\"q\\\" \\\\ \\n \\u00e9'", Comparison("A", "=", (string('it\'s "q" \\ \n \u00e9'),))),
        ("A.B NOT IN (1, -2.5)", Comparison("A.B", "NOT IN", (Literal("number", "1"), Literal("number", "-2.5")))),
        ("A = 2026-01-01", Comparison("A", "=", (Literal("date", "2026-01-01"),))),
        ("A>2026-01-01T00:00:00Z", Comparison("A", ">", (Literal("datetime", "2026-01-01T00:00:00Z"),))),
        ("A = last_n_days:30", Comparison("A", "=", (Literal("period", "LAST_N_DAYS:30"),))),
        ("A LIKE '50\\%\\_\\\\%'", Comparison("A", "LIKE", (string("50\\%\\_\\\\%"),))),
        ("A = '50\\%'", Comparison("A", "=", (string("50%"),))),
        ("NOT A = true", Not(Comparison("A", "=", (Literal("boolean", "TRUE"),)))),
        ("((A = null))", Comparison("A", "=", (Literal("null", "NULL"),))),
    ],
)
def test_conditions(text, where):
    assert plain(parse(f"SELECT Id FROM Lead WHERE {text}").where) == where


def test_aliases_disappear():
    query = parse("SELECT l.Id, l.Owner.Name FROM Lead l WHERE l.Name = 'x' ORDER BY l.Id")
    assert [s.path for s in query.select] == ["Id", "Owner.Name"] and query.order_by[0].path == "Id"


@pytest.mark.parametrize("text", ["", "SELECT", "SELECT Id", "SELECT Id FROM Lead LIMIT x", "SELECT Id, FROM Lead",
                                  "SELECT Id FROM Lead WHERE A IN ()", "SELECT Id FROM Lead WHERE A LIKE 5",
                                  "SELECT Id FROM Lead WHERE A = 'x\\q'", "SELECT Id FROM Lead; DROP", "UPDATE Lead",
                                  "SELECT NOPE(Id) FROM Lead", "SELECT Id FROM Lead WHERE (A = 1"])  # fmt: skip
def test_malformed(text):
    with pytest.raises(SalesforceError) as refused:
        parse(text)
    assert refused.value.code == "MALFORMED_QUERY"


# -- parse(render(query)) == query ----------------------------------------------------------------------------------

NAMES = st.sampled_from(["Name", "Email", "Owner.Name", "Crosswalk_Id__c", "SystemModstamp"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="%_"), max_size=12)
LITERALS = st.one_of(
    TEXTS.map(string),
    st.integers(-999, 999).map(lambda n: Literal("number", str(n))),
    st.sampled_from([Literal("boolean", "TRUE"), Literal("boolean", "FALSE"), Literal("null", "NULL"),
                     Literal("date", "2026-02-03"), Literal("datetime", "2026-02-03T04:05:06Z"),
                     Literal("period", "TODAY"), Literal("period", "NEXT_N_DAYS:3")]),
)  # fmt: skip
COMPARISONS = st.one_of(
    st.builds(Comparison, NAMES, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.tuples(LITERALS)),
    st.builds(Comparison, NAMES, st.just("LIKE"), st.tuples(TEXTS.map(lambda t: string(t.replace("\\", ""))))),
    st.builds(
        Comparison, NAMES, st.sampled_from(["IN", "NOT IN"]), st.lists(LITERALS, min_size=1, max_size=4).map(tuple)
    ),
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda terms: And(tuple(terms))),
        st.lists(inner, min_size=2, max_size=3).map(lambda terms: Or(tuple(terms))),
    ),
    max_leaves=6,
)
QUERIES = st.builds(
    Query,
    select=st.lists(NAMES.map(Selected), min_size=1, max_size=3).map(tuple),
    source=st.just("Lead"),
    where=st.none() | CONDITIONS,
    group_by=st.lists(NAMES, max_size=2).map(tuple),
    order_by=st.lists(st.builds(Ordering, NAMES, st.booleans(), st.booleans()), max_size=2).map(tuple),
    limit=st.none() | st.integers(0, 5000),
    offset=st.none() | st.integers(0, 2000),
)


def render_literal(value: Literal) -> str:
    if value.kind != "string":
        return value.text
    escaped = value.text.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + "'"


def render(node: Condition) -> str:
    match node:
        case Comparison(path, op, values):
            shown = [render_literal(v) for v in values]
            return f"{path} {op} ({', '.join(shown)})" if op in ("IN", "NOT IN") else f"{path} {op} {shown[0]}"
        case Not(term):
            return f"NOT ({render(term)})"
        case And(terms):
            return " AND ".join(f"({render(t)})" for t in terms)
        case Or(terms):
            return " OR ".join(f"({render(t)})" for t in terms)


def render_query(query: Query) -> str:
    parts = [f"SELECT {', '.join(s.path for s in query.select)} FROM {query.source}"]
    if query.where:
        parts.append(f"WHERE {render(query.where)}")
    if query.group_by:
        parts.append(f"GROUP BY {', '.join(query.group_by)}")
    if query.order_by:
        parts.append("ORDER BY " + ", ".join(
            o.path + (" DESC" if o.descending else "") + (" NULLS LAST" if o.nulls_last else "") for o in query.order_by
        ))  # fmt: skip
    if query.limit is not None:
        parts.append(f"LIMIT {query.limit}")
    if query.offset is not None:
        parts.append(f"OFFSET {query.offset}")
    return " ".join(parts)


def plain(node: Condition | None) -> Condition | None:
    """Without positions."""
    match node:
        case Comparison(path, op, values):
            return Comparison(path, op, values)
        case Not(term):
            return Not(plain(term))  # type: ignore[arg-type]
        case And(terms):
            return And(tuple(map(plain, terms)))  # type: ignore[arg-type]
        case Or(terms):
            return Or(tuple(map(plain, terms)))  # type: ignore[arg-type]
    return None


@settings(max_examples=200, deadline=None)
@given(QUERIES)
def test_parsing_what_was_rendered_gives_it_back(query):
    found = parse(render_query(query))
    assert plain(found.where) == query.where
    assert [s.path for s in found.select] == [s.path for s in query.select]
    assert [(o.path, o.descending, o.nulls_last) for o in found.order_by] == [
        (o.path, o.descending, o.nulls_last) for o in query.order_by
    ]
    assert (found.group_by, found.limit, found.offset) == (query.group_by, query.limit, query.offset)


# -- an indexed query finds what a scan finds -------------------------------------------------------------------------

EMAILS = ["a@example.org", "B@example.org", "c@example.org", None]
VALUES = st.sampled_from(["A@example.org", "b@example.org", "x@example.org", ""])


@pytest.fixture(scope="module")
def org():
    made = Org()
    made.load({"Lead": [
        {"LastName": f"L{n % 3}", "Company": "Acme", "Email": EMAILS[n % 4], "Title": EMAILS[n % 4],
         "IsDeleted": n % 7 == 0}
        for n in range(40)
    ]})  # fmt: skip
    return made


INDEXED = st.recursive(
    st.one_of(
        st.builds(lambda v: Comparison("Email", "=", (string(v),)), VALUES),
        st.builds(lambda v: Comparison("Email", "!=", (string(v),)), VALUES),
        st.builds(lambda vs: Comparison("Email", "IN", tuple(map(string, vs))), st.lists(VALUES, min_size=1)),
        st.just(Comparison("LastName", "=", (string("l1"),))),
    ),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda t: And(tuple(t))),
        st.lists(inner, min_size=2, max_size=3).map(lambda t: Or(tuple(t))),
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(INDEXED)
def test_indexed_and_plain_fields_agree(org, node):
    """Title holds the same values as Email but has no index: each condition must find the same records with it."""
    where = render(node)
    found, scanned = (
        sorted(r["Id"] for r in run(org, Asked(f"SELECT Id FROM Lead WHERE {text}", "66.0")).records)
        for text in (where, where.replace("Email", "Title"))
    )
    assert found == scanned
