#include <surewake/core/platform/lock_hold.hpp>

#include <doctest/doctest.h>

#include <mutex>

namespace lock_hold_test {

using surewake::lock_hold;

namespace {

struct traced {
  struct where {
    int line = 0;
    static constexpr where current(int line = __builtin_LINE()) noexcept { return {line}; }
  };
  void lock(where at = where::current()) noexcept { locked_at = at.line; }
  void unlock(where at = where::current()) noexcept { unlocked_at = at.line; }
  int locked_at = 0;
  int unlocked_at = 0;
};

}  // namespace

TEST_CASE("a lock is held for the scope") {
  std::mutex m;
  {
    lock_hold const held(m);
    CHECK_FALSE(m.try_lock());
  }
  CHECK(m.try_lock());
  m.unlock();
  static_assert(sizeof(lock_hold<std::mutex>) == sizeof(void*));
}

TEST_CASE("a lock that traces its steps hears the line of the guard") {
  traced t;
  int line = 0;
  {
    lock_hold const held(t); line = __LINE__;
  }
  CHECK(t.locked_at == line);
  CHECK(t.unlocked_at == line);
}

}  // namespace lock_hold_test
