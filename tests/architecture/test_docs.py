"""Names in the documents resolve: commands and their options, files, links, make targets, settings, tests."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.tree import ROOT, files, name, parsed

DOCS = [path for path in files() if path.suffix == ".md"]
MADE_AT_RUN_TIME = (".crosswalk", ".env", ".venv", ".uv")
_BLOCK = re.compile(r"^```.*?\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
_COMMAND = re.compile(r"(?:^|[\s/$(])crosswalk((?: +[a-z-][^\s|#>;&`]*)+)", re.MULTILINE)
_PATH = re.compile(r"[\w.*-]+(?:/[\w.*-]+)*/?")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def spans(path: Path) -> list[str]:
    """Words set as code inside a sentence or table."""
    return _SPAN.findall(_BLOCK.sub("", read(path)))


def code(path: Path) -> str:
    """Everything set as code."""
    return "\n".join([*_BLOCK.findall(read(path)), *spans(path)])


def unresolved(problems: Callable[[Path], Iterable[str]]) -> list[str]:
    """Say for every document what does not resolve."""
    return [f"{name(document)}: {problem}" for document in DOCS for problem in problems(document)]


def commands() -> Any:
    """The command line as click sees it."""
    main = pytest.importorskip("crosswalk.cli.main", exc_type=ImportError)
    return pytest.importorskip("typer").main.get_command(main.app)


def unknown_words(words: list[str], root: Any) -> Iterator[str]:
    """Yield the words of a command line that the program does not know."""
    here = root
    for word in words:
        if word.startswith("--"):
            known = {option for one in here.params for option in (*one.opts, *one.secondary_opts)} | {"--help"}
            if word.split("=")[0] not in known:
                yield word
        elif hasattr(here, "commands"):
            if word not in here.commands:
                yield word
                return
            here = here.commands[word]


def test_commands_and_their_options_exist() -> None:
    root = commands()

    def unknown(document: Path) -> Iterator[str]:
        for match in _COMMAND.finditer(code(document)):
            words = match[1].replace("[", " ").replace("]", " ").split()
            yield from (f"crosswalk {' '.join(words)} ({word})" for word in unknown_words(words, root))

    assert unresolved(unknown) == []


def test_every_command_is_documented() -> None:
    text = "\n".join(code(document) for document in DOCS)
    assert [command for command in commands().commands if f"crosswalk {command}" not in text] == []


def test_links_lead_somewhere() -> None:
    def dead(document: Path) -> Iterator[str]:
        for link in _LINK.findall(_BLOCK.sub("", read(document))):
            if "://" not in link and not link.startswith("mailto:") and not (document.parent / link).exists():
                yield link

    assert unresolved(dead) == []


def test_files_exist() -> None:
    """A path whose first part is ours must exist; a document or test file named alone must be somewhere."""
    tops = {path.relative_to(ROOT).parts[0] for path in files()}
    names = {path.name for path in files()}

    def missing(document: Path) -> Iterator[str]:
        for span in spans(document):
            path = span.split("::")[0]
            if not _PATH.fullmatch(path) or path.startswith(MADE_AT_RUN_TIME):
                continue
            if "/" in path:
                if path.split("/")[0] in tops and not any(True for _ in ROOT.glob(path.rstrip("/"))):
                    yield path
            elif (
                "*" not in path and (path.endswith(".md") or re.fullmatch(r"test_\w+\.py", path)) and path not in names
            ):
                yield path

    assert unresolved(missing) == []


def test_tests_that_are_named_exist() -> None:
    defined = "\n".join(read(path) for path in files() if path.suffix == ".py" and "test" in name(path))

    def missing(document: Path) -> Iterator[str]:
        for span in spans(document):
            for test in re.findall(r"\btest_\w*[^\W_](?![\w.*…])", span.split("::", 1)[-1]):
                if f"def {test}(" not in defined:
                    yield test

    assert unresolved(missing) == []


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = re.compile(r"(?:^|\s)make ([a-z][a-z-]*)", re.MULTILINE)
    assert unresolved(lambda document: set(named.findall(code(document))) - targets) == []


def test_settings_exist() -> None:
    tree = parsed(ROOT / "crosswalk" / "platform" / "settings.py")
    lines = [line for node in tree.body for line in getattr(node, "body", []) if hasattr(line, "annotation")]
    known = {f"CROSSWALK_{line.target.id.upper()}" for line in lines}
    for path in files():
        if path.suffix == ".py" and name(path).startswith("crosswalk/"):
            known |= set(re.findall(r'"(CROSSWALK_[A-Z_]+)"', read(path)))
    named = re.compile(r"\bCROSSWALK_[A-Z_]*[A-Z]\b")
    assert unresolved(lambda document: sorted(set(named.findall(read(document))) - known)) == []
