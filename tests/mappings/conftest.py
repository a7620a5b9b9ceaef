"""A copy of the committed mappings to break."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from crosswalk.errors import ConfigErrors
from crosswalk.platform.catalog import load_catalog

ROOT = Path(__file__).parents[2]
Breaks = Callable[..., list[str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with mappings of its own."""
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings")
    return tmp_path


@pytest.fixture
def broken(home: Path) -> Breaks:
    """Change texts in files (file, old, new, file, old, new, …); what loading says then, paths from mappings/ on."""

    def change(*edits: str) -> list[str]:
        for file, old, new in zip(edits[::3], edits[1::3], edits[2::3], strict=True):
            path = home / "mappings" / file
            text = path.read_text(encoding="utf-8")
            assert old in text, f"{file} does not hold {old!r}"
            path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(ConfigErrors) as refused:
            load_catalog(home)
        return [str(problem).replace(f"{home}/mappings/", "") for problem in refused.value.problems]

    return change
