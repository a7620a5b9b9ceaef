"""What a gate does to a batch, with the real Great Expectations."""

import logging
import os
import socket
import sys
import time
from datetime import UTC, datetime

import polars as pl
import pytest

from crosswalk.domain import schema
from crosswalk.errors import ConfigError, GateFailed, TerminalError
from crosswalk.platform.expectations import known_types
from crosswalk.platform.gates import Finding, Gates, Suite, Tally, When

REGEX = "expect_column_values_to_match_regex"


def reasons(frame: pl.DataFrame) -> dict[str, str]:
    return dict(frame.select("unit", "reason").iter_rows())


def test_hold_refuses_the_failing_rows_only(gates, rule, mails) -> None:
    result = gates(rule()).check("shaped", mails("a@x.org", None, "b@x.org"))
    assert result.refused.schema == pl.Schema(schema.dtypes(schema.VERDICTS))
    assert result.refused.rows() == [("u1", "quarantined", "EMAIL_MISSING")]
    assert result.findings == (Finding("rule", "hold", "EMAIL_MISSING", 1, 3),)


@pytest.mark.parametrize("severity", ["info", "warn"])
def test_info_and_warn_refuse_nothing(gates, rule, mails, severity) -> None:
    result = gates(rule(severity=severity)).check("shaped", mails(None, "a@x.org"))
    assert result.refused.is_empty()
    assert [finding.severity for finding in result.findings] == [severity]


def test_stop_says_gate_expectation_and_reason(gates, rule, mails) -> None:
    checked = gates(rule("mail", severity="stop"), rule("hold"))
    with pytest.raises(GateFailed, match=r"gate shaped: mail \(EMAIL_MISSING\) failed for 1 of 2 rows") as caught:
        checked.check("shaped", mails(None, "a@x.org"))
    assert (caught.value.gate, caught.value.failed, caught.value.total) == ("shaped", 1, 2)
    assert [tally.failed for tally in checked.findings()] == [1, 1], "a stopped batch is still counted"


def test_every_one_of_50_000_failing_rows_is_refused(gates, rule) -> None:
    units = [f"u{n}" for n in range(60_000)]
    frame = pl.DataFrame({"unit": units, "email": [None if n % 6 else "a@x.org" for n in range(60_000)]})
    started = time.perf_counter()
    result = gates(rule(), rule("again", REGEX, reason="NOT_B", column="email", regex="^b")).check("shaped", frame)
    assert time.perf_counter() - started < 5
    missing = result.refused.filter(pl.col("reason") == "EMAIL_MISSING")["unit"]
    assert set(missing) == {unit for n, unit in enumerate(units) if n % 6}
    assert len(missing) == 50_000
    assert result.refused.height == 60_000


@pytest.mark.parametrize("order", [("missing", "gmail"), ("gmail", "missing")])
def test_first_failing_hold_in_suite_order_names_the_reason(gates, rule, order) -> None:
    both = {
        "missing": rule("missing", reason="MISSING", column="phone"),
        "gmail": rule("gmail", REGEX, reason="GMAIL", column="email", regex="@gmail"),
    }
    frame = pl.DataFrame({"unit": ["both", "one"], "email": ["a@x.org", "b@x.org"], "phone": [None, "+1"]})
    result = gates(*(both[name] for name in order)).check("shaped", frame)
    assert reasons(result.refused) == {"both": order[0].upper(), "one": "GMAIL"}


def test_rows_of_one_unit_are_refused_once(gates, rule) -> None:
    frame = pl.DataFrame(
        {"unit": ["u", "u", "v"], "email": ["x", None, "a@x"], "phone": pl.Series([None, None, "+1"], dtype=pl.String)}
    )
    checked = gates(rule("a", reason="FIRST"), rule("b", reason="SECOND", column="phone"))
    result = checked.check("shaped", frame)
    assert result.refused.rows() == [("u", "quarantined", "FIRST")]
    assert [finding.failed for finding in result.findings] == [1, 2]


@pytest.mark.parametrize(
    ("values", "refused"),
    [((None,), ["u0", "u3"]), (("spam",), ["u1"]), (("spam", None), ["u0", "u1", "u3"]), (("test",), [])],
)
def test_when_chooses_rows_null_included(gates, rule, mails, values, refused) -> None:
    frame = mails(None, None, "a@x.org", None).with_columns(drop_reason=pl.Series([None, "spam", None, None]))
    checked = gates(rule(when=When("drop_reason", values)), rule("all", severity="info"))
    result = checked.check("shaped", frame)
    assert sorted(result.refused["unit"]) == refused
    judged = checked.findings()[0].total
    assert judged == frame["drop_reason"].is_in(values, nulls_equal=True).sum()


def test_hold_above_its_share_stops(gates, rule, mails) -> None:
    checked = gates(rule(share=0.5))
    assert checked.check("shaped", mails(None, "a@x")).refused.height == 1
    with pytest.raises(GateFailed):
        checked.check("shaped", mails(None, None, "a@x"))


def test_shares_are_not_judged_in_small_batches(gates, rule, mails) -> None:
    assert gates(rule(share=0.5, min_rows=3)).check("shaped", mails(None, None)).refused.height == 2
    share = rule(severity="stop", min_rows=3, column="email", mostly=0.6)
    assert gates(share).check("shaped", mails(None, None)).findings == ()
    with pytest.raises(GateFailed):
        gates(share).check("shaped", mails(None, None, "a@x"))


def test_mostly_stops_only_below_the_share(gates, rule, mails) -> None:
    checked = gates(rule(severity="stop", column="email", mostly=0.6))
    assert checked.check("shaped", mails("a", "b", "c", None, None)).findings == ()
    with pytest.raises(GateFailed):
        checked.check("shaped", mails("a", "b", None, None, None))


@pytest.mark.parametrize("severity", ["hold", "stop"])
def test_a_column_that_is_gone_stops(gates, rule, mails, severity) -> None:
    with pytest.raises(GateFailed, match="fax"):
        gates(rule("fax", severity=severity, column="fax"), rule()).check("shaped", mails("a@x"))


def test_a_column_that_is_gone_is_a_finding_for_a_warning(gates, rule, mails) -> None:
    result = gates(rule("fax", severity="warn", column="fax"), rule()).check("shaped", mails("a@x", None))
    assert [(finding.expectation, finding.failed) for finding in result.findings] == [("fax", 2), ("rule", 1)]
    assert result.refused.height == 1


def test_empty_batch_and_gate_without_suite_pass(gates, rule, mails) -> None:
    checked = gates(rule(severity="stop"))
    assert checked.check("shaped", mails()).refused.is_empty()
    assert checked.check("routed", mails(None)).findings == ()
    assert checked.findings() == []


def test_other_unit_column(gates, rule) -> None:
    frame = pl.DataFrame({"action_id": ["a1"], "email": pl.Series([None], dtype=pl.String)})
    assert gates(rule()).check("shaped", frame, unit="action_id").refused["unit"].to_list() == ["a1"]


def test_a_row_without_unit_is_a_bug(gates, rule) -> None:
    with pytest.raises(TerminalError, match="without a unit"):
        gates(rule()).check("shaped", pl.DataFrame({"unit": [None, "u"], "email": ["a", "b"]}))


def test_findings_add_up_over_batches(gates, rule, mails) -> None:
    checked = gates(rule(), rule("share", severity="warn", column="email", mostly=0.5))
    for batch in (mails(None, "a"), mails("b"), mails(None, None, "c")):
        checked.check("shaped", batch)
    assert checked.findings() == [
        Tally("shaped", "rule", "hold", "EMAIL_MISSING", failed=3, total=6, batches=3, missed=2),
        Tally("shaped", "share", "warn", "EMAIL_MISSING", failed=3, total=6, batches=3, missed=1),
    ]


@pytest.mark.parametrize(
    ("expect", "args", "failing"),
    [
        ("expect_column_values_to_be_between", {"column": "n", "min_value": 0, "max_value": 2}, {"u3"}),
        ("expect_column_values_to_be_in_set", {"column": "flag", "value_set": [True]}, {"u1"}),
        ("expect_column_values_to_be_unique", {"column": "email"}, {"u0", "u3"}),
        ("expect_column_pair_values_to_be_equal", {"column_A": "email", "column_B": "key"}, {"u1", "u3"}),
        ("expect_compound_columns_to_be_unique", {"column_list": ["email", "flag"]}, {"u0", "u3"}),
        ("expect_column_values_to_not_match_regex", {"column": "codes", "regex": "UTM_PII"}, {"u2"}),
        ("expect_column_values_to_not_be_null", {"column": "at"}, {"u0"}),
    ],
)
def test_columns_of_every_type_with_nulls(gates, rule, expect, args, failing) -> None:
    frame = pl.DataFrame(
        {
            "unit": ["u0", "u1", "u2", "u3"],
            "n": [None, 0, 2, 3],
            "flag": [True, False, None, True],
            "email": ["a", "b", None, "a"],
            "key": ["a", "x", None, "b"],
            "codes": [[], None, ["ZIP_PADDED", "UTM_PII"], ["ZIP_PADDED"]],
            "at": pl.Series([None, 1, 2, 3]).cast(pl.Datetime("us", "UTC")),
        }
    )
    assert set(gates(rule("r", expect, **args)).check("shaped", frame).refused["unit"]) == failing


def test_every_type_that_suites_may_use_can_be_computed(gates, rule) -> None:
    frame = pl.DataFrame({"unit": ["a", "b", "c"], "n": [1, 2, 300], "m": [1, 3, 300], "text": ["x", "y", None]})
    values = {"column": "n", "column_A": "n", "column_B": "m", "column_list": ["n", "m"], "value_set": [1]}
    values |= {"value_pairs_set": [[1, 1]], "regex": "^x", "regex_list": ["^x"], "strftime_format": "%Y", "value": 1}
    values |= {"threshold": 1, "double_sided": True, "sum_total": 2, "min_value": 0, "max_value": 1}
    rules = []
    for kind, about in known_types().items():
        args = {name: value for name, value in values.items() if name in about["arguments"]}
        if any(word in kind for word in ("regex", "strftime", "json", "dateutil", "length")):
            args["column"] = "text"
        rules.append(rule(kind, kind, "info", **args))
    checked = gates(*rules)
    checked.check("shaped", frame)
    found = {tally.expectation: tally.failed for tally in checked.findings()}
    assert len(found) == len(known_types()) > 40
    assert found["expect_column_pair_values_to_be_in_set"] == 2
    assert found["expect_multicolumn_sum_to_equal"] == 2
    assert found["expect_column_max_to_be_between"] == 3


def test_a_rule_that_cannot_be_computed_is_terminal_and_quotes_nothing(gates, rule, mails, caplog, capsys) -> None:
    broken = rule("broken", "expect_column_values_to_be_between", column="email", min_value=1)
    with caplog.at_level(logging.DEBUG), pytest.raises(TerminalError, match="broken cannot be judged") as caught:
        gates(broken).check("shaped", mails("canary@secret.example"))
    assert "canary" not in str(caught.value) + caplog.text + "".join(capsys.readouterr())


def test_nothing_is_printed(gates, rule, mails, capfd) -> None:
    gates(rule()).check("shaped", mails(*[None] * 3_000))
    assert capfd.readouterr() == ("", "")


def test_arguments_that_great_expectations_refuses(rule) -> None:
    with pytest.raises(ConfigError, match="rule"):
        Gates({"shaped": Suite("shaped", "", (rule(column="email", mostly=7),))})


def test_no_analytics_and_no_network(gates, rule, mails, monkeypatch, tmp_path) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    checked = gates(rule())
    assert checked.check("shaped", mails("a", None)).refused.height == 1
    assert checked.write_docs(tmp_path, "run", datetime(2026, 11, 22, tzinfo=UTC)).is_file()
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
    assert "posthog" not in sys.modules
