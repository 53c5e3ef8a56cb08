// What both reclaimers promise a structure, and where they differ: when nodes die.
#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/reclaim/reclaimer.hpp>

#include <doctest/doctest.h>

#include <thread>
#include <type_traits>

namespace reclaimer_test {

namespace {

using namespace surewake;
using P = std_platform;
using hazard = hazard_reclaimer<P>;
using leaking = leaking_reclaimer<P>;

static_assert(reclaimer<hazard> && reclaimer<leaking>);
struct no_guards : leaking {
  static void make_guard(domain&) {}
};
struct no_default : leaking {
  static void default_domain() {}
};
struct no_empty : leaking {
  struct guard : leaking::guard {
    void empty() const = delete;
  };
  static guard make_guard(domain&) { return {}; }
};
static_assert(!reclaimer<no_empty> && !reclaimer<no_guards> && !reclaimer<no_default>);

struct counts_ends {
  int* ends = nullptr;
  template <class T> void operator()(T* object) const {
    ++*ends;
    platform_delete<P>{}(object);
  }
};
struct shared_count {
  P::atomic<int>* ends = nullptr;
  void operator()(auto* object) const {
    ends->fetch_add(1, P::relaxed);
    platform_delete<P>{}(object);
  }
};
template <class R> struct node : R::template object<node<R>, counts_ends> {
  node* next = nullptr;
  typename R::domain* then = nullptr;  // where the end of this one retires the next one
  int* ends = nullptr;
  ~node() {
    if (then != nullptr && next != nullptr) next->retire(counts_ends{ends}, *then);
  }
};
template <class R> node<R>* make() { return platform_new<node<R>, P>(); }

}  // namespace

#define EITHER(name) TEST_CASE_TEMPLATE("either reclaimer: " name, R, hazard, leaking)

EITHER("a guard that is made is not empty, one by default is, and moving and swapping take that along") {
  typename R::domain d;
  typename R::guard none, g = R::make_guard(d);
  CHECK((none.empty() && !g.empty()));
  typename R::guard moved = std::move(g);
  CHECK((g.empty() && !moved.empty()));
  swap(moved, none);
  CHECK((moved.empty() && !none.empty()));
  moved = std::move(none);
  CHECK((none.empty() && !moved.empty()));
  static_assert(!std::is_copy_constructible_v<typename R::guard>);
}

EITHER("protect yields what the source says, through a function too, and try_protect whether that was expected") {
  int ends = 0;
  typename R::domain d;
  node<R>* const a = make<R>();
  P::atomic<node<R>*> source{a};
  auto g = R::make_guard(d);
  CHECK(g.protect(source) == a);
  CHECK(g.protect(source, [](node<R>* p) { return p; }) == a);
  node<R>* p = nullptr;
  CHECK_FALSE(g.try_protect(p, source));
  CHECK(p == a);
  CHECK(g.try_protect(p, source));
  source.store(nullptr, P::relaxed);
  CHECK_FALSE(g.try_protect(p, source));
  CHECK(p == nullptr);
  g.reset_protection(a);
  g.reset_protection();
  a->retire(counts_ends{&ends}, d);
}

EITHER("what is retired ends once, at the latest with the domain, and what its end retires too") {
  int ends = 0;
  {
    typename R::domain d;
    node<R>* first = nullptr;
    for (int i = 0; i != 1'000; ++i) {
      node<R>* const n = make<R>();
      n->next = std::exchange(first, n);
      n->then = &d;
      n->ends = &ends;
    }
    first->retire(counts_ends{&ends}, d);
    std::thread([&] { make<R>()->retire(counts_ends{&ends}, d); }).join();
    d.clean_up();
    CHECK(ends == (std::is_same_v<R, hazard> ? 1'001 : 0));  // the leaking one keeps all that long
  }
  CHECK(ends == 1'001);
}

EITHER("what is held does not end") {
  int ends = 0;
  {
    typename R::domain d;
    P::atomic<node<R>*> source{make<R>()};
    {
      auto g = R::make_guard(d);
      g.protect(source)->retire(counts_ends{&ends}, d);
      d.clean_up();
      CHECK(ends == 0);
    }
  }
  CHECK(ends == 1);
}

EITHER("threads retire at the same time, and nothing is lost") {
  P::atomic<int> ends{0};
  struct item : R::template object<item, shared_count> {};
  {
    typename R::domain d;
    std::thread threads[4];
    P::atomic<int> there{0};
    for (std::thread& t : threads) {
      t = std::thread([&] {
        there.fetch_add(1, P::relaxed);
        P::await(there, [](int n) { return n == 4; }, P::relaxed);
        for (int i = 0; i != 5'000; ++i) platform_new<item, P>()->retire(shared_count{&ends}, d);
      });
    }
    for (std::thread& t : threads) t.join();
  }
  CHECK(ends.load(P::relaxed) == 20'000);
}

EITHER("the domain that is used where none is named is one") {
  struct plain_node : R::template object<plain_node> {};
  CHECK(&R::default_domain() == &R::default_domain());
  CHECK_FALSE(R::make_guard().empty());
  platform_new<plain_node, P>()->retire();
  R::default_domain().clean_up();
}

}  // namespace reclaimer_test
