// What is the shared mutex's own; the ways to wait are tested over every strategy
// (queues/conformance/shared_mutex.test.cpp).
#include <surewake/core/primitives/shared_mutex.hpp>
#include <surewake/core/semaphore/scripted_queue.test.hpp>

#include <doctest/doctest.h>

#include <type_traits>

namespace shared_mutex_test {

using namespace surewake;
using namespace surewake::testing;
using mutex = basic_shared_mutex<scripted_queue>;

static_assert(!std::is_copy_constructible_v<mutex> && !std::is_move_constructible_v<mutex>);
static_assert(!std::is_copy_constructible_v<mutex::shared_guard> &&
              std::is_nothrow_move_constructible_v<mutex::shared_guard>);
static_assert(!std::is_convertible_v<mutex::guard, mutex::shared_guard> &&
              !std::is_convertible_v<mutex::shared_guard, mutex::guard>);
static_assert(sizeof(mutex::shared_guard) == sizeof(void*) && sizeof(mutex::guard) == sizeof(void*));
static_assert(noexcept(std::declval<mutex&>().try_lock_shared()) && noexcept(std::declval<mutex&>().lock_shared()));

namespace {

template <class Lock, class Guard> fiber lock_into(Lock lock, Guard& g) { g = co_await lock(); }

}  // namespace

TEST_CASE("a shared mutex is for 1 to max() readers") {
  CHECK(mutex().most_readers() == mutex::usual());
  CHECK(mutex(3).most_readers() == 3);
  CHECK(mutex(mutex::max()).most_readers() == mutex::max());
  for (std::ptrdiff_t const n : {std::ptrdiff_t{0}, std::ptrdiff_t{-1}, mutex::max() + 1}) {
    std::string said;
    try {
      mutex const m(n);
    } catch (std::invalid_argument const& e) {
      said = e.what();
    }
    CHECK(said == "surewake: shared_mutex(" + std::to_string(n) + "): 1 to " + std::to_string(mutex::max()) +
                      " readers");
  }
}

TEST_CASE("an unlock between the look and the registration is not lost") {
  mutex m;
  auto held = m.lock_shared_blocking();
  mutex::guard next;
  at_point const unlocks(&script::before_enqueue, [&] { held.unlock(); });
  auto const f = lock_into([&] { return m.lock(); }, next);
  CHECK(unlocks.passed());
  CHECK(next);
}

TEST_CASE("a newcomer, reader or writer, finds it locked before the next holder runs") {
  mutex m;
  auto held = m.lock_blocking();
  mutex::shared_guard next;
  int refused = 0;
  at_point const comes(&script::before_hand_over, [&] {
    auto const writer = m.try_lock();
    refused += writer ? 0 : 1;
  });
  auto const f = lock_into([&] { return m.lock_shared(); }, next);
  held.unlock();
  CHECK(refused == 1);
  CHECK(next);
}

TEST_CASE("of one reader's place a downgrade gives nothing away") {
  mutex m(1);
  auto held = m.lock_blocking();
  auto const reads = mutex::downgrade(std::move(held));
  CHECK(reads);
  CHECK_FALSE(held);  // NOLINT: what is downgraded is empty
  auto const other = m.try_lock_shared();
  CHECK_FALSE(other);
  auto const none = mutex::downgrade({});
  CHECK_FALSE(none);
}

TEST_CASE("the holder may destroy it, and one that was handed over as well") {
  auto m = std::make_unique<mutex>();
  auto held = m->lock_shared_blocking();
  auto const ends = [](std::unique_ptr<mutex>& mine) -> fiber {
    {
      auto const g = co_await mine->lock();
    }
    mine.reset();
  };
  auto const f = ends(m);
  held.unlock();
  CHECK(m == nullptr);
}

}  // namespace shared_mutex_test
