"""The demo scenario's month as the domain decides it, step by step, without a database and without gates."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import polars as pl

from crosswalk.domain import (
    identity,
    qualification,
    routing,
    screening,
    shaping,
    specialty,
    territory,
)
from crosswalk.domain.capacity import Loads
from crosswalk.domain.schema import LEAD
from crosswalk.platform.catalog import Catalog
from sandbox.scenarios import build
from tests.domain.handed_off import actions, packages
from tests.domain.inquiries import landed

CONSENTS = ("consent_email", "consent_phone", "consent_sms")
FIXED = {"unit", "payload_id", "source", "stream", "external_id", "received_at", "motion", "lead_type", "codes"}
NOBODY = pl.DataFrame(schema=dict.fromkeys(("kind", "value", "person_id"), pl.String))
NO_LEADS = pl.DataFrame(schema=dict.fromkeys(("person_id", "motion", "lead_id"), pl.String))


@dataclass(frozen=True)
class Month:
    """What was seeded (``truth``) and what became of it, by HubSpot's id."""

    truth: dict[str, Any]
    lead: dict[str, dict[str, Any]]
    outcome: dict[str, str]
    """passed, or the result and the reason: ``held NO_CONSENT``."""
    person: dict[str, str]
    routed: dict[str, dict[str, Any]]
    packaged: pl.DataFrame
    actions: pl.DataFrame

    @classmethod
    def of(cls, catalog: Catalog, contacts: int, seed: int) -> Month:
        """Take a month down the whole road."""
        scenario = build("lakeshore", contacts, seed)
        rows = landed(catalog, scenario.hubspot_contacts)
        mapping = catalog.sources["hubspot", "contacts"]
        findings = screening.screen(rows, mapping.signals.text, catalog.lexicon)
        shaped = shaping.shape(rows, mapping, findings, catalog.standard)
        outcome = _said(shaping.judge(shaped))
        good = shaped.filter(~pl.col("unit").is_in(list(outcome)))
        outcome |= dict.fromkeys(good.filter(~pl.col("contactable"))["unit"], "quarantined NOT_CONTACTABLE")
        good = good.filter(pl.col("contactable") & pl.col("missing_required").is_null())
        merged = _identified(good)
        person = dict(merged.select("external_id", "person_id").rows())
        folded = merged.filter(pl.col("survivor") != pl.col("unit"))
        outcome |= dict.fromkeys(folded["unit"], "skipped MERGED")
        alive = merged.filter(pl.col("survivor") == pl.col("unit"))
        qualified = qualification.qualify(qualification.place(alive, catalog.qualification), catalog.qualification)
        refused = qualification.judge(qualified)
        outcome |= _said(refused)
        passed = qualified.join(refused, on="unit", how="anti", maintain_order="left")
        passed = specialty.resolve(passed, catalog.codes["specialty"], catalog.npi_registry)
        passed = territory.resolve(passed, catalog.territories)
        routed = routing.route(passed, catalog.routing, catalog.owners, Loads(), scenario.now)
        outcome |= _said(routing.judge(routed))
        packaged = packages(catalog, routed.filter(pl.col("owner_id").is_not_null()), scenario.now)
        return cls(
            truth=scenario.truth,
            lead={row["external_id"]: row for row in shaped.rows(named=True)},
            outcome={unit[1:]: outcome.get(unit, "passed") for unit in shaped["unit"]},
            person=person,
            routed={row["external_id"]: row for row in routed.rows(named=True)},
            packaged=packaged,
            actions=actions(catalog, packaged),
        )

    def outcomes(self, case: str) -> Counter[str]:
        """How the contacts of one seeded case ended."""
        return Counter(self.outcome[one] for one in self.truth["cases"][case])

    def codes(self, case: str) -> list[list[str]]:
        """The codes of each contact of one seeded case."""
        return [self.lead[one]["codes"] for one in self.truth["cases"][case]]


def _identified(shaped: pl.DataFrame) -> pl.DataFrame:
    found = shaped.join(identity.identify(shaped, NOBODY), on="unit", how="left", maintain_order="left")
    sure = found.filter(pl.col("doubt").is_null())
    silent = [pl.when(pl.col(name) != "unknown").then(pl.col(name)).alias(name) for name in CONSENTS]
    keep = [name for name in LEAD if name not in FIXED]
    merged = identity.merge(sure.with_columns(silent), NO_LEADS, keep)
    return merged.with_columns(
        *(pl.col(name).fill_null("unknown") for name in CONSENTS),
        status=pl.lit("new"),
        stage=pl.lit(None, pl.String),
        owner=pl.lit(None, pl.String),
    )


def _said(verdicts: pl.DataFrame) -> dict[str, str]:
    return {unit: f"{result} {reason}" for unit, result, reason in verdicts.select("unit", "result", "reason").rows()}
