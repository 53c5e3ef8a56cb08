#include <surewake/core/reclaim/things.test.hpp>

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <new>
#include <thread>
#include <vector>

namespace hazard_domain_test {

namespace {

using namespace surewake;
using namespace surewake::testing;
using P = std_platform;
using domain = hazard_domain<P>;
using guard = basic_hazard_pointer<P>;

struct starved : std_platform {
  [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t align) {
    if (full) throw std::bad_alloc();
    return std_platform::allocate(bytes, align);
  }
  inline static bool full = false;
};

}  // namespace

TEST_CASE("the bound is what the slots and records say, and a domain without either allows nothing") {
  domain d;
  CHECK(d.slots() + d.records() + d.most_unreclaimed() == 0);
  make()->retire(d);
  CHECK(d.records() == 1);
  CHECK(d.most_unreclaimed() == 2 * 64);
  std::vector<guard> held;
  for (int n = 0; n != 40; ++n) held.push_back(make_hazard_pointer<P>(d));
  CHECK(d.slots() == 40);
  CHECK(d.most_unreclaimed() == 2 * 80);
  std::thread([&] { make()->retire(d); }).join();
  CHECK(d.records() == 2);
  CHECK(d.most_unreclaimed() == 4 * 80);
}

TEST_CASE("a thread scans at 64 objects, or twice as many as there are slots, and not before") {
  for (int const slots : {0, 32, 50}) {
    domain d;
    ended = 0;
    std::vector<guard> held;
    for (int n = 0; n != slots; ++n) held.push_back(make_hazard_pointer<P>(d));
    int const threshold = std::max(64, 2 * slots);
    retire_many(d, threshold - 1);
    CHECK(ended == 0);
    retire_many(d, 1);
    CHECK(ended == threshold);
  }
}

TEST_CASE("a scan takes over what one thread left, and clean_up() what all left; not what a living thread retired") {
  domain d;
  P::atomic<int> step{0};
  std::thread living([&] {
    retire_many(d, 7);
    step.store(1, P::release);
    P::await(step, [](int s) { return s == 2; }, P::acquire);
  });
  P::await(step, [](int s) { return s == 1; }, P::acquire);
  guard const keeps_the_record = make_hazard_pointer<P>(d);
  std::array<std::thread, 3> others;
  P::atomic<int> there{0};
  for (std::thread& t : others) {
    t = std::thread([&] {  // all are there at once, so each has a record of its own
      retire_many(d, 5);
      there.fetch_add(1, P::acq_rel);
      P::await(there, [](int n) { return n == 3; }, P::acquire);
    });
  }
  for (std::thread& t : others) t.join();
  ended = 0;
  retire_many(d, 64);
  CHECK(ended == 64 + 5);
  d.clean_up();
  CHECK(ended == 64 + 5 + 10);
  step.store(2, P::release);
  living.join();
  d.clean_up();
  CHECK(ended == 64 + 5 + 10 + 7);
}

TEST_CASE("the slot of one domain holds nothing of another") {
  domain a, b;
  ended = 0;
  thing* const p = make();
  guard g = make_hazard_pointer<P>(a);
  g.reset_protection(p);
  p->retire(b);
  b.clean_up();
  CHECK(ended == 1);
}

TEST_CASE("the end of a domain reclaims all that was retired to it, and what that retires") {
  struct chain : basic_hazard_pointer_obj_base<chain, P> {
    chain(domain& d, int n) noexcept : in(d), left(n) {}
    ~chain() {
      ++ended;
      if (left != 0) platform_new<chain, P>(in, left - 1)->retire(in);
    }
    domain& in;
    int left;
  };
  ended = 0;
  {
    domain d;
    platform_new<chain, P>(d, 10'000)->retire(d);
    CHECK(ended == 0);
  }
  CHECK(ended == 10'001);
}

TEST_CASE("a chain of deleters that retire takes bounded stack") {
  struct chain : basic_hazard_pointer_obj_base<chain, P> {
    chain(domain& d, int n) noexcept : in(d), left(n) {}
    ~chain() {
      ++ended;
      guard const g = make_hazard_pointer<P>(in);
      for (int i = 0; i != 70 && left > 0; ++i) platform_new<chain, P>(in, i == 0 ? left - 1 : 0)->retire(in);
    }
    domain& in;
    int left;
  };
  domain d;
  ended = 0;
  platform_new<chain, P>(d, 5'000)->retire(d);
  d.clean_up();
  d.clean_up();
  CHECK(ended == 5'000 * 70 + 1);
}

TEST_CASE("a chain that is retired when the thread's storage is gone takes bounded stack, and ends") {
  struct chain : basic_hazard_pointer_obj_base<chain, P> {
    chain(domain& d, domain& o, int n) noexcept : in(d), other(o), left(n) {}
    ~chain() {
      ++ended;
      if (left == 0) return;
      platform_new<chain, P>(other, in, left - 1)->retire(other);  // to one domain and the other in turn
      in.clean_up();
      if (left % 2 == 0) platform_new<chain, P>(in, other, 0)->retire(in);
    }
    domain& in;
    domain& other;
    int left;
  };
  struct late {
    ~late() {
      if (in == nullptr) return;
      platform_new<chain, P>(*in, *other, 30'000)->retire(*in);
      in->clean_up();
      *seen = ended;
    }
    domain* in = nullptr;
    domain* other = nullptr;
    int* seen = nullptr;
  };
  domain a, b;
  int seen = 0;
  std::thread([&] {
    thread_local late last;
    last.in = &a;
    last.other = &b;
    last.seen = &seen;
    make()->retire(a);  // the thread has a record, which ends before `last`
    ended = 0;
  }).join();
  CHECK(seen == 45'002);  // with the one of make()
}

TEST_CASE("clean_up() reclaims what deleters retire meanwhile, of this thread and of one that has ended") {
  struct chain : basic_hazard_pointer_obj_base<chain, P> {
    chain(domain& d, int n) noexcept : in(d), left(n) {}
    ~chain() {
      ++ended;
      if (left > 1) platform_new<chain, P>(in, left - 1)->retire(in);
    }
    domain& in;
    int left;
  };
  domain d;
  std::thread([&] { platform_new<chain, P>(d, 2)->retire(d); }).join();
  ended = 0;
  d.clean_up();
  CHECK(ended == 2);
  platform_new<chain, P>(d, 1'000)->retire(d);
  d.clean_up();
  CHECK(ended == 1'002);
  for (int n = 0; n != 3; ++n) {
    std::thread([&] { platform_new<chain, P>(d, 2)->retire(d); }).join();
    std::thread([&] {
      guard const keeps_the_record = make_hazard_pointer<P>(d);
      platform_new<chain, P>(d, 3)->retire(d);
    }).join();
  }
  ended = 0;
  d.clean_up();
  CHECK(ended == 15);
}

TEST_CASE("slots are used again, by the same thread and by others") {
  domain d;
  for (int i = 0; i != 100; ++i) {
    std::vector<guard> many;
    for (int n = 0; n != 20; ++n) many.push_back(make_hazard_pointer<P>(d));
  }
  CHECK(d.slots() == 20);
  std::thread([&] {
    std::vector<guard> many;
    // Of the 20, the first thread keeps 8.
    for (int n = 0; n != 12; ++n) many.push_back(make_hazard_pointer<P>(d));
  }).join();
  CHECK(d.slots() == 20);
}

TEST_CASE("a thread that prepared allocates nothing for as many hazard pointers, and keeps their slots") {
  hazard_domain<starved> d;
  std::thread([&] {
    d.prepare_thread(12);
    starved::full = true;
    for (int round = 0; round != 2; ++round) {
      std::vector<basic_hazard_pointer<starved>> held;
      for (int n = 0; n != 12; ++n) held.push_back(make_hazard_pointer<starved>(d));
      CHECK_THROWS_AS(static_cast<void>(make_hazard_pointer<starved>(d)), std::bad_alloc);
    }
    starved::full = false;
    std::thread([&] { static_cast<void>(make_hazard_pointer<starved>(d)); }).join();
    CHECK(d.slots() == 13);  // none of the 12 was to be had
    d.prepare_thread(12);
    CHECK(d.slots() == 13);
    starved::full = true;
    CHECK_THROWS_AS(d.prepare_thread(14), std::bad_alloc);
    starved::full = false;
  }).join();
  CHECK(d.records() == 2);
}

TEST_CASE("more slots than a scan looks at together: each of them counts") {
  domain d;
  ended = 0;
  std::vector<guard> guards;
  std::vector<thing*> things;
  for (int n = 0; n != 300; ++n) {
    things.push_back(make(n));
    guards.push_back(make_hazard_pointer<P>(d));
    guards.back().reset_protection(things.back());
  }
  for (thing* t : things) t->retire(d);
  d.clean_up();
  CHECK(ended == 0);
  for (int n = 0; n != 300; ++n) {
    REQUIRE(things[static_cast<std::size_t>(n)]->value == n);
    guards[static_cast<std::size_t>(n)].reset_protection();
    d.clean_up();
    REQUIRE(ended == n + 1);
  }
}

TEST_CASE("what a thread left behind is reclaimed by others, and its record goes to the next") {
  domain d;
  ended = 0;
  for (int n = 0; n != 50; ++n) std::thread([&] { retire_many(d, 10); }).join();
  CHECK(d.records() == 1);
  ended = 0;
  d.clean_up();  // at most 63 objects waited at any time
  CHECK(ended >= 1);
  CHECK(ended < 64);
}

TEST_CASE("a thread may retire after its record is gone") {
  struct late {
    ~late() {
      if (in != nullptr) retires->retire(*in);
    }
    domain* in = nullptr;
    thing* retires = nullptr;
  };
  domain d;
  thing* const kept = make();
  guard g = make_hazard_pointer<P>(d);
  g.reset_protection(kept);
  std::thread([&] {
    P::local<late>().retires = kept;
    P::local<late>().in = &d;
    make()->retire(d);
  }).join();
  ended = 0;
  d.clean_up();
  CHECK(ended == 1);
  g.reset_protection();
  d.clean_up();
  CHECK(ended == 2);
}

TEST_CASE("threads and domains end in any order") {
  auto first = std::make_unique<domain>();
  P::atomic<int> step{0};
  std::thread user([&] {
    retire_many(*first, 10);
    step.store(1, P::release);
    P::await(step, [](int s) { return s == 2; }, P::acquire);
    retire_many(*first, 10);  // another domain, perhaps at the same address
    step.store(3, P::release);
  });
  P::await(step, [](int s) { return s == 1; }, P::acquire);
  ended = 0;
  first.reset();
  CHECK(ended == 10);
  first = std::make_unique<domain>();
  step.store(2, P::release);
  user.join();
  ended = 0;
  first.reset();
  CHECK(ended == 10);
}

TEST_CASE("retiring throws nothing when memory is exhausted, and loses nothing") {
  struct item : basic_hazard_pointer_obj_base<item, starved> {
    ~item() { ++ended; }
  };
  ended = 0;
  hazard_domain<starved> d;
  item* const a = platform_new<item, starved>();
  item* const b = platform_new<item, starved>();
  auto g = make_hazard_pointer<starved>(d);
  g.reset_protection(b);
  std::thread([&] {
    ended = 0;
    starved::full = true;
    a->retire(d);
    b->retire(d);
    CHECK_THROWS_AS(static_cast<void>(make_hazard_pointer<starved>(d)), std::bad_alloc);
    starved::full = false;
    CHECK(ended == 1);
  }).join();
  g.reset_protection();
  ended = 0;
  d.clean_up();
  CHECK(ended == 1);
}

}  // namespace hazard_domain_test
