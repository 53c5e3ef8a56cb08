// surewake/core/uring/abi.hpp: liburing's header, and what newer kernels define that Debian's liburing 2.3 does not.
//
// The headers use liburing's types, numbers and inline io_uring_prep_* functions, and call nothing of its shared
// library (core/uring/kernel.hpp says why). The names below are in lower case, so that a newer header, which defines
// the kernel's own, does not collide with them.
//
// The numbers are the kernel's (include/uapi/linux/io_uring.h and include/uapi/linux/futex.h of Linux 6.7). By them a
// futex operation is
//
//   opcode 51 wait, 52 wake · fd = futex2 flags · addr = the word · off = the value (wait), how many (wake)
//   addr3 = bitset, not 0 and within 32 bits · len and futex_flags = 0
//
// If the word does not hold the value of a wait, the wait completes at once with -EAGAIN.
#pragma once

#include <surewake/core/uring/liburing.hpp>

#include <cstdint>

#include <surewake/core/platform/macros_push.hpp>

namespace surewake::uring_abi {

inline constexpr std::uint8_t op_futex_wait = 51;  // IORING_OP_FUTEX_WAIT, 6.7
inline constexpr std::uint8_t op_futex_wake = 52;  // IORING_OP_FUTEX_WAKE, 6.7

inline constexpr unsigned setup_no_sqarray = 1U << 16;  // IORING_SETUP_NO_SQARRAY, 6.6: entries are taken in order

inline constexpr int futex2_size_u32 = 0x02;  // FUTEX2_SIZE_U32; without it the word is 8 bits wide
inline constexpr int futex2_private = 0x80;   // FUTEX2_PRIVATE: FUTEX_PRIVATE_FLAG's value; wakes and waits must agree
inline constexpr std::uint64_t futex_match_any = 0xffff'ffff;  // FUTEX_BITSET_MATCH_ANY

inline constexpr long sys_futex_wake = 454;  // 6.7, the same number on every architecture but alpha
inline constexpr long sys_futex_wait = 455;
inline constexpr long sys_futex_requeue = 456;

inline constexpr int pr_futex_hash = 78;  // PR_FUTEX_HASH, 6.16: the process's own table of private futexes
inline constexpr unsigned long futex_hash_set_slots = 1;
inline constexpr unsigned long futex_hash_get_slots = 2;

inline void prepare_futex(io_uring_sqe& sqe, std::uint8_t opcode, void const* word, std::uint64_t value) noexcept {
  sqe = {};
  sqe.opcode = opcode;
  sqe.fd = futex2_size_u32 | futex2_private;
  sqe.addr = reinterpret_cast<std::uintptr_t>(word);
  sqe.off = value;
  sqe.addr3 = futex_match_any;
}

}  // namespace surewake::uring_abi

#include <surewake/core/platform/macros_pop.hpp>
