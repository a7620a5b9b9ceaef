#!/bin/sh
# Run uv: the one on PATH when it is recent enough, else one of this project's own in .uv/ (installed on first use from
# the package index that pip is configured for). Nothing is installed outside the project.
#
#   sh tools/uv.sh sync --frozen
#
# PYTHON names the Python to install with, where the right one is not found by itself.
set -eu

PINNED=0.13.9        # installed when there is none
OLDEST=0.9.0         # reads uv.lock and knows the options used here
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
OWN=$ROOT/.uv

say() { printf '%s\n' "$*" >&2; }

# recent UV: does it start, and is it at least OLDEST?
recent() {
    version=$("$1" --version 2>/dev/null) || return 1
    version=${version#uv }
    printf '%s\n' "${version%% *}" | awk -F. -v oldest="$OLDEST" '
        { split(oldest, o, "."); for (i = 1; i <= 3; i++) { a = $i + 0; b = o[i] + 0; if (a != b) exit !(a > b) } }'
}

# suits PYTHON: a Python that the project's dependencies run on?
suits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$candidate" >/dev/null 2>&1 && suits "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

# pip_installs PYTHON OPTION...: the pinned uv, or where the index lacks it the newest it has.
pip_installs() {
    python=$1
    shift
    for wanted in "uv==$PINNED" "uv>=$OLDEST"; do
        if "$python" -m pip install --quiet "$@" "$wanted" >&2; then return 0; fi
    done
    return 1
}

install_uv() {
    if ! python=$(find_python); then
        say "Crosswalk needs Python 3.11, 3.12, 3.13 or 3.14, and found none (python3 is" \
            "$(python3 --version 2>/dev/null || echo missing))."
        say "Install one (Debian and Ubuntu: apt-get install python3 python3-venv; macOS: brew install python@3.13)," \
            "or name it: make PYTHON=/path/to/python3.11"
        exit 2
    fi
    say "Installing uv $PINNED into .uv/ with $python"
    # These would send an install elsewhere than into .uv/; index, certificate and proxy settings stay as they are.
    unset PIP_TARGET PIP_PREFIX PIP_ROOT
    export PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

    rm -rf "$OWN"
    if "$python" -m venv "$OWN" >/dev/null 2>&1 && pip_installs "$OWN/bin/python"; then return; fi

    # No venv or ensurepip here (Debian without python3-venv). --target is not the system's own place, so that a Python
    # whose packages the system manages (PEP 668) allows it.
    rm -rf "$OWN"
    if "$python" -m pip --version >/dev/null 2>&1 && pip_installs "$python" --target "$OWN"; then return; fi

    rm -rf "$OWN"
    say "Could not install uv: $python has neither a working venv nor pip, or the package index was not reached."
    say "Install python3-venv (Debian and Ubuntu: apt-get install python3-venv) or uv itself" \
        "(https://docs.astral.sh/uv/getting-started/installation/), then try again."
    exit 2
}

uv=$(command -v uv 2>/dev/null || true)
if [ -z "$uv" ] || ! recent "$uv"; then
    uv=$OWN/bin/uv
    recent "$uv" || install_uv
fi

# uv does not read pip's settings: hand over the certificates that pip was told to trust, and trust the system's.
if [ -z "${SSL_CERT_FILE:-}" ] && [ -n "${PIP_CERT:-}" ]; then export SSL_CERT_FILE="$PIP_CERT"; fi
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}" UV_NATIVE_TLS="${UV_NATIVE_TLS:-true}"
export UV_NO_PROGRESS="${UV_NO_PROGRESS:-1}"

exec "$uv" --project "$ROOT" "$@"
