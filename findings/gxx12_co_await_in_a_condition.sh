#!/usr/bin/env bash
# g++ 12.2 miscompiles a coroutine whose body has no variable of its own and awaits in the condition of an `if`.
#
# One would guess   `if (co_await x) …;` means the same as `bool const b = co_await x; if (b) …;`.
# What happens      Where the body declares no variable at its top level, the former ends the program by SIGSEGV or
#                   SIGILL. With a variable, also one that is declared in the condition itself, the program is right.
# Seen on           g++ 12.2.0 (Debian 12: g++-12 12.2.0-14+deb12u1), x86-64, -O0 and -O2. Not on clang 19.
# Source            none found; the program below is all.
#
# usage: gxx12_co_await_in_a_condition.sh [COMPILER]    default: g++    exit status: 0 seen, or skipped with another
#                                                       version; 1 it changed
set -euo pipefail
compiler=${1:-g++}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >condition.cpp <<'CPP'
#include <coroutine>
#include <cstdio>
#include <exception>

struct event {
  std::coroutine_handle<> waiter{};
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> h) { waiter = h; }
  bool await_resume() { return true; }
};
struct started {
  struct promise_type {
    started get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

started waits(event& e) {
#ifdef NAMED
  bool const came = co_await e;
  if (came) std::puts("it came");
#elif defined NAMED_IN_CONDITION
  if (bool const came = co_await e) std::puts(came ? "it came" : "");
#else
  if (co_await e) std::puts("it came");
#endif
}

int main() {
  event e;
  waits(e);
  e.waiter.resume();
}
CPP
for how in BARE NAMED NAMED_IN_CONDITION; do
  "$compiler" -std=c++20 "-D$how" condition.cpp -o "$how"
  status=0
  { ./"$how" >/dev/null; } 2>/dev/null || status=$?
  echo "$how: exit status $status"
  eval "$how=$status"
done
if [ "$NAMED$NAMED_IN_CONDITION" != 00 ]; then
  echo "changed: a variable does not help"
  exit 1
fi
if [ "$BARE" != 0 ]; then
  echo "seen: a condition that awaits ends the program, and does not where a variable is declared"
elif "$compiler" --version | head -n 1 | grep -q ' 12\.2\.'; then
  echo "changed: this g++ 12.2 compiles it right"
  exit 1
else
  echo "skipped: $("$compiler" --version | head -n 1) compiles it right"
fi
