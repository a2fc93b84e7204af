# shellcheck shell=bash
# Sourced: puts Python tools into target/venv and on the PATH. Fails where they cannot be had.
# usage: . scripts/python-tools.sh; python_tools pre-commit==4.7.0 ...
python_tools() {
  local venv=$PWD/target/venv
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
  PATH=$venv/bin:$PATH
}
