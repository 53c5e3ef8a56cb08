// Models whose law is that one order of all calls explains what each was answered (models/fixture/history.hpp).
#include <surewake/models/history/history_of_channel.hpp>
#include <surewake/models/history/history_of_event.hpp>
#include <surewake/models/history/history_of_latch.hpp>
#include <surewake/models/history/history_of_leaving.hpp>
#include <surewake/models/history/history_of_mutex.hpp>
#include <surewake/models/history/history_of_queue.hpp>
#include <surewake/models/history/history_of_shared_mutex.hpp>
#include <surewake/models/history/history_of_signals.hpp>
#include <surewake/models/history/history_of_three.hpp>
#include <surewake/models/history/history_of_waiters.hpp>
#include <surewake/verify/cases/strategies.hpp>

namespace cases_of_histories {

using namespace surewake;
using namespace surewake::verify;
using P = checked_platform;

/// Adds the searches of M: every execution of C++20's memory model, every interleaving of few preemptions, and some
/// drawn at random. With weak memory Relacy has no order of the calls.
template <class M> void search(suite& s, labels const& what) {
  s.add<M>(what, {.search = scheduler::graph, .schedules = 1'000'000'000, .seconds = tree_seconds / 2});
  s.add<M>(what, interleavings(4));
  s.add<M>(what, {.schedules = 5'000, .model = memory::sequential});
}

template <template <platform, template <class> class, class> class Model, template <class> class Queue>
void both(suite& s) {
  std::string const queue = Queue<P>::name;
  search<Model<P, Queue, hand_off>>(s, {.queue = queue, .discipline = hand_off::name});
  search<Model<P, Queue, barging>>(s, {.queue = queue, .discipline = barging::name});
}
template <template <platform, template <class> class, class> class Model> suite every(std::string name) {
  suite s(std::move(name));
  both<Model, intrusive_list>(s);
  both<Model, mutex_deque>(s);
  both<Model, segmented_queue>(s);
  both<Model, waker_hybrid>(s);
  return s;
}

suite const leaving = every<models::history_of_leaving>("history_of_leaving");
suite const three = every<models::history_of_three>("history_of_three");
suite const waiters = every<models::history_of_waiters>("history_of_waiters");

// Of a mutex those under hand_off: it says in which order its waiters are served.
template <template <platform, template <class> class, class> class Model> suite in_order(std::string name) {
  suite s(std::move(name));
  strategies::for_each([&]<template <class> class Queue>(strategy<Queue>) {
    if constexpr (included<strategy<Queue>>) {
      search<Model<P, Queue, hand_off>>(s, {.queue = Queue<P>::name, .discipline = hand_off::name});
    }
  });
  return s;
}
template <template <platform, template <class> class> class Model> suite alone(std::string name) {
  suite s(std::move(name));
  strategies::for_each([&]<template <class> class Queue>(strategy<Queue>) {
    if constexpr (included<strategy<Queue>>) search<Model<P, Queue>>(s, {.queue = Queue<P>::name});
  });
  return s;
}

suite const mutex = in_order<models::history_of_mutex>("history_of_mutex");
suite const shared_mutex = in_order<models::history_of_shared_mutex>("history_of_shared_mutex");
suite const queue = alone<models::history_of_queue>("history_of_queue");
suite const channel = alone<models::history_of_channel>("history_of_channel");
suite const event = alone<models::history_of_event>("history_of_event");
suite const latch = alone<models::history_of_latch>("history_of_latch");
suite const signals = alone<models::history_of_signals>("history_of_signals");

}  // namespace cases_of_histories
