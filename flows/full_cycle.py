"""There and back in one go: new leads to sales, then what sales did to marketing."""

import json
import sys
from typing import Any

from prefect import flow

from crosswalk.errors import CrosswalkError
from crosswalk.pipeline.work import BATCH
from flows.error_codes import in_codes
from flows.return_outcomes import return_outcomes
from flows.sync_leads import run_name, sync_leads


@flow(name="full-cycle", flow_run_name=run_name, persist_result=False)
def full_cycle(dry_run: bool = False, batch_size: int = BATCH, as_of: str | None = None) -> dict[str, Any]:
    """Run sync-leads and then return-outcomes, each as a flow of its own; if the first fails, so does this.

    A dry run of the way back knows nothing of what the dry run before it would have done.

    Args:
        dry_run: show what would happen; change nothing at all.
        batch_size: rows in one transaction, and so in one task.
        as_of: decide as if it were this instant (ISO 8601).
    """
    there = sync_leads(dry_run=dry_run, batch_size=batch_size, as_of=as_of)
    return {"sync": there, "return": return_outcomes(dry_run=dry_run, batch_size=batch_size, as_of=as_of)}


def main() -> None:
    """Run the flow with the parameters given as a JSON object, and print both summaries as one."""
    parameters: dict[str, Any] = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    try:
        summaries = full_cycle(**parameters)
    except CrosswalkError as error:
        sys.exit(in_codes(error))
    json.dump(summaries, sys.stdout, default=str)


if __name__ == "__main__":
    main()
