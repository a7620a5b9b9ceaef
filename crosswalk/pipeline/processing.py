"""Everything after landing, the same for rows that a source has just sent and for stored ones that are replayed.

    screen -> [findings, own transaction] -> gate raw -> shape -> gate shaped
           -> identify -> qualify -> route (decide) -> hand off -> enqueue -> commit

From identify on there is a gate behind each step.
"""

from collections.abc import Callable

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain import screening, shaping
from crosswalk.domain.capacity import Loads
from crosswalk.domain.mapping import FieldMap
from crosswalk.domain.schema import VERDICTS, empty
from crosswalk.pipeline import commit
from crosswalk.pipeline.decide import Decided, decide
from crosswalk.pipeline.packing import pack
from crosswalk.pipeline.trail import NOTHING_REFUSED, Trail
from crosswalk.pipeline.work import Work
from crosswalk.store import interventions, leads, payloads

NEEDED = ("motion", "lead_type")
"""What no later step can do without, whoever waives that it is missing."""
Entry = Callable[[Connection, Decided], None]
"""What the way in stores itself, in the batch's transaction: payloads and the cursor, or what is no longer due."""


def process(
    work: Work,
    trail: Trail,
    landed: pl.DataFrame,
    mapping: FieldMap,
    entry: Entry,
    shaped: pl.DataFrame | None = None,
) -> None:
    """Take landed rows of one stream to their end, in one transaction.

    ``shaped`` is their canonical form, where it has been worked out ahead.

    Raises:
        GateFailed: the data is below the bar; nothing of this batch is stored.
    """
    findings = _screen(work, trail, landed, mapping)
    shaped = _shape(work, trail, landed, findings, mapping, shaped)
    with work.hub.begin() as tx:
        decided = decide(work, trail, tx, shaped, _loads(tx))
        actions = pack(work, trail, decided.routed)
        entry(tx, decided)
        commit.store_leads(work, tx, decided)
        commit.store_actions(work, tx, trail, actions)
        commit.store_refused(work, tx, trail, landed, decided.leads)
        trail.write(tx, work.run_id, work.now)


def _screen(work: Work, trail: Trail, landed: pl.DataFrame, mapping: FieldMap) -> pl.DataFrame:
    """Read the free text of every landed row; what is found is committed before any gate can stop the batch.

    Of a replayed row, what was found when it came still counts where a person must see it, whatever the lexicon says
    now.
    """
    findings = screening.screen(landed, mapping.signals.text, work.catalog.lexicon)
    hashes = landed.select("payload_id", pl.col("hash").alias("payload_hash"))
    if not findings.is_empty():
        rows = findings.join(hashes, on="payload_id").select("payload_hash", "kind", "payload_id")
        with work.hub.begin() as tx:
            payloads.find(tx, rows, work.run_id, work.now)
    trail.step("screen", landed, NOTHING_REFUSED, unit="payload_id")
    if not trail.replayed:
        return findings
    with work.hub.read() as tx:
        before = payloads.findings(tx, hashes["payload_hash"]).join(hashes, on="payload_hash")
    return screening.remembered(findings, before, work.catalog.lexicon)


def _shape(
    work: Work,
    trail: Trail,
    landed: pl.DataFrame,
    findings: pl.DataFrame,
    mapping: FieldMap,
    ahead: pl.DataFrame | None,
) -> pl.DataFrame:
    """Bring rows to canonical form between two gates; a reason that a person has waived for a row does not stop it."""
    with work.hub.read() as tx:
        waivers = interventions.waivers(tx, landed["payload_id"])
    waived = {step: rows.drop("step") for (step,), rows in waivers.group_by("step")}
    nothing = waivers.drop("step").clear()
    shares = not trail.replayed
    settled = waived.get("gate_raw", nothing).rename({"payload_id": "unit"})
    gate = work.gates.check("raw", landed.with_columns(unit="payload_id"), shares=shares, waived=settled)
    raw = trail.step("gate_raw", landed, gate.refused, unit="payload_id")
    if ahead is None or waivers.height:
        shaped = shaping.shape(raw, mapping, findings, work.catalog.standard, waived.get("shape", nothing))
    else:
        shaped = ahead.join(raw.select("payload_id"), on="payload_id", how="semi", maintain_order="left")
    shaped = trail.step("shape", shaped, shaping.judge(shaped) if not shaped.is_empty() else empty(VERDICTS))
    whole = shaped.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in NEEDED))
    settled = waived.get("gate_shaped", nothing).rename({"payload_id": "unit"}).join(whole, on="unit", how="semi")
    refused = work.gates.check("shaped", shaped, shares=shares, waived=settled).refused
    return trail.step("gate_shaped", shaped, refused)


def _loads(tx: Connection) -> Loads:
    """What every owner carries, read once for the whole batch."""
    daily = leads.loads(tx).rows()
    opened = leads.open_loads(tx).rows()
    return Loads({(owner, day): n for owner, day, n in daily}, dict(opened))
