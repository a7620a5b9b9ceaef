"""E-mail addresses (NRM-01): shown as written, compared as delivered, never guessed."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from crosswalk.domain.emails import Email, EmailStandard, clean
from crosswalk.platform.catalog import Catalog
from tests.domain.inquiries import shape

pytestmark = pytest.mark.feature("NRM-01")

ADDRESSES: list[tuple[str, str | None, str | None, tuple[str, ...]]] = [
    # written, shown, compared, codes
    ("jane.roe@mail.example.org", "jane.roe@mail.example.org", "jane.roe@mail.example.org", ()),
    ("Jane.Roe@Mail.Example.ORG", "Jane.Roe@mail.example.org", "jane.roe@mail.example.org", ()),
    ("DR.PATEL@LAKESHORE.EXAMPLE.ORG", "DR.PATEL@lakeshore.example.org", "dr.patel@lakeshore.example.org", ()),  # D15
    (" jane@mail.example.org ", "jane@mail.example.org", "jane@mail.example.org", ("EMAIL_TIDIED",)),
    ("mailto:jane@mail.example.org", "jane@mail.example.org", "jane@mail.example.org", ("EMAIL_TIDIED",)),
    ("Mailto: jane@mail.example.org", "jane@mail.example.org", "jane@mail.example.org", ("EMAIL_TIDIED",)),
    ("<jane@mail.example.org>", "jane@mail.example.org", "jane@mail.example.org", ("EMAIL_TIDIED",)),
    ("Jane Roe <jane@mail.example.org>", "jane@mail.example.org", "jane@mail.example.org", ("EMAIL_TIDIED",)),
    ("jane@mail.example.org.", "jane@mail.example.org", "jane@mail.example.org", ("EMAIL_TIDIED",)),
    ("o'brien@mail.example.org", "o'brien@mail.example.org", "o'brien@mail.example.org", ()),
    # tags and dots, only where the provider ignores them, only for comparing
    ("j.a.ne+spring@gmail.com", "j.a.ne+spring@gmail.com", "jane@gmail.com", ()),
    ("j.ane+x@outlook.com", "j.ane+x@outlook.com", "j.ane@outlook.com", ()),
    ("jane+x@mail.example.org", "jane+x@mail.example.org", "jane+x@mail.example.org", ()),
    # typos are suggested, the address is not used
    ("jane.roe@gmail.con", None, None, ("EMAIL_SUGGEST(gmail.com)",)),  # D21
    ("jane.roe@gmial.com", None, None, ("EMAIL_SUGGEST(gmail.com)",)),  # D22
    ("jane@yahoo.cmo", None, None, ("EMAIL_SUGGEST(yahoo.com)",)),
    ("jane@aol.con", None, None, ("EMAIL_SUGGEST(aol.com)",)),
    ("jane@harborview-clinic.con", None, None, ("EMAIL_SUGGEST(harborview-clinic.com)",)),
    ("jane@mail.com", "jane@mail.com", "jane@mail.com", ()),  # near gmail.com, and real
    # not one address
    ("jane roe@mail.example.org", None, None, ("EMAIL_INVALID",)),
    ("jane", None, None, ("EMAIL_INVALID",)),
    ("jane@", None, None, ("EMAIL_INVALID",)),
    ("jane@mail", None, None, ("EMAIL_INVALID",)),
    ("jane..roe@mail.example.org", None, None, ("EMAIL_INVALID",)),
    (".jane@mail.example.org", None, None, ("EMAIL_INVALID",)),
    ("jane@-mail.example.org", None, None, ("EMAIL_INVALID",)),
    ("a@mail.example.org; b@mail.example.org", None, None, ("EMAIL_MULTIPLE",)),
    ("a@mail.example.org,b@mail.example.org", None, None, ("EMAIL_MULTIPLE",)),
    ("", None, None, ()),
    # usable, but nobody's own
    ("Info@mail.example.org", "Info@mail.example.org", None, ("EMAIL_ROLE",)),
    ("scheduling@mail.example.org", "scheduling@mail.example.org", None, ("EMAIL_ROLE",)),
    ("jane@mailinator.com", "jane@mailinator.com", "jane@mailinator.com", ("EMAIL_DISPOSABLE",)),  # D24
]


@pytest.fixture(scope="module")
def standard(catalog: Catalog) -> EmailStandard:
    return catalog.contact_points.email


@pytest.mark.parametrize(("written", "shown", "key", "codes"), ADDRESSES, ids=[one[0] for one in ADDRESSES])
def test_an_address(
    written: str, shown: str | None, key: str | None, codes: tuple[str, ...], standard: EmailStandard
) -> None:
    assert clean(written, standard) == Email(shown, key, codes)


LOCAL = st.text("aZ0._+-'", min_size=1, max_size=12)
DOMAIN = st.text("aB0-.", min_size=1, max_size=12)


@given(local=LOCAL, domain=DOMAIN)
def test_what_is_accepted_is_an_address(catalog: Catalog, local: str, domain: str) -> None:
    """The quick pattern settles most addresses; it must never accept what the library refuses."""
    shown = clean(f"{local}@{domain}.org", catalog.contact_points.email).display
    if shown is None:
        return
    try:
        validate_email(shown, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:  # pragma: no cover
        pytest.fail(f"{shown}: {error}")


@given(local=LOCAL, domain=DOMAIN)
def test_cleaning_twice_changes_nothing(catalog: Catalog, local: str, domain: str) -> None:
    standard = catalog.contact_points.email
    once = clean(f" <{local}@{domain}.ORG> ", standard)
    if once.display is not None:
        again = clean(once.display, standard)
        assert (again.display, again.key) == (once.display, once.key)


def test_d21_the_phone_carries_the_lead(catalog: Catalog) -> None:
    (lead,) = shape(catalog, {"email": "jane.roe@gmail.con"})
    assert (lead["email"], lead["phone"], lead["hold_reason"]) == (None, "+13125550142", None)
    assert "EMAIL_SUGGEST(gmail.com)" in lead["codes"]


def test_d22_without_a_phone_the_lead_waits(catalog: Catalog) -> None:
    (lead,) = shape(catalog, {"email": "jane.roe@gmial.com", "phone": None})
    assert (lead["hold_reason"], lead["contactable"]) == ("EMAIL_SUGGEST", False)


@pytest.mark.parametrize(
    ("audience", "held"), [("Physician", "EMAIL_DISPOSABLE"), ("Patient", None), ("Employer", None)]
)
def test_d24_a_throw_away_address_holds_a_clinician_only(audience: str, held: str | None, catalog: Catalog) -> None:
    (lead,) = shape(catalog, {"email": "jane@mailinator.com", "audience_type": audience})
    assert lead["hold_reason"] == held and "EMAIL_DISPOSABLE" in lead["codes"]
