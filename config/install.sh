#!/bin/sh
# Installs one hash-locked set into the virtual environment: by uv where there is one, else by pip.
# Use: install.sh PYTHON VENV REQUIREMENTS
set -eu
python=$1 venv=$2 requirements=$3

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Foyer needs Python 3.11 or newer; set PYTHON to one, as in: make run PYTHON=python3.12" >&2
    exit 1
}
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv" || {
    echo "No virtual environment could be made: install python3-venv." >&2
    exit 1
}
echo "Installing $requirements"
if command -v uv >/dev/null 2>&1; then
    uv pip install --quiet --compile-bytecode --python "$venv/bin/python" --require-hashes \
        --requirement "$requirements"
else
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --requirement "$requirements"
fi
