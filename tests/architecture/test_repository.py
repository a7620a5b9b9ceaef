"""What is committed is complete and the same everywhere: generated files, settings, connectors, paths."""

import re
import subprocess
import sys

import pytest

from crosswalk.platform.settings import Settings
from tests.architecture.tree import ROOT, files, name

MACHINE_PATH = re.compile(r"(?<![\w.:/~-])/(?:work|home|Users|root|mnt)/[\w.]")
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".csv", ".json", ".sh", ".txt", ".ini", ".cfg", ""}


@pytest.mark.parametrize("generator", [["-m", "crosswalk.platform.schemas"], ["tools/coverage_table.py"]])
def test_generated_files_are_up_to_date(generator: list[str]) -> None:
    command = [sys.executable, *generator, "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_path_of_somebodys_machine_is_committed() -> None:
    texts = (path for path in files() if path.suffix in TEXT and "deployments" not in path.parts)
    found = [
        f"{name(path)}:{number}"
        for path in texts
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert found == []


def test_the_example_of_settings_names_every_setting() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#?\s?(CROSSWALK_[A-Z_]+)=", text, re.MULTILINE)) == {
        f"CROSSWALK_{field.upper()}" for field in Settings.model_fields
    }


def test_a_connector_says_how_its_vendor_behaves_and_is_tested() -> None:
    folders = {path.parent for path in (ROOT / "connectors").glob("*/__init__.py")}
    assert folders
    assert [name(folder) for folder in folders if not (folder / "BEHAVIOR.md").is_file()] == []
    suites = {path: path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "connectors").glob("test_*.py")}
    tested = {
        folder
        for folder in folders
        for text in suites.values()
        if f"connectors.{folder.name}" in text and "Contract" in text
    }
    assert sorted(map(name, folders - tested)) == []


def test_ci_runs_the_command_that_the_readme_names() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")
