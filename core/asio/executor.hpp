// surewake/core/asio/executor.hpp: an Asio executor (any_io_executor, a strand, a thread pool's) as one of surewake's,
// for acquire_on(), wait_on() and schedule().
//
//   posted --Asio calls it--> run
//          --the context ends, and destroys it--> run, on the thread that destroys it
//
// A post is final, so a coroutine may not be destroyed between its grant and its run (core/node/executor.hpp). It keeps
// no context from ending: io_context::run() returns while coroutines wait for a permit, unless there is a work guard.
// Place     It is no home (core/node/home.hpp): what a coroutine waits for next without naming it ends elsewhere.
// Errors    none; std::terminate where Asio has no memory for a post.   Cost  that of asio::post.
// Checked   queues/conformance/asio.test.cpp.
#pragma once

#include <surewake/core/asio/net.hpp>
#include <surewake/core/node/executor.hpp>
#include <surewake/core/node/trampoline.hpp>
#include <surewake/core/platform/std_platform.hpp>

#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

/// Runs its work once: when it is called, or when it is destroyed uncalled.
class posted_work {
  using P = std_platform;

 public:
  explicit posted_work(work<P>& w) noexcept : work_(&w) {}
  posted_work(posted_work&& other) noexcept : work_(std::exchange(other.work_, nullptr)) {}
  posted_work& operator=(posted_work&&) = delete;
  ~posted_work() { (*this)(); }

  void operator()() noexcept {
    if (work<P>* const w = std::exchange(work_, nullptr)) trampoline<P>::resume(*w);
  }

 private:
  work<P>* work_;
};

}  // namespace detail

/// Runs work by Executor, an executor of Asio's. It must outlive the waits that name it.
template <class Executor> class asio_executor {
 public:
  static constexpr bool post_is_final = true;

  explicit asio_executor(Executor ex) noexcept : executor_(std::move(ex)) {}

  void post(work<std_platform>& w) noexcept { detail::net::post(executor_, detail::posted_work(w)); }

  /// Returns the executor of Asio's.
  [[nodiscard]] Executor get_executor() const noexcept { return executor_; }

 private:
  Executor executor_;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
