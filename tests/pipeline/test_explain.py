"""HND-07: an explanation costs the same few queries in a hub of any size, and loads nothing that it does not need."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from crosswalk.domain.plain_words import Event
from crosswalk.pipeline import explain as explaining
from crosswalk.pipeline import keys, path
from crosswalk.platform.catalog import load_catalog
from crosswalk.platform.settings import CHECKOUT
from crosswalk.store.hub import Hub
from tests.pipeline.conftest import NOW, Pipeline
from tests.vendors import Vendors

pytestmark = pytest.mark.feature("HND-07")


def statements(hub: Hub, key: str) -> list[str]:
    """What an explanation asks of the database."""
    asked: list[str] = []
    catalog = load_catalog(CHECKOUT)

    def nothing_sealed(body: bytes) -> bytes:
        raise AssertionError(f"{len(body)} bytes of a payload were opened")

    with hub.read() as tx:

        def listen(*arguments: Any) -> None:
            asked.append(arguments[2])

        event.listen(tx, "before_cursor_execute", listen)
        found = keys.find(tx, catalog, key, nothing_sealed)
        told = explaining.explain(tx, catalog, found, found.leads[0], NOW.date(), None)
    assert [one.step for one in told.path][:3] == ["land", "qualify", "route"]
    return asked


def test_as_many_queries_in_a_hub_of_any_size(vendors: Vendors, pipeline: Pipeline) -> None:
    (contact,) = vendors.create([vendors.inquiry()])
    pipeline.sync()
    with closing(Hub.open(pipeline.home.database)) as hub:
        small = statements(hub, contact)
    vendors.create([vendors.inquiry() for _ in range(40)])
    pipeline.sync()
    with closing(Hub.open(pipeline.home.database)) as hub:
        large = statements(hub, contact)
    assert len(large) == len(small) < 60
    written = ("INSERT", "UPDATE", "DELETE")
    assert not [one for one in large if one.startswith(written) and "staged" not in one], "it only reads"


def test_neither_gates_nor_connectors_are_loaded(tmp_path: Path) -> None:
    """Great Expectations alone takes seconds."""
    database = f"sqlite:///{tmp_path}/hub.db"
    Hub.open(database).close()
    script = (
        "import sys\n"
        "from crosswalk.cli.main import main\n"
        "sys.argv = ['crosswalk', 'explain', 'nobody']\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    print(end.code, [name for name in sys.modules if name.startswith("
        "('great_expectations', 'connectors', 'prefect', 'pandas'))])\n"
    )
    command = [sys.executable, "-c", script]
    ended = subprocess.run(
        command,
        env={"CROSSWALK_DATABASE_URL": database, "PATH": "", "PYTHONPATH": str(CHECKOUT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout.strip() == "2 []", ended.stderr


def test_one_instant_is_told_in_the_order_of_the_steps() -> None:
    """A batch decides everything at one instant; moves of one instant are one line for people."""
    steps = ["apply", "status", "enqueue", "land", "route", "qualify", "screen", "outcome", "assign", "link"]
    told = path.in_time([Event(step, NOW, "x") for step in steps])
    expected = ["land", "screen", "link", "qualify", "route", "status", "assign", "enqueue", "outcome", "apply"]
    assert [one.step for one in told] == expected
    moves = [("new", None), ("marketing_qualified", "new"), ("assigned", "marketing_qualified")]
    events = [Event("status", NOW, new, actor="hub", detail={"from": old}) for new, old in moves]
    (joined,) = path.together(events)
    assert (joined.result, joined.detail["through"]) == ("assigned", ["new", "marketing_qualified"])
    by_sales = Event("status", NOW, "accepted", actor="sales", detail={"from": "assigned"})
    assert len(path.together([*events, by_sales])) == 2
