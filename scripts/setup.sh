#!/bin/sh
# Sees to it that everything the build needs is there: a C++ compiler, cmake and the Boost headers (for vectorscan), make,
# curl, and the Rust toolchain that rust-toolchain.toml names. What is missing it installs on Debian and Ubuntu, as root
# or with a sudo that asks for no password; otherwise it prints the command to run and ends with status 1. If nothing is
# missing it changes nothing and uses no network. Proxies of the environment and the settings of cargo and rustup apply.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cargo_bin=${CARGO_HOME:-$HOME/.cargo}/bin

say() { printf 'setup: %s\n' "$*" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }

# The build looks for the headers where the compiler does, so it is the compiler that is asked; and below BOOST_ROOT.
has_boost() {
    [ -e "${BOOST_ROOT:-/nonexistent}/include/boost/version.hpp" ] ||
        printf '#include <boost/version.hpp>\n' | c++ -x c++ -E - >/dev/null 2>&1
}

missing_packages() {
    # vectorscan asks `c++ -v` whether it is gcc or clang, so it must be there under this name.
    has c++ && has cc || printf ' g++'
    has cmake || printf ' cmake'
    has make || printf ' make'
    # Boost cannot be looked for without a compiler; where there is none, the package is asked for as well.
    has c++ && has_boost || printf ' libboost-dev'
    # Only rustup's installer is fetched with curl.
    has rustup || has cargo || has "$cargo_bin/cargo" || has curl || printf ' curl ca-certificates'
}

install_packages() {
    if ! has apt-get; then
        say "missing, under the names that Debian gives them: $*"
        say "install them with this system's package manager, then run this again"
        return 1
    fi
    if [ "$(id -u)" -eq 0 ]; then
        sudo=""
    elif has sudo && sudo -n true 2>/dev/null; then
        sudo="sudo -n"
    else
        say "missing: $*"
        say "run: sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
        return 1
    fi
    say "installing: $*"
    apt_get update -qq
    apt_get install -y -qq --no-install-recommends "$@"
}

# sudo takes the environment away, and with it the proxy.
apt_get() {
    # shellcheck disable=SC2086 # no sudo is no word
    $sudo env DEBIAN_FRONTEND=noninteractive http_proxy="${http_proxy-}" https_proxy="${https_proxy-}" \
        no_proxy="${no_proxy-}" apt-get "$@" >&2
}

# The cargo of a rustup that was installed a moment ago is not on the PATH of this shell.
find_cargo() {
    has cargo || PATH="$cargo_bin:$PATH"
    has cargo
}

# The installer comes from where rustup itself gets its updates, so a mirror that rustup is set to is asked here too.
install_rust() {
    case $(uname -m) in
    x86_64 | amd64) host=x86_64-unknown-linux-gnu ;;
    aarch64 | arm64) host=aarch64-unknown-linux-gnu ;;
    *)
        say "there is no cargo: install Rust as https://rustup.rs says, then run this again"
        return 1
        ;;
    esac
    say "installing rustup to $cargo_bin"
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    url=${RUSTUP_UPDATE_ROOT:-https://static.rust-lang.org/rustup}/dist/$host/rustup-init
    curl -sSfL "$url" -o "$folder/rustup-init"
    # The file of the sum names a path of its own.
    sum=$(curl -sSfL "$url.sha256" | cut -d ' ' -f 1)
    echo "$sum  $folder/rustup-init" | sha256sum -c - >/dev/null
    chmod +x "$folder/rustup-init"
    "$folder/rustup-init" -y --profile minimal --default-toolchain none --no-modify-path >&2
}

# Whether the toolchain and its components are there. `rustup run` fetches nothing.
has_toolchain() {
    channel=$(sed -n 's/^channel *= *"\(.*\)"$/\1/p' "$root/rust-toolchain.toml")
    if has rustup; then
        (cd "$root" && rustup run "$channel" rustc --version && rustup run "$channel" cargo clippy --version &&
            rustup run "$channel" cargo fmt --version) >/dev/null 2>&1
    else
        (cd "$root" && rustc --version) | grep -q "^rustc $channel "
    fi
}

install_toolchain() {
    if ! has rustup; then
        say "cargo is here, but not Rust $channel and no rustup to get it: see https://rustup.rs"
        return 1
    fi
    say "installing Rust $channel"
    rustup toolchain install "$channel" --profile minimal --component rustfmt --component clippy >&2
}

packages=$(missing_packages)
if [ -n "$packages" ]; then
    # shellcheck disable=SC2086 # the list is to fall apart into words
    install_packages $packages
fi
find_cargo || install_rust
find_cargo || { say "rustup is installed, but there is no cargo in $cargo_bin"; exit 1; }
has_toolchain || install_toolchain
