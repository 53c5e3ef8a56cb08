// surewake/core/platform/riscv_atomic.hpp: std::atomic whose compare-exchange keeps its order where g++ compiles for
// RISC-V.
//
// g++ 12 takes the order of a compare-exchange on RISC-V from its failure order. With (release, relaxed) or
// (seq_cst, relaxed) there is no fence before it, and with (acquire, relaxed) it is lr.d, sc.d.aq, which the
// architecture does not promise to order anything. (Seen of g++ 12.2; findings/gxx12_riscv_compare_exchange.sh.) So the
// order that is asked for is put together of what that g++ gets right:
//
//   asked for      before the call     passed on as
//   relaxed        nothing             (relaxed, failure)
//   acquire        nothing             (acquire, acquire)
//   release        a release fence     (relaxed, failure)
//   acq_rel        a release fence     (acquire, acquire)
//   seq_cst        a seq_cst fence     (seq_cst, seq_cst)
//
// Each row orders at least as much as what it is for, in C++ as well. An acquire as failure order stays one.
// Cost      a failed compare-exchange has executed the fence too.
// Checked   verify/checks/machine_code.py finds both orders in the machine code of barging.
#pragma once

#include <surewake/core/platform/compiler.hpp>

#include <atomic>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {
namespace detail {

template <class T> class riscv_atomic : public std::atomic<T> {
 public:
  using std::atomic<T>::atomic;
  using std::atomic<T>::operator=;

  bool compare_exchange_weak(T& expected, T desired, std::memory_order success, std::memory_order failure) noexcept {
    fence_before(success);
    return std::atomic<T>::compare_exchange_weak(expected, desired, passed_on(success), on_failure(success, failure));
  }
  bool compare_exchange_strong(T& expected, T desired, std::memory_order success, std::memory_order failure) noexcept {
    fence_before(success);
    return std::atomic<T>::compare_exchange_strong(expected, desired, passed_on(success), on_failure(success, failure));
  }

 private:
  static void fence_before(std::memory_order success) noexcept {
    if (success == std::memory_order_seq_cst) {
      std::atomic_thread_fence(std::memory_order_seq_cst);
    } else if (success == std::memory_order_release || success == std::memory_order_acq_rel) {
      std::atomic_thread_fence(std::memory_order_release);
    }
  }
  static constexpr std::memory_order passed_on(std::memory_order success) noexcept {
    return success == std::memory_order_release   ? std::memory_order_relaxed
           : success == std::memory_order_acq_rel ? std::memory_order_acquire
                                                  : success;
  }
  static constexpr std::memory_order on_failure(std::memory_order success, std::memory_order failure) noexcept {
    std::memory_order const passed = passed_on(success);
    return passed == std::memory_order_relaxed ? failure : passed;
  }
};

}  // namespace detail
}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
