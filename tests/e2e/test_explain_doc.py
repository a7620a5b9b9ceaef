"""The example in docs/explain.md is what the command prints; ids and minutes differ from run to run."""

import re

import pytest

from crosswalk.platform.settings import CHECKOUT
from tests.home import Home
from tests.vendors import Vendors

EXAMPLE = re.compile(r"^```console\n\$ (crosswalk explain [^\n]+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
VOLATILE = {
    r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}": "<uuid>",
    r"\b00[QT][A-Za-z0-9]{12}[A-Z0-9]{3}\b": "<record>",
    r"\bcontacts \d+": "contacts <id>",
    r"\b1[56]:\d\d\b": "<time>",
}


def plain(text: str) -> str:
    """The words, whatever the ids, the minutes and the width of the terminal."""
    words = " ".join(text.split())
    for pattern, name in VOLATILE.items():
        words = re.sub(pattern, name, words)
    return words


@pytest.mark.feature("HND-07")
def test_the_example_is_real(vendors: Vendors, home: Home) -> None:
    """An inquiry, a first call that reached nobody, a word with the person later; then the commands of the guide."""
    guide = (CHECKOUT / "docs" / "explain.md").read_text(encoding="utf-8")
    [(command, example)] = EXAMPLE.findall(guide)
    home.do("setup")
    vendors.create(
        [
            vendors.inquiry(
                firstname="Ada",
                lastname="Amberly",
                email="ada.amberly@inbox.example.org",
                phone="(312) 555-0142",
                desired_timeline="Within a month",
                message="My knee hurts since spring.",
            )
        ]
    )
    home.do("sync", "--as-of", "2026-11-16T15:00:00Z")
    (lead,) = vendors.ours("Lead").values()
    called = {"WhoId": lead["Id"], "Subject": "Call", "Status": "Completed"}
    vendors.insert("Task", **called, Crosswalk_Disposition__c="left_voicemail")
    vendors.later(600)
    vendors.edit("Lead", lead["Id"], Crosswalk_Sales_Status__c="connected")
    vendors.later(600)
    home.do("return-outcomes", "--as-of", "2026-11-16T16:00:00Z")
    ended = home.run(*command.split()[1:])
    assert ended.code == 0
    assert plain(ended.out) == plain(example)
    for other in re.findall(r"^crosswalk (explain [^#\n]+)", guide, re.MULTILINE):
        words = other.replace("100203", "ada.amberly@inbox.example.org").split()
        assert home.run(*words).code == 0, other
