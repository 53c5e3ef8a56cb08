#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/measure/fairness.hpp>
#include <surewake/core/platform/spin_lock.hpp>
#include <surewake/core/semaphore/semaphore.hpp>
#include <surewake/queues/intrusive_list.hpp>
#include <surewake/queues/parts/locked_queue.hpp>

#include <doctest/doctest.h>

#include <random>

namespace fairness_test {

using namespace surewake;
using namespace surewake::bench;

/// The definition, in n² steps.
bypasses by_pairs(std::vector<std::uint32_t> const& served) {
  bypasses found;
  for (std::size_t i = 0; i < served.size(); ++i) {
    std::uint64_t overtook_it = 0;
    for (std::size_t j = 0; j < i; ++j) overtook_it += served[j] > served[i] ? 1 : 0;
    found.overtakings += overtook_it;
    found.longest = std::max(found.longest, overtook_it);
  }
  return found;
}

TEST_CASE("overtakings are counted by pairs, and the longest bypass by the one that was overtaken most") {
  std::vector<std::uint32_t> const in_order{0, 1, 2, 3};
  CHECK(count_bypasses(in_order).overtakings == 0);
  std::vector<std::uint32_t> const reversed{3, 2, 1, 0};
  CHECK(count_bypasses(reversed).overtakings == 6);
  CHECK(count_bypasses(reversed).longest == 3);
  std::vector<std::uint32_t> const one_late{1, 2, 3, 0};
  CHECK(count_bypasses(one_late).overtakings == 3);
  CHECK(count_bypasses(one_late).longest == 3);
  CHECK(count_bypasses({}).longest == 0);
}

TEST_CASE("the tree counts as the definition does, also where numbers are missing") {
  std::vector<std::uint32_t> served(300);
  for (std::uint32_t i = 0; i < served.size(); ++i) served[i] = 3 * i;
  std::ranges::shuffle(served, std::mt19937_64(11));
  CHECK(count_bypasses(served).overtakings == by_pairs(served).overtakings);
  CHECK(count_bypasses(served).longest == by_pairs(served).longest);
}

/// Waiters in a vector; the newest is served first.
template <platform P> class newest_first_list {
 public:
  [[nodiscard]] bool empty() const noexcept { return waiters_.empty(); }
  [[nodiscard]] waiter<P>& front() const noexcept { return *waiters_.back(); }
  void push_back(waiter<P>& w) { waiters_.push_back(&w); }
  void erase(waiter<P>& w) noexcept { waiters_.erase(std::ranges::find(waiters_, &w)); }

 private:
  std::vector<waiter<P>*> waiters_;
};

template <platform P> struct newest_first : locked_queue<P, spin_lock<P>, newest_first_list<P>> {
  static constexpr char const* name = "newest_first";
  static constexpr bool first_come_first_served = false;
  static constexpr withdrawal_cost withdrawal = withdrawal_cost::linear;
};

template <class Semaphore>
probe party(frame_arena&, Semaphore& s, std::uint32_t& requests, std::vector<std::uint32_t>& served, double& share,
            std::size_t in_all) {
  while (served.size() < in_all) {
    std::uint32_t const me = requests++;
    auto const permit = co_await s.acquire();
    served.push_back(me);
    ++share;
  }
}

/// Lets eight parties on one thread share a permit until 800 requests were served.
template <class Semaphore> metrics shared_by_eight() {
  frame_arena arena(std::size_t{1} << 16);
  Semaphore s(1);
  std::uint32_t requests = 0;
  std::vector<std::uint32_t> served;
  std::vector<double> shares(8);
  {
    auto held = s.try_acquire();
    std::vector<probe> parties;
    for (double& share : shares) {
      parties.push_back(party(arena, s, requests, served, share, 800));
      parties.back().start();
    }
    held->release();
    for (probe const& p : parties) CHECK(p.done());
  }
  CHECK(s.available_permits() == 1);
  metrics m;
  set_fairness(m, shares, served);
  return m;
}

TEST_CASE("last come, first served overtakes where first come, first served does not, and its shares are uneven") {
  metrics const fifo = shared_by_eight<basic_semaphore<intrusive_list>>();
  metrics const lifo = shared_by_eight<basic_semaphore<newest_first>>();
  CHECK(fifo.get("overtakings") == 0);
  CHECK(fifo.get("longest_bypass") == 0);
  CHECK(fifo.get("fairness_jain") > 0.999);
  CHECK(fifo.get("fairness_min_share") > 0.98);
  CHECK(lifo.get("overtakings") > 1);
  CHECK(lifo.get("longest_bypass") > 700);
  CHECK(lifo.get("fairness_jain") < 0.5);
  CHECK(lifo.get("fairness_max_share") > 3);
}

}  // namespace fairness_test
