// surewake/queues/parts/strategy_or.hpp: a strategy that needs something of the kernel, with another one where the
// kernel has it not.
//
// `Support` says whether the kernel has it, which is asked once a process, because all semaphores go by one answer:
//   Support::usable()   the answer    Support::name   what the kernel has, for backend()    Support::why()   why not
#pragma once

#include <surewake/core/semaphore/waiter_queue.hpp>
#include <surewake/queues/parts/uring_wait_list.hpp>

#include <memory>
#include <string>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

template <template <class> class Fallback, class Layout, class Support> struct strategy_or {
  template <platform P>
    requires std::same_as<P, std_platform>
  class queue {
    using list = uring_wait_list<P, typename Layout::template layout<P>>;
    using other = Fallback<P>;

   public:
    using waiter_type = typename list::waiter_type;

    static constexpr char const* progress = list::progress;
    static constexpr bool first_come_first_served = list::first_come_first_served && other::first_come_first_served;

    queue() {
      if (waits_in_kernel_) {
        std::construct_at(&list_);
      } else {
        std::construct_at(&other_);
      }
    }
    queue(queue const&) = delete;
    queue& operator=(queue const&) = delete;
    ~queue() {
      if (waits_in_kernel_) {
        std::destroy_at(&list_);
      } else {
        std::destroy_at(&other_);
      }
    }

    /// Returns which strategy is in use and, if it is the other one, why. What the first of all calls and constructors
    /// found holds for the process.
    [[nodiscard]] static std::string backend() {
      if (Support::usable()) return std::string(Support::name) + " (" + Layout::template layout<P>::name + ")";
      return std::string(other::name) + ": " + Support::why();
    }

    template <class... Look> [[nodiscard]] enqueued enqueue(waiter_type& w, Look&&... look) noexcept {
      return waits_in_kernel_ ? list_.enqueue(w, std::forward<Look>(look)...)
                              : other_.enqueue(w, std::forward<Look>(look)...);
    }
    void grant(std::int64_t n) noexcept { waits_in_kernel_ ? list_.grant(n) : other_.grant(n); }
    template <class Refund> [[nodiscard]] bool withdraw(waiter_type& w, Refund&& refund) noexcept {
      return waits_in_kernel_ ? list_.withdraw(w, refund) : other_.withdraw(w, refund);
    }
    void close() noexcept { waits_in_kernel_ ? list_.close() : other_.close(); }
    [[nodiscard]] std::size_t size() const noexcept { return waits_in_kernel_ ? list_.size() : other_.size(); }

   private:
    bool const waits_in_kernel_ = Support::usable();
    union {
      list list_;
      other other_;
    };
  };
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
