#include <surewake/core/platform/platform_new.hpp>
#include <surewake/models/waking/grant_before_registration.hpp>
#include <surewake/queues/intrusive_list.hpp>
#include <surewake/queues/mutex_deque.hpp>
#include <surewake/verify/engine/graph/search.test.hpp>

#include <doctest/doctest.h>

#include <stdexcept>
#include <system_error>

using namespace surewake;
using verify::model_type;
using verify::verdict;
using verify::graph::memory_model;
using verify::graph::passes;
using verify::graph::search;
using P = verify::graph_platform;

namespace {

struct nothing_after {
  static constexpr unsigned threads = 2;
  void after() {}
};

template <P::order Store> struct message : nothing_after {
  void thread(unsigned i) {
    if (i == 0) {
      data.set(1);
      flag.store(1, Store);
    } else if (flag.load(P::acquire) == 1 && data.get() != 1) {
      P::broken("the message is not seen");
    }
  }
  P::plain<int> data{0};
  P::atomic<int> flag{0};
};

template <P::order Order> struct store_buffering {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    mine[i].store(1, Order);
    seen[i] = mine[1 - i].load(Order);
  }
  void after() {
    if (seen[0] + seen[1] == 0) P::broken("both threads saw nothing");
    if (mine[0].load(P::relaxed) + mine[1].load(P::relaxed) != 2) P::broken("after() sees an old value");
  }
  std::array<P::atomic<int>, 2> mine{P::atomic<int>(0), P::atomic<int>(0)};
  std::array<int, 2> seen{};
};

template <int Value> struct waits_for : nothing_after {
  void thread(unsigned i) {
    if (i == 0) return word.store(1, P::release);
    P::await(word, [](int v) { return v == Value; }, P::acquire);
  }
  P::atomic<int> word{0};
};

struct throws_inside : nothing_after {
  void thread(unsigned i) {
    try {
      throw std::runtime_error(std::to_string(i));
    } catch (std::runtime_error const& e) {
      static_cast<void>(word.fetch_add(1, P::relaxed));  // the other thread is in its handler meanwhile
      static_cast<void>(word.fetch_add(1, P::relaxed));
      if (e.what() != std::to_string(i)) P::broken("the exception of another thread");
    }
  }
  P::atomic<int> word{0};
};

struct throws_out : nothing_after {
  void thread(unsigned i) {
    if (i == 1) throw std::runtime_error("out");
  }
};

struct under_lock : nothing_after {
  void thread(unsigned) {
    lock.lock();
    data.set(data.get() + 1);
    lock.unlock();
  }
  void after() {
    if (data.get() != 2) P::broken("an increment was lost");
  }
  P::mutex lock{};
  P::plain<int> data{0};
};

struct keeps_lock : nothing_after {
  void thread(unsigned) { lock.lock(); }
  P::mutex lock{};
};

enum class ends { properly, early, twice, never };
template <ends End> struct owns_atomic {
  using object = P::atomic<int>;
  static constexpr unsigned threads = 2;
  owns_atomic() : it(std::construct_at(static_cast<object*>(P::allocate(sizeof(object), alignof(object))), 0)) {}
  void thread(unsigned i) {
    if (End == ends::early && i == 0) return destroy();
    static_cast<void>(it->load(P::relaxed));
  }
  void after() {
    if (End == ends::properly || End == ends::twice) destroy();
    if (End == ends::twice) P::deallocate(it, sizeof(object), alignof(object));
  }
  void destroy() {
    std::destroy_at(it);
    P::deallocate(it, sizeof(object), alignof(object));
  }
  object* it;
};

struct reads_early : nothing_after {
  void thread(unsigned i) {
    if (i == 0) static_cast<void>(data.get());
  }
  P::plain<int> data{};
};

struct forgets : nothing_after {
  void thread(unsigned i) {
    static int runs = 0;
    if (i == 0 && ++runs % 2 == 0) P::fence(P::release);
    static_cast<void>(word.exchange(static_cast<int>(i), P::relaxed));
  }
  P::atomic<int> word{0};
};

/// Ends earlier in every second run.
struct ends_early : nothing_after {
  void thread(unsigned i) {
    static int runs = 0;
    static_cast<void>(word.exchange(1, P::relaxed));
    if (i == 0 && ++runs % 2 == 0) return;
    word.store(2, P::release);
  }
  P::atomic<int> word{0};
};

template <class M> std::string why_not_deterministic() {
  try {
    static_cast<void>(search<M>());
  } catch (verify::graph::not_deterministic const& e) {
    return e.what();
  }
  return "it is";
}

struct counts_locals : nothing_after {
  struct counter {
    counter() : value(0) {}
    P::atomic<int> value;
  };
  void thread(unsigned) {
    if (P::local<counter>().value.fetch_add(1, P::relaxed) != 0) P::broken("another thread's local object");
    static_cast<void>(P::shared<counter>().value.fetch_add(1, P::relaxed));
  }
  void after() {
    if (P::shared<counter>().value.load(P::relaxed) != 2) P::broken("not the shared object");
  }
};

/// Threads from First on use what was prepared for them.
template <unsigned First> struct uses_prepared : nothing_after {
  struct of_thread {
    std::size_t prepared = 0;
    P::plain<int>* memory = nullptr;
    ~of_thread() { surewake::platform_delete<P>{}(memory); }
  };
  struct everybodys {
    P::atomic<int> used{0};
    void prepare_thread(std::size_t n) {
      P::local<of_thread>().prepared = n;
      P::local<of_thread>().memory = surewake::platform_new<P::plain<int>, P>(0);
    }
  };
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i < First) return;
    P::shared<everybodys>().used.fetch_add(1, P::relaxed);
    if (P::local<of_thread>().prepared == 0) P::broken("a thread is not prepared");
    P::local<of_thread>().memory->set(1);
  }
};

}  // namespace

TEST_CASE("graph runtime: plain data is ordered by happens-before") {
  passes(search<message<P::release>>(), 2);
  CHECK(search<message<P::relaxed>>().result == verdict::data_race);
}

TEST_CASE("graph runtime: memory models differ, and after() sees the newest values") {
  CHECK(search<store_buffering<P::acq_rel>>({.memory = memory_model::cpp20}).result == verdict::broken_law);
  passes(search<store_buffering<P::relaxed>>({.memory = memory_model::sc}), 3);
  passes(search<store_buffering<P::seq_cst>>({.memory = memory_model::cpp20}), 3);
}

TEST_CASE("graph runtime: a value that does not come is a deadlock") {
  passes(search<waits_for<1>>(), 1);
  CHECK(search<waits_for<2>>().result == verdict::deadlock);
  passes(search<under_lock>(), 2);
  CHECK(search<keeps_lock>().result == verdict::deadlock);
}

TEST_CASE("graph runtime: each thread has its own exceptions") {
  passes(search<throws_inside>(), 6);
  CHECK(search<throws_out>().result == verdict::exception);
}

TEST_CASE("graph runtime: lifetimes") {
  passes(search<owns_atomic<ends::properly>>(), 1);
  CHECK(search<owns_atomic<ends::early>>().result == verdict::use_after_free);
  CHECK(search<owns_atomic<ends::twice>>().result == verdict::double_free);
  CHECK(search<owns_atomic<ends::never>>().result == verdict::leak);
  CHECK(search<reads_early>().result == verdict::uninitialised);
}

TEST_CASE("graph runtime: local and shared objects") { passes(search<counts_locals>(), 2); }

TEST_CASE("graph runtime: a shared object is prepared for each thread, one that has ended too") {
  passes(search<uses_prepared<0>>(), 2);
  passes(search<uses_prepared<1>>(), 1);
}

TEST_CASE("graph runtime: a model that does something else in another run is not believed") {
  CHECK(why_not_deterministic<forgets>() ==
        "the program is not deterministic: at step 3, after the same steps that saw the same values, an earlier run "
        "had (thread 0: relaxed exchange of 0 to location 0), and this run has (thread 0: release fence)");
  CHECK(why_not_deterministic<ends_early>() ==
        "the program is not deterministic: at step 3, after the same steps that saw the same values, an earlier run "
        "had (thread 0: release store of 2 to location 0), and this run has (thread 0 ended, or blocked)");
}

TEST_CASE("graph runtime: a process has one search at a time, and others after it") {
  model_type const type = verify::detail::type_of<store_buffering<P::seq_cst>>();
  verify::graph::runtime first(type, {});
  CHECK_THROWS_AS(verify::graph::runtime(type, {}), std::system_error);
  CHECK(first.search().complete == 3);
  CHECK(first.search().complete == 3);
}

TEST_CASE("graph runtime: models run as they are") {
  passes(search<models::grant_before_registration<P, mutex_deque>>(), 3);
  passes(search<models::grant_before_registration<P, intrusive_list>>(), 11);
}

namespace {

/// A search tries what comes after the second step of the other thread first.
struct far_away : nothing_after {
  void thread(unsigned i) {
    for (int n = 0; n != 8; ++n) {
      int const seen = words[1 - i].load(P::relaxed);
      if (i == 0 && n == 0 && seen == 2) P::broken("found");
      words[i].store(n + 1, P::relaxed);
    }
  }
  std::array<P::atomic<int>, 2> words{P::atomic<int>(0), P::atomic<int>(0)};
};

/// Each thread waits for the other one, over and over; at the end one of them tells what it saw at its beginning.
struct wait_for_each_other {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    int const seen = i == 0 ? first.load(P::relaxed) : 0;
    if (i == 1) first.store(1, P::relaxed);
    for (int n = 0; n != 12; ++n) {
      P::await(word, [&](int v) { return v == 2 * n + static_cast<int>(i); }, P::acquire);
      data.set(data.get() + 1);
      word.store(2 * n + static_cast<int>(i) + 1, P::release);
      for (int k = 0; k != 3; ++k) static_cast<void>(noise.fetch_add(1, P::relaxed));
    }
    if (seen == 1) P::broken("found");
  }
  void after() {
    if (data.get() != 24) P::broken("a turn was lost");
  }
  P::plain<int> data{0};
  P::atomic<int> first{0};
  P::atomic<int> word{0};
  P::atomic<int> noise{0};
};

}  // namespace

TEST_CASE("runtime: a search that is long looks around at random") {
  auto const far = search<far_away>({.runs = 10'000});
  CHECK(far.result == verdict::broken_law);
  CHECK(far.random != 0);
  auto const turns = search<wait_for_each_other>({.runs = 3'000});
  CHECK(turns.result == verdict::broken_law);
  CHECK(turns.message.find("found") != std::string::npos);
  CHECK(turns.random != 0);
}
