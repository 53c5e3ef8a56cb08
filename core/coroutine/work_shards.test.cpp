#include <surewake/core/coroutine/work_shards.hpp>
#include <surewake/core/platform/std_platform.hpp>

#include <doctest/doctest.h>

#include <array>
#include <deque>
#include <thread>
#include <vector>

namespace work_shards_test {

using namespace surewake;
using P = std_platform;
using shards = detail::work_shards<P>;

namespace {

bool always() noexcept { return true; }

/// The work that `s` gives the worker at `mine`, in the order in which it does.
std::vector<work<P>*> takes(shards& s, shards::seat mine) {
  std::vector<work<P>*> order;
  while (work<P>* const w = s.take(mine)) order.push_back(w);
  return order;
}

}  // namespace

TEST_CASE("a pool of one worker has one shard, in which work is first come, first served, whoever posts") {
  shards s(1);
  CHECK(s.seat_of(0).shard == 0);
  std::array<work<P>, 5> w;
  for (auto& x : w) s.post(x, 0, always);
  CHECK(takes(s, s.seat_of(0)) == std::vector<work<P>*>{&w[0], &w[1], &w[2], &w[3], &w[4]});
  CHECK(s.look() == nullptr);
}

TEST_CASE("a worker takes what it posted and what came from outside in turn, then what others posted") {
  shards s(2);
  auto const mine = s.seat_of(0);
  auto const others = s.seat_of(1);
  CHECK((mine.shard == 1 && others.shard == 2));
  std::array<work<P>, 6> w;
  s.post(w[0], others.shard, always);
  s.post(w[1], 0, always);
  s.post(w[2], 0, always);
  s.post(w[3], mine.shard, always);
  s.post(w[4], mine.shard, always);
  s.post(w[5], mine.shard, always);
  CHECK(takes(s, mine) == std::vector<work<P>*>{&w[3], &w[1], &w[4], &w[2], &w[5], &w[0]});
}

TEST_CASE("work is taken within 32 times the number of shards, although the worker that takes never runs dry") {
  shards s(3);
  std::array<work<P>, 2> forgotten;
  s.post(forgotten[0], s.seat_of(1).shard, always);
  s.post(forgotten[1], s.seat_of(2).shard, always);
  std::deque<work<P>> own(2);
  auto mine = s.seat_of(0);
  for (auto& x : own) s.post(x, mine.shard, always);
  std::size_t found = 0;
  for (int i = 0; i < 32 * 4; ++i) {
    work<P>* const w = s.take(mine);
    REQUIRE(w != nullptr);
    (w == &forgotten[0] || w == &forgotten[1]) ? static_cast<void>(++found) : s.post(*w, mine.shard, always);
  }
  CHECK(found == 2);
}

TEST_CASE("a post that is refused inside the lock queues nothing") {
  shards s(2);
  work<P> w;
  s.post(w, 1, []() noexcept { return false; });
  CHECK(s.look() == nullptr);
  CHECK_FALSE(s.withdraw(w));
}

TEST_CASE("withdraw finds work in any shard, once, and leaves the others in their order") {
  shards s(2);
  std::array<work<P>, 6> w;
  for (std::size_t i = 0; i < w.size(); ++i) s.post(w[i], i / 2, always);
  CHECK(s.withdraw(w[0]));
  CHECK(s.withdraw(w[3]));
  CHECK_FALSE(s.withdraw(w[3]));
  CHECK(s.withdraw(w[4]));
  CHECK(s.withdraw(w[5]));
  CHECK(s.look() == &w[1]);
  CHECK(s.look() == &w[2]);
  CHECK(s.look() == nullptr);
  CHECK(takes(s, s.seat_of(0)).empty());
}

TEST_CASE("while all locks are held nothing is posted or taken") {
  shards s(2);
  work<P> w;
  s.lock_all();
  P::atomic<bool> through{false};
  std::thread poster([&] {
    s.post(w, 2, always);
    through = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds{2});
  CHECK_FALSE(through.load());
  s.unlock_all();
  poster.join();
  CHECK(s.look() == &w);
}

TEST_CASE("stress: of work that three threads post, take and withdraw, each is had by one of them") {
  shards s(3);
  struct item : work<P> {
    P::atomic<int> had{0};
  };
  constexpr std::size_t each = 20'000;
  std::deque<item> items(3 * each);
  P::atomic<std::size_t> left{items.size()};
  auto const had = [&](work<P>& w) {
    static_cast<item&>(w).had.fetch_add(1);
    left.fetch_sub(1);
  };
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      auto seat = s.seat_of(t);
      for (std::size_t i = 0; i < each; ++i) {
        item& mine = items[t * each + i];
        s.post(mine, i % 5 == 0 ? 0 : seat.shard, always);
        if (i % 3 == 0 && s.withdraw(mine)) had(mine);
        if (i % 2 == 0) {
          if (work<P>* const w = s.take(seat)) had(*w);
        }
      }
      while (left.load() != 0) {
        work<P>* w = s.take(seat);
        if (w == nullptr) w = s.look();
        w != nullptr ? had(*w) : P::yield();
      }
    });
  }
  for (auto& t : threads) t.join();
  for (auto& i : items) REQUIRE(i.had.load() == 1);
}

}  // namespace work_shards_test
