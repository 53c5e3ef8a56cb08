#include <surewake/models/bugs/hidden_lock.hpp>
#include <surewake/models/progress/progress_free.hpp>
#include <surewake/models/progress/progress_open.hpp>
#include <surewake/models/progress/progress_waiting.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace {

using namespace surewake;
using namespace surewake::verify;
using P = relacy_platform;

/// Where each thread can stall is a matter of interleavings. A stall is a switch that the bound does not count.
constexpr bounds switches(unsigned n) {
  return {.search = scheduler::bound, .schedules = 1'000'000, .seconds = 10, .context_bound = n,
          .model = memory::sequential};
}
/// More switches, weak memory, and compare-exchanges that fail for no reason.
constexpr bounds drawn{.schedules = 30'000};

template <template <platform, template <class> class, class> class Model, template <class> class Queue,
          class Discipline>
using model = verify::detail::equipped_t<Model<P, Queue, Discipline>, Queue<P>>;

/// The guarantees of a strategy's synchronizer: the counter's and the queue's, or those of a synchronizer of its own.
template <template <class> class Queue, class Discipline> std::string guarantees() {
  using real = typename synchronizer_for<Queue, Discipline>::template type<P>;
  if constexpr (models::named_synchronizer<P, Queue, Discipline>::counted) {
    return std::string(Discipline::progress) + "; " + Queue<P>::progress;
  } else {
    return real::progress;
  }
}

template <template <class> class Queue, class Discipline> void add_all(suite& cases, char const* queue) {
  labels what{.queue = queue, .discipline = Discipline::name, .claims = guarantees<Queue, Discipline>()};
  what.variant = "open";
  cases.add<model<models::progress_open, Queue, Discipline>>(what, switches(2));
  if constexpr (models::named_synchronizer<P, Queue, Discipline>::counted) {
    what.variant = "single";
    cases.add<model<models::progress_single, Queue, Discipline>>(what, switches(2));
  }
  what.variant = "many";
  cases.add<model<models::progress_many, Queue, Discipline>>(what, switches(1));
  cases.add<model<models::progress_many, Queue, Discipline>>(what, drawn);
  what.variant = "closing";
  cases.add<model<models::progress_closing, Queue, Discipline>>(what, switches(1));
  what.variant = "free";
  what.claims = basic_semaphore<Queue, P, Discipline>::progress;
  cases.add<model<models::progress_free, Queue, Discipline>>(what, switches(2));
}

suite with_all_strategies() {
  suite cases("progress", "Does each operation come to its end, as claimed, while others stand still at any step?");
  verify::detail::for_each_queue([&]<template <class> class Queue>(char const* queue) {
    add_all<Queue, hand_off>(cases, queue);
    add_all<Queue, barging>(cases, queue);
  });
  return cases;
}

labels wrong(char const* queue, char const* variant, char const* bug, std::string queue_claims, verdict by) {
  return {.queue = queue, .discipline = "hand_off", .variant = variant, .bug = bug, .expect = by,
          .claims = std::string(hand_off::progress) + "; " + queue_claims};
}

suite const cases =
    with_all_strategies()
        .add<models::progress_many<P, mutex_deque>>(
            wrong("mutex_deque", "many", "claims_lock_free", "enqueue, grant and withdraw lock-free", verdict::blocked),
            switches(1))
        .add<models::progress_many<P, mutex_deque>>(
            wrong("mutex_deque", "many", "claims_obstruction_free", "enqueue, grant and withdraw obstruction-free",
                  verdict::blocked),
            switches(1))
        .add<models::progress_many<P, mutex_deque>>(
            wrong("mutex_deque", "many", "claims_another_lock", "enqueue, grant and withdraw blocking under spin_lock",
                  verdict::blocked),
            switches(1))
        .add<models::progress_single<P, models::bugs::hidden_lock<waker_hybrid>::queue>>(
            wrong("waker_hybrid", "single", "hidden_lock", waker_hybrid<P>::progress, verdict::blocked),
            switches(1))
        .add<models::progress_single<P, waker_hybrid>>(
            wrong("waker_hybrid", "single", "claims_blocking",
                  "enqueue, grant and withdraw blocking under futex_lock or waker_hybrid", verdict::weak_claim),
            switches(1));

}  // namespace
