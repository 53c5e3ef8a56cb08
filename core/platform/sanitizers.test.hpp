// surewake/core/platform/sanitizers.test.hpp: under which sanitizer a test was built. Not installed.
#pragma once

namespace surewake::testing {

#if defined(__has_feature)
#define SUREWAKE_HAS(feature) __has_feature(feature)
#else
#define SUREWAKE_HAS(feature) 0
#endif
#if defined(__SANITIZE_THREAD__) || SUREWAKE_HAS(thread_sanitizer)
inline constexpr bool tsan = true;
#else
inline constexpr bool tsan = false;
#endif
#if defined(__SANITIZE_ADDRESS__) || SUREWAKE_HAS(address_sanitizer)
inline constexpr bool asan = true;
#else
inline constexpr bool asan = false;
#endif
#undef SUREWAKE_HAS

}  // namespace surewake::testing
