// surewake/core/asio/net.hpp: Asio, or Boost.Asio where the program defines SUREWAKE_BOOST_ASIO, as detail::net. The
// target surewake::asio defines it where Asio alone is not found.
//
// Needs     cancellation slots. Its tests passed with Asio 1.22, 1.30 and 1.36, and with Boost 1.81; 1.74 has none.
#pragma once

#if defined(SUREWAKE_BOOST_ASIO)
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#else
#include <asio/associated_allocator.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/error.hpp>
#include <asio/execution.hpp>
#include <asio/execution_context.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#endif

#include <string>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// Why an acquire ended without a permit, as an error code; beside Asio's own `operation_aborted`.
enum class acquire_error {
  closed = 1,  // close() was called
};

namespace detail {

#if defined(SUREWAKE_BOOST_ASIO)
namespace net = ::boost::asio;
using net_error_code = ::boost::system::error_code;
using net_error_category = ::boost::system::error_category;
#else
namespace net = ::asio;
using net_error_code = ::asio::error_code;
using net_error_category = ::asio::error_category;
#endif

class acquire_category final : public net_error_category {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "surewake"; }
  [[nodiscard]] std::string message(int value) const override {
    return value == static_cast<int>(acquire_error::closed) ? "surewake: the semaphore is closed"
                                                            : "surewake: error " + std::to_string(value);
  }
};

}  // namespace detail

/// Returns `e` as an error code of Asio's, of the category "surewake".
[[nodiscard]] inline detail::net_error_code make_error_code(acquire_error e) noexcept {
  static detail::acquire_category const category;
  return {static_cast<int>(e), category};
}

}  // namespace surewake

#if defined(SUREWAKE_BOOST_ASIO)
template <> struct boost::system::is_error_code_enum<surewake::acquire_error> : std::true_type {};
#else
template <> struct std::is_error_code_enum<surewake::acquire_error> : std::true_type {};
#endif

#include <surewake/core/platform/macros_pop.hpp>
