"""Inquiries as HubSpot sends them, shaped by the committed mapping."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from crosswalk.domain import screening, shaping
from crosswalk.domain.schema import PAYLOAD, dtypes
from crosswalk.platform.catalog import Catalog
from tests.domain.leads import NOW

ORDINARY = {
    "firstname": "Jane",
    "lastname": "Roe",
    "email": "jane.roe@mail.example.org",
    "phone": "(312) 555-0142",
    "zip": "60611",
    "state": "IL",
    "country": "US",
    "audience_type": "Patient",
    "service_line_interest": "Cardiology",
    "capture_method": "Web form",
    "phone_permission": "true",
    "email_permission": "true",
}


def landed(catalog: Catalog, contacts: Sequence[Mapping[str, str]]) -> pl.DataFrame:
    """Contacts as landed rows; the unit of a row is ``p`` and HubSpot's id."""
    properties = catalog.sources["hubspot", "contacts"].properties
    rows = [
        {
            "payload_id": f"p{contact.get('hs_object_id', n)}",
            "source": "hubspot",
            "stream": "contacts",
            "external_id": contact.get("hs_object_id", str(n)),
            "modified_at": _instant(contact.get("lastmodifieddate")),
            **{name: contact.get(name) for name in properties},
        }
        for n, contact in enumerate(contacts)
    ]
    return pl.DataFrame(rows, schema={**dict.fromkeys(properties, pl.String), **dtypes(PAYLOAD)}, orient="row")


def _instant(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else NOW


def shape(catalog: Catalog, *contacts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Screen and shape contacts that differ from ``ORDINARY`` as said; None takes a property away."""
    return shaped(catalog, *contacts).rows(named=True)


def shaped(catalog: Catalog, *contacts: Mapping[str, Any]) -> pl.DataFrame:
    """The same, as a frame."""
    full = [{name: text for name, text in (ORDINARY | contact).items() if text is not None} for contact in contacts]
    rows = landed(catalog, full)
    mapping = catalog.sources["hubspot", "contacts"]
    findings = screening.screen(rows, mapping.signals.text, catalog.lexicon)
    return shaping.shape(rows, mapping, findings, catalog.standard)
