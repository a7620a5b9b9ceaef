#!/bin/sh
# Install exactly what uv.lock says into .venv/.
#
# The lock names files on pypi.org. Where only another index is to be reached (PIP_INDEX_URL or pip's index-url), the
# same versions, checked by the same hashes, come from there.
set -eu

ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$ROOT"
uv() { sh tools/uv.sh "$@"; }

# The Python that make was told to use is the one of .venv too.
if [ -n "${PYTHON:-}" ]; then export UV_PYTHON="${UV_PYTHON:-$PYTHON}"; fi

other_index() {
    if [ -n "${UV_DEFAULT_INDEX:-}" ]; then echo "$UV_DEFAULT_INDEX"; return; fi
    if [ -n "${PIP_INDEX_URL:-}" ]; then echo "$PIP_INDEX_URL"; return; fi
    python3 -m pip config get global.index-url 2>/dev/null || python3 -m pip config get user.index-url 2>/dev/null || true
}

# A .venv that was copied or whose Python is gone is made anew.
if [ -e .venv ] && ! .venv/bin/python -c '' 2>/dev/null; then rm -rf .venv; fi

if ! uv sync --frozen --quiet; then
    index=$(other_index)
    if [ -z "$index" ]; then exit 1; fi
    echo "Installing the same versions from $index" | sed 's#//[^/@]*@#//#'
    uv venv --quiet --allow-existing .venv
    uv export --quiet --frozen --no-emit-project --output-file .venv/locked.txt >/dev/null
    uv pip sync --quiet --python .venv --require-hashes --default-index "$index" .venv/locked.txt
    uv pip install --quiet --python .venv --default-index "$index" --no-deps --editable .
fi
touch .venv/.installed
