"""The same name, size and seed must give the same scenario in every process."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import asdict

import orjson
import pytest

from sandbox.scenarios import SCENARIO_NOW, build

_DIGEST = """
import hashlib, orjson, sys
from dataclasses import asdict
from sandbox.scenarios import build
print(hashlib.sha256(orjson.dumps(asdict(build(sys.argv[1], 700, 5)))).hexdigest())
"""


@pytest.mark.parametrize("name", ["lakeshore", "zelvoria"])
def test_another_process_builds_the_same_bytes(name: str) -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST, name],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_the_demo_month_is_the_one_that_other_tests_count_on() -> None:
    """Whoever adds to the scenario draws from a random stream of their own, so that no contact changes."""
    contacts = orjson.dumps(build("lakeshore", 700, 5).hubspot_contacts)
    assert hashlib.sha256(contacts).hexdigest()[:16] == "93920b7995255b50"


def test_building_twice_shares_nothing_mutable() -> None:
    first = build("lakeshore", 60, 1)
    before = orjson.dumps(asdict(build("lakeshore", 60, 1)))
    first.hubspot_contacts[0].clear()
    first.hubspot_properties[0]["label"] = "changed"
    first.salesforce_records["User"][0]["IsActive"] = None
    assert orjson.dumps(asdict(build("lakeshore", 60, 1))) == before


def test_seed_changes_people_but_not_counts() -> None:
    one, two = build("lakeshore", 900, 1), build("lakeshore", 900, 2)
    assert one.truth["rates"] == two.truth["rates"]
    assert [row["firstname"] for row in one.hubspot_contacts] != [row["firstname"] for row in two.hubspot_contacts]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 19, 53, 101])
def test_any_size_builds(size: int) -> None:
    scenario = build("lakeshore", size, 1)
    assert len(scenario.hubspot_contacts) == size == scenario.truth["contacts"]
    assert scenario.now == SCENARIO_NOW


def test_empty_has_the_portal_and_the_staff_only() -> None:
    empty, full = build("empty", 5_000, 1), build("lakeshore", 50, 1)
    assert empty.hubspot_contacts == []
    assert empty.hubspot_properties == full.hubspot_properties
    assert empty.hubspot_owners == full.hubspot_owners
    assert empty.salesforce_records["User"] == full.salesforce_records["User"]
    assert empty.salesforce_records["Group"] == full.salesforce_records["Group"]
    assert not any(empty.salesforce_records[name] for name in ("Account", "Contact", "Lead", "Task"))
    assert empty.truth["integration_user"] == full.truth["integration_user"]


def test_unknown_names_and_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="known: empty, lakeshore"):
        build("seaside", 1, 1)
    with pytest.raises(ValueError, match="negative"):
        build("lakeshore", -1, 1)
