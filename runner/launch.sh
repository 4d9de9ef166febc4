# Sourced by ./lab and ./test with $root set; leaves the interpreter to use in $python.
#
# When the environment is ready this costs one fork. Otherwise: find a Python, install one if there
# is none, and let runner/environment.py (plain Python, no packages) build the environment.

# shellcheck disable=SC2154 # $root is the launcher's
python=$root/.venv/bin/python

# The stamp is written last: it names what was installed and for which folder, since a virtual
# environment does not survive being moved. cksum, because every system has it: nobody is to be
# kept from forging this, the lock file's own hashes guard what is installed.
wanted="$(cksum <"$root/requirements.lock") $root"
stamped=
[ ! -r "$root/.venv/stamp" ] || IFS= read -r stamped <"$root/.venv/stamp"
# -x follows links: a Python that the system has replaced since leaves a dangling one.
if [ "$stamped" = "$wanted" ] && [ -x "$python" ]; then
    return 0
fi

log=$root/.venv.log

stop() { # MESSAGE REMEDY
    printf '%s\n' "$1" "$2" >&2
    exit 3
}

fits() { # PYTHON MODULES: new enough, and has them (Debian packs venv apart)
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -I -c "import sys, $2; sys.exit(sys.version_info < (3, 11))" >/dev/null 2>&1
}

# Sets $base to a Python that can build an environment; else $bare to one that lacks only venv.
find_python() {
    base='' bare=''
    for name in python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3 python; do
        if fits "$name" "ensurepip, venv, ssl"; then
            base=$name
            return 0
        fi
        if [ -z "$bare" ] && fits "$name" sys; then
            bare=$name
        fi
    done
    return 1
}

# Yes or no to "$1": --yes and a machine without a terminal decide by themselves.
consents() {
    case $yes in 1) return 0 ;; esac
    if [ -t 0 ] && [ -t 2 ] && [ -z "${CI:-}" ]; then
        printf '%s [Y/n] ' "$1" >&2
        IFS= read -r answer || answer=n
        case $answer in '' | [Yy] | [Yy][Ee][Ss]) return 0 ;; esac
        return 1
    fi
    [ -z "$sudo" ] && [ "$user" = 0 ]
}

# Runs "$@", its output in the log, a dot a second on a terminal.
quietly() {
    dots=
    if [ -t 2 ]; then
        # kill -0: should this shell be killed, the dots end with it.
        (while kill -0 $$ 2>/dev/null; do
            sleep 1
            printf . >&2
        done) &
        dots=$!
        trap 'kill "$dots" 2>/dev/null; exit 130' INT TERM
    fi
    "$@" </dev/null >>"$log" 2>&1
    ended=$?
    if [ -n "$dots" ]; then
        trap - INT TERM
        kill "$dots" 2>/dev/null
        wait "$dots" 2>/dev/null
        echo >&2
    fi
    return "$ended"
}

apt() { # a fresh machine updates itself in the background: wait for its lock
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=180 "$@"
}

install_with_apt() {
    apt update
    # shellcheck disable=SC2086
    apt install -y --no-install-recommends $packages
    if find_python; then
        return 0
    fi
    # The distribution's own is too old; many have a newer one beside it.
    for name in python3.14 python3.13 python3.12 python3.11; do
        ! apt install -y --no-install-recommends "$name" "$name-venv" || return 0
    done
    return 1
}

install_with_dnf() {
    $sudo dnf install -y -q python3
    if find_python; then
        return 0
    fi
    for name in python3.14 python3.13 python3.12 python3.11; do
        ! $sudo dnf install -y -q "$name" || return 0
    done
    return 1
}

install_python() {
    packages="python3 python3-venv"
    lack="Python 3.11 or newer is needed and there is none on this machine."
    if [ -n "$bare" ]; then
        packages=$("$bare" -I -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        lack="$bare lacks the modules that build virtual environments."
    fi
    user=$(id -u) sudo=
    [ "$user" = 0 ] || sudo=sudo
    as=
    [ -z "$sudo" ] || ! command -v sudo >/dev/null 2>&1 || as="sudo "
    if command -v apt-get >/dev/null 2>&1; then
        manager=apt
        command="${as}apt-get update && ${as}apt-get install -y $packages"
    elif command -v dnf >/dev/null 2>&1; then
        manager=dnf packages=python3
        command="${as}dnf install -y $packages"
    else
        stop "$lack" "Install Python 3.11 or newer with its venv module, then call again."
    fi
    [ -z "$sudo" ] || [ -n "$as" ] || stop "$lack" "As root, type: $command"
    consents "$lack Install $packages with the system's package manager?" ||
        stop "$lack" "Type: $command"
    [ -z "$sudo" ] || $sudo -v || stop "$lack" "Type: $command"
    echo "Installing $packages with the system's package manager (under a minute)." >&2
    quietly "install_with_$manager"
    find_python || stop "The system's packages gave no fitting Python; the log is $log" \
        "Type: $command (or install Python 3.11 or newer in another way)"
}

yes=
for word in "$@"; do
    case $word in
        --yes) yes=1 ;;
        --) break ;;
    esac
done
(: >>"$log") 2>/dev/null || stop "$root is not ready for use and you may not write to it." \
    "Have its owner call ./lab --version there once, or make your own copy."

find_python || install_python
"$base" -I "$root/runner/environment.py" "$wanted" || exit
