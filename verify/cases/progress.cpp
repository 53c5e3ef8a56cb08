#include <surewake/models/bugs/hidden_lock.hpp>
#include <surewake/verify/cases/progress.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace {

using namespace surewake;
using namespace surewake::verify;
using P = relacy_platform;
using verify::detail::switches;

suite with_all_strategies() {
  suite cases("progress");
  verify::detail::for_each_queue([&]<template <class> class Queue>(char const* queue) {
    verify::detail::add_progress<Queue, hand_off>(cases, queue);
    verify::detail::add_progress<Queue, barging>(cases, queue);
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
