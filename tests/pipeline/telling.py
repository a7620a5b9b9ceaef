"""Write back to marketing, by the batches that a run of the way back is made of, and what its records say then."""

from typing import Any

import polars as pl

from crosswalk.pipeline.deliver import deliver_batch
from crosswalk.pipeline.feeding import feed_back_batch
from crosswalk.pipeline.setup import set_up
from crosswalk.store import leads, ledger, outbox
from tests.home import assert_conserved
from tests.pipeline.conftest import Pipeline
from tests.vendors import Vendors

UPDATE = "contacts/batch/update"
OURS = (
    *("crosswalk_lead_id", "crosswalk_status", "crosswalk_stage", "crosswalk_reason", "crosswalk_segment"),
    *("crosswalk_suppressed", "crosswalk_next_nurture_on", "lifecyclestage", "hs_lead_status"),
)


def prepare(pipeline: Pipeline) -> None:
    """Let the portal have the hub's properties."""
    with pipeline.work() as work:
        set_up(work)


def write_back(pipeline: Pipeline, **options: Any) -> dict[str, int]:
    """Tell marketing of every changed lead; return what became of the actions."""
    with pipeline.work(**options) as work:
        with work.hub.begin() as tx:  # as every run begins
            outbox.release_claims(tx, work.run_id)
        while feed_back_batch(work):
            pass
        for mapping in work.catalog.told("source"):
            while deliver_batch(work, mapping.connection, mapping):
                pass
        with work.hub.read() as tx:
            assert_conserved(ledger.steps(tx, work.run_id))
            counts: dict[str, int] = outbox.written(tx, work.run_id).get("hubspot", {}).get("contacts", {})
    return {outcome: n for outcome, n in counts.items() if n}


def told(vendors: Vendors) -> dict[str, dict[str, str]]:
    """What the hub's properties say in HubSpot: contact -> property -> value, the empty ones left out."""
    found = vendors.ask("dump", system="hubspot")["hubspot"]["contacts"]
    return {
        one["id"]: {name: value for name, value in one["properties"].items() if name in OURS and value} for one in found
    }


def amend(pipeline: Pipeline, contact: str, **columns: Any) -> None:
    """Let the lead of a contact be where sales would have brought it."""
    (lead,) = [row for row in pipeline.home.rows("lead") if row["external_id"] == contact]
    with pipeline.work() as work, work.hub.begin() as tx:
        leads.amend(tx, pl.DataFrame([{"lead_id": lead["lead_id"], **columns}]), work.run_id, work.now)
