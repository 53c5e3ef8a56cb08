#!/usr/bin/env bash
# To clang, an alias template that only passes its parameter on is not the template that it names; to g++ it is.
#
# One would guess   With `template <class T> using queue = Q<T>;` one can write `queue` for Q as a template argument: a
#                   trait that is specialised for Q answers the same for both, or the compiler refuses one of them.
# What happens      g++ takes the alias for Q itself and finds the specialisation. clang takes the general template,
#                   without a warning, so that the same source becomes another program. If a function template deduces
#                   Q from `strategy<Q>`, both agree.
# Seen on           g++ 12.2.0 and clang 19.1.7 (Debian 12: clang-19 1:19.1.7-3~deb12u1), C++20; clang 14.0.6 too.
# Source            CWG issue 1286, which is open: its proposed resolution makes such templates equivalent, and g++
#                   implements it (GCC bug 103852 speaks of that).
#
# usage: alias_template_as_argument.sh    exit status: 0 seen, or skipped without g++ or the packages; 1 it changed
set -euo pipefail
command -v g++ >/dev/null || { echo "skipped: no g++"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=1:19.1.7-3~deb12u1
if ! apt-get download -q clang-19="$version" libclang-cpp19="$version" libllvm19="$version" \
    libclang-common-19-dev="$version" >/dev/null 2>&1; then
  echo "skipped: the packages of Debian 12 cannot be had here"
  exit 0
fi
for package in ./*.deb; do dpkg -x "$package" .; done
cat >alias.cpp <<'C'
#include <cstdio>

template <class T> struct list {};
template <template <class> class Queue> struct kind { static constexpr char const* name = "general"; };
template <> struct kind<list> { static constexpr char const* name = "special"; };

template <template <class> class Queue> struct strategy {
  template <class T> using queue = Queue<T>;
};
template <template <class> class Queue> char const* deduced(strategy<Queue>) { return kind<Queue>::name; }

int main() {
  using s = strategy<list>;
  std::printf("%s, by alias %s, deduced %s\n", kind<list>::name, kind<s::queue>::name, deduced(s{}));
}
C
g++ -std=c++20 alias.cpp -o by_gcc
LD_LIBRARY_PATH=$(echo "$folder"/usr/lib/*-linux-gnu) ./usr/lib/llvm-19/bin/clang++ -std=c++20 alias.cpp -o by_clang
gcc=$(./by_gcc)
clang=$(./by_clang)
echo "which trait a template gets"
echo "  $(g++ --version | head -1): $gcc"
echo "  clang 19.1.7: $clang"
[ "$gcc" = "special, by alias special, deduced special" ] &&
  [ "$clang" = "special, by alias general, deduced special" ] || { echo "changed: they differed"; exit 1; }
