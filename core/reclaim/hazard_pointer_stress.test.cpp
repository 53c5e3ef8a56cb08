// Hazard pointers on real threads: what is read is alive, and the garbage stays within the bound of hazard_domain.hpp,
// also with readers that stall, threads that come and go, and a kernel without membarrier.
#include <surewake/core/platform/child.test.hpp>
#include <surewake/core/reclaim/reclaimer.hpp>
#include <surewake/core/platform/std_platform.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <thread>
#include <vector>

namespace hazard_pointer_stress_test {

namespace {

using namespace surewake;
using namespace std::chrono_literals;
using P = std_platform;

constexpr auto how_long = 250ms;

struct tally {
  std::atomic<std::int64_t> retired{0};
  std::atomic<std::int64_t> ended{0};
  std::atomic<std::int64_t> most{0};  // retired, not ended, at one time
  std::atomic<bool> dead_was_read{false};

  void about_to_retire() {
    // `ended` is read last: what ends in between is missed, but nothing is counted that did not wait at one time.
    std::int64_t const with_this = retired.fetch_add(1) + 1;
    std::int64_t const waiting = with_this - ended.load();
    std::int64_t before = most.load();
    while (before < waiting && !most.compare_exchange_weak(before, waiting)) {
    }
  }
};

struct counted {
  tally* of = nullptr;
  template <class T> void operator()(T* object) const noexcept {
    platform_delete<P>{}(object);
    of->ended.fetch_add(1);
  }
};

template <class R> struct item : R::template object<item<R>, counted> {
  static constexpr std::uint64_t living = 0xA11FE;
  ~item() { mark = 0; }
  std::uint64_t volatile mark = living;
};

/// Writers replace what readers read; a writer's life is `life` changes long, then another thread goes on. Returns
/// how many objects waited at most.
template <class R> std::int64_t churn(typename R::domain& d, unsigned readers, unsigned writers, int life, tally& t) {
  using node = item<R>;
  std::array<P::atomic<node*>, 4> sources{};
  for (auto& s : sources) s.store(platform_new<node, P>(), P::release);
  auto const end = std::chrono::steady_clock::now() + how_long;
  // On a busy machine a writer may start after the end.
  auto const goes_on = [&] { return std::chrono::steady_clock::now() < end || t.retired <= 100; };

  // A reader that stalls, holding one for the whole run.
  typename R::guard frozen = R::make_guard(d);
  node* const held = frozen.protect(sources[0]);

  std::vector<std::thread> crew;
  for (unsigned i = 0; i != readers; ++i) {
    crew.emplace_back([&, i] {
      typename R::guard kept = R::make_guard(d);
      for (std::size_t n = i; goes_on();) {
        for (int k = 0; k != 500; ++k) {
          typename R::guard fresh = R::make_guard(d);
          auto& source = sources[n++ % sources.size()];
          if (kept.protect(source)->mark != node::living || fresh.protect(source)->mark != node::living) {
            t.dead_was_read = true;
          }
        }
      }
    });
  }
  for (unsigned i = 0; i != writers; ++i) {
    crew.emplace_back([&, i] {
      while (goes_on()) {
        std::thread([&] {
          for (int n = 0; n != life && goes_on(); ++n) {
            node* const old =
                sources[(i + static_cast<unsigned>(n)) % sources.size()].exchange(platform_new<node, P>(), P::acq_rel);
            t.about_to_retire();
            old->retire({&t}, d);
          }
        }).join();
      }
    });
  }
  for (auto& c : crew) c.join();
  if (held->mark != node::living) t.dead_was_read = true;
  for (auto& s : sources) {
    t.retired.fetch_add(1);
    s.load(P::acquire)->retire({&t}, d);
  }
  return t.most;
}

template <class R> void churns_well(unsigned readers, unsigned writers, int life) {
  tally t;
  {
    typename R::domain d;
    std::int64_t const most = churn<R>(d, readers, writers, life, t);
    CHECK_FALSE(t.dead_was_read);
    CHECK(t.retired > 100);
    if constexpr (requires { d.most_unreclaimed(); }) {
      MESSAGE(t.retired.load() << " retired, at most " << most << " waited; bound " << d.most_unreclaimed() << " from "
                        << d.slots() << " slots and " << d.records() << " records");
      // Each writer may have counted one that it has yet to hand over.
      CHECK(most <= static_cast<std::int64_t>(d.most_unreclaimed() + writers));
    }
  }
  CHECK(t.ended == t.retired);
}

}  // namespace

TEST_CASE("readers, writers and a reader that stalls: alive when read, garbage within the bound") {
  churns_well<hazard_reclaimer<P>>(3, 2, 1'000'000'000);
}

TEST_CASE("writers that come and go leave nothing behind, and the bound holds") {
  churns_well<hazard_reclaimer<P>>(2, 3, 100);
}

TEST_CASE("the leaking reclaimer ends everything with its domain") {
  churns_well<leaking_reclaimer<P>>(2, 2, 1'000);
}

TEST_CASE("the same with full fences on both sides, as where the kernel has no membarrier" *
          doctest::skip(!testing::can_fork)) {
  CHECK(testing::status_of([] {
          asymmetric_fence_platform::use_full_fences();
          tally t;
          {
            hazard_domain<P> d;
            if (churn<hazard_reclaimer<P>>(d, 3, 2, 1'000, t) > static_cast<std::int64_t>(d.most_unreclaimed() + 2)) {
              return 2;
            }
          }
          return t.dead_was_read ? 3 : t.ended != t.retired ? 4 : 0;
        }) == 0);
}

TEST_CASE("scans stopped halfway hold back what they took, and no more") {
  // A deleter that waits is a scan that stalls; all others go on within the bound.
  struct slow : basic_hazard_pointer_obj_base<slow, P> {
    ~slow() {
      if (waits != nullptr) P::await(*waits, [](std::uint32_t w) { return w == 0U; }, P::acquire);
    }
    P::atomic<std::uint32_t>* waits = nullptr;
  };
  hazard_domain<P> d;
  P::atomic<std::uint32_t> waits{1U};
  std::thread frozen([&] {
    for (int n = 0; n != 64; ++n) {
      slow* const s = platform_new<slow, P>();
      s->waits = &waits;
      s->retire(d);
    }
  });
  tally t;
  for (int n = 0; n != 10'000; ++n) {
    t.about_to_retire();
    platform_new<item<hazard_reclaimer<P>>, P>()->retire({&t}, d);
  }
  CHECK(t.most <= static_cast<std::int64_t>(d.most_unreclaimed()));
  waits.store(0U, P::release);
  frozen.join();
}

}  // namespace hazard_pointer_stress_test
