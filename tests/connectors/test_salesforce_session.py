"""Signing in, staying signed in, and failing in the right way, over real HTTP."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors.salesforce import connector
from connectors.salesforce.batches import Batches
from connectors.salesforce.session import SalesforceSession
from crosswalk.domain.connections import Connection
from crosswalk.errors import ConfigError, CrosswalkError, TerminalError, TransientError
from crosswalk.platform.settings import Settings
from crosswalk.ports import Lookup
from tests.connectors.salesforce_wire import Org
from tests.way import Fault

EXPIRED = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
BUSY = [{"errorCode": "SERVER_UNAVAILABLE", "message": "try later"}]
TOKEN = "/services/oauth2/token"


def test_no_call_is_made_before_one_is_needed(org: Org) -> None:
    settings = Settings(
        salesforce_instance_url=org.way.url,
        salesforce_client_id=org.sandbox["client_id"],
        salesforce_client_secret=SecretStr(org.sandbox["client_secret"]),
    )
    bound = connector(Connection("crm", "salesforce", "sales"), settings, {})
    assert bound.target
    assert bound.calls
    assert bound.target.lookup(Lookup("Lead", ["Email"])) == []
    assert list(bound.target.apply([])) == []
    assert bound.calls.made == len(org.way.asked) == 0
    bound.target.lookup(Lookup("Lead", ["Email"], external_ids=["x"]))
    assert org.way.asked[0].path == TOKEN
    assert bound.calls.made == len(org.way.asked) == 2


def test_an_expired_token_is_replaced_once_and_every_header_is_kept(org: Org) -> None:
    session = org.session()
    batches = Batches(session)
    list(batches.write("Lead", "create", [org.create()]))
    org.way.faults = [Fault("PATCH", "composite", 401, EXPIRED)]
    org.forget()
    list(batches.write("Lead", "create", [org.create()]))
    first, token, second = org.way.asked
    assert (first.method, token.path, second.method) == ("PATCH", TOKEN, "PATCH")
    assert first.headers["Authorization"] != second.headers["Authorization"]
    assert second.headers["Sforce-Auto-Assign"] == "FALSE"
    assert {k: v for k, v in first.headers.items() if k != "Authorization"} == {
        k: v for k, v in second.headers.items() if k != "Authorization"
    }
    assert first.body == second.body


def test_a_second_refusal_of_the_token_stops(org: Org) -> None:
    """The vendor's client asks for ever (its issue 804)."""
    org.way.faults = [Fault("GET", "query", 401, EXPIRED, times=99)]
    with pytest.raises(ConfigError, match="new token was refused"):
        list(org.session().query("SELECT Id FROM Lead"))
    assert org.way.count("GET", "query") == 2


def test_userinfo_says_in_plain_text_that_a_token_has_expired(org: Org) -> None:
    org.way.faults = [Fault("GET", "userinfo", 403, b"Bad_OAuth_Token")]
    assert org.session().call("GET", "/services/oauth2/userinfo").status_code == 200
    assert org.way.count("POST", TOKEN) == 2


def test_a_busy_vendor_is_asked_again_and_again_but_not_for_ever(org: Org) -> None:
    org.way.faults = [Fault("GET", "query", 503, BUSY, times=2)]
    assert list(org.session().query("SELECT Id FROM Lead")) == [[]]
    assert len(org.waited) == 2
    org.way.faults = [Fault("GET", "query", 503, b"<html>", times=99)]
    org.forget()
    with pytest.raises(TransientError):
        list(org.session().query("SELECT Id FROM Lead"))
    assert org.way.count("GET", "query") == 4


def test_a_post_is_never_repeated_blindly(org: Org) -> None:
    org.way.faults = [Fault("POST", "sobjects/Lead", 503, BUSY)]
    with pytest.raises(TransientError):
        org.session().call("POST", "sobjects/Lead", b"{}")
    assert org.way.count("POST", "sobjects/Lead") == 1


def test_the_daily_limit_is_raised_at_once_with_its_delay(org: Org) -> None:
    limit = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    org.way.faults = [Fault("GET", "query", 403, limit, times=9)]
    with pytest.raises(TransientError) as caught:
        list(org.session().query("SELECT Id FROM Lead"))
    assert caught.value.delay == 900
    assert org.waited == []


def test_usage_is_read_from_every_answer(org: Org) -> None:
    session = org.session()
    assert session.usage is None
    list(session.query("SELECT Id FROM Lead"))
    assert session.usage
    assert 0 < session.usage.used < session.usage.total


def test_a_vendor_that_does_not_answer_is_given_up(org: Org) -> None:
    org.way.faults = [Fault("GET", "query", 0, hangs_up=True, times=9)]
    with pytest.raises(TransientError, match="could not be reached") as caught:
        list(org.session().query("SELECT Id FROM Lead WHERE Email = 'jane.roe@example.org'"))
    assert "jane" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_wrong_credentials_are_for_an_admin(org: Org) -> None:
    session = SalesforceSession(org.way.url, "somebody", SecretStr("hush-hush"))
    with pytest.raises(ConfigError, match="CROSSWALK_SALESFORCE_CLIENT_ID") as caught:
        list(session.query("SELECT Id FROM Lead"))
    assert "hush" not in f"{caught.value}{session!r}{vars(session)}"


def test_a_redirect_is_not_followed(org: Org) -> None:
    org.way.faults = [Fault("GET", "query", 302, headers={"Location": "http://127.0.0.1:1/elsewhere"})]
    with pytest.raises(TerminalError):
        list(org.session().query("SELECT Id FROM Lead"))


@pytest.mark.parametrize("path", ["query", "token"])
def test_a_web_page_is_no_answer(org: Org, path: str) -> None:
    page = Fault(
        "POST" if path == "token" else "GET", path, 200, b"<html>Sign in</html>", {"Content-Type": "text/html"}
    )
    org.way.faults = [page]
    with pytest.raises(TerminalError, match="web page"):
        list(org.session().query("SELECT Id FROM Lead"))


def test_a_password_for_the_host_in_netrc_is_not_sent(
    org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    session = org.session()
    session.trust_env = True
    session.proxies = {"no_proxy": "*"}
    list(session.query("SELECT Id FROM Lead"))
    assert "Authorization" not in org.way.asked[0].headers
    assert org.way.asked[1].headers["Authorization"].startswith("Bearer ")


def test_the_token_goes_to_no_other_host(org: Org) -> None:
    page = {"done": False, "records": [], "nextRecordsUrl": "@127.0.0.1:1/services/data/v62.0/query/01g"}
    org.way.faults = [Fault("GET", "query", 200, page)]
    with pytest.raises(TerminalError, match="another host"):
        list(org.session().query("SELECT Id FROM Lead"))


@pytest.mark.parametrize(
    "url", ["http://acme.my.salesforce.com", "http://10.0.0.5:8080", "ftp://127.0.0.1", "acme.my.salesforce.com", ""]
)
def test_plain_http_is_for_this_machine_only(url: str) -> None:
    with pytest.raises(ConfigError, match="https"):
        SalesforceSession(url, "id", SecretStr("secret"))


@pytest.mark.parametrize(
    ("url", "adapter"),
    [
        ("http://127.0.0.1:8080", "LoopbackAdapter"),
        ("http://localhost:8080", "LoopbackAdapter"),
        ("http://[::1]:8080", "LoopbackAdapter"),
        ("https://127.0.0.1:8080", "HTTPAdapter"),
        ("https://acme.my.salesforce.com", "HTTPAdapter"),
    ],
)
def test_only_plain_http_gets_the_loopback_transport(url: str, adapter: str) -> None:
    session = SalesforceSession(url, "id", SecretStr("secret"))
    assert type(session.get_adapter(f"{session.origin}/services")).__name__ == adapter
    assert type(session.get_adapter("https://other.my.salesforce.com/")).__name__ == "HTTPAdapter"


@pytest.mark.parametrize(("text", "version"), [("v62.0", "62.0"), ("58", "58.0"), ("v61", "61.0")])
def test_versions_may_be_written_in_several_ways(text: str, version: str) -> None:
    assert SalesforceSession("https://a.example.org", "id", SecretStr("s"), version=text).version == version


def test_what_is_no_version_is_refused() -> None:
    with pytest.raises(ConfigError, match="api_version"):
        SalesforceSession("https://a.example.org", "id", SecretStr("s"), version="latest")


def test_errors_name_no_person(org: Org) -> None:
    """The vendor quotes values in its messages, and its client puts them and the query into its errors."""
    with pytest.raises(CrosswalkError) as caught:
        list(org.session().query("SELECT Id FROM Lead WHERE Email = 'jane.roe@example.org' AND Nope = 1"))
    assert "jane" not in str(caught.value)
    assert "INVALID_FIELD" in str(caught.value)
