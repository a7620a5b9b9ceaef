"""OAuth: the token endpoint, the web server flow, revocation, introspection, and who a token stands for.

Which host name a client uses makes no difference: login, test, My Domain and this machine are one.
"""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.salesforce.auth import SCOPE, OAuthError
from sandbox.salesforce.call import Json, org_of
from sandbox.salesforce.oauth import authorize, check_client, grant, identity_url
from sandbox.salesforce.rest_meta import host_of

_NO_STORE = {"Cache-Control": "no-cache, no-store", "Pragma": "no-cache"}
_SESSION_SECONDS = 7200  # what introspection promises when sessions do not time out


async def _form(request: Request) -> dict[str, str]:
    """Fields of the body and of the query, as either may hold them."""
    body = (await request.body()).decode("utf-8", "replace")
    return {**dict(request.query_params), **dict(parse_qsl(body, keep_blank_values=True))}


async def token(request: Request) -> Response:
    try:
        reply = grant(
            org_of(request), await _form(request), request.headers.get("authorization"), host_of(request)
        )  # fmt: skip
    except OAuthError as refused:
        return Json(refused.body, 400, _NO_STORE)
    return Json(reply, headers=_NO_STORE)


async def ask_consent(request: Request) -> Response:
    """GET /services/oauth2/authorize: the login page and the consent page are skipped."""
    try:
        target, answer = authorize(org_of(request), await _form(request))
    except OAuthError as refused:
        return Json(refused.body, 400, _NO_STORE)
    return RedirectResponse(f"{target}{'&' if '?' in target else '?'}{urlencode(answer)}", 302)


async def revoke(request: Request) -> Response:
    """200 with an empty body, or 400 for a token that is none [DOC]."""
    if org_of(request).tokens.revoke((await _form(request)).get("token", "")):
        return Response(status_code=200)
    return Json({"error": "invalid_token", "error_description": "invalid token"}, 400)


async def introspect(request: Request) -> Response:
    """What a token is; the client has to name itself. Of a dead one nothing but that it is not active [DOC]."""
    org, form = org_of(request), await _form(request)
    try:
        check_client(org.tokens.app, form, request.headers.get("authorization"))
    except OAuthError as refused:
        return Json(refused.body, 401, _NO_STORE)
    about = org.tokens.about(form.get("token", ""))
    if about is None:
        return Json({"active": False}, headers=_NO_STORE)
    kind, issued = about
    seconds = int(issued.timestamp())
    shown = {
        "active": True, "scope": SCOPE, "client_id": org.tokens.app.client_id,
        "username": org.tables["User"].rows[org.user_id].get("Username"), "sub": identity_url(org, host_of(request)),
        "token_type": kind, "iat": seconds, "nbf": seconds,
    }  # fmt: skip
    if kind == "access_token":
        shown["exp"] = seconds + int(org.session_seconds or _SESSION_SECONDS)
    return Json(shown, headers=_NO_STORE)


async def userinfo(request: Request) -> Response:
    """GET or POST /services/oauth2/userinfo, the claims of OpenID Connect."""
    refused = await _refused(request)
    if refused is not None:
        return refused
    org, shared = org_of(request), _person(request)
    return Json({
        "sub": identity_url(org, host_of(request)), "preferred_username": shared["username"],
        "nickname": shared["nick_name"], "name": shared["display_name"], "given_name": shared["first_name"],
        "family_name": shared["last_name"], "zoneinfo": shared["timezone"], "updated_at": shared["last_modified_date"],
        "user_id": org.user_id, "organization_id": org.organization_id,
        **{name: shared[name] for name in ("email", "email_verified", "user_type", "active", "language", "locale",
                                           "utcOffset", "urls", "is_lightning_login_user")},
    })  # fmt: skip


async def identity(request: Request) -> Response:
    """The `id` of a token reply, followed."""
    refused = await _refused(request)
    if refused is not None:
        return refused
    org, asked = org_of(request), request.path_params
    if asked["organization"] != org.organization_id:
        return PlainTextResponse("Wrong_Org", 403)
    if asked["user"] != org.user_id:
        return PlainTextResponse("Bad_Id", 404)
    where = identity_url(org, host_of(request))
    return Json({
        "id": where, "asserted_user": True, "user_id": org.user_id, "organization_id": org.organization_id,
        **_person(request),
    })  # fmt: skip


async def _refused(request: Request) -> Response | None:
    """Plain text with status 403, unlike the data resources [DOC]."""
    org, form = org_of(request), await _form(request)
    given = request.headers.get("authorization", "").partition(" ")[2] or form.get("oauth_token")
    given = given or form.get("access_token", "")
    if not given:
        return PlainTextResponse("Missing_OAuth_Token", 403)
    if not org.tokens.is_live(given.strip(), org.clock.now(), org.session_seconds):
        return PlainTextResponse("Bad_OAuth_Token", 403)
    return None


def _person(request: Request) -> dict[str, Any]:
    org, host = org_of(request), host_of(request)
    user = org.tables["User"].rows[org.user_id]
    rest = f"{host}/services/data/v{{version}}/"
    soap = {name: f"{host}/services/Soap/{letter}/{{version}}/{org.organization_id[:15]}"
            for name, letter in (("enterprise", "c"), ("metadata", "m"), ("partner", "u"))}  # fmt: skip
    return {
        "username": user.get("Username"), "nick_name": user.get("Alias"), "display_name": user.get("Name"),
        "email": user.get("Email"), "email_verified": True, "first_name": user.get("FirstName"),
        "last_name": user.get("LastName"), "timezone": user.get("TimeZoneSidKey"), "active": user.get("IsActive"),
        "user_type": "STANDARD", "language": user.get("LanguageLocaleKey"), "locale": user.get("LocaleSidKey"),
        "utcOffset": -21_600_000, "last_modified_date": user.get("LastModifiedDate"), "is_lightning_login_user": False,
        "urls": {
            **soap, "rest": rest, "sobjects": f"{rest}sobjects/", "search": f"{rest}search/", "query": f"{rest}query/",
            "recent": f"{rest}recent/", "tooling_rest": f"{rest}tooling/", "profile": f"{host}/{org.user_id}",
            "custom_domain": host,
        },
    }  # fmt: skip


AUTH = "/services/oauth2"
ROUTES = [
    Route(AUTH + "/token", token, methods=["POST"]),
    Route(AUTH + "/authorize", ask_consent, methods=["GET", "POST"]),
    Route(AUTH + "/revoke", revoke, methods=["GET", "POST"]),
    Route(AUTH + "/introspect", introspect, methods=["POST"]),
    Route(AUTH + "/userinfo", userinfo, methods=["GET", "POST"]),
    Route("/id/{organization}/{user}", identity, methods=["GET", "POST"]),
]
