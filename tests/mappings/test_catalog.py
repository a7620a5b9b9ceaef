"""The files of admins: what is wrong is refused before anything runs, each mistake at its file, line and key."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from crosswalk.domain.outcomes import OUTCOME
from crosswalk.domain.schema import LEAD
from crosswalk.errors import ConfigError, ConfigErrors
from crosswalk.platform.catalog import load_catalog
from tests.mappings.conftest import Breaks

ROOT = Path(__file__).parents[2]

BROKEN: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "broken.yaml").read_text(encoding="utf-8"))
FEATURES = pytest.mark.feature("GLO-02", "TYP-01", "TRK-02", "CON-02", "RTE-02")


def at_line(home: Path, message: str) -> str:
    """Write the number of a message's line."""
    file, text, rest = re.fullmatch(r"([^:«]+):«(.+)»(: .+)", message).groups()  # type: ignore[union-attr]
    lines = (home / "mappings" / file).read_text(encoding="utf-8").splitlines()
    return f"{file}:{next(number for number, line in enumerate(lines, 1) if text in line)}{rest}"


@FEATURES
@pytest.mark.parametrize("row", BROKEN, ids=[row["case"] for row in BROKEN])
def test_a_mistake_is_shown_where_it_is(row: dict[str, Any], home: Path, broken: Breaks) -> None:
    found = broken(*[text for change in row["change"] for text in change])
    assert sorted(found) == sorted(at_line(home, message) for message in row["said"])


def test_a_file_that_is_missing_is_named(home: Path, broken: Breaks) -> None:
    (home / "mappings" / "routing" / "rules.yaml").unlink()
    (home / "mappings" / "tracking" / "campaigns.csv").unlink()
    assert broken() == [
        "routing/rules.yaml: cannot be read: No such file or directory",
        "tracking/campaigns.csv: cannot be read: No such file or directory",
    ]


def test_a_code_list_that_the_rules_need_is_missed(home: Path, broken: Breaks) -> None:
    (home / "mappings" / "codes" / "stage.yaml").unlink()
    assert broken() == ["codes: code list 'stage' is missing"]


def test_a_home_without_mappings_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no mappings/ folder; `crosswalk init DIR` makes one"):
        load_catalog(tmp_path)


def test_a_file_may_be_called_anything(home: Path) -> None:
    """What a file is about is what it says, not what it is called."""
    fields = home / "mappings" / "fields"
    (fields / "hubspot.contacts.yaml").rename(fields / "people-from-marketing.yaml")
    assert ("hubspot", "contacts") in load_catalog(home).sources


def test_no_message_repeats_a_value(home: Path, broken: Breaks) -> None:
    (message,) = broken("routing/owners.yaml", "daily_cap: 25", "daily_cap: s3cret")
    assert "s3cret" not in message


@FEATURES
def test_the_committed_mappings_are_sound() -> None:
    try:
        catalog = load_catalog(ROOT)
    except ConfigErrors as errors:  # pragma: no cover
        pytest.fail(str(errors))
    assert catalog.definitions.unapproved() == []


@pytest.mark.feature("CON-02")
def test_free_text_is_mapped_to_no_field() -> None:
    catalog = load_catalog(ROOT)
    for mapping in catalog.sources.values():
        read = {name for spec in mapping.fields.values() for name in spec.sources}
        assert not read & set(mapping.signals.text)
        assert mapping.fields.keys() <= (LEAD if mapping.outcome is None else OUTCOME).keys()
    assert catalog.sources["hubspot", "contacts"].signals.text
    assert catalog.sources["salesforce", "tasks"].signals.text
    for target in catalog.targets.values():
        assert not {spec.field for spec in target.fields.values()} & {"message", "text"}
