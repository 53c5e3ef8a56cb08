#include <surewake/bench/counts/counting_platform.hpp>

#include <doctest/doctest.h>

#include <thread>

namespace counting_platform_test {

using namespace surewake::bench;
using P = counting_platform;

template <class F> step_counts steps_of(F&& f) {
  step_counts const before = P::steps();
  f();
  return P::steps() - before;
}

/// Expects one step of kind `s`, or that many, and no other.
void check_only(step_counts const& counted, step s, std::uint64_t n = 1) {
  step_counts expected;
  expected.of[static_cast<std::size_t>(s)] = n;
  CHECK(counted == expected);
}

TEST_CASE("each step of an atomic is counted under its name, once") {
  P::atomic<std::uint32_t> a{5};
  check_only(steps_of([&] { CHECK(a.load(P::acquire) == 5); }), step::load);
  check_only(steps_of([&] { a.store(6, P::release); }), step::store);
  check_only(steps_of([&] { CHECK(a.exchange(7, P::acq_rel) == 6); }), step::rmw);
  check_only(steps_of([&] {
               CHECK(a.fetch_add(1, P::relaxed) == 7);
               CHECK(a.fetch_sub(2, P::relaxed) == 8);
               CHECK(a.fetch_and(4, P::relaxed) == 6);
               CHECK(a.fetch_or(1, P::relaxed) == 4);
             }),
             step::rmw, 4);
  CHECK(a.load(P::relaxed) == 5);
}

TEST_CASE("a compare-exchange that fails is counted as tried and as failed") {
  P::atomic<std::uint32_t> a{1};
  std::uint32_t expected = 1;
  check_only(steps_of([&] { CHECK(a.compare_exchange_strong(expected, 2, P::acq_rel, P::relaxed)); }), step::cas);
  step_counts const failed = steps_of([&] { CHECK(!a.compare_exchange_weak(expected, 3, P::acq_rel, P::relaxed)); });
  CHECK(failed[step::cas] == 1);
  CHECK(failed[step::failed_cas] == 1);
  CHECK(expected == 2);
}

TEST_CASE("fences are counted by their strength") {
  check_only(steps_of([] { P::fence(P::acquire); }), step::weak_fence);
  check_only(steps_of([] { P::fence(P::seq_cst); }), step::full_fence);
  check_only(steps_of([] { P::light_fence(P::seq_cst); }), step::light_fence);
  check_only(steps_of([] { P::heavy_fence(P::seq_cst); }), step::heavy_fence);
}

TEST_CASE("locks and memory are counted") {
  P::mutex m;
  check_only(steps_of([&] {
               m.lock();
               m.unlock();
               CHECK(m.try_lock());
               m.unlock();
             }),
             step::mutex, 4);
  void* p = nullptr;
  check_only(steps_of([&] { p = P::allocate(64, 16); }), step::allocation);
  check_only(steps_of([&] { P::deallocate(p, 64, 16); }), step::allocation, 0);
}

TEST_CASE("a futex wait is counted before it sleeps, by the thread that sleeps") {
  P::atomic<std::uint32_t> word{0};
  std::uint64_t const begun = P::waits_begun();
  check_only(steps_of([&] { P::futex_wait(word, 1); }), step::futex_wait);  // the word has another value
  check_only(steps_of([&] { CHECK(!P::futex_wait_until(word, 0, P::now())); }), step::futex_wait);
  CHECK(P::waits_begun() == begun + 2);
  step_counts slept;
  step_counts const woke = steps_of([&] {
    std::jthread const sleeper([&] {
      slept = steps_of([&] {
        while (word.uncounted().load() == 0) P::futex_wait(word, 0);
      });
    });
    while (P::waits_begun() == begun + 2) P::yield();
    word.store(1, P::release);
    P::futex_wake(&word, 1);
  });
  check_only(slept, step::futex_wait, std::max<std::uint64_t>(slept[step::futex_wait], 1));
  CHECK(woke[step::futex_wait] == 0);
  CHECK(woke[step::futex_wake] == 1);
}

TEST_CASE("a spin looks once, and waiting for a value that is there is one load") {
  P::atomic<std::uint32_t> word{0};
  auto const is_one = [](std::uint32_t v) { return v == 1; };
  check_only(steps_of([&] { CHECK(!P::spin(word, is_one, P::acquire, std::chrono::hours{1})); }), step::load);
  word.store(1, P::relaxed);
  check_only(steps_of([&] { CHECK(P::await(word, is_one, P::acquire) == 1); }), step::load);
  check_only(steps_of([&] { P::backoff(word, 1'000'000); }), step::load, 0);
}

}  // namespace counting_platform_test
