#!/usr/bin/env bash
# Makes .venv-bench with VeighNa's order monitor, the peer of `blotter bench blotter`. It has an
# environment of its own because it pins another PySide6 than ours; nothing else needs it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=4.5.0
python=.venv/bin/python
[ -x "$python" ] || { echo "peers: run make setup first." >&2; exit 1; }
[ -x .venv-bench/bin/python ] || "$python" -m venv .venv-bench
# The Qt that we use ourselves, so that the two are compared and not two Qts; and of what it
# requires only what its order monitor imports.
qt=$("$python" -c 'import PySide6; print(PySide6.__version__)')
.venv-bench/bin/pip install --quiet --disable-pip-version-check --only-binary :all: \
    "PySide6-Essentials==$qt" numpy pyqtgraph loguru qdarkstyle qrcode requests TA-Lib tqdm tzlocal
.venv-bench/bin/pip install --quiet --disable-pip-version-check --no-deps "vnpy==$version"
.venv-bench/bin/python -c 'import vnpy; print("Ready: vnpy", vnpy.__version__)'
