"""Write the JSON Schema of each kind of file under mappings/, for editors and reviewers, from the shapes in the code.

python tools/schemas.py            write mappings/schema/
python tools/schemas.py --check    only say whether it is up to date
"""

import json
import sys
from pathlib import Path

from crosswalk.platform.files import SHAPES, adapter

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "mappings" / "schema"


def documents() -> dict[Path, str]:
    """Return file -> text, as they must be."""
    texts = {}
    for shape in SHAPES:
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **adapter(shape).json_schema()}
        texts[FOLDER / f"{shape}.json"] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return texts


def stale() -> list[str]:
    """Return the files that are missing, differ, or belong to no shape any more."""
    wanted = documents()
    found = {path: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    return sorted(path.name for path in wanted.keys() | found.keys() if wanted.get(path) != found.get(path))


def main() -> int:
    """Write, or check."""
    if "--check" in sys.argv[1:]:
        names = stale()
        if names:
            print(f"mappings/schema/ is out of date ({', '.join(names)}): run `make schemas`")
        return 1 if names else 0
    wanted = documents()
    FOLDER.mkdir(exist_ok=True)
    for path in set(FOLDER.glob("*.json")) - wanted.keys():
        path.unlink()
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
