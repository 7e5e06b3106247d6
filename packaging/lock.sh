#!/usr/bin/env bash
# Writes packaging/requirements.lock: every run-time, test, lint, bench and build package with its
# hashes, wheels only, for all platforms and Pythons at once. The extra `fix` is left out: its
# package exists as source only. Arguments go to `uv pip compile`, e.g. --upgrade.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

uv=$(command -v uv || true)
if [ -z "$uv" ]; then
    # A tool for this moment only, so it gets a place for this moment only.
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    .venv/bin/python -m venv "$scratch" || { echo "lock: run make setup first." >&2; exit 1; }
    "$scratch/bin/pip" install --quiet --disable-pip-version-check uv
    uv=$scratch/bin/uv
fi

"$uv" pip compile --quiet --universal --python-version 3.11 --only-binary :all: \
    --generate-hashes --no-emit-index-url --no-emit-find-links \
    --custom-compile-command 'make lock' --extra test --extra lint --extra bench --group build \
    "$@" pyproject.toml --output-file packaging/requirements.lock
echo "Locked $(grep -c '^[a-z]' packaging/requirements.lock) packages. Run make setup to use them."
