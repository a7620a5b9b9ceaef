"""The examples inside the field mappings, each a test of its own."""

from pathlib import Path

import pytest

from crosswalk.errors import ConfigError
from crosswalk.platform.catalog import Catalog, load_catalog
from crosswalk.platform.examples import failures, shape_one

ROOT = Path(__file__).parents[2]
CATALOG = load_catalog(ROOT)
EXAMPLES = [
    pytest.param(key, index, id=f"{'.'.join(key)}: {example.name}")
    for key, mapping in CATALOG.sources.items()
    for index, example in enumerate(mapping.examples)
]


@pytest.fixture(scope="module")
def failed() -> dict[str, str]:
    """Example name -> what is wrong."""
    return {
        str(error).partition(": ")[2].partition(": ")[2].partition(": ")[0]: str(error) for error in failures(CATALOG)
    }


@pytest.mark.feature("NRM-01", "GLO-02")
@pytest.mark.parametrize(("key", "index"), EXAMPLES)
def test_an_example_holds(key: tuple[str, str], index: int, failed: dict[str, str]) -> None:
    assert failed.get(CATALOG.sources[key].examples[index].name) is None


def changed(home: Path, old: str, new: str) -> Catalog:
    file = home / "mappings" / "fields" / "hubspot.contacts.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return load_catalog(home)


def test_an_example_that_does_not_hold_is_shown_where_it_is(home: Path) -> None:
    catalog = changed(home, '      phone_ext: "9"', '      phone_ext: "8"')
    (error,) = failures(catalog)
    file = home / "mappings" / "fields" / "hubspot.contacts.yaml"
    line = file.read_text(encoding="utf-8").splitlines().index('      phone_ext: "8"') + 1
    assert str(error) == (
        f"{file}:{line}: examples[0].expect.phone_ext: A patient's form is normalised, not corrected: "
        "expected '8', got '9'"
    )


def test_an_expectation_about_nothing_is_shown(home: Path) -> None:
    (error,) = failures(changed(home, '      phone_ext: "9"', '      phon_ext: "9"'))
    assert "'phon_ext' is not a canonical field" in str(error)


def test_an_example_that_gives_what_is_not_read_is_refused(home: Path) -> None:
    catalog = changed(home, "      firstname: JANE", "      forename: JANE")
    mapping = catalog.sources["hubspot", "contacts"]
    with pytest.raises(ConfigError, match="gives 'forename', which the mapping does not read"):
        shape_one(catalog, mapping, mapping.examples[0])
