"""Records that are nobody's lead (NRM-05): counted with their reason, in no metric, never pushed."""

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from crosswalk.domain import shaping
from crosswalk.domain.junk import JunkStandard, drop_reasons
from crosswalk.platform.catalog import Catalog
from tests.domain.inquiries import shape, shaped
from tests.domain.leads import NOW

pytestmark = pytest.mark.feature("NRM-05")

RECORDS: list[tuple[str, dict[str, Any], str | None]] = [
    ("D17", {"email": "test@test.com", "firstname": "asdf", "lastname": "asdf"}, "TEST_RECORD"),
    ("a test address", {"email": "Test@Test.com"}, "TEST_RECORD"),
    ("a domain that nobody writes from", {"email": "asdf6@test.com"}, "TEST_RECORD"),
    ("a test name", {"firstname": "Test", "lastname": "TEST"}, "TEST_RECORD"),
    ("a test name in one field", {"firstname": "test", "lastname": None}, "TEST_RECORD"),
    ("a name with test in it", {"lastname": "Testarossa"}, None),
    ("D18", {"email": "scheduler@lakeshore.example.org"}, "INTERNAL_RECORD"),
    ("D18 in capitals", {"email": "SCHEDULER@LAKESHORE.EXAMPLE.ORG"}, "INTERNAL_RECORD"),
    ("D18 from a subdomain", {"email": "a@mail.lakeshore.example.org"}, "INTERNAL_RECORD"),
    ("D18 wrapped", {"email": "mailto:<a@lakeshore.example.org>"}, "INTERNAL_RECORD"),
    ("another house", {"email": "a@northlakeshore.example.org"}, None),
    ("a filled trap", {"honeypot_value": "http://offers.example.org"}, "SPAM"),
    ("an empty trap", {"honeypot_value": "  "}, None),
    ("D20", {"message": "We improve SEO, first page of Google"}, "VENDOR"),
    ("a vendor of lists", {"message": "Reply for prices: verified e-mail lists of physicians near you"}, "VENDOR"),
    ("a vendor of sites", {"message": "Hi, may we redesign your website? Free audit."}, "VENDOR"),
    ("D43", {"message": "are you hiring nurses"}, "JOB_SEEKER"),
    ("a job seeker", {"message": "Please find attached my CV for the receptionist job"}, "JOB_SEEKER"),
    ("an ordinary message", {"message": "Do you have openings on Thursday? I want to resume my therapy."}, None),
]


@pytest.mark.parametrize(("contact", "reason"), [one[1:] for one in RECORDS], ids=[one[0] for one in RECORDS])
def test_a_record(contact: dict[str, Any], reason: str | None, catalog: Catalog) -> None:
    (lead,) = shape(catalog, contact)
    assert lead["drop_reason"] == reason


def test_dropped_records_are_rejected_and_listed(catalog: Catalog) -> None:
    frame = shaped(catalog, {"email": "test@test.com"}, {}, {"email": "a@lakeshore.example.org"})
    assert shaping.judge(frame).select("unit", "result", "reason").rows() == [
        ("p0", "rejected", "TEST_RECORD"),
        ("p2", "rejected", "INTERNAL_RECORD"),
    ]


def test_what_a_person_must_see_is_never_dropped(catalog: Catalog) -> None:
    (lead,) = shape(catalog, {"email": "test@test.com", "message": "I want to end my life"})
    assert (lead["drop_reason"], lead["hold_reason"]) == (None, "SAFETY_REVIEW")


# ------------------------------------------------------------------------------------------------------------- D19

STANDARD = JunkStandard(burst_size=5, burst_seconds=120)


def burst(*sent: tuple[str | None, float]) -> list[str | None]:
    """Submissions as (address, seconds); what becomes of each."""
    frame = pl.DataFrame(
        {
            "unit": [f"u{n}" for n in range(len(sent))],
            "email": [f"a{n}@mail.example.org" for n in range(len(sent))],
            "raw_email": [f"a{n}@mail.example.org" for n in range(len(sent))],
            "first_name": ["Jane"] * len(sent),
            "last_name": ["Roe"] * len(sent),
            "received_at": [NOW + timedelta(seconds=seconds) for _, seconds in sent],
            "ip": [address for address, _ in sent],
        },
        schema_overrides={"ip": pl.String},
    )
    return drop_reasons(frame, STANDARD, "ip", None).to_list()


@pytest.mark.parametrize(
    ("sent", "spam"),
    [
        ([("a", 10.0 * n) for n in range(5)], [True] * 5),
        ([("a", 10.0 * n) for n in range(4)], [False] * 4),
        ([("a", 0.0)] * 5, [True] * 5),
        ([("a", 30.0 * n) for n in range(5)], [True] * 5),  # exactly 120 seconds from first to last
        ([("a", 31.0 * n) for n in range(5)], [False] * 5),
        ([("a", 0.0)] * 3 + [("b", 0.0)] * 3, [False] * 6),
        ([("a", 0.0)] * 5 + [("a", 3600.0)], [True] * 5 + [False]),
        ([("a", 0.0), ("b", 1.0), ("a", 1.0), ("a", 2.0), ("a", 3.0), ("a", 4.0)], [True, False] + [True] * 4),
        ([(None, 0.0)] * 6, [False] * 6),
    ],
    ids=["within", "too few", "at once", "at the edge", "too slow", "two senders", "later alone", "mixed", "unknown"],
)  # fmt: skip
def test_d19_a_burst_from_one_address(sent: list[tuple[str | None, float]], spam: list[bool]) -> None:
    assert [one == "SPAM" for one in burst(*sent)] == spam


def test_a_source_without_addresses_has_no_bursts(catalog: Catalog) -> None:
    leads = shape(catalog, *[{"email": f"a{n}@mail.example.org"} for n in range(20)])
    assert {lead["drop_reason"] for lead in leads} == {None}
