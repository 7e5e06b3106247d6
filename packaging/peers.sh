#!/usr/bin/env bash
# Makes .venv-bench with the peers of `blotter bench` that .venv doesn't have: the order books of
# `bench matching`, and VeighNa's order monitor for `bench blotter`, which pins another PySide6 than
# ours. Nothing else needs it; a peer that can't be had is left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=4.5.0
python=.venv/bin/python
[ -x "$python" ] || { echo "peers: run make setup first." >&2; exit 1; }
[ -x .venv-bench/bin/python ] || "$python" -m venv .venv-bench
pip() {
    .venv-bench/bin/pip install --quiet --disable-pip-version-check "$@"
}

# Without what they require: an order book alone needs none of it. Those in C++ may exist as source
# only, and then need a compiler.
for peer in manticore-orderbook==1.0.1 limit-order-book==2.0.0 lumina-lob==0.1.4; do
    pip --no-deps "$peer" ||
        echo "peers: $peer is left out; see above. Perhaps a C++ compiler is missing." >&2
done

# The Qt that we use ourselves, so that the two are compared and not two Qts; and of what it
# requires only what its order monitor imports.
qt=$("$python" -c 'import PySide6; print(PySide6.__version__)')
pip --only-binary :all: \
    "PySide6-Essentials==$qt" numpy pyqtgraph loguru qdarkstyle qrcode requests TA-Lib tqdm tzlocal
pip --no-deps "vnpy==$version"
.venv-bench/bin/python -c 'import vnpy; print("Ready: vnpy", vnpy.__version__)'
