// surewake/verify/engine/crash.hpp: a fault that a model causes is a finding.
#pragma once

namespace surewake::verify {

/// An engine's part.
struct crash_handler {
  bool (*ends_stack)(void const* address);  // whether a page there ends a thread's stack
  /// Reports a crash of the running thread, and does not return; returns where no thread of a model runs, because the
  /// fault is ours then.
  void (*report)(char const* message);
};

/// Has memory faults and std::terminate reported to `h` from here on. A fault that is ours ends the process as ever.
void catch_crashes(crash_handler h);

}  // namespace surewake::verify
