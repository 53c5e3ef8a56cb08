// surewake/bench/conformance/probes.hpp: what a semaphore does, asked of the semaphore itself.
//
// A probe sets a situation up, looks at what comes, and says what it saw in a word for the table and in a sentence.
// Each takes a table of functions (peers/peer.hpp), so that our semaphores and those of others are asked the same.
#pragma once

#include <surewake/bench/peers/peer.hpp>

#include <array>
#include <cstdint>
#include <string>

namespace surewake::bench {

/// holds, fails: what the probe asks for; absent: the semaphore cannot express it.
enum class probe_verdict { holds, fails, absent };
[[nodiscard]] constexpr char const* to_string(probe_verdict v) noexcept {
  return v == probe_verdict::holds ? "holds" : v == probe_verdict::fails ? "fails" : "absent";
}

struct observation {
  probe_verdict what = probe_verdict::absent;
  std::string cell = "-";  // for a table
  std::string saw{};       // the probe's output
};

struct probe_options {
  std::uint64_t chain = 1'000'000;    // waiters of a wake chain
  std::uint64_t crowd = 16'000;       // the larger of two crowds that withdraw; the other has a sixteenth
  unsigned rounds = 2'000;            // in which a release of several is watched, but
  unsigned watch_ms = 300;            // no longer than that
  unsigned patience_ms = 1'000;       // for threads that shall wake
  unsigned chain_seconds = 60;        // after which a chain has not ended
};

using probe_function = observation (*)(peer const&, probe_options const&);

/// One release of n wakes n waiters.
[[nodiscard]] observation probe_wakes(peer const&, probe_options const&);
/// Waiters are served in the order in which they came.
[[nodiscard]] observation probe_order(peer const&, probe_options const&);
/// Waiters that each release when woken do not pile up on the stack. It runs in a child process.
[[nodiscard]] observation probe_chain(peer const&, probe_options const&);
/// A waiter leaves, and those that wait with it do not make that dearer.
[[nodiscard]] observation probe_withdrawal(peer const&, probe_options const&);
/// Neither a wait nor a release takes memory from the heap.
[[nodiscard]] observation probe_allocation(peer const&, probe_options const&);
/// A release of n is one step: no acquire sees some of its permits only.
[[nodiscard]] observation probe_one_step(peer const&, probe_options const&);

struct conformance_probe {
  char const* name;
  char const* asks;
  probe_function run;
};

inline constexpr std::array conformance_probes{
    conformance_probe{"wakes", "does one release of n wake n waiters?", &probe_wakes},
    conformance_probe{"order", "are waiters served in the order in which they came?", &probe_order},
    conformance_probe{"chain", "does a chain of waiters that each release when woken leave the stack as it is?",
                      &probe_chain},
    conformance_probe{"withdrawal", "can a waiter leave, at a cost that does not grow with those that wait?",
                      &probe_withdrawal},
    conformance_probe{"allocation", "do a wait and a release do without the heap?", &probe_allocation},
    conformance_probe{"release(n)", "is a release of n one step, which no acquire sees in parts?", &probe_one_step},
};

}  // namespace surewake::bench
