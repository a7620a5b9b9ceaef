#!/bin/sh
# Everything that is judged without running the product. All of it runs, so that one call shows all that is wrong.
set -u

cd "$(dirname -- "$0")/.." || exit 2
BIN=.venv/bin
failed=""

run() {
    name=$1
    shift
    if output=$("$@" 2>&1); then
        printf '  ok      %s\n' "$name"
    else
        printf '  FAILED  %s\n%s\n' "$name" "$output"
        failed="$failed${failed:+, }$name"
    fi
}

run "lock is up to date" sh tools/uv.sh lock --check
run "lint" "$BIN/ruff" check
run "format" "$BIN/ruff" format --check
run "types" "$BIN/mypy"
run "import law" "$BIN/lint-imports"
run "schemas are up to date" "$BIN/python" -m crosswalk.platform.schemas --check
run "coverage table is up to date" "$BIN/python" tools/coverage_table.py --check
run "names in the docs" "$BIN/python" -m pytest -q -p no:cacheprovider --durations=0 tests/architecture/test_docs.py

if [ -n "$failed" ]; then
    echo "check failed: $failed"
    exit 1
fi
echo "check passed"
