// Every model of models/models.cmake on real threads, over every strategy that it is about: what the checker searches
// step by step happens here by chance, on the machine's own memory model, under a sanitizer if the build has one. A
// broken law ends the program (std_platform::broken), a lost wakeup hangs it. Strategies that wait in rings:
// uring_stress.test.cpp. Models with parameters of their own: stress_others.test.cpp.
#include <surewake/models/fixture/on_real_threads.test.hpp>

namespace {

using namespace surewake;

struct stress {
  char const* model;
  int instances = 0;
  template <class M> void operator()() {
    ++instances;
    if constexpr (M::facts.unfit.empty()) {
      enough(testing::run<M>());
    } else if (instances == 1) {
      testing::say_why<M>(model);
    }
  }
  static void enough(int rounds) { CHECK(rounds >= 20); }
};

}  // namespace

#define SUREWAKE_MODEL(name)                                   \
  TEST_CASE(#name " on real threads") {                        \
    stress all{#name};                                         \
    testing::for_each_instance<strategies, models::name>(all); \
    CHECK(all.instances >= 3);                                 \
  }
#include "every_model.hpp"

SUREWAKE_EVERY_MODEL
