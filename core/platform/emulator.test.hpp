// surewake/core/platform/emulator.test.hpp: whether tests run under qemu-user, as those do that were compiled for
// another machine, and what they cannot do there. Not installed.
#pragma once

#include <doctest/doctest.h>

namespace surewake::testing {

#if defined(SUREWAKE_EMULATED)
inline constexpr bool emulated = true;
#else
inline constexpr bool emulated = false;
#endif

/// Skips a test case under the emulator, for the reason `why`, which the test program prints
/// (verify/checks/doctest_main.cpp).
struct not_emulated {
  char const* why;
  void fill(doctest::detail::TestCase& test) const {
    if (!emulated) return;
    test.m_skip = true;
    test.m_description = why;
  }
};

// What qemu-user 7.2 lacks.
inline constexpr not_emulated forbids_calls{"qemu-user has no seccomp filters"};
inline constexpr not_emulated limits_memory{"qemu-user ignores RLIMIT_AS"};
inline constexpr not_emulated execs_itself{"under qemu-user exec() of /proc/self/exe starts qemu"};

}  // namespace surewake::testing
