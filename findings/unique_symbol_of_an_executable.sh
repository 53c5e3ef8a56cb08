#!/usr/bin/env bash
# An inline variable exists twice in a process although g++ marks it as unique: the executable keeps its own.
#
# One would guess   g++ gives inline variables and template statics STB_GNU_UNIQUE binding, so that a process has one of
#                   each, also in plug-ins that are loaded with RTLD_LOCAL.
# What happens      That holds among shared objects. An executable exports no symbol that no library on its link line
#                   names, so its copy is out of sight: a plug-in that is loaded later brings a second one. Linked with
#                   -rdynamic there is one. A library that counts threads, or keeps a registry, in an inline variable
#                   then has two of it.
# Seen on           g++ 12.2.0, binutils 2.40, glibc 2.36 (Debian 12), x86-64.
# Source            ld(1), --export-dynamic: without it an executable's dynamic symbol table has only what the libraries
#                   on the link line name; the loader (glibc elf/dl-lookup.c, do_lookup_unique) sees only that table.
#
# usage: unique_symbol_of_an_executable.sh    exit status: 0 seen, or skipped without g++; 1 it changed
set -euo pipefail
command -v g++ >/dev/null || { echo "skipped: no g++"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >counter.hpp <<'C'
#pragma once
inline int counter = 0;
C
cat >plugin.cpp <<'C'
#include "counter.hpp"
extern "C" int add() { return ++counter; }
C
cat >main.cpp <<'C'
#include "counter.hpp"
#include <cstdio>
#include <dlfcn.h>
using function = int (*)();
static function add_of(char const* file) {
  void* const plugin = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  return plugin == nullptr ? nullptr : reinterpret_cast<function>(dlsym(plugin, "add"));
}
int main() {
  function const first = add_of("./first.so");
  function const second = add_of("./second.so");
  if (first == nullptr || second == nullptr) return 2;
  ++counter;
  first();
  int const last = second();
  std::printf("%d %d\n", counter, last);
}
C
for name in first second; do g++ -std=c++17 -fPIC -shared plugin.cpp -o "$name.so"; done
g++ -std=c++17 main.cpp -o plain -ldl
g++ -std=c++17 -rdynamic main.cpp -o exporting -ldl
binding=$(nm -CD first.so | awk '$3 == "counter" { print $2 }')
echo "$(g++ --version | head -1): the symbol of the plug-in is '$binding' (u: unique)"
plain=$(./plain)
exporting=$(./exporting)
echo "after one addition each by the executable and two plug-ins: the executable's counter, and the second plug-in's"
echo "  linked as usual:       $plain"
echo "  linked with -rdynamic: $exporting"
[ "$plain, $exporting" = "1 2, 3 3" ] || { echo "changed: 1 2 and 3 3 were expected"; exit 1; }
