"""The vendors' official Python clients, connected to where the environment says."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from hubspot import HubSpot  # type: ignore[import-untyped]  # the vendor ships no types
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from urllib3.util.retry import Retry


class Loopback(HTTPAdapter):
    """simple-salesforce hard-codes https://; this sends its requests to the sandbox over plain HTTP."""

    def __init__(self, url: str) -> None:
        """Take the sandbox's address."""
        super().__init__()
        self._host = urlsplit(url).netloc

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request to the sandbox instead."""
        parts = urlsplit(str(request.url))
        request.url = urlunsplit(("http", self._host, parts.path, parts.query, ""))
        return super().send(request, *args, **kwargs)


def hubspot() -> HubSpot:
    """Connect as HubSpot's readme shows it, repeating what was refused for coming too fast."""
    retry = Retry(total=8, backoff_factor=0.3, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=None)
    return HubSpot(
        access_token=os.environ["CROSSWALK_HUBSPOT_TOKEN"], host=os.environ["CROSSWALK_HUBSPOT_BASE_URL"], retry=retry
    )


@contextmanager
def salesforce() -> Iterator[Any]:
    """Sign in with client credentials; the client's own types miss what its attributes become."""
    with requests.Session() as session:
        session.mount("https://", Loopback(os.environ["CROSSWALK_SALESFORCE_INSTANCE_URL"]))
        yield Salesforce(
            consumer_key=os.environ["CROSSWALK_SALESFORCE_CLIENT_ID"],
            consumer_secret=os.environ["CROSSWALK_SALESFORCE_CLIENT_SECRET"],
            domain="acme.my",
            session=session,
            version="66.0",
        )
