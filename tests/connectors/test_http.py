"""Counting, pacing, retrying and naming: what every connector relies on."""

import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswalk.errors import ConfigError, CrosswalkError, RecordError, TerminalError, TransientError
from crosswalk.platform.http import OVERTAKING, CallCounter, Pacer, Refusal, Rule, classify, retrying
from crosswalk.testing.hostile import EMAILS, texts


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def failing(*errors: CrosswalkError) -> Callable[[], str]:
    """A call that fails with each error in turn and then succeeds."""
    left = list(errors)

    def call() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return call


def test_calls_are_counted_by_many_threads() -> None:
    calls = CallCounter()

    def work() -> None:
        for _ in range(1_000):
            calls.add()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls.made == 8_000


@given(calls=st.integers(1, 20), seconds=st.floats(0.1, 10), pauses=st.lists(st.floats(0, 5), max_size=60))
def test_no_window_ever_holds_more_calls_than_allowed(calls: int, seconds: float, pauses: list[float]) -> None:
    moment = Time()
    pacer = Pacer(calls, seconds, clock=moment.clock, sleep=moment.sleep)
    sent = []
    for pause in pauses:
        moment.now += pause
        pacer.wait()
        sent.append(moment.now)
    for first, later in zip(sent, sent[calls:], strict=False):
        assert later - first > seconds


@given(
    first=st.integers(0, 20),
    then=st.integers(1, 20),
    before=st.lists(st.floats(0, 2), max_size=30),
    after=st.lists(st.floats(0, 2), max_size=40),
)
def test_a_stated_allowance_counts_what_was_sent_before(
    first: int, then: int, before: list[float], after: list[float]
) -> None:
    moment = Time()
    pacer = Pacer(first, 5.0, clock=moment.clock, sleep=moment.sleep)
    sent = []
    for pause in before:
        moment.now += pause
        pacer.wait()
        sent.append(moment.now)
    pacer.learn(then, 5.0)
    known = len(sent)
    for pause in after:
        moment.now += pause
        pacer.wait()
        sent.append(moment.now)
    for place in range(max(known, then), len(sent)):
        assert sent[place] - sent[place - then] > 5.0


def test_a_short_run_is_not_slowed() -> None:
    moment = Time()
    pacer = Pacer(5, 1.0, clock=moment.clock, sleep=moment.sleep)
    for _ in range(5):
        pacer.wait()
    assert moment.slept == []
    pacer.wait()
    assert moment.slept == [pytest.approx(1 + OVERTAKING)]


def test_threads_share_one_allowance() -> None:
    pacer, sent = Pacer(5, 0.1), []

    def work() -> None:
        for _ in range(5):
            pacer.wait()
            sent.append(time.monotonic())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(sent) - min(sent) > 0.4


@pytest.mark.parametrize(
    ("rate", "seconds_for_ten"),
    [(4.0, 2 * (1 + OVERTAKING)), (2.5, 4 * (0.8 + OVERTAKING)), (0.5, 9 * (2 + OVERTAKING))],
)
def test_a_rate_may_be_a_fraction(rate: float, seconds_for_ten: float) -> None:
    moment = Time()
    pacer = Pacer.rate(rate, moment.clock, moment.sleep)
    for _ in range(10):
        pacer.wait()
    assert sum(moment.slept) == pytest.approx(seconds_for_ten)


def test_an_unlimited_pacer_never_waits() -> None:
    start = time.monotonic()
    for pacer in [Pacer.unlimited()] * 1_000:
        pacer.wait()
    assert time.monotonic() - start < 0.5


def test_the_vendors_delay_is_kept_to() -> None:
    moment = Time()
    assert (
        retrying(failing(TransientError("x", delay=7.0), TransientError("x", delay=0.0)), sleep=moment.sleep) == "done"
    )
    assert moment.slept == [7.0, 0.0]


def test_waits_double_and_stay_below_the_ceiling() -> None:
    moment = Time()
    call = failing(*[TransientError("x") for _ in range(9)])
    assert retrying(call, attempts=10, sleep=moment.sleep, backoff=1.0, ceiling=8.0) == "done"
    for slept, longest in zip(moment.slept, [1, 2, 4, 8, 8, 8, 8, 8, 8], strict=True):
        assert longest / 2 <= slept <= longest or slept == 8.0


def test_the_last_error_is_raised_after_all_attempts() -> None:
    moment = Time()
    errors = [TransientError(str(number)) for number in range(9)]
    with pytest.raises(TransientError, match="2"):
        retrying(failing(*errors), attempts=3, sleep=moment.sleep)
    assert len(moment.slept) == 2


def test_a_delay_beyond_the_ceiling_is_left_to_the_schedule() -> None:
    moment = Time()
    with pytest.raises(TransientError) as raised:
        retrying(failing(TransientError("daily", delay=3_600.0)), sleep=moment.sleep)
    assert raised.value.delay == 3_600.0
    assert moment.slept == []


@pytest.mark.parametrize("error", [TerminalError("x"), RecordError("x", code="y"), ConfigError("x")])
def test_nothing_else_is_retried(error: CrosswalkError) -> None:
    moment = Time()
    with pytest.raises(type(error)):
        retrying(failing(error), sleep=moment.sleep)
    assert moment.slept == []


RULES = (
    Rule(429, "DAILY", TransientError, "Wait for midnight.", delay=3600.0),
    Rule(429, None, TransientError, "Too fast."),
    Rule(None, "BAD_VALUE", RecordError, "Mend the value."),
    Rule(400, "NO_FIELD", ConfigError, "Mend the mapping."),
    Rule(401, None, TerminalError, "Mend the token."),
)


def test_the_first_rule_that_matches_names_the_error() -> None:
    daily = classify(Refusal(429, "DAILY"), RULES, "Vendor")
    other = classify(Refusal(429, "BURST", retry_after=3.0), RULES, "Vendor")
    record = classify(Refusal(207, "BAD_VALUE", fields=("email",)), RULES, "Vendor")
    assert isinstance(daily, TransientError)
    assert daily.delay == 3600.0
    assert isinstance(other, TransientError)
    assert other.delay == 3.0
    assert isinstance(record, RecordError)
    assert (record.code, record.fields) == ("BAD_VALUE", ("email",))
    assert isinstance(classify(Refusal(400, "NO_FIELD"), RULES, "Vendor"), ConfigError)


def test_the_vendors_own_delay_goes_before_the_rules() -> None:
    error = classify(Refusal(429, "DAILY", retry_after=0.0), RULES, "Vendor")
    assert isinstance(error, TransientError)
    assert error.delay == 0.0


def test_an_unknown_refusal_is_terminal() -> None:
    error = classify(Refusal(418, "TEAPOT"), RULES, "Vendor")
    assert isinstance(error, TerminalError)
    assert error.code == "TEAPOT"


def test_no_answer_is_said_to_be_none() -> None:
    assert str(classify(Refusal(0, "TIMEOUT"), RULES, "Vendor")).startswith("Vendor did not answer (TIMEOUT)")


def test_a_message_says_who_what_where_and_what_to_do() -> None:
    refusal = Refusal(401, "INVALID", fields=("email", "phone"), correlation_id="abc-1")
    text = str(classify(refusal, RULES, "Vendor"))
    assert text == "Vendor answered 401 INVALID on email, phone [correlation abc-1]: Mend the token."


@pytest.mark.parametrize("email", [email for email in EMAILS.values() if "@example" in email and "<" not in email])
def test_no_address_gets_into_an_error(email: str) -> None:
    refusal = Refusal(400, email, message=f"Contact {email} exists, call 2125550199", fields=(email,))
    text = str(classify(refusal, RULES, "Vendor"))
    assert "example" not in text
    assert "ana" not in text.lower()
    assert "2125550199" not in text
    assert "400 UNREADABLE_CODE" in text


@given(code=texts(), message=texts())
def test_an_error_is_one_short_line_whatever_the_vendor_says(code: str, message: str) -> None:
    text = str(classify(Refusal(500, code, message=message), RULES, "Vendor"))
    assert text.isprintable() or not any(char in text for char in "\0\n\r\t\u2028\x1b")
    assert len(text) < 500
