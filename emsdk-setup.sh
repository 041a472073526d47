#!/bin/bash
# Prepares a Debian (12 or newer) or Ubuntu (24.04 or newer) machine for `cmake --workflow --preset demo` and `... test`.
#
#   ./emsdk-setup.sh           install what is missing; the second time there is nothing to do and it takes about a second
#   ./emsdk-setup.sh --check   only say which versions are there; exit status 1 when something is missing
#
# 1. Packages of the distribution, with root or sudo (otherwise the line to run is printed).
# 2. Emscripten, the first of these that works: an emcc on the PATH or in EMSDK that is new enough; the official emsdk at a
#    pinned version; a newer Debian suite's package, unpacked privately with its own libc, nothing upgraded.
# 3. Dear ImGui's sources at a pinned version, every file checked against the hashes below.
# 4. npm packages, from web/package-lock.json.
# 2 and 3 go to .toolchain/ (delete it to start over), 4 to web/node_modules, nothing elsewhere. Each part is made under a temporary name and
# renamed when complete, so an interrupted run does no harm: run it again.
# Exit status: 0 ready, 1 something failed, 2 this machine needs something that only its owner can do.
set -euo pipefail
cd "$(dirname "$0")"
export LC_ALL=C

ROOT=$PWD
TOOLS=$ROOT/.toolchain
EMSCRIPTEN_MINIMUM=3.1.69
EMSDK_VERSION=6.0.5                  # the official emsdk's tag
EMSDK_REPOSITORY=https://github.com/emscripten-core/emsdk.git
SUITES=(forky=6.0.5 trixie=3.1.69)   # Debian suites and the version each must have, best first
IMGUI_VERSION=1.92.2b
IMGUI_REPOSITORY=https://github.com/ocornut/imgui.git
NODE_MINIMUM=18.19.0
# What the page is compiled with: Emscripten's system libraries for exactly these flags are made here, not in the first build.
PAGE_FLAGS=(-std=c++20 -O2 -msimd128 -fwasm-exceptions)
PAGE_LINK_FLAGS=(-sUSE_GLFW=3 -sMIN_WEBGL_VERSION=2 -sMAX_WEBGL_VERSION=2 -sALLOW_MEMORY_GROWTH=1)

PACKAGES=(build-essential cmake ninja-build git ca-certificates python3 patchelf xz-utils
  libdnnl-dev libopenmpi-dev libonnx-dev libprotobuf-dev protobuf-compiler libstb-dev doctest-dev libcli11-dev nlohmann-json3-dev
  libjpeg-dev libpng-dev libwebp-dev liblcms2-dev libcairo2-dev)

say() { echo "florilegium: $*"; }
fail() { echo "florilegium: $*" >&2; exit 1; }
owner() { echo "florilegium: $*" >&2; exit 2; }
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -1)" = "$2" ]; }   # at_least VERSION MINIMUM
version_of() { "$@" --version 2>/dev/null | sed -nE '1s/.*[^0-9.]([0-9]+\.[0-9]+[0-9.]*).*/\1/p' || true; }
node_version() { node --version 2>/dev/null | tr -d v || true; }
stamped() { [ -e "$1/.stamp" ] && [ "$(cat "$1/.stamp")" = "$2" ]; }               # stamped FOLDER KEY

# ---- the system -------------------------------------------------------------------------------------------------------

ID=unknown VERSION_ID='' VERSION_CODENAME='' ID_LIKE=''
[ -r /etc/os-release ] && . /etc/os-release
unknown_system() {
  owner "this script knows Debian 12 or newer and Ubuntu 24.04 or newer, not this system (${PRETTY_NAME:-$ID}).
Install what these Debian packages contain: ${PACKAGES[*]} nodejs npm chromium,
with CMake >= 3.25 and Node >= $NODE_MINIMUM, and Emscripten >= $EMSCRIPTEN_MINIMUM. Then, with emcc on the PATH:
  cmake --preset native && cmake --build --preset native
For the page, see how this script writes .toolchain/emscripten.cmake, and give CMake Dear ImGui $IMGUI_VERSION
with -DFLORILEGIUM_IMGUI_DIR=FOLDER."
}
case "$ID" in
  debian) at_least "${VERSION_ID:-99}" 12 || unknown_system ;;       # testing and unstable have no VERSION_ID
  ubuntu) at_least "${VERSION_ID:-0}" 24.04 || unknown_system ;;
  *) unknown_system ;;
esac
ARCHITECTURE=$(dpkg --print-architecture)

# Node and Chromium only when the machine has none that will do.
at_least "$(node_version)" "$NODE_MINIMUM" && command -v npm >/dev/null || PACKAGES+=(nodejs npm)
if ! command -v chromium >/dev/null && [ "$ID" = debian ]; then PACKAGES+=(chromium); fi

missing_packages() {
  local have
  have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${PACKAGES[@]}" 2>/dev/null | sed -n 's/^installed //p' || true)
  printf '%s\n' "${PACKAGES[@]}" | grep -vxF -f <(printf '%s\n' "$have" none) || true
}

install_packages() {
  local missing sudo=() line
  missing=$(missing_packages | tr '\n' ' ')
  if [ -z "${missing// /}" ]; then say "[1/4] packages: all there"; return; fi
  line="apt-get update && apt-get install -y --no-install-recommends ${missing% }"
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      sudo=(sudo)
    else
      owner "packages are missing, and installing them needs root. Run this line as root, then this script again:
  $line"
    fi
  fi
  say "[1/4] packages: installing ${missing% }"
  "${sudo[@]}" apt-get -qq update
  # shellcheck disable=SC2086
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends $missing |
    awk '/^Unpacking/ && ++n % 50 == 0 { print "florilegium:       " n " packages unpacked"; fflush() }'
  [ -z "$(missing_packages)" ] || fail "apt-get ended without installing: $(missing_packages | tr '\n' ' ')"
}

check_tools() {
  at_least "$(version_of cmake)" 3.25 || owner "CMake >= 3.25 is needed; this system offers '$(version_of cmake)'."
  at_least "$(node_version)" "$NODE_MINIMUM" || owner "Node >= $NODE_MINIMUM is needed; this system offers '$(node_version)'."
  if [ "$ID" = ubuntu ] && ! command -v chromium >/dev/null; then
    say "      Ubuntu's chromium package only installs a snap: the browser tests need a chromium on the PATH, from where you like"
  fi
}

# ---- Debian's archive, asked beside the system's own apt state ------------------------------------------------------------

# scratch_apt SUITE: after it, apt-get in this shell with APT_CONFIG=$APT/apt.conf sees that suite alone. The mirror is the
# one that the machine's own sources name; signatures are checked with Debian's archive keys.
scratch_apt() {
  APT=$TOOLS/apt.$1
  [ -e "$APT/ready" ] && return
  local keys='' key mirror
  for key in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do [ -e "$key" ] && keys=$key && break; done
  [ -n "$keys" ] || { say "      no Debian archive keys here (package debian-archive-keyring)"; return 1; }
  mirror=$(apt-get --print-uris update 2>/dev/null | sed -n "s#^'\(.*\)/dists/${VERSION_CODENAME:-$1}/InRelease' .*#\1#p" | head -1)
  [ "$ID" = ubuntu ] && mirror=${mirror%/ubuntu*}/debian             # many mirrors carry both
  [ -n "$mirror" ] || { say "      no Debian mirror among apt's sources"; return 1; }
  rm -rf "$APT"
  mkdir -p "$APT"/{lists/partial,cache/archives/partial,none}
  : > "$APT/status"
  cat > "$APT/sources.list" <<S
deb [arch=$ARCHITECTURE signed-by=$keys] $mirror $1 main
deb-src [signed-by=$keys] $mirror $1 main
S
  cat > "$APT/apt.conf" <<C
Dir::State "$APT"; Dir::State::Lists "$APT/lists"; Dir::State::status "$APT/status"; Dir::Cache "$APT/cache"; Dir::Log "$APT";
Dir::Etc::sourcelist "$APT/sources.list"; Dir::Etc::sourceparts "$APT/none";
Dir::Etc::preferences "$APT/none/p"; Dir::Etc::preferencesparts "$APT/none";
APT::Architecture "$ARCHITECTURE"; APT::Architectures "$ARCHITECTURE"; APT::Install-Recommends "false"; APT::Sandbox::User "";
Acquire::Languages "none"; Acquire::Retries "2"; Debug::NoLocking "true";
C
  APT_CONFIG=$APT/apt.conf apt-get -qq -o APT::Update::Error-Mode=any update 2>"$APT/log" ||
    { say "      the mirror has no usable Debian suite '$1': $(sed -n 's/^E: //p' "$APT/log" | head -1)"; return 1; }
  touch "$APT/ready"
}

# ---- Emscripten ---------------------------------------------------------------------------------------------------------

# Each route leaves EMSCRIPTEN_ROOT (the folder of emcc.py) and writes $TOOLS/emscripten.config.new for it.

emscripten_of_the_machine() {
  local emcc version key value
  emcc=$(command -v emcc || ls "${EMSDK:-/nonexistent}/upstream/emscripten/emcc" 2>/dev/null || true)
  [ -n "$emcc" ] || return 1
  version=$(version_of "$emcc")
  if ! at_least "${version:-0}" "$EMSCRIPTEN_MINIMUM"; then
    say "      $emcc is ${version:-of an unknown version}: older than $EMSCRIPTEN_MINIMUM, not used"; return 1
  fi
  EMSCRIPTEN_ROOT=$(dirname "$(realpath "$emcc")")
  { echo "EMSCRIPTEN_ROOT = '$EMSCRIPTEN_ROOT'"
    for key in LLVM_ROOT BINARYEN_ROOT LLVM_ADD_VERSION CLANG_ADD_VERSION; do   # in Debian's package clang is named clang-19
      if value=$("$EMSCRIPTEN_ROOT/em-config" "$key" 2>/dev/null) && [ "$value" != None ]; then echo "$key = '$value'"; fi
    done
  } > "$TOOLS/emscripten.config.new" || return 1
  EMSCRIPTEN_SAYS="$version, already on this machine"
}

# The emsdk names what it downloads by the release's revision and fetches it over HTTPS.
emscripten_official() {
  local folder=$TOOLS/emsdk
  GIT_TERMINAL_PROMPT=0 timeout 6 git ls-remote --exit-code "$EMSDK_REPOSITORY" "refs/tags/$EMSDK_VERSION" >/dev/null 2>&1 ||
    { say "      the official emsdk's server does not answer"; return 1; }
  say "      official emsdk $EMSDK_VERSION: downloading"
  rm -rf "$folder"
  { git -c advice.detachedHead=false clone -q --depth 1 --branch "$EMSDK_VERSION" "$EMSDK_REPOSITORY" "$folder" &&
    "$folder/emsdk" install "$EMSDK_VERSION" >"$TOOLS/emsdk.log" 2>&1; } ||
    { say "      the official emsdk did not install (see .toolchain/emsdk.log)"; return 1; }
  EMSCRIPTEN_ROOT=$folder/upstream/emscripten
  cat > "$TOOLS/emscripten.config.new" <<C
EMSCRIPTEN_ROOT = '$EMSCRIPTEN_ROOT'
LLVM_ROOT = '$folder/upstream/bin'
BINARYEN_ROOT = '$folder/upstream'
C
  EMSCRIPTEN_SAYS="$EMSDK_VERSION, official emsdk"
}

# emscripten_of_debian SUITE VERSION. The programs were linked against a newer libc than this machine may have, so that libc
# comes along, and patchelf makes it their interpreter. The absolute path is in the programs: a moved repository sets up again.
emscripten_of_debian() {
  local suite=$1 wanted=$2 folder=$TOOLS/emscripten new=$TOOLS/emscripten.new offered packages root libraries llvm loader file
  scratch_apt "$suite" || return 1
  offered=$(APT_CONFIG=$APT/apt.conf apt-cache policy emscripten | sed -n 's/^  Candidate: //p')
  case "$offered" in "$wanted"[+~-]*) ;; *)
    say "      Debian $suite offers '$offered', not $wanted"; return 1 ;;
  esac
  say "      Emscripten $wanted from Debian $suite: downloading"
  rm -rf "$new"
  mkdir -p "$new"/{debs,root}
  # Of all that the package depends on, only what the compiler itself needs.
  packages=$(APT_CONFIG=$APT/apt.conf apt-get -s -y install emscripten 2>/dev/null | sed -n 's/^Inst \([^ ]*\) .*/\1/p' | grep -E \
    '^(emscripten|binaryen|clang-[0-9]+|lld-[0-9]+|llvm-[0-9]+|libllvm[0-9]+|libclang-cpp[0-9.]+|libclang-common-[0-9]+-dev|libz3-4|libxml2(-[0-9]+)?|libicu[0-9]+|libedit2|libbsd0|libmd0|libtinfo6|libffi8|zlib1g|libzstd1|liblzma5|libstdc\+\+6|libgcc-s1|libc6|node-acorn)$') || return 1
  # shellcheck disable=SC2086
  (cd "$new/debs" && APT_CONFIG=$APT/apt.conf apt-get -qq download $packages) || { say "      the download failed"; return 1; }
  say "      unpacking"
  root=$new/root
  for file in "$new"/debs/*.deb; do
    dpkg --fsys-tarfile "$file" | tar -x -C "$root" --exclude='./usr/share/doc' --exclude='./usr/share/man' \
      --exclude='./usr/share/locale' --exclude='./usr/share/emscripten/test' --exclude='./usr/share/emscripten/cache/sysroot/lib/*/lto' \
      --exclude='./usr/share/emscripten/cache/sysroot/lib/*/pic' --exclude='*/llvm-exegesis' --exclude='*/gconv' \
      --exclude='./usr/lib/llvm-*/build' --exclude='./usr/sbin' --exclude='./etc' || return 1
  done
  libraries=$(dirname "$(ls "$root"/usr/lib/*/libc.so.6)")
  loader=$(ls "$libraries"/ld-linux-*.so.* | head -1)
  llvm=$(ls -d "$root"/usr/lib/llvm-*)
  installed() { echo "$folder${1#"$new"}"; }                          # where a file will be once renamed
  for file in "$llvm"/bin/* "$root"/usr/bin/wasm*; do
    [ -f "$file" ] && [ ! -L "$file" ] && patchelf --print-interpreter "$file" >/dev/null 2>&1 || continue
    patchelf --set-interpreter "$(installed "$loader")" --force-rpath --set-rpath "$(installed "$libraries")" "$file" || return 1
  done
  for file in "$libraries"/lib{LLVM,clang-cpp}.so.*.* "$libraries"/libbinaryen.so; do
    if [ -f "$file" ] && [ ! -L "$file" ]; then patchelf --force-rpath --set-rpath '$ORIGIN' "$file" || return 1; fi
  done
  ln -sfn nodejs "$root/usr/share/node_modules"                       # acorn, for a node that is not Debian's
  EMSCRIPTEN_ROOT=$folder/root/usr/share/emscripten
  cat > "$TOOLS/emscripten.config.new" <<C
EMSCRIPTEN_ROOT = '$EMSCRIPTEN_ROOT'
LLVM_ROOT = '$(installed "$llvm")/bin'
BINARYEN_ROOT = '$folder/root/usr'
C
  ln -sfn ../../../../../emscripten.config "$root/usr/share/emscripten/.emscripten"   # found without EM_CONFIG too
  rm -rf "$new/debs" "$folder"
  mv "$new" "$folder"
  EMSCRIPTEN_SAYS="$wanted, from Debian $suite"
}

# Compiles and runs a program that touches what the page touches. Emscripten makes its system libraries for our flags here.
try_emscripten() {
  local work=$TOOLS/try
  rm -rf "$work"; mkdir -p "$work"
  cat > "$work/try.cpp" <<'C'
#include <GLES3/gl3.h>
#include <GLFW/glfw3.h>
#include <emscripten.h>
#include <emscripten/html5.h>
#include <cmath>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>
int main(int argc, char**) {
  if (argc > 1) {
    glfwInit();
    glfwSetScrollCallback(glfwCreateWindow(1, 1, "", nullptr, nullptr), nullptr);
    glDrawElements(GL_TRIANGLES, 0, GL_UNSIGNED_SHORT, nullptr);
    emscripten_set_main_loop([] {}, 0, false);
  }
  try {
    throw std::runtime_error(std::to_string(std::sin(static_cast<double>(argc))).substr(0, 4));
  } catch (const std::exception& error) {
    std::cout << "sin 1 = " << error.what() << std::endl;
  }
}
C
  ( cd "$work"
    nice -n 10 "$EMSCRIPTEN_ROOT/em++" "${PAGE_FLAGS[@]}" "${PAGE_LINK_FLAGS[@]}" -sEXIT_RUNTIME try.cpp -o page.js &&
    nice -n 10 "$EMSCRIPTEN_ROOT/em++" "${PAGE_FLAGS[@]}" -sEXIT_RUNTIME -sALLOW_MEMORY_GROWTH -sNODERAWFS try.cpp -sUSE_GLFW=3 -o try.js &&
    [ "$(node try.js)" = "sin 1 = 0.84" ] ) >"$work/log" 2>&1
}

install_emscripten() {
  local key suite how
  key="$ROOT $EMSCRIPTEN_MINIMUM $EMSDK_VERSION ${SUITES[*]} ${PAGE_FLAGS[*]} ${PAGE_LINK_FLAGS[*]}"
  if [ -e "$TOOLS/emscripten.stamp" ] && [ "$(head -1 "$TOOLS/emscripten.stamp")" = "$key" ] &&
     [ -e "$(sed -n 2p "$TOOLS/emscripten.stamp")/emcc.py" ]; then
    say "[2/4] Emscripten: $(sed -n 3p "$TOOLS/emscripten.stamp")"; return
  fi
  say "[2/4] Emscripten: looking for $EMSCRIPTEN_MINIMUM or newer"
  rm -f "$TOOLS/emscripten.stamp"
  for how in emscripten_of_the_machine emscripten_official "${SUITES[@]}"; do
    case "$how" in
      *=*) suite=${how%=*}; emscripten_of_debian "$suite" "${how#*=}" || continue ;;
      *) "$how" || continue ;;
    esac
    { cat "$TOOLS/emscripten.config.new"
      echo "NODE_JS = '$(command -v node)'"
      # Never the package's own folder: it may not be ours to write.
      echo "CACHE = '$TOOLS/cache'"
    } > "$TOOLS/emscripten.config"
    rm -rf "$TOOLS/emscripten.config.new" "$TOOLS/cache"
    export EM_CONFIG=$TOOLS/emscripten.config
    # A suite that brings its system libraries ready-made: start from those.
    if [ -d "$EMSCRIPTEN_ROOT/cache/sysroot" ]; then cp -a "$EMSCRIPTEN_ROOT/cache" "$TOOLS/cache"; fi
    say "      compiling its system libraries for the page's flags (a minute or two)"
    if ! try_emscripten; then
      say "      it does not compile and run a small program:"; tail -5 "$TOOLS/try/log" | sed 's/^/        /'; continue
    fi
    rm -rf "$TOOLS/try" "$TOOLS"/apt.*/cache
    cat > "$TOOLS/emscripten.cmake" <<C
# Written by emsdk-setup.sh: the toolchain file of the preset \`web\`.
set(ENV{EM_CONFIG} "$TOOLS/emscripten.config")
include("$EMSCRIPTEN_ROOT/cmake/Modules/Platform/Emscripten.cmake")
C
    printf '%s\n' "$key" "$EMSCRIPTEN_ROOT" "$EMSCRIPTEN_SAYS" > "$TOOLS/emscripten.stamp.new"
    mv "$TOOLS/emscripten.stamp.new" "$TOOLS/emscripten.stamp"
    say "      Emscripten $EMSCRIPTEN_SAYS"
    return
  done
  owner "no Emscripten could be had. Install $EMSCRIPTEN_MINIMUM or newer, put emcc on the PATH or name its emsdk in EMSDK, then run this again."
}

# ---- Dear ImGui -----------------------------------------------------------------------------------------------------------

# Upstream's files at $IMGUI_VERSION that the page may use.
imgui_hashes() {
  cat <<'H'
c80c5789748d955c4a650562baa0d750494e2c7128c2ca66aaebe2e3c4e198bf  LICENSE.txt
ed3957012d62a4e6444ccb0b02c163da8938734b2f735832ec4124fb41a8cc89  imgui.cpp
be339daf93c9a08c1858f2efb3d13fdfae14cab25de68d2080a242479174bd53  imgui_demo.cpp
66c8cbf7bec88cd1ee52abb14b47a8356484af1cf4b9a7a4def40df3ebdf7cde  imgui_draw.cpp
1352614888cbd8287df2f4fd65bedb92191cdb72d580d1b9fcf77187b42ed0d0  imgui_tables.cpp
6ab702d37e257206a84db2fbe15d3bc07c924e64005b5ffcee45343e1a488668  imgui_widgets.cpp
a92534d918030048328fffcf0a50236b8c05f79558355b37e34b664e13c71091  imconfig.h
3a9cc7043ce915a47735002f38388c364a697da80773426b3cdeded9dcadd9b6  imgui.h
4753615ab93b8dc70b5732589b96fa9f477827c1841ad530063faa9556bd0498  imgui_internal.h
2efa3d5f7d003c19743b15155dad9f46d9f9fc783a18893d703b431d3c990972  imstb_rectpack.h
10777411bf758908aadaf7d73d4710d6ba0464f332f0015db9d1444c19456e6a  imstb_textedit.h
88f0a25e27f5eefd6ec50c42fc5fe3026aa8170603efa08aa18d622db8660923  imstb_truetype.h
764e9d6c7709ea1a870d8d9b7f3f2f9c9d1a3e25b586639e3cd83fe7d762a24a  backends/imgui_impl_glfw.cpp
112483b1ad9b41ac4b715f21dd313fdff177935b152ad7392d6d944011236bc8  backends/imgui_impl_glfw.h
bbeca1010a156a156fdd1fd5b7c767f82489266a0f157082f2dd739a786d30aa  backends/imgui_impl_opengl3.cpp
d70bf0cfe8254b06574ec20ae2353bd7517c2650a366248f73b71b1c1a5f925f  backends/imgui_impl_opengl3.h
20b59c6e3182d62ec93b5b0500ba7680a7ca82d7cb5a6b5e8b468d1cccfea87e  backends/imgui_impl_opengl3_loader.h
677bf60458e13c2eee00b0b49453c3ef0f1f73e38930b8dfe4bff92da75f1e18  misc/cpp/imgui_stdlib.cpp
36aa98f5b89470cf84fe4d548e42cce124fbd27e1f7e3481bbb972bc5a134585  misc/cpp/imgui_stdlib.h
H
}

imgui_of_debian() {  # the Debian source package holds upstream's files; its patches are left out
  local new=$1 suite
  for suite in "${SUITES[@]%=*}"; do
    scratch_apt "$suite" || continue
    APT_CONFIG=$APT/apt.conf apt-cache showsrc imgui 2>/dev/null | grep -q "^Version: $IMGUI_VERSION[+~-]" || continue
    say "      from the source package of Debian $suite"
    rm -rf "$new.deb"; mkdir -p "$new.deb"
    (cd "$new.deb" && APT_CONFIG=$APT/apt.conf apt-get -qq source --download-only imgui &&
      dpkg-source --no-check --no-copy --skip-patches -x ./*.dsc "$new" >/dev/null 2>&1) || continue
    rm -rf "$new.deb"
    return
  done
  return 1
}

imgui_of_upstream() {
  GIT_TERMINAL_PROMPT=0 timeout 60 git -c advice.detachedHead=false clone -q --depth 1 --branch "v$IMGUI_VERSION" \
    "$IMGUI_REPOSITORY" "$1" 2>/dev/null || return 1
  say "      from upstream's tag v$IMGUI_VERSION"
}

install_imgui() {
  local folder=$TOOLS/imgui new=$TOOLS/imgui.new how key
  key="$IMGUI_VERSION $(imgui_hashes | sha256sum)"
  if stamped "$folder" "$key"; then say "[3/4] Dear ImGui: $IMGUI_VERSION"; return; fi
  say "[3/4] Dear ImGui: getting the sources of $IMGUI_VERSION"
  if [ -e "$folder/imgui.cpp" ] && (cd "$folder" && imgui_hashes | sha256sum --status --strict -c - 2>/dev/null); then
    say "      put there by hand, and as they should be"
    echo "$key" > "$folder/.stamp"; return
  fi
  for how in imgui_of_debian imgui_of_upstream; do
    rm -rf "$new"
    "$how" "$new" || continue
    (cd "$new" && imgui_hashes | sha256sum --quiet --strict -c -) || { say "      these are not the files we know"; continue; }
    echo "$key" > "$new/.stamp"
    rm -rf "$folder"
    mv "$new" "$folder"
    return
  done
  owner "Dear ImGui $IMGUI_VERSION could not be had. Put its sources (imgui.cpp, backends/, misc/, ...) in .toolchain/imgui/, then run this again."
}

# ---- npm ------------------------------------------------------------------------------------------------------------------

install_npm() {
  local key
  if [ ! -e web/package-lock.json ]; then say "[4/4] npm packages: none asked for"; return; fi
  key=$(cat web/package.json web/package-lock.json | sha256sum)
  if stamped web/node_modules "$key"; then say "[4/4] npm packages: all there"; return; fi
  say "[4/4] npm packages: installing what web/package-lock.json lists"
  (cd web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) ||
    fail "npm ci failed in web/ (its message is above); run this script again when that is mended."
  echo "$key" > web/node_modules/.stamp
}

# ---------------------------------------------------------------------------------------------------------------------------

check() {
  local missing status=0
  missing=$(missing_packages | tr '\n' ' ')
  [ -z "$missing" ] || { say "missing packages: $missing"; status=1; }
  say "CMake $(version_of cmake), Node $(node_version), $(c++ --version 2>/dev/null | head -1)"
  if [ -e "$TOOLS/emscripten.stamp" ]; then say "Emscripten $(sed -n 3p "$TOOLS/emscripten.stamp")"; else say "Emscripten: missing"; status=1; fi
  if [ -e "$TOOLS/imgui/.stamp" ]; then say "Dear ImGui $(cut -d' ' -f1 "$TOOLS/imgui/.stamp")"; else say "Dear ImGui: missing"; status=1; fi
  if [ -e web/node_modules/.stamp ]; then say "npm packages: installed"; else say "npm packages: missing"; status=1; fi
  return $status
}

case "${1:-}" in
  '') ;;
  --check) check; exit ;;
  *) owner "unknown argument '$1'; usage: ./emsdk-setup.sh [--check]" ;;
esac
mkdir -p "$TOOLS"
install_packages
check_tools
exec 9>"$TOOLS/lock"
flock 9                                # two set-ups of one folder take turns
install_emscripten
install_imgui
install_npm
rm -rf "$TOOLS"/apt.*
say "ready. Next: cmake --workflow --preset demo"
