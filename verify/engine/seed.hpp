// surewake/verify/engine/seed.hpp: the name of one schedule: with it and the case, a run can be repeated exactly.
//
//   17          the 17th random schedule
//   b2.s30s31   a schedule of the search with at most 2 preemptions: its choices, three characters each
//   f.s30s31    of the full search
//   sc.17       any of them with sequentially consistent memory
#pragma once

#include <surewake/verify/engine/case.hpp>

namespace surewake::verify {

/// A seed, taken apart: which search it belongs to, and the state in which Relacy takes it up.
struct schedule_name {
  scheduler search = scheduler::random;
  unsigned context_bound = 0;
  memory model = memory::cxx;
  std::string state{};  // Relacy's own form
};

[[nodiscard]] std::string to_seed(schedule_name const& s);

/// Takes a seed apart.   Errors  std::invalid_argument, which names the seed.
[[nodiscard]] schedule_name parse_seed(std::string_view seed);

}  // namespace surewake::verify
