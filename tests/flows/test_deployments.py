"""The schedule and the automations, as Prefect itself reads them."""

import runpy
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import yaml
from prefect.cli.deploy._models import PrefectYamlModel
from prefect.events import EventTrigger, SendNotification
from prefect.events.schemas.automations import Posture
from prefect.flows import load_flow_from_entrypoint

from crosswalk.platform.settings import CHECKOUT

DEPLOYMENTS = CHECKOUT / "deployments"


def test_every_ten_minutes_one_at_a_time() -> None:
    text = (DEPLOYMENTS / "prefect.yaml").read_text(encoding="utf-8")
    read = PrefectYamlModel.model_validate(yaml.safe_load(text))
    by_name = {str(one.name): one for one in read.deployments}
    assert {*by_name} == {"every-ten-minutes", "return-outcomes", "full-cycle"}
    for one in by_name.values():
        file, name = str(one.entrypoint).split(":", maxsplit=1)
        flow = load_flow_from_entrypoint(f"{CHECKOUT}/{one.entrypoint}")
        assert (CHECKOUT / file).is_file() and flow.fn.__name__ == name
        assert {*one.parameters} <= {*flow.parameters.properties}
        limit: Any = one.concurrency_limit
        assert (limit.limit, limit.collision_strategy) == (1, "CANCEL_NEW")
        assert one.work_pool and one.work_pool.name == "crosswalk"
    there, back = (by_name[name].schedules or [] for name in ("every-ten-minutes", "return-outcomes"))
    assert [getattr(schedule, "interval", None) for schedule in (*there, *back)] == [timedelta(minutes=10)] * 2
    assert not by_name["full-cycle"].schedules


def test_a_failure_and_a_silence_are_told_to_somebody() -> None:
    script = runpy.run_path(str(DEPLOYMENTS / "automations.py"))
    block = uuid4()
    made = script["wanted"](SendNotification(block_document_id=block, subject="", body=""))
    triggers = {one.name: one.trigger for one in made}
    assert all(isinstance(trigger, EventTrigger) for trigger in triggers.values())
    failed, much, silent = triggers.values()
    assert {"prefect.flow-run.Failed", "prefect.flow-run.Crashed"} <= failed.expect
    assert much.expect == {"prefect.flow-run.Completed with quarantine"}
    assert silent.posture == Posture.Proactive and silent.within > timedelta(minutes=20)
    assert {action.block_document_id for one in made for action in one.actions} == {block}


@pytest.mark.parametrize("name", ["compose.yaml"])
def test_the_images_are_described_in_valid_yaml(name: str) -> None:
    read = yaml.safe_load((DEPLOYMENTS / name).read_text(encoding="utf-8"))
    assert {*read["services"]} == {"postgres", "prefect", "worker"}
    for service in read["services"].values():
        for port in service.get("ports", []):
            assert str(port).startswith("127.0.0.1:")
