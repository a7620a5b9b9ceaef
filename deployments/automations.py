"""Who is told what: makes or renews the automations of this installation.

    python deployments/automations.py BLOCK

BLOCK is a notification block as the Prefect UI names it, ``slack-webhook/ops`` or ``custom-webhook/ops``: make it
there first (Blocks, +). An automation refers to its block by an id that differs between servers, so a file could not
hold it. Safe to repeat.
"""
# ruff: noqa: INP001, T201 -- a script, no package; it says what it did

import sys
from datetime import timedelta

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events import ActionTypes, AutomationCore, EventTrigger, Posture, ResourceSpecification, SendNotification
from prefect.exceptions import ObjectNotFound

DONE = {"prefect.flow-run.Completed", "prefect.flow-run.Completed with quarantine"}
FLOWS = ["sync-leads", "return-outcomes"]
LATEST = timedelta(minutes=40)
BODY = "{{ flow_run.name }} is {{ flow_run.state.name }}: {{ flow_run.state.message }}\n{{ flow_run|ui_url or '' }}"


def wanted(block: SendNotification) -> list[AutomationCore]:
    """List the automations; what they send holds counts and codes, as state messages do."""
    runs = ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"})
    ours = ResourceSpecification({"prefect.resource.role": "flow", "prefect.resource.name": FLOWS})

    def tell(subject: str, body: str = BODY) -> list[ActionTypes]:
        return [block.model_copy(update={"subject": f"Crosswalk: {subject}", "body": body})]

    def when(*names: str) -> EventTrigger:
        expect = {f"prefect.flow-run.{name}" for name in names}
        return EventTrigger(match=runs, match_related=ours, expect=expect, posture=Posture.Reactive, threshold=1)

    return [
        AutomationCore(
            name="crosswalk: a run failed",
            description="The state's message says which error, and docs/ops.md what to do.",
            trigger=when("Failed", "Crashed", "TimedOut"),
            actions=tell("a run failed"),
        ),
        AutomationCore(
            name="crosswalk: much in quarantine",
            description="A run is done, but more of its rows wait for a person than definitions.yaml allows.",
            trigger=when("Completed with quarantine"),
            actions=tell("more rows in quarantine than usual"),
        ),
        AutomationCore(
            name="crosswalk: nothing runs",
            description="No run has completed for forty minutes: is the worker up?",
            trigger=EventTrigger(
                match=runs,
                match_related=ours,
                expect=DONE,
                posture=Posture.Proactive,
                threshold=1,
                within=LATEST,
            ),
            actions=tell("no run has completed for forty minutes", "Is the worker up? Is the schedule active?"),
        ),
    ]


def apply(client: SyncPrefectClient, name: str) -> None:
    """Make what is missing and renew what is there, by name."""
    block_type, _, block_name = name.partition("/")
    try:
        document = client.read_block_document_by_name(block_name, block_type)
    except ObjectNotFound:
        sys.exit(f"there is no block {name}; make it in the Prefect UI under Blocks")
    for one in wanted(SendNotification(block_document_id=document.id, subject="Crosswalk", body=BODY)):
        known = client.read_automations_by_name(one.name)
        if known:
            client.update_automation(known[0].id, one)
        else:
            client.create_automation(one)
        print(f"{'renewed' if known else 'made'}: {one.name}")


if __name__ == "__main__":
    if len(sys.argv) != 2 or "/" not in sys.argv[1]:
        sys.exit("usage: python deployments/automations.py TYPE/NAME   (a notification block)")
    with get_client(sync_client=True) as found:
        apply(found, sys.argv[1])
