// surewake/queues/conformance/ends_plugin.test.hpp: what a plug-in of the tests offers. Not installed.
#pragma once

#include <surewake/queues/segmented_queue.hpp>
#include <surewake/semaphore.hpp>

#include <atomic>

namespace surewake::testing {

using segmented = basic_semaphore<segmented_queue>;

/// An object that knows whether it is alive.
struct [[gnu::visibility("default")]] lamp : basic_hazard_pointer_obj_base<lamp, std_platform> {
  explicit lamp(bool& b) noexcept : burns(b) { burns = true; }
  ~lamp() { burns = false; }
  bool& burns;
};

/// The library is built with hidden visibility; this table is what it exports, by the name `surewake_test_plugin`.
struct [[gnu::visibility("default")]] plugin {
  void const* (*domain)();
  /// Unlinks what the source leads to, retires it and cleans up.
  void (*replace)(std::atomic<lamp*>& source);
  /// Releases n permits; who waits is resumed by the plug-in's code.
  void (*release)(segmented& s, int n);
  /// Waits for a permit and releases it.
  void (*visit)(segmented& s);
  /// Retires objects that the plug-in deletes, to a domain of its own, and to the default one with a clean_up().
  void (*retire_own)(std::atomic<int>& ended);
};

}  // namespace surewake::testing
