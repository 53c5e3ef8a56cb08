#include <surewake/verify/cases/progress.hpp>
#include <surewake/verify/cases/strategies.hpp>

namespace cases_of_progress {

using namespace surewake;
using namespace surewake::verify;

suite with_all_strategies() {
  suite cases("progress");
  verify::detail::for_each_queue([&]<template <class> class Queue>(char const* queue) {
    verify::detail::add_progress<Queue, hand_off>(cases, queue);
    verify::detail::add_progress<Queue, barging>(cases, queue);
  });
  return cases;
}

suite const cases = with_all_strategies();

}  // namespace cases_of_progress
