// surewake/bench/measure/self_test.hpp: known answers: whether this program, on this machine and now, measures what it
// says. Timing is no matter of a unit test; `surewake-bench selftest` prints these.
#pragma once

#include <string>
#include <vector>

namespace surewake::bench {

struct known_answer {
  std::string what;      // "1 µs of spin reads 1 µs"
  std::string expected;  // "950 to 1,050 ns"
  std::string seen;
  bool holds = false;
};

/// Measures all of them, by the runner that measures everything else; takes some seconds.
[[nodiscard]] std::vector<known_answer> known_answers();

}  // namespace surewake::bench
