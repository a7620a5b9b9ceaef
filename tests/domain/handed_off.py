"""Leads taken to their package, and to what the targets should look like, under the committed rules."""

from datetime import datetime
from typing import Any

import polars as pl

from crosswalk.domain import handoff, outbound, predicates, qualification, routing, territory
from crosswalk.domain.capacity import Loads
from crosswalk.domain.schema import data_class
from crosswalk.platform.catalog import Catalog
from tests.domain.leads import NOW, leads


def routed(catalog: Catalog, *rows: dict[str, Any]) -> pl.DataFrame:
    """Leads that differ from an ordinary patient's as said, qualified and routed."""
    qualified = qualification.qualify(leads(*rows), catalog.qualification)
    resolved = territory.resolve(qualified, catalog.territories)
    return routing.route(resolved, catalog.routing, catalog.owners, Loads(), NOW)


def packaged(catalog: Catalog, *rows: dict[str, Any]) -> pl.DataFrame:
    """The same, handed off."""
    return packages(catalog, routed(catalog, *rows), NOW)


def ceilings(catalog: Catalog) -> dict[str, int]:
    """Object -> the class that may pass to it."""
    return {
        name: min(catalog.connections[connection].ceiling, 5 if target.max_class is None else target.max_class)
        for (connection, name), target in catalog.targets.items()
        if target.about == "lead"
    }


def packages(catalog: Catalog, routed: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Hand routed leads off, for the lowest ceiling of the targets."""
    lowest = min(ceilings(catalog).values())
    rules = (*catalog.qualification.fit, *catalog.qualification.intent, *catalog.routing.rules)
    return handoff.build(
        routed,
        catalog.handoff,
        catalog.owners,
        {kind.code: kind.sla.first_touch_hours for kind in catalog.lead_types.lead_types},
        now,
        lowest,
        {spec.field for target in catalog.told("lead") for spec in target.fields.values() if spec.field},
        {rule.id for rule in rules if any(data_class(name) > lowest for name in predicates.fields(rule.when))},
    )


def actions(catalog: Catalog, packaged: pl.DataFrame) -> pl.DataFrame:
    """What the targets should look like: the Lead first, then its Task."""
    targets = sorted(catalog.told("lead"), key=lambda one: one.object)
    return outbound.actions(outbound.finish(packaged), targets, catalog.codes, catalog.owners, ceilings(catalog))
