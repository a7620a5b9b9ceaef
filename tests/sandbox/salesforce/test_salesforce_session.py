"""Tokens, versions, limits, describes and the headers around them."""

from __future__ import annotations

import requests


def test_client_credentials_answers_with_the_address_it_was_asked_at(wire):
    reply = wire.sign_in()
    assert reply["instance_url"] == wire.url
    assert reply["id"] == f"{wire.url}/id/{wire.org.organization_id}/{wire.org.user_id}"
    assert reply["token_type"] == "Bearer" and "expires_in" not in reply


def test_basic_authentication_is_taken_as_well(wire):
    reply = wire.session.post(
        f"{wire.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=("3MVG9sandbox", "sandbox-secret"),
        timeout=10,
    )
    assert reply.status_code == 200 and reply.json()["access_token"]


def test_oauth_errors_are_an_object(wire):
    def refused(**form):
        reply = requests.post(f"{wire.url}/services/oauth2/token", data=form, timeout=10)
        assert reply.status_code == 400
        return reply.json()

    good = {"grant_type": "client_credentials", "client_id": "3MVG9sandbox", "client_secret": "sandbox-secret"}
    assert refused(**{**good, "client_secret": "no"}) == {
        "error": "invalid_client", "error_description": "invalid client credentials",
    }  # fmt: skip
    assert refused(**{**good, "client_id": "no"})["error"] == "invalid_client_id"
    assert refused(**{**good, "grant_type": "saml"})["error"] == "unsupported_grant_type"


def test_expired_tokens_get_401_with_a_list(wire):
    assert wire.ask("GET", "limits").status_code == 200
    wire.org.expire_tokens()
    reply = wire.ask("GET", "limits")
    assert reply.status_code == 401
    assert reply.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    wire.sign_in()
    assert wire.ask("GET", "limits").status_code == 200


def test_userinfo_names_the_integration_user(wire):
    info = wire.ask("GET", "/services/oauth2/userinfo").json()
    assert info["user_id"] == wire.org.user_id and info["organization_id"].startswith("00D")
    identity = wire.sign_in()["id"]
    headers = {"Authorization": f"Bearer {wire.token}"}
    assert wire.session.get(identity, headers=headers, timeout=10).json()["user_id"] == wire.org.user_id


def test_limit_info_is_on_every_data_reply_also_on_404(wire):
    before = wire.ask("GET", "limits").headers["Sforce-Limit-Info"]
    missing = wire.ask("GET", "sobjects/Nothing/describe")
    assert missing.status_code == 404
    assert missing.json() == [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]
    used = [int(info.split("=")[1].split("/")[0]) for info in (before, missing.headers["Sforce-Limit-Info"])]
    assert used[1] == used[0] + 1
    assert "Sforce-Limit-Info" not in requests.get(f"{wire.url}/services/data", timeout=10).headers


def test_request_limit(wire):
    wire.org.api_limit = wire.org.api_usage
    reply = wire.ask("GET", "limits")
    assert reply.status_code == 403
    assert reply.json() == [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]


def test_versions(wire):
    versions = requests.get(f"{wire.url}/services/data", timeout=10).json()
    assert {"label": "Spring '24", "url": "/services/data/v60.0", "version": "60.0"} in versions
    assert {"label": "Winter '26", "url": "/services/data/v65.0", "version": "65.0"} in versions
    assert wire.ask("GET", "/services/data/v29.0/limits").status_code == 410
    assert wire.ask("GET", "/services/data/v99.0/limits").status_code == 404


def test_long_addresses_are_refused(wire):
    for path in ("query", "queryAll"):
        reply = wire.ask("GET", path, params={"q": "SELECT Id FROM Lead WHERE Name = '" + "x" * 16_400 + "'"})
        assert reply.status_code == 414
    assert wire.ask("GET", "limits", headers={"X-Long": "x" * 17_500}).status_code == 431
    names = ", ".join(f"'{'x' * 1000}{n}'" for n in range(14))
    assert wire.ask("GET", "query", params={"q": f"SELECT Id FROM Lead WHERE Name IN ({names})"}).ok


def test_lead_describe(wire):
    fields = {f["name"]: f for f in wire.ask("GET", "sobjects/Lead/describe").json()["fields"]}
    assert fields["LastName"]["nillable"] is False and fields["LastName"]["length"] == 80
    assert fields["Description"]["length"] == 32000 and fields["Description"]["filterable"] is False
    assert fields["Status"]["picklistValues"][0]["value"] == "Open - Not Contacted"
    assert fields["Status"]["restrictedPicklist"] and fields["Status"]["defaultedOnCreate"]
    assert fields["OwnerId"]["referenceTo"] == ["Group", "User"] and fields["OwnerId"]["relationshipName"] == "Owner"
    assert not fields["IsConverted"]["createable"] and not fields["Name"]["updateable"]
    custom = fields["Crosswalk_Id__c"]
    assert custom["custom"] and custom["externalId"] and custom["unique"] and custom["idLookup"]


def test_global_describe_and_basic(wire):
    names = {s["name"]: s for s in wire.ask("GET", "sobjects").json()["sobjects"]}
    assert names["Lead"]["keyPrefix"] == "00Q" and "CustomField" not in names
    assert wire.ask("GET", "sobjects/Lead").json()["objectDescribe"]["labelPlural"] == "Leads"
    assert "sobjects" in wire.ask("GET", f"/services/data/v{66.0}").json()


def test_wrong_method(wire):
    reply = wire.ask("PUT", "sobjects/Lead")
    assert reply.status_code == 405 and reply.json()[0]["errorCode"] == "METHOD_NOT_ALLOWED"
