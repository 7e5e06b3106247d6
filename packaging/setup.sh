#!/usr/bin/env bash
# Makes .venv from packaging/requirements.lock, with this tree installed in it, and sees to the
# system libraries that Qt loads. Does nothing, at once, when nothing has changed.
#
#   packaging/setup.sh               what `make setup` and `make demo` run
#   packaging/setup.sh --with-xvfb   the tests' virtual screen too, where it can be had
#
# PYTHON=/path/to/python3.12 chooses the interpreter. Packages of the system are installed only by
# root or where sudo asks for no password; otherwise the command to run is printed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=.venv
lock=packaging/requirements.lock
log=$venv/setup.log
with_xvfb=no

for argument in "$@"; do
    case $argument in
        --with-xvfb) with_xvfb=yes ;;
        *) echo "setup: unknown argument $argument; the only one is --with-xvfb." >&2; exit 2 ;;
    esac
done

say() { printf '%s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# ------------------------------------------------------------------------- packages of the system

as_root=''
may_apt() {
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" = 0 ]; then as_root=''; else as_root='sudo -n'; sudo -n true 2>/dev/null; fi
}

apt_once() {
    # shellcheck disable=SC2086  # as_root is a command with its argument, or nothing
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -o DPkg::Lock::Timeout=120 -qq "$@" >>"$log" 2>&1 </dev/null
}

# Installs Debian packages, or returns false: not allowed, no network, no such package.
apt_install() {
    may_apt || return 1
    say "Installing system packages: $*"
    mkdir -p "$venv"
    # The lists may be missing or old: fetch them only if the first try says so.
    apt_once install --yes --no-install-recommends "$@" ||
        { apt_once update && apt_once install --yes --no-install-recommends "$@"; }
}

# ------------------------------------------------------------------------------------- the Python

# Prints the interpreter's version if it is one that serves, e.g. 3.12.
version_of() {
    "$1" -c 'import sys
if sys.version_info < (3, 11): sys.exit(1)
print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

# Sets python and version; has_pip is no when the interpreter lacks what makes a .venv.
find_python() {
    local candidate found
    python='' version='' has_pip=no
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python3.14}; do
        found=$(version_of "$candidate") || continue
        if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            python=$candidate version=$found has_pip=yes
            return
        fi
        [ -n "$python" ] || python=$candidate version=$found
    done
}

choose_python() {
    find_python
    if [ -z "$python" ] && [ -z "${PYTHON:-}" ] && apt_install python3 python3-venv; then
        find_python
    elif [ -n "$python" ] && [ $has_pip = no ] && apt_install "python$version-venv"; then
        find_python
    fi
    [ -n "$python" ] || fail "no Python 3.11 or newer found${PYTHON:+ at $PYTHON}." \
        "On Debian 12, Ubuntu 24.04 and later: sudo apt-get install python3 python3-venv"
    [ $has_pip = yes ] || fail "$python cannot make a virtual environment: its venv module is" \
        "missing. On Debian and Ubuntu: sudo apt-get install python$version-venv"
}

# ---------------------------------------------------------------------------------- the packages

make_environment() {
    choose_python
    say "Making $venv with Python $version."
    "$python" -m venv --clear "$venv" || fail "$python could not make $PWD/$venv."

    local total
    total=$(grep -c '^[A-Za-z0-9]' "$lock")
    say "Installing up to $total locked packages (some 200 MB the first time)."
    # Hashes pin what is installed whatever index or mirror pip is configured for.
    "$venv/bin/python" -m pip install --require-hashes --no-deps --only-binary :all: \
        --disable-pip-version-check --progress-bar off -r "$lock" 2>&1 |
        tee -a "$log" | show_progress ||
        fail_with_log "could not install $lock. It needs the network, and on Linux glibc 2.34" \
            "(Debian 12, Ubuntu 22.04) or newer"
}

# One line that counts, on a terminal; nothing elsewhere.
show_progress() {
    if [ -t 1 ]; then
        awk '/^Collecting / { printf "\r\033[K  %d  %s", ++n, $2; fflush() }
             /^Installing collected/ { printf "\r\033[K  unpacking"; fflush() }
             END { printf "\r\033[K" }'
    else
        cat >/dev/null
    fi
}

fail_with_log() {
    grep -v '^ *$' "$log" | tail -n 6 >&2
    fail "$* (all of it: $log)."
}

install_project() {
    [ -f README.md ] || fail "README.md is missing: this is not a whole checkout."
    # No build isolation: the build backend is one of the locked packages.
    "$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation \
        --disable-pip-version-check --editable . >>"$log" 2>&1 ||
        fail_with_log "could not install Deskblotter itself into $venv"
}

# ------------------------------------------------------------------------------- Qt's libraries

# soname and Debian package. Without the first group no Qt program starts, on a screen or off.
needed_by_qt='libGL.so.1 libgl1
libEGL.so.1 libegl1
libX11.so.6 libx11-6
libdbus-1.so.3 libdbus-1-3
libfontconfig.so.1 libfontconfig1
libfreetype.so.6 libfreetype6
libglib-2.0.so.0 libglib2.0-0
libgthread-2.0.so.0 libglib2.0-0
libxkbcommon.so.0 libxkbcommon0'
needed_by_windows='libX11-xcb.so.1 libx11-xcb1
libxcb-cursor.so.0 libxcb-cursor0
libxcb-glx.so.0 libxcb-glx0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-image.so.0 libxcb-image0
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-randr.so.0 libxcb-randr0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-render.so.0 libxcb-render0
libxcb-shape.so.0 libxcb-shape0
libxcb-shm.so.0 libxcb-shm0
libxcb-sync.so.1 libxcb-sync1
libxcb-util.so.1 libxcb-util1
libxcb-xfixes.so.0 libxcb-xfixes0
libxcb-xkb.so.1 libxcb-xkb1
libxkbcommon-x11.so.0 libxkbcommon-x11-0'

# Prints the packages of a group's libraries that do not load, on one line.
missing_packages() {
    "$venv/bin/python" -I -S - "$1" <<'EOF'
import ctypes
import sys

missing = []
for line in sys.argv[1].splitlines():
    soname, package = line.split()
    try:
        ctypes.CDLL(soname)
    except OSError:
        if package not in missing:
            missing.append(package)
print(*missing)
EOF
}

# $venv/.libraries is empty once all are there, or holds what apt-get was asked for in vain, so that
# it is not asked again at every start.
see_to_libraries() {
    local basic windows tried=''
    [ "$(uname -s)" = Linux ] || return 0
    if [ -f $venv/.libraries ]; then
        tried=$(<$venv/.libraries)
        [ -n "$tried" ] || return 0
    fi
    basic=$(missing_packages "$needed_by_qt")
    windows=$(missing_packages "$needed_by_windows")
    if [ -n "$basic$windows" ] && [ "$basic $windows" != "$tried" ] && may_apt; then
        # shellcheck disable=SC2086  # lists of packages
        apt_install $basic $windows || printf '%s\n' "$basic $windows" >$venv/.libraries
        basic=$(missing_packages "$needed_by_qt")
        windows=$(missing_packages "$needed_by_windows")
    fi
    if [ -z "$basic$windows" ]; then
        : >$venv/.libraries
        return
    fi
    if [ -n "$basic" ]; then
        say "Qt cannot start without some system libraries. On Debian and Ubuntu:" >&2
    else
        say "To open windows Qt needs more system libraries (without a screen it runs):" >&2
    fi
    # shellcheck disable=SC2086  # lists of packages
    say "  sudo apt-get install" $basic $windows >&2
    [ -z "$basic" ] || exit 1
}

see_to_xvfb() {
    if [ "$(uname -s)" != Linux ] || command -v Xvfb >/dev/null || [ -f $venv/.no-xvfb ]; then
        return 0
    fi
    may_apt || return 0
    apt_install xvfb || : >$venv/.no-xvfb
}

# ------------------------------------------------------------------------------------------- run

# A .venv does not survive being moved, so its place is part of what it is.
environment_key="$(cksum <$lock) $PWD"
project_key=$(cat pyproject.toml packaging/setup.sh | cksum)
made_environment='' made_project=''
if [ -f $venv/.stamp ] && [ -x $venv/bin/python ]; then
    { read -r made_environment; read -r made_project; } <$venv/.stamp || true
fi

if [ "$made_environment" != "$environment_key" ]; then
    rm -f $venv/.stamp
    make_environment
    printf '%s\n' "$environment_key" >$venv/.stamp
    made_project=''
fi
if [ "$made_project" != "$project_key" ]; then
    install_project
    printf '%s\n' "$environment_key" "$project_key" >$venv/.stamp
    finished=yes
fi
see_to_libraries
[ $with_xvfb = no ] || see_to_xvfb
[ -z "${finished:-}" ] || say "Ready: .venv/bin/blotter"
