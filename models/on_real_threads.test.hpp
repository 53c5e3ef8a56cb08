// surewake/models/on_real_threads.test.hpp: runs a model on real threads again and again. Not installed.
#pragma once

#include <barrier>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

namespace surewake::testing {

/// As often as `at_most` allows, 20 to 8,000 times: how often. A broken law ends the program, a lost wakeup hangs it.
template <class M> int run(std::chrono::milliseconds at_most = std::chrono::milliseconds{300}) {
  constexpr int rounds = 8'000;
  std::optional<M> model;
  std::barrier gate(M::threads + 1);
  bool over = false;
  std::vector<std::jthread> crew;
  for (unsigned i = 0; i != M::threads; ++i) {
    crew.emplace_back([&, i] {
      for (;;) {
        gate.arrive_and_wait();
        if (over) return;
        model->thread(i);
        gate.arrive_and_wait();
      }
    });
  }
  int done = 0;
  for (auto const end = std::chrono::steady_clock::now() + at_most; done < rounds; ++done) {
    if (done >= 20 && std::chrono::steady_clock::now() >= end) break;
    model.emplace();
    gate.arrive_and_wait();
    gate.arrive_and_wait();
    model->after();
    model.reset();
  }
  over = true;
  gate.arrive_and_wait();
  return done;
}

}  // namespace surewake::testing
