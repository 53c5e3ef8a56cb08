// What is the mutex's own; the ways to wait are tested over every strategy (queues/conformance/mutex.test.cpp).
#include <surewake/core/primitives/mutex.hpp>
#include <surewake/core/semaphore/scripted_queue.test.hpp>

#include <doctest/doctest.h>

#include <type_traits>

namespace mutex_test {

using namespace surewake;
using namespace surewake::testing;
using mutex = basic_mutex<scripted_queue>;
using unfair_mutex = basic_mutex<scripted_queue, std_platform, barging>;

static_assert(!std::is_copy_constructible_v<mutex> && !std::is_move_constructible_v<mutex>);
static_assert(!std::is_copy_constructible_v<mutex::guard> && std::is_nothrow_move_constructible_v<mutex::guard>);
static_assert(std::is_nothrow_default_constructible_v<mutex::guard> && sizeof(mutex::guard) == sizeof(void*));
static_assert(noexcept(std::declval<mutex&>().try_lock()) && noexcept(std::declval<mutex&>().lock()));

namespace {

template <class M> fiber lock_into(M& m, typename M::guard& g) { g = co_await m.lock(); }

}  // namespace

TEST_CASE_TEMPLATE("an unlock between the look and the registration is not lost", M, mutex, unfair_mutex) {
  M m;
  auto held = m.lock_blocking();
  typename M::guard next;
  at_point const unlocks(&script::before_enqueue, [&] { held.unlock(); });
  auto const f = lock_into(m, next);
  CHECK(unlocks.passed());
  CHECK(next);
}

TEST_CASE("under hand_off a newcomer finds it locked before the next holder runs; under barging it overtakes") {
  mutex fair;
  unfair_mutex unfair;
  auto const newcomer_gets_in = [](auto& m) {
    auto held = m.lock_blocking();
    typename std::remove_reference_t<decltype(m)>::guard next, newcomer;
    auto const f = lock_into(m, next);
    at_point const comes(&script::before_hand_over, [&] {
      if (auto g = m.try_lock()) newcomer = std::move(*g);
    });
    held.unlock();
    CHECK(static_cast<bool>(next) != static_cast<bool>(newcomer));
    bool const overtook = static_cast<bool>(newcomer);
    newcomer.unlock();
    CHECK(static_cast<bool>(next) != false);
    return overtook;
  };
  CHECK_FALSE(newcomer_gets_in(fair));
  CHECK(newcomer_gets_in(unfair));
}

TEST_CASE("a guard that is assigned to inside its own unlock keeps what it was given") {
  mutex m, other;
  mutex::guard held = m.lock_blocking();
  mutex::guard next;
  at_point const assigns(&script::before_hand_over, [&] { held = other.lock_blocking(); });
  auto const f = lock_into(m, next);
  held.unlock();
  CHECK(held.mutex() == &other);
  CHECK(next.mutex() == &m);
}

TEST_CASE("the holder may destroy the mutex, and one that was handed over as well") {
  auto m = std::make_unique<mutex>();
  mutex::guard held = m->lock_blocking();
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

}  // namespace mutex_test
