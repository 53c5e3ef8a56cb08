// surewake/bench/workloads/list_decision.cpp: the experiment on which "a short lock, not a lock-free list" rests.
//
// `push + pop, 1 thread` and `2 threads`: one operation = one push and one pop, of a list that holds 0 (`empty`) or 64
// others. `withdraw`: 1,000 nodes are pushed and leave in random order; one operation = one leaves.
// bench/measure/list_decision.hpp has the contestants.
#include <surewake/bench/measure/list_decision.hpp>
#include <surewake/bench/measure/two_threads.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <random>

namespace surewake::bench {
namespace {

template <class List>
std::uint64_t drained(List& list) {
  std::uint64_t n = 0;
  while (list.pop() != nullptr) ++n;
  return n;
}

template <class List>
[[gnu::noinline]] void push_pop(List& list, list_node* mine, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) {
    list.push(*mine);
    // Another thread may have linked its node after a place that is taken but not linked yet: then there is none for a
    // moment.
    while ((mine = list.pop()) == nullptr) std_platform::relax();
  }
  list.push(*mine);
}

template <class List>
sample timed_push_pop(unsigned threads, std::uint64_t others, std::uint64_t n) {
  List list;
  std::vector<list_node> nodes(others + threads);
  for (std::uint64_t i = 0; i < others; ++i) list.push(nodes[i]);
  sample const o =
      timed_together(threads, n * threads, [&](unsigned t) { push_pop(list, &nodes[others + t], n); });
  expect(drained(list) == others + threads, "every node is in the list, once");
  return o;
}

template <class List>
sample timed_withdrawal(std::vector<std::uint64_t> const& places, std::uint64_t operations) {
  stopwatch watch;
  List list;
  std::vector<list_node> nodes(places.size());
  while (watch.operations() < static_cast<double>(operations)) {
    for (list_node& n : nodes) list.push(n);
    watch.start();
    for (std::uint64_t const place : places) list.withdraw(nodes[place]);
    watch.stop(static_cast<double>(places.size()));
    expect(list.pop() == nullptr, "all have left");
  }
  return watch.total();
}

template <class F>
void for_each_list(F&& f) {
  f.template operator()<spin_locked_list>("spin-locked list");
  f.template operator()<mutex_list>("mutex-locked list");
  f.template operator()<exchange_push_list>("lock-free push (exchange)");
  f.template operator()<stack_push_list>("lock-free push (stack)");
}

}  // namespace

void add_list_decision(scenarios& all, effort const& e) {
  for (unsigned const threads : {1U, 2U}) {
    for (std::uint64_t const others : {0U, 64U}) {
      scenario add{.workload = "list_decision",
                   .name = fmt::format("push + pop, {} thread{}, {}", threads, threads == 1 ? "" : "s",
                                       others == 0 ? "empty" : "64 waiting"),
                   .threads = threads,
                   .permits = 0,
                   .waiters = others,
                   .weight = 0.5};
      for_each_list([&]<class List>(char const* name) {
        add.contestants.push_back(
            {name, kind::experiment, [=](std::uint64_t n) { return timed_push_pop<List>(threads, others, n); }});
      });
      all.push_back(std::move(add));
    }
  }
  std::uint64_t const n = e.smoke ? 100 : 1'000;
  auto places = std::make_shared<std::vector<std::uint64_t>>(n);
  for (std::uint64_t i = 0; i < n; ++i) (*places)[i] = i;
  std::ranges::shuffle(*places, std::mt19937_64(e.seed));
  scenario leave{.workload = "list_decision",
                 .name = fmt::format("withdraw, random, n = {}", n),
                 .permits = 0,
                 .waiters = n,
                 .order = "random",
                 .operations = e.smoke ? 1U : 10'000U,
                 .weight = 0.5};
  for_each_list([&]<class List>(char const* name) {
    leave.contestants.push_back({name, kind::experiment, [=](std::uint64_t operations) {
                                   return timed_withdrawal<List>(*places, operations);
                                 }});
  });
  all.push_back(std::move(leave));
}

}  // namespace surewake::bench
