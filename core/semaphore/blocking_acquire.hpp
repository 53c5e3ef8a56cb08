// surewake/core/semaphore/blocking_acquire.hpp: the blocking acquire of whatever has permits: a semaphore, a mutex.
#pragma once

#include <surewake/core/semaphore/acquire_awaiter.hpp>
#include <surewake/core/semaphore/blocking_wait.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// How long a blocking acquire spins before it sleeps.
struct wait_options {
  std::chrono::nanoseconds spin = std::chrono::microseconds{2};
};

namespace detail {

/// Of a Semaphore that is acquired by acquire_awaiter too.
template <class Semaphore> class blocking_acquire {
  using limit = std::optional<time_limit<typename Semaphore::platform_type>>;
  using result = typename Semaphore::optional_permit;

 public:
  /// Takes n permits, waiting at most until `until`.
  ///
  /// Returns  a permit; empty where the time has passed.   Errors  closed_error.
  static result run(Semaphore& s, std::uint32_t n, wait_options const& options, limit const& until) {
    take_result const taken = s.synchronizer_.take(n);
    if (taken.is_granted()) [[likely]]
      return s.make_permit(n);
    return wait(s, taken, n, options, until);
  }

 private:
  [[gnu::noinline]] static result wait(Semaphore& s, take_result taken, std::uint32_t n, wait_options const& options,
                                       limit const& until) {
    wait_outcome r = wait_outcome::closed;
    if (taken.must_wait()) {
      r = blocking_wait<typename Semaphore::synchronizer_type>(s.synchronizer_, n).run(taken, options.spin, until);
    }
    if (r == wait_outcome::closed) throw closed_error(detail::reason_of(s));
    if (r == wait_outcome::withdrawn) return std::nullopt;
    return s.make_permit(n);
  }
};

}  // namespace detail

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
