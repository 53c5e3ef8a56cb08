#!/usr/bin/env bash
# g++ 12.2 destroys what a temporary lambda captured once too often, where the lambda stands in a co_await expression.
#
# One would guess   `co_await f([kept] {})` destroys as many copies of `kept` as it makes.
# What happens      It destroys one more, which was never made, whether f takes the lambda by value or by reference. It
#                   is the same for `f(object{kept})`, an aggregate's temporary; not for a temporary that a function
#                   returns, nor for a lambda that has a name. A shared_ptr that is captured so is released too early.
# Seen on           g++ 12.2.0 (Debian 12: g++-12 12.2.0-14+deb12u1), x86-64, -O0 and -O1. Not on g++ 14.2.0, g++ 16.2.0
#                   and clang 19.
# Source            github.com/equeim/tremotesf2, pull request 551, for lambdas; the rest is seen here.
#
# usage: gxx12_captures_in_co_await.sh [COMPILER]    default: g++    exit status: 0 seen, or skipped with another
#                                                     version; 1 it changed
set -euo pipefail
compiler=${1:-g++}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >captures.cpp <<'CPP'
#include <coroutine>
#include <cstdio>
#include <exception>
#include <utility>

int made = 0, destroyed = 0;
struct counted {
  counted() { ++made; }
  counted(counted const&) { ++made; }
  ~counted() { ++destroyed; }
};
struct object {
  counted part;
  void operator()() const {}
};

struct task {
  struct promise_type {
    struct back {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> h) noexcept { return h.promise().next; }
      void await_resume() noexcept {}
    };
    std::coroutine_handle<> next = std::noop_coroutine();
    task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    back final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  task(std::coroutine_handle<promise_type> h) : frame(h) {}
  task(task&& other) noexcept : frame(std::exchange(other.frame, {})) {}
  ~task() {
    if (frame) frame.destroy();
  }
  bool await_ready() { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> h) {
    frame.promise().next = h;
    return frame;
  }
  void await_resume() {}
  std::coroutine_handle<promise_type> frame;
};

template <class F> task by_value(F f) { f(); co_return; }
template <class F> task by_reference(F const& f) { f(); co_return; }

task lambda_by_value() { counted kept; co_await by_value([kept] {}); }
task lambda_by_reference() { counted kept; co_await by_reference([kept] {}); }
task aggregate() { counted kept; co_await by_value(object{kept}); }
task lambda_with_a_name() { counted kept; auto work = [kept] {}; co_await by_value(work); }
object returned(counted const& kept) { return {kept}; }
task from_a_function() { counted kept; co_await by_value(returned(kept)); }

void row(char const* name, task (*f)()) {
  made = destroyed = 0;
  { f().frame.resume(); }
  std::printf("%s %d %d\n", name, made, destroyed);
}

int main() {
  row("lambda_by_value", lambda_by_value);
  row("lambda_by_reference", lambda_by_reference);
  row("aggregate", aggregate);
  row("lambda_with_a_name", lambda_with_a_name);
  row("from_a_function", from_a_function);
}
CPP
"$compiler" -std=c++20 captures.cpp -o captures
more=""
while read -r name made destroyed; do
  echo "$name: $made made, $destroyed destroyed"
  more+=" $((destroyed - made))"
done < <(./captures)
if [ "$more" = " 1 1 1 0 0" ]; then
  echo "seen: captures and parts of such temporaries are destroyed once too often"
elif [ "$more" != " 0 0 0 0 0" ] || "$compiler" --version | head -n 1 | grep -q ' 12\.2\.'; then
  echo "changed: destroyed more than made by$more"
  exit 1
else
  echo "skipped: $("$compiler" --version | head -n 1) destroys what it makes"
fi
