#!/usr/bin/env bash
# g++ 12.2 takes `typename C::name` for a type of C's base that a member function of C hides, even a private one.
#
# One would guess   The lookup finds the member of C, which is no type, so the program is refused, as clang refuses it:
#                   in the standard `typename` changes nothing about the lookup.
# What happens      g++ passes over what is no type: it accepts the program without a warning at -Wall -Wextra
#                   -Wpedantic, and uses the base's type. So what only g++ has compiled clang may refuse.
# Seen on           g++ 12.2.0 (Debian 12: g++-12 12.2.0-14+deb12u1), beside clang 19.1.7 (Debian 12: clang-19).
# Source            seen here, after a header that only g++ had compiled; C++20 [temp.res].
#
# usage: gxx12_typename_finds_a_hidden_type.sh [G++ [CLANG++]]    default: g++ clang++-19    exit status: 0 seen, or
#                                                                  skipped with other versions; 1 it changed
set -euo pipefail
gxx=${1:-g++}
clang=${2:-clang++-19}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >hidden.cpp <<'CPP'
struct base {
  struct entry {
    int value = 7;
  };
};
class table : public base {
  static int entry(int n) { return n; }
};
template <class T> struct reader {
  using type = typename T::entry;
};
int main() { return reader<table>::type{}.value; }
CPP
sed 's/class table/struct table/; s/  static int entry.*//' hidden.cpp >plain.cpp

verdict() { # COMPILER FILE
  if "$1" -std=c++20 -Wall -Wextra -Wpedantic -Werror -fsyntax-only "$2" 2>/dev/null; then
    echo accepted
  else
    echo refused
  fi
}
for compiler in "$gxx" "$clang"; do
  if ! command -v "$compiler" >/dev/null; then
    echo "skipped: $compiler is not installed"
    exit 0
  fi
done
by_gxx="$(verdict "$gxx" plain.cpp) $(verdict "$gxx" hidden.cpp)"
by_clang="$(verdict "$clang" plain.cpp) $(verdict "$clang" hidden.cpp)"
seen="$by_gxx, $by_clang"
echo "the base's type as it is, and hidden by a private member function:"
echo "  g++    $by_gxx"
echo "  clang  $by_clang"
if [ "$seen" = "accepted accepted, accepted refused" ]; then
  echo "seen: g++ takes the hidden type, clang does not"
elif "$gxx" --version | head -n 1 | grep -q ' 12\.2\.'; then
  echo "changed: $seen"
  exit 1
else
  echo "skipped: $("$gxx" --version | head -n 1)"
fi
