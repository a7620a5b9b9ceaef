"""What each stream has been seen to have (TRK-05)."""

from datetime import datetime, timedelta

import pytest

from crosswalk.store import stream_properties
from crosswalk.store.hub import Hub

pytestmark = pytest.mark.feature("TRK-05")


def test_properties_are_expected_until_they_are_given_up_or_seen_again(hub: Hub, now: datetime) -> None:
    with hub.begin() as tx:
        assert stream_properties.had(tx, "forms", "people") == frozenset()
        stream_properties.put(tx, "forms", "people", {"title", "city"}, "r1", now)
        stream_properties.put(tx, "forms", "people", set(), "r2", now)
        stream_properties.put(tx, "forms", "firms", {"title"}, "r1", now)
        stream_properties.give_up(tx, "forms", "people", ["title"], "ann", now)
        assert stream_properties.had(tx, "forms", "people") == {"city"}
        assert stream_properties.had(tx, "forms", "firms") == {"title"}
        stream_properties.put(tx, "forms", "people", {"title"}, "r3", now + timedelta(hours=1))
        assert stream_properties.had(tx, "forms", "people") == {"title", "city"}
