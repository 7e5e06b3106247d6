#!/usr/bin/env bash
# Compiles the matching core (app/matching, the very same source) with mypyc into .venv/compiled,
# where `blotter` finds it as long as that source stays as it is. It needs a C compiler. Nothing
# else needs it: without it the source itself runs. `rm -r .venv/compiled` goes back to that.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=$PWD/.venv/bin/python
[ -x "$python" ] || { echo "compiled: run make setup first." >&2; exit 1; }
command -v "${CC:-cc}" >/dev/null || {
    echo "compiled: no C compiler (${CC:-cc}). On Debian and Ubuntu: sudo apt-get install gcc" >&2
    exit 1
}
folder=$("$python" -c 'from app.__main__ import compiled_folder; print(compiled_folder())')
[ ! -d "$folder" ] || { echo "Ready: $folder"; exit 0; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# A tool for this moment only, so it gets a place for this moment only.
"$python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
    --target "$scratch/tools" setuptools
mkdir -p "$scratch/core/app"
cp app/__init__.py "$scratch/core/app/"
cp -r app/matching "$scratch/core/app/"
cp -r models "$scratch/core/"
cd "$scratch/core"
rm -f app/matching/reference_*.py # the oracle stays what it is
# shellcheck disable=SC2046  # names of modules have no spaces
PYTHONPATH=$scratch/tools "$python" -m mypyc $(ls app/matching/*.py | grep -v __init__) \
    >"$scratch/log" 2>&1 || { tail -n 20 "$scratch/log" >&2; exit 1; }
mkdir -p "$scratch/ready/app/matching"
cp ./*.so "$scratch/ready/"
cp app/matching/*.so "$scratch/ready/app/matching/"
rm -rf "$(dirname "$folder")"
mkdir -p "$(dirname "$folder")"
mv "$scratch/ready" "$folder"
echo "Ready: $folder"
