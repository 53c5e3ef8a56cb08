// surewake/core/asio/pending.hpp: the operations of an execution context that wait, which end with it.
//
//   open --the context ends: shutdown()--> ended: what waits is stopped, and posted
//
// Invariants
//   I1  An operation is counted from before it waits until its handler was posted. shutdown() returns when none is
//       counted. The service that runs what is posted was made before this one, therefore ends after it, and destroys
//       what it has not run. So also a grant that comes from another thread as the context ends is posted in time, and
//       its permit is released with the handler.
// Progress  while the context lives, add and remove are one RMW each. shutdown() blocks until threads that are giving a
//           permit to an operation of the context have posted it.
// Checked   queues/conformance/asio.test.cpp.
#pragma once

#include <surewake/core/asio/net.hpp>
#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/platform/user_count.hpp>

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

class pending_operations final : public net::execution_context::service {
 public:
  static inline net::execution_context::id id;

  explicit pending_operations(net::execution_context& c) : net::execution_context::service(c) {}

  /// Returns what is requested when the context ends.
  [[nodiscard]] std::stop_token const& token() const noexcept { return token_; }

  void add() noexcept { users_.enter(); }
  /// Is the last touch of an operation.
  void remove() noexcept {
    if (!users_.leave()) return;
    std::scoped_lock const hold(lock_);
    all_left_ = true;
    left_.notify_one();
  }

 private:
  /// Ends the waits of the context's operations, and blocks until the last of them has left. Newer versions of Asio
  /// (1.30 does, 1.22 does not) call this twice: io_context shuts its services down, and then its base class does.
  void shutdown() noexcept override {
    if (std::exchange(is_shut_down_, true)) return;
    end_.request_stop();
    if (users_.leave()) return;
    std::unique_lock hold(lock_);
    left_.wait(hold, [this] { return all_left_; });
  }

  std::stop_source end_;
  std::stop_token const token_ = end_.get_token();
  user_count<std_platform> users_{1};  // the context, until it ends, and the operations
  std::mutex lock_;
  std::condition_variable left_;
  bool all_left_ = false;  // guarded by lock_
  bool is_shut_down_ = false;
};

/// Returns those of the context of `ex`, or null if it does not say what its context is.   Errors  std::bad_alloc.
template <class Executor> [[nodiscard]] pending_operations* pending_of(Executor const& ex) {
  if constexpr (net::can_query_v<Executor const&, net::execution::context_t>) {
    net::execution_context& context = net::query(ex, net::execution::context);
    return &net::use_service<pending_operations>(context);
  } else {
    return nullptr;
  }
}

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
