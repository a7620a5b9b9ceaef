"""Hand off: routed leads become packages, and packages become actions for the targets."""

from collections.abc import Iterable

import polars as pl

from crosswalk.domain import handoff, outbound, predicates
from crosswalk.domain.mapping import TargetMap
from crosswalk.domain.schema import data_class, empty
from crosswalk.domain.verdicts import verdicts
from crosswalk.pipeline.trail import Trail
from crosswalk.pipeline.work import Work


def pack(work: Work, trail: Trail, routed: pl.DataFrame) -> pl.DataFrame:
    """Build the packages of routed leads and return the actions that passed the gate (``outbound.ACTION``).

    A lead whose package has no handoff point or no permitted next action cannot be handed off; the missing part is
    named by the gate's reason and in the action's ``missing``.
    """
    catalog = work.catalog
    targets = catalog.told("lead")
    ceilings = {one.object: ceiling(work, one.connection, one.max_class) for one in targets}
    lowest = min(ceilings.values(), default=0)
    wanted = {spec.field for one in targets for spec in one.fields.values() if spec.field}
    packaged = handoff.build(
        routed,
        catalog.handoff,
        catalog.owners,
        {kind.code: kind.sla.first_touch_hours for kind in catalog.lead_types.lead_types},
        work.now,
        lowest,
        wanted,
        _protected(work, lowest),
    )
    nowhere = packaged.filter(pl.col("point").is_null())
    refused = verdicts(nowhere.select("unit", pl.lit("NO_HANDOFF_POINT").alias("reason")), "held")
    n_actions = (packaged.height - nowhere.height) * len(targets)
    packaged = trail.step("hand_off", packaged, refused, emitted=n_actions)
    if packaged.is_empty():
        actions = empty(outbound.ACTION)
    else:
        actions = outbound.actions(
            outbound.finish(packaged), in_order(targets), catalog.codes, catalog.owners, ceilings
        )
    gate = work.gates.check("handed_off", actions, unit="action_id", shares=not trail.replayed)
    return trail.step("gate_handed_off", actions, _with_dependants(actions, gate.refused), unit="action_id")


def ceiling(work: Work, connection: str, own: int | None) -> int:
    """Return the class that may pass to an object: the connection's ceiling, or the object's own if that is lower."""
    ceiling = work.catalog.connections[connection].ceiling
    return ceiling if own is None else min(ceiling, own)


def _protected(work: Work, ceiling: int) -> set[str]:
    """Rules that read a field above the ceiling: their names alone would tell a patient's secret."""
    rules = work.catalog.qualification
    named = [(one.id, one.when) for one in (*rules.fit, *rules.intent)]
    named += [(one.id, one.when) for one in work.catalog.routing.rules]
    return {name for name, when in named if any(data_class(field) > ceiling for field in predicates.fields(when))}


def in_order(targets: Iterable[TargetMap]) -> list[TargetMap]:
    """Sort objects so that those which others refer to come first."""
    return sorted(targets, key=lambda one: sum(spec.ref not in (None, "owner") for spec in one.fields.values()))


def _with_dependants(actions: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    """An action that depends on a refused one cannot go alone; it shares the reason."""
    reasons = refused.select(pl.col("unit").alias("depends_on"), "result", "reason")
    dependants = (
        actions.join(reasons, on="depends_on", how="inner")
        .select(pl.col("action_id").alias("unit"), "result", "reason")
        .join(refused.select("unit"), on="unit", how="anti")
    )
    return pl.concat([refused, dependants])
