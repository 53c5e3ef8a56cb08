// surewake/core/reclaim/things.test.hpp: objects that count their ends. Not installed.
#pragma once

#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/reclaim/hazard_pointer.hpp>

namespace surewake::testing {

inline thread_local int ended = 0;  // by this thread, in this test

struct counted {
  template <class T> void operator()(T* object) const noexcept {
    platform_delete<std_platform>{}(object);
    ++ended;
  }
};

struct thing : basic_hazard_pointer_obj_base<thing, std_platform, counted> {
  explicit thing(int v = 0) noexcept : value(v) {}
  int value;
};

inline thing* make(int v = 0) { return platform_new<thing, std_platform>(v); }

/// One round of retiring makes a scan certain.
inline void retire_many(hazard_domain<std_platform>& d, int n) {
  for (int i = 0; i != n; ++i) make()->retire(d);
}

}  // namespace surewake::testing
