# shellcheck shell=bash
# Sourced by verify/run, bench/run and papers/build: installs what is missing, or says exactly what to install.
#
#   need_packages NAME…      of the table below; returns 1 when something is missing and could not be installed
#   in_group [-l LOG] CMD…   runs a command in a process group of its own: a trap runs at once, not when it has ended,
#                            and with the caller's own output
#   stop_group               ends that group, for the trap

# package | what shows that it is there: a command, a header that g++ finds, a crate in Debian's registry, a file that
# TeX finds, a module of Python, or any other file
package_table='
g++             command g++
cmake           command cmake
ninja-build     command ninja
python3         command python3
pkg-config      command pkg-config
doctest-dev     header doctest/doctest.h
relacy-dev      header relacy/relacy.hpp
libcli11-dev    header CLI/CLI.hpp
nlohmann-json3-dev header nlohmann/json.hpp
libfmt-dev      header fmt/format.h
libboost-context-dev header boost/context/detail/fcontext.hpp
liburing-dev    header liburing.h
libssl-dev      header openssl/evp.h
zlib1g-dev      header zlib.h
gnuplot-nox     command gnuplot
qemu-system-x86 command qemu-system-x86_64
g++-mingw-w64-x86-64-posix command x86_64-w64-mingw32-g++-posix
wine            command wine
wine64          file /usr/lib/wine/wine64
debhelper       command dh
qemu-user       command qemu-aarch64
g++-aarch64-linux-gnu command aarch64-linux-gnu-g++
g++-riscv64-linux-gnu command riscv64-linux-gnu-g++
nodejs          command node
chromium        command chromium
libhwloc-dev    header hwloc.h
libconcurrentqueue-dev file /usr/include/concurrentqueue
libtbb-dev      header oneapi/tbb/concurrent_queue.h
libcds-dev      header cds/init.h
libck-dev       header ck_ring.h
liburcu-dev     header urcu/wfcqueue.h
libboost-fiber-dev header boost/fiber/fiber.hpp
libasio-dev     header asio/experimental/channel.hpp
cargo           command cargo
rustc           command rustc
librust-tokio-dev crate tokio
librust-async-lock-dev crate async-lock
librust-futures-lite-dev crate futures-lite
librust-event-listener-dev crate event-listener
librust-parking-lot-dev crate parking_lot
librust-crossbeam-queue-dev crate crossbeam-queue
pandoc          command pandoc
texlive-latex-base command pdflatex
texlive-latex-recommended tex microtype.sty
lmodern         tex lmodern.sty
librsvg2-bin    command rsvg-convert
python3-yaml    python yaml
fonts-dejavu-core file /usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf
'

group=
in_group() {
  local status=0 log=/dev/stdout
  if [ "$1" = -l ]; then
    log=$2
    shift 2
  fi
  set -m
  if [ "$log" = /dev/stdout ]; then "$@" </dev/null & else "$@" </dev/null >>"$log" 2>&1 & fi
  group=$!
  set +m
  wait "$group" 2>/dev/null || status=$?
  group=
  return "$status"
}

stop_group() {
  [ -n "$group" ] || return 0
  kill -TERM -- "-$group" 2>/dev/null || true
  wait "$group" 2>/dev/null || true
  group=
}

# The newest clang that is here or, where none is new enough, that is packaged: `clang-22`.
newest_clang() {
  local n
  n=$(compgen -c clang++- | sed -n 's/^clang++-\([0-9]\+\)$/\1/p' | sort -n | tail -n 1)
  if [ "${n:-0}" -lt 19 ] && command -v apt-cache >/dev/null; then
    n=$(apt-cache pkgnames clang- | sed -n 's/^clang-\([0-9]\+\)$/\1/p' | sort -n | tail -n 1)
  fi
  [ "${n:-0}" -ge 19 ] || n=19
  echo "clang-$n"
}

package_is_there() {
  local kind what
  case $1 in
    clang-*) command -v "clang++-${1#clang-}" >/dev/null; return ;;
    libclang-rt-*-dev)
      what=${1#libclang-rt-}
      "clang++-${what%-dev}" -fsanitize=address -x c++ - -o /dev/null <<<'int main() {}' 2>/dev/null; return ;;
  esac
  read -r kind what < <(awk -v p="$1" '$1 == p {print $2, $3}' <<<"$package_table")
  case $kind in
    command) command -v "$what" >/dev/null ;;
    header) command -v g++ >/dev/null && g++ -x c++ -E -o /dev/null - <<<"#include <$what>" 2>/dev/null ;;
    tex) command -v kpsewhich >/dev/null && kpsewhich "$what" >/dev/null ;;
    file) [ -e "$what" ] ;;
    python) command -v python3 >/dev/null && python3 -c "import $what" 2>/dev/null ;;
    crate) compgen -G "/usr/share/cargo/registry/$what-[0-9]*" >/dev/null ;;
    *) echo "packages.sh: no such entry: $1" >&2; return 1 ;;
  esac
}

missing_packages() {
  local p
  for p in "$@"; do package_is_there "$p" || echo "$p"; done
}

need_packages() {
  local missing as_root=() log
  mapfile -t missing < <(missing_packages "$@")
  if [ ${#missing[@]} -gt 0 ]; then
    if ! command -v apt-get >/dev/null; then
      echo "Missing: ${missing[*]}" >&2
      echo "These are Debian's and Ubuntu's names; please install the same from your system's packages." >&2
      return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
      if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        as_root=(sudo)
      else
        echo "Missing: ${missing[*]}" >&2
        echo "Please run as root: apt-get install --no-install-recommends ${missing[*]}" >&2
        return 1
      fi
    fi
    if ! { mkdir -p build/logs && : >build/logs/packages.log; }; then
      echo "build/logs cannot be written, so nothing can be installed or built" >&2
      return 1
    fi
    log=build/logs/packages.log
    echo "installing ${missing[*]} (log: $log)"
    # A password is asked for here, not in a group that has no terminal.
    [ ${#as_root[@]} -eq 0 ] || sudo -v || return 1
    if ! in_group -l "$log" "${as_root[@]}" apt-get update -q ||
       ! in_group -l "$log" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
         apt-get install -y -q --no-install-recommends "${missing[@]}"; then
      tail -n 5 "$log" >&2
      echo "apt-get failed; its whole output: $log" >&2
      return 1
    fi
    mapfile -t missing < <(missing_packages "$@")
    if [ ${#missing[@]} -gt 0 ]; then
      echo "Installed, but still not usable: ${missing[*]} (see $log)" >&2
      return 1
    fi
  fi
  case " $* " in *" g++ "*) ;; *) return 0 ;; esac
  local gcc cmake
  gcc=$(g++ -dumpversion)
  cmake=$(cmake --version | sed -n '1s/[^0-9]*//p')
  if [ "${gcc%%.*}" -lt 12 ] || [ "$(printf '%s\n3.25\n' "$cmake" | sort -V | head -n 1)" != 3.25 ]; then
    echo "Needed: g++ 12 and CMake 3.25 or newer (Debian 12, Ubuntu 24.04); found g++ $gcc, CMake $cmake" >&2
    return 1
  fi
}
