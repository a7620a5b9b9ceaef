"""What HubSpot's refusals become, read off real HTTP."""

import socket
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from connectors.hubspot.client import Client
from connectors.hubspot.errors import refusal
from crosswalk.errors import CrosswalkError, RecordError, TerminalError, TransientError
from crosswalk.platform.http import OVERTAKING, CallCounter, Pacer
from tests.connectors.wire import CannedServer, Portal, Reply

SECRET = "pat-na1-very-secret"
EMAIL = "ana.lopez@example.org"
CORRELATION = "4f1c2c1e-7f0a-4f5e-9d7e-0c6a2f1b3d4e"


class Patience:
    """Sleeps not at all and remembers how long it should have."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


def refused(url: str, patience: Patience | None = None, calls: CallCounter | None = None) -> CrosswalkError:
    """The error of a search at this address."""
    client = Client(url, SECRET, timeout=0.5, calls=calls, sleep=patience or Patience())
    with pytest.raises(CrosswalkError) as raised:
        client.search("contacts", {"limit": 1})
    return raised.value


def chain(error: BaseException) -> Iterator[str]:
    """Everything that a traceback of this error would print."""
    seen: BaseException | None = error
    while seen is not None:
        yield f"{seen} {seen!r} {getattr(seen, 'body', '')}"
        seen = seen.__cause__ or seen.__context__


SEARCH_429 = {
    "status": "error",
    "message": "You have reached your secondly limit.",
    "correlationId": CORRELATION,
    "category": "RATE_LIMITS",
}
GATEWAY_429 = {
    "status": "error",
    "message": "You have reached your ten_secondly_rolling limit.",
    "errorType": "RATE_LIMIT",
    "correlationId": CORRELATION,
    "policyName": "TEN_SECONDLY_ROLLING",
}
SCOPES_403 = {
    "status": "error",
    "message": f"The scope needed for {EMAIL} is missing",
    "correlationId": CORRELATION,
    "category": "MISSING_SCOPES",
    "errors": [{"message": "One or more…", "context": {"requiredGranularScopes": ["crm.objects.contacts.read"]}}],
}


@pytest.mark.parametrize(
    ("reply", "kind", "delay"),
    [
        (Reply.json(429, SEARCH_429), TransientError, 1.0),
        (Reply.json(429, GATEWAY_429), TransientError, 5.0),
        (Reply.json(429, {**GATEWAY_429, "policyName": "DAILY"}), TransientError, 3600.0),
        (Reply.json(429, SEARCH_429, **{"Retry-After": "3"}), TransientError, 3.0),
        (Reply(429), TransientError, 5.0),
        (Reply.json(423, {"category": "LOCKED"}), TransientError, 2.0),
        (Reply(477, b"", {"Retry-After": "20"}), TransientError, 20.0),
        (Reply(477), TransientError, 60.0),
        (Reply(502, "<h1>Passerelle fâchée</h1>".encode("latin-1")), TransientError, None),
        (Reply(503), TransientError, None),
        (Reply(504), TransientError, None),
        (Reply(521, b"<html>"), TransientError, None),
        (Reply(524, b"<html>"), TransientError, None),
        (Reply.json(401, {"category": "INVALID_AUTHENTICATION"}), TerminalError, None),
        (Reply.json(403, SCOPES_403), TerminalError, None),
        (Reply(414), TerminalError, None),
        (Reply.json(400, {"category": "VALIDATION_ERROR"}), TerminalError, None),
        (Reply.json(409, {"category": "CONFLICT"}), RecordError, None),
        # Known to nobody: no second try, a person must look.
        (Reply(500), TerminalError, None),
        (Reply.json(400, {"category": "BRAND_NEW"}), TerminalError, None),
        (Reply(302, b"", {"Location": "https://example.org/"}), TerminalError, None),
        (Reply.json(207, {"status": "COMPLETE", "results": []}), TerminalError, None),
        (Reply(204, b""), TerminalError, None),
    ],
)
def test_each_answer_says_what_to_do_next(
    canned: CannedServer, reply: Reply, kind: type[CrosswalkError], delay: float | None
) -> None:
    canned.replies = [reply]
    error = refused(canned.url)
    assert type(error) is kind
    assert getattr(error, "delay", None) == delay
    assert str(error).startswith(f"HubSpot answered {reply.status}")
    assert (len(canned.asked) == 1) == (kind is not TransientError or delay in (60.0, 3600.0))


def test_a_retry_after_waits_as_told_and_then_succeeds(canned: CannedServer) -> None:
    canned.replies = [Reply.json(429, SEARCH_429), Reply(503, b"", {"Retry-After": "2"}), Reply(200, b'{"ok":1}')]
    patience, calls = Patience(), CallCounter()
    client = Client(canned.url, SECRET, calls=calls, sleep=patience)
    assert client.search("contacts", {"limit": 1}) == b'{"ok":1}'
    assert patience.slept == [1.0, 2.0]
    assert calls.made == 3


def test_missing_scopes_are_named(canned: CannedServer) -> None:
    canned.replies = [Reply.json(403, SCOPES_403)]
    text = str(refused(canned.url))
    assert "crm.objects.contacts.read" in text
    assert "Private Apps" in text
    assert CORRELATION in text


VALIDATION_400 = {
    "status": "error",
    "message": 'Property values were not valid: [{"isValid":false,"message":"ana.lopez@example.org is no e-mail",'
    '"error":"INVALID_EMAIL","name":"email"},{"error":"PROPERTY_DOESNT_EXIST","name":"shoe_size"}]',
    "correlationId": CORRELATION,
    "category": "VALIDATION_ERROR",
    "context": {"email": [EMAIL], "id": ["12345"]},
    "errors": [{"message": f"{EMAIL} is bad", "code": "INVALID_EMAIL", "context": {"propertyName": ["email", EMAIL]}}],
}


def test_a_validation_error_keeps_codes_and_property_names_only(canned: CannedServer) -> None:
    canned.replies = [Reply.json(400, VALIDATION_400)]
    text = str(refused(canned.url))
    assert "INVALID_EMAIL, PROPERTY_DOESNT_EXIST" in text
    assert "on email, shoe_size" in text
    assert "@" not in text
    assert "12345" not in text


@pytest.mark.parametrize(
    "body",
    [
        VALIDATION_400,
        SCOPES_403,
        {"category": "CONFLICT", "message": f"Contact already exists. Existing ID: {EMAIL}"},
        {"category": EMAIL, "correlationId": EMAIL, "errors": [{"code": EMAIL, "context": {"propertyName": [EMAIL]}}]},
        {"message": f"[{EMAIL}", "errors": "none", "context": [EMAIL]},
        {"message": ["x"], "errors": [None, "x", {"context": 7}], "category": None, "policyName": 7},
        [EMAIL],
        EMAIL,
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 409, 429, 500, 503])
def test_neither_secrets_nor_personal_data_get_into_an_error(canned: CannedServer, status: int, body: Any) -> None:
    canned.replies = [Reply.json(status, body)]
    for text in chain(refused(canned.url)):
        assert EMAIL not in text
        assert "Ana" not in text
        assert SECRET not in text


def test_a_gateway_limit_and_a_search_limit_have_codes_of_their_own() -> None:
    assert refusal(429, {}, orjson.dumps(SEARCH_429)).code == "RATE_LIMITS"
    assert refusal(429, {}, orjson.dumps(GATEWAY_429)).code == "TEN_SECONDLY_ROLLING"
    assert refusal(502, {}, b"<html>").code == "HTTP_502"


def test_the_sandbox_refuses_a_wrong_token(portal: Portal) -> None:
    error = refused(portal.url)
    assert isinstance(error, TerminalError)
    assert error.code == "INVALID_AUTHENTICATION"
    assert "CROSSWALK_HUBSPOT_TOKEN" in str(error)
    assert SECRET not in str(error)


def test_the_sandbox_limits_searches_by_the_second(portal: Portal) -> None:
    portal.control("settings", {"limits": {"enforce": True, "search_per_second": 2}})
    patience, calls = Patience(), CallCounter()
    client = Client(portal.url, portal.token, calls=calls, sleep=patience)
    client.search("contacts", {"limit": 1})
    client.search("contacts", {"limit": 1})
    with pytest.raises(TransientError) as raised:
        client.search("contacts", {"limit": 1})
    assert "429 RATE_LIMITS" in str(raised.value)
    assert patience.slept == [1.0] * 4
    assert calls.made == 2 + 5


@pytest.mark.parametrize(
    ("stated", "assumed", "waits"), [(2, 190, [10 + OVERTAKING]), (190, 2, []), (0, 2, [10 + OVERTAKING])]
)
def test_the_burst_allowance_is_what_hubspot_states(
    canned: CannedServer, stated: int, assumed: int, waits: list[float]
) -> None:
    headers = {"X-HubSpot-RateLimit-Max": str(stated), "X-HubSpot-RateLimit-Interval-Milliseconds": "10000"}
    canned.replies = [Reply(200, b"{}", headers)]
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    client = Client(canned.url, SECRET, pacer=Pacer(assumed, 10.0, clock=lambda: now[0], sleep=sleep))
    for _ in range(3):
        client.properties("contacts")
    assert slept == [pytest.approx(seconds) for seconds in waits]


def test_waiting_a_second_is_enough_for_the_search_limit(portal: Portal) -> None:
    portal.control("settings", {"limits": {"enforce": True, "search_per_second": 2}})
    slept = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        portal.control("clock", {"advance_seconds": seconds})

    client = Client(portal.url, portal.token, sleep=sleep)
    for _ in range(6):
        client.search("contacts", {"limit": 1})
    assert slept == [1.0, 1.0]


def test_the_sandbox_limits_other_calls_by_ten_seconds(portal: Portal) -> None:
    portal.control("settings", {"limits": {"enforce": True, "ten_secondly": 1}})
    patience = Patience()
    client = Client(portal.url, portal.token, sleep=patience)
    Client(portal.url, portal.token).properties("contacts")  # another program that uses the same app
    with pytest.raises(TransientError) as raised:
        client.properties("contacts")
    assert "429 TEN_SECONDLY_ROLLING" in str(raised.value)
    assert patience.slept == [5.0] * 4


def test_the_sandbox_daily_limit_is_left_to_the_schedule(portal: Portal) -> None:
    portal.control("settings", {"limits": {"enforce": True, "daily": 1}})
    patience = Patience()
    client = Client(portal.url, portal.token, sleep=patience)
    Client(portal.url, portal.token).properties("contacts")  # another program that uses the same app
    with pytest.raises(TransientError) as raised:
        client.properties("contacts")
    assert raised.value.delay == 3600.0
    assert patience.slept == []


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_an_unreachable_vendor_is_tried_again() -> None:
    patience = Patience()
    error = refused(f"http://127.0.0.1:{free_port()}", patience)
    assert isinstance(error, TransientError)
    assert "CONNECTION" in str(error)
    assert len(patience.slept) == 4


def test_a_vendor_that_never_answers_is_given_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        client = Client(f"http://127.0.0.1:{silent.getsockname()[1]}", SECRET, timeout=0.05, sleep=Patience())
        with pytest.raises(TransientError, match="TIMEOUT"):
            client.search("contacts", {"limit": 1})


def test_a_broken_answer_is_tried_again(canned: CannedServer) -> None:
    canned.replies = [Reply(200, b"no chunk\r\n", {"Transfer-Encoding": "chunked"})]
    assert isinstance(refused(canned.url), TransientError)


def test_a_server_without_tls_is_named(canned: CannedServer) -> None:
    error = refused(canned.url.replace("http:", "https:"))
    assert isinstance(error, TransientError)
    assert "TLS" in str(error)


@pytest.mark.parametrize("url", ["http://", "http://[::1", "no address"])
def test_an_address_that_is_none_stops_the_route(url: str) -> None:
    error = refused(url)
    assert isinstance(error, TerminalError)
    assert "CROSSWALK_HUBSPOT_BASE_URL" in str(error)
