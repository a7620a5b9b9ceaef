"""GOV-09 in the flow: the switch is read before each batch, and the run in the UI says what was left alone."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

import pytest

from crosswalk.store import pauses
from crosswalk.store.hub import Hub
from tests.flows.conftest import Shown
from tests.home import Home
from tests.vendors import Vendors
from tests.way import Way

pytestmark = pytest.mark.feature("GOV-09")


def test_a_flow_in_progress_obeys(
    vendors: Vendors, troubled: Home, ways: tuple[Way, Way], run: Callable[..., Shown]
) -> None:
    """Salesforce is switched off while the first batch of leads is written: no task for the second one is begun."""
    vendors.create([vendors.inquiry() for _ in range(7)])

    def watch(moment: str, method: str, path: str) -> None:
        if (moment, method) == ("after", "PATCH") and "sobjects/Lead" in path:
            with closing(Hub.open(troubled.database)) as hub, hub.begin() as tx:
                pauses.begin(tx, "salesforce", "the test", None, datetime.now(UTC))

    ways[1].watch = watch
    shown = run(batch_size=3)
    assert shown.state.is_completed() and "salesforce paused" in str(shown.state.message)
    delivered = [name for name in shown.tasks if name.startswith("deliver")]
    assert delivered == ["deliver salesforce Lead 1"]
    assert "salesforce" in shown.artifacts["paused"]
    assert len(vendors.ours("Lead")) == 3
    ways[1].clear()
    with closing(Hub.open(troubled.database)) as hub, hub.begin() as tx:
        assert pauses.end(tx, "salesforce", "the test", datetime.now(UTC))
    again = run(batch_size=3)
    assert again.state.is_completed() and "paused" not in again.artifacts
    assert len(vendors.ours("Lead")) == len(vendors.ours("Task")) == 7
