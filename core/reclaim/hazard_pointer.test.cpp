#include <surewake/core/reclaim/things.test.hpp>

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <new>
#include <thread>
#include <vector>

namespace hazard_pointer_test {

namespace {

using namespace surewake;
using namespace surewake::testing;
using P = std_platform;
using domain = hazard_domain<P>;
using guard = basic_hazard_pointer<P>;

constexpr std::uintptr_t tag = 1;
thing* untagged(std::uintptr_t word) { return reinterpret_cast<thing*>(word & ~tag); }

}  // namespace

TEST_CASE("what is held outlives its retirement, and ends once it is not held") {
  domain d;
  ended = 0;
  P::atomic<thing*> source{make(1)};
  guard g = make_hazard_pointer<P>(d);
  thing* const held = g.protect(source);
  source.store(nullptr, P::release);
  held->retire(d);
  d.clean_up();
  retire_many(d, 1'000);
  d.clean_up();
  CHECK(ended == 1'000);
  CHECK(held->value == 1);
  g.reset_protection();
  hazard_pointer_clean_up<P>(d);
  CHECK(ended == 1'001);
}

TEST_CASE("holding something else, or being destroyed, ends the protection too") {
  domain d;
  ended = 0;
  P::atomic<thing*> source{make(1)};
  guard g = make_hazard_pointer<P>(d);
  g.protect(source)->retire(d);
  source.store(make(2), P::release);
  d.clean_up();
  CHECK(ended == 0);
  CHECK(g.protect(source)->value == 2);
  d.clean_up();
  CHECK(ended == 1);
  source.load(P::relaxed)->retire(d);
  { guard const last = std::move(g); }
  CHECK(g.empty());
  d.clean_up();
  CHECK(ended == 2);
}

TEST_CASE("moving and swapping hazard pointers keeps what they hold") {
  domain d;
  ended = 0;
  P::atomic<thing*> source{make(1)};
  guard a = make_hazard_pointer<P>(d), b;
  CHECK_FALSE(a.empty());
  CHECK(b.empty());
  static_cast<void>(a.protect(source));
  swap(a, b);
  CHECK(a.empty());
  a = std::move(b);
  CHECK(b.empty());
  source.load(P::relaxed)->retire(d);
  d.clean_up();
  CHECK(ended == 0);
  a = guard();
  d.clean_up();
  CHECK(ended == 1);
}

TEST_CASE("try_protect says what the source leads to when it is not what was expected") {
  domain d;
  P::atomic<thing*> source{make(1)};
  guard g = make_hazard_pointer<P>(d);
  thing* p = nullptr;
  CHECK_FALSE(g.try_protect(p, source));
  CHECK(p == source.load(P::relaxed));
  CHECK(g.try_protect(p, source));
  ended = 0;
  p->retire(d);
  d.clean_up();
  CHECK(ended == 0);
  source.store(nullptr, P::relaxed);
  CHECK_FALSE(g.try_protect(p, source));
  CHECK(p == nullptr);
  d.clean_up();
  CHECK(ended == 1);
}

TEST_CASE("null is not held, and ends the protection of what was") {
  domain d;
  ended = 0;
  P::atomic<thing*> source{make(1)};
  guard g = make_hazard_pointer<P>(d);
  g.protect(source)->retire(d);
  source.store(nullptr, P::relaxed);
  CHECK(g.protect(source) == nullptr);
  d.clean_up();
  CHECK(ended == 1);
}

TEST_CASE("a value with a tag is returned whole, and its object held") {
  domain d;
  ended = 0;
  P::atomic<std::uintptr_t> source{reinterpret_cast<std::uintptr_t>(make(7)) | tag};
  guard g = make_hazard_pointer<P>(d);
  std::uintptr_t const seen = g.protect(source, untagged);
  CHECK((seen & tag) == tag);
  source.store(seen & ~tag, P::relaxed);
  CHECK(g.protect(source, untagged) == (seen & ~tag));
  source.store(0, P::relaxed);
  untagged(seen)->retire(d);
  d.clean_up();
  CHECK(ended == 0);
  CHECK(untagged(seen)->value == 7);
}

TEST_CASE("where no deleter is named, an object ends as by delete") {
  struct shape : basic_hazard_pointer_obj_base<shape, P> {
    virtual ~shape() = default;
  };
  struct circle : shape {
    ~circle() override { ++ended; }
    std::array<double, 9> radius{};
  };
  struct pooled : basic_hazard_pointer_obj_base<pooled, P> {
    static void* operator new(std::size_t n) { return ::operator new(n); }
    static void operator delete(void* p) {
      ++ended;
      ::operator delete(p);
    }
  };
  struct alignas(256) wide : basic_hazard_pointer_obj_base<wide, P> {};
  domain d;
  ended = 0;
  static_cast<shape*>(new circle)->retire(d);
  (new pooled)->retire(d);
  (new wide)->retire(d);
  platform_new<wide, P>()->retire(d);
  d.clean_up();
  CHECK(ended == 2);
}

TEST_CASE("a hazard pointer in a thread's storage may go after the thread's record") {
  struct pocket {
    guard kept;
  };
  domain d;
  ended = 0;
  std::thread([&] {
    guard& g = P::local<pocket>().kept;
    g = make_hazard_pointer<P>(d);
    thing* const t = make();
    g.reset_protection(t);
    t->retire(d);
  }).join();
  d.clean_up();
  CHECK(ended == 1);
  guard const again = make_hazard_pointer<P>(d);
  CHECK(d.slots() == 1);
}

TEST_CASE("the default domain serves where none is named") {
  ended = 0;
  P::atomic<thing*> source{make(3)};
  guard g = make_hazard_pointer<P>();
  g.protect(source)->retire();
  hazard_pointer_clean_up<P>();
  CHECK(ended == 0);
  g.reset_protection();
  hazard_pointer_clean_up<P>();
  CHECK(ended == 1);
  CHECK(&hazard_pointer_default_domain<P>() == &hazard_pointer_default_domain<P>());
}

}  // namespace hazard_pointer_test
