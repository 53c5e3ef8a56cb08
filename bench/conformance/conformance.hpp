// surewake/bench/conformance/conformance.hpp: every semaphore before every probe.
#pragma once

#include <surewake/bench/conformance/probes.hpp>

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace surewake::bench {

struct conformance_row {
  std::string semaphore;
  std::string kind;                 // "strategy", "peer"
  std::string withdrawal;           // the ways in which a waiter can leave, as its documentation says
  std::vector<observation> seen{};  // by probe
};

/// Asks all of them, ours first; until a signal comes.
[[nodiscard]] std::vector<conformance_row> ask_all(probe_options const&);

/// A table of words, and below it what was seen where a probe fails.
[[nodiscard]] std::string conformance_text(std::vector<conformance_row> const&);
[[nodiscard]] nlohmann::ordered_json conformance_json(std::vector<conformance_row> const&);

/// Whether each semaphore of ours wakes all that it must, and leaves the stack alone; the rest is what users choose by.
[[nodiscard]] bool ours_conform(std::vector<conformance_row> const&);

}  // namespace surewake::bench
