// surewake/bench/measure/doctor.hpp: what on this machine spoils measurements, and how to mend it.
//
// The facts are read from files of /proc and /sys below a root, so that a test can set up a machine of its own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace surewake::bench {

enum class health { good, note, spoils, unknown };

struct finding {
  std::string what;  // "frequency governor"
  health is = health::unknown;
  std::string seen;  // "powersave"
  std::string mend;  // what to do; empty: nothing, or nothing can be done
};

/// Says why timings from this build would mislead; empty: they would not.
[[nodiscard]] std::string unfit_build();

/// Returns a finding for everything that is looked at, in the order in which to mend it.
[[nodiscard]] std::vector<finding> examine(std::filesystem::path const& root = "/");

/// Returns how much the unit (measure/unit.hpp) moves within 0.25 s here: what interleaving has to cancel.
[[nodiscard]] finding examine_clock();

/// Returns both, of this machine. Takes 0.25 s.
[[nodiscard]] std::vector<finding> examine_this_machine();

[[nodiscard]] char const* to_string(health h) noexcept;

}  // namespace surewake::bench
