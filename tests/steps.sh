# shellcheck shell=bash
# What `.ci/run` and `tests/run` share: steps that tell how long they took, and Debian packages installed when missing.

STEP_TIMES=()

# step NAME COMMAND [ARGUMENT...]: runs one step; the first that fails ends the script.
step() {
    local name=$1 begin=$SECONDS
    shift
    printf '\n==> %s\n' "$name" >&2
    "$@"
    STEP_TIMES+=("$(printf '%5d s  %s' "$((SECONDS - begin))" "$name")")
}

# Prints how long each step took.
print_times() {
    printf '\n' >&2
    printf '%s\n' "${STEP_TIMES[@]}" >&2
}

# install_missing WHAT=PACKAGE...: WHAT is a program, or the path of a file.
install_missing() {
    local pair what packages=()
    for pair in "$@"; do
        what=${pair%%=*}
        command -v "$what" >/dev/null || [ -e "$what" ] || packages+=("${pair#*=}")
    done
    [ "${#packages[@]}" -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "missing: ${packages[*]}; install with: sudo apt-get install --no-install-recommends ${packages[*]}" >&2
        return 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq </dev/null
    apt-get install -y -qq --no-install-recommends "${packages[@]}" </dev/null
}

# install_program PROGRAM VERSION: a Cargo command that comes built, as a Python package, into a folder of the build.
install_program() {
    local folder=target/tools/$1-$2
    PATH=$PWD/$folder/bin:$PATH
    [ ! -x "$folder/bin/$1" ] || return 0
    install_python_package "$folder" "astral-dev-toolchain-$1==$2"
}

# install_axe VERSION: what looks for what keeps people from using a page, as a Python package of that version has it, into a
# folder of the build.
install_axe() {
    local folder=target/tools/axe-$1
    compgen -G "$folder/lib/python3*/site-packages/axe_playwright_python/axe.min.js" >/dev/null ||
        install_python_package "$folder" "axe-playwright-python==$1"
    mkdir -p target/tools/axe
    cp "$folder"/lib/python3*/site-packages/axe_playwright_python/axe.min.js target/tools/axe/
}

# install_python_package FOLDER PACKAGE: alone, without what it needs to run, into a folder of its own.
install_python_package() {
    python3 -c 'import ensurepip' 2>/dev/null || install_missing ensurepip=python3-venv
    python3 -m venv --clear "$1"
    "$1/bin/pip" install --quiet --disable-pip-version-check --no-deps "$2"
}
