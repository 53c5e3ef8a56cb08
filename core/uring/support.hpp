// surewake/core/uring/support.hpp: what io_uring offers in this process, and, if something is missing, why.
//
//   `kernel 6.1: no IORING_OP_FUTEX_WAIT` · `io_uring_setup: EPERM (seccomp)` · `io_uring_setup: ENOSYS`
//   `io_uring_setup: EPERM (io_uring_disabled=2)` · `futex_wake: EPERM (seccomp)` · `kernel 5.10: no multishot poll …`
//
// The kernel's own list of operations (IORING_REGISTER_PROBE) is read first, because it can say "no such operation".
// Then each futex operation is tried, because an operation that is listed may be forbidden all the same.
// Threads  any.   Signals  nothing here is async-signal-safe (it allocates).
// Fork     a child keeps the answer that probe() gave its parent. A process has one such answer, by which its
//          strategies go. look() asks anew.
// Cost     probe(): the first call sets a ring up and takes it down, about 100 µs; later calls read a static.
#pragma once

#include <surewake/core/uring/operation.hpp>
#include <surewake/core/uring/ring.hpp>

#include <sys/syscall.h>
#include <sys/utsname.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

struct uring_support {
  bool ring = false;         // a uring_loop can be made
  bool futex = false;        // and has IORING_OP_FUTEX_WAIT and _WAKE
  bool futex_calls = false;  // futex_wake and futex_wait, the system calls by which a thread without a ring takes part
  std::string why;           // why the first of them that is false is not true; empty if all are true
  std::string waits;         // in which table the kernel keeps this process's futex waits (futex_table.hpp)

  /// Returns what was found when this process first asked.
  [[nodiscard]] static uring_support const& probe() {
    static uring_support const found = look<uring_kernel>();
    return found;
  }

  /// Returns what is found now.
  template <class Kernel = uring_kernel> [[nodiscard]] static uring_support look() {
    uring_support s;
    s.ring = s.futex = s.futex_calls = true;
    try {
      detail::uring_ring<Kernel> made(4, 0);
      s.waits = describe(made.table());
      s.look_at_operations(made);
    } catch (std::system_error const& e) {
      s.ring = s.futex = false;
      int const error = e.code().value();
      std::string_view const what(e.what());
      bool const by_setup = what.starts_with("surewake: io_uring_setup");
      bool const by_enter = what.starts_with("surewake: io_uring_enter");
      s.say(error == ENOTSUP ? kernel() + ": no multishot poll or no time limit for io_uring_enter"
            : by_setup       ? "io_uring_setup: " + name(error) + (error == EPERM ? setup_refused_by() : "")
            : by_enter       ? "io_uring_enter: " + name(error) + filtered()
                             : "PR_FUTEX_HASH is refused, and no thread can be made: " + name(error));
    }
    s.look_at_calls();
    return s;
  }

 private:
  [[nodiscard]] static std::string describe(detail::futex_table t) {
    switch (t) {
      case detail::futex_table::none: return kernel() + ": one table for all processes";
      case detail::futex_table::present: return "a table of this process, which was there";
      case detail::futex_table::made: return "a table of this process, asked for before the first wait";
      case detail::futex_table::fixed: return "fixed to the table of all processes (PR_FUTEX_HASH_SET_SLOTS 0)";
      case detail::futex_table::by_thread:
        return "a table of this process, brought by a thread, since PR_FUTEX_HASH is refused";
    }
    return "";
  }

  /// Sets `why` to `text`, unless something was said before.
  void say(std::string text) {
    if (why.empty()) why = std::move(text);
  }

  template <class Kernel> void look_at_operations(detail::uring_ring<Kernel>& made) {
    std_platform::atomic<std::uint32_t> word{1};
    struct {
      std::uint8_t code;
      char const* name;
      std::uint64_t value;
      int expected;  // the word holds 1, so a wait for 0 must not sleep; and there is nobody to wake
    } const operations[] = {{uring_abi::op_futex_wait, "IORING_OP_FUTEX_WAIT", 0, -EAGAIN},
                            {uring_abi::op_futex_wake, "IORING_OP_FUTEX_WAKE", 1, 0}};
    for (auto const& o : operations) {
      if (made.lacks(o.code)) {
        say(kernel() + ": no " + o.name);
        futex = false;
        continue;
      }
      uring_abi::prepare_futex(*made.next(), o.code, &word, o.value);
      int result = -EIO;
      int r = 0;
      do {
        r = made.enter(1, nullptr);
      } while (made.reap([&](std::uint64_t, int came, unsigned) { result = came; }) == 0 && (r >= 0 || r == -EINTR));
      if (r < 0) result = r;
      if (result == o.expected) continue;
      say(kernel() + ": " + o.name + ": " + name(-result));
      futex = false;
    }
  }

  void look_at_calls() {
    std_platform::atomic<std::uint32_t> word{1};
    constexpr int flags = uring_abi::futex2_size_u32 | uring_abi::futex2_private;
    if (::syscall(uring_abi::sys_futex_wake, &word, uring_abi::futex_match_any, 1, flags) < 0)
      refuse_calls("futex_wake");
    long const r = ::syscall(uring_abi::sys_futex_wait, &word, 0UL, uring_abi::futex_match_any, flags, nullptr, 0);
    if (r < 0 && errno != EAGAIN) refuse_calls("futex_wait");
  }
  void refuse_calls(char const* call) {
    int const error = errno;
    futex_calls = false;
    say(error == ENOSYS ? kernel() + ": no system call " + call
                        : call + (": " + name(error)) + (error == EPERM ? filtered() : ""));
  }

  /// Returns what answers the setup with EPERM, if that can be found out.
  [[nodiscard]] static std::string setup_refused_by() {
    std::string const disabled = line_of("/proc/sys/kernel/io_uring_disabled", "");
    return disabled == "1" || disabled == "2" ? " (io_uring_disabled=" + disabled + ")" : filtered();
  }
  [[nodiscard]] static std::string filtered() {
    return line_of("/proc/self/status", "Seccomp:\t") == "2" ? " (seccomp)" : "";
  }

  /// Returns what follows `start` in the first line of the file `path` that begins with `start`.
  [[nodiscard]] static std::string line_of(char const* path, std::string const& start) {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> const file(
        std::fopen(path, "re"), [](std::FILE* f) { return f != nullptr ? std::fclose(f) : 0; });
    char buffer[256];
    while (file != nullptr && std::fgets(buffer, sizeof buffer, file.get()) != nullptr) {
      std::string line = buffer;
      if (line.starts_with(start)) return line.substr(start.size(), line.find('\n') - start.size());
    }
    return "";
  }

  /// Returns the release, as `kernel 6.1`.
  [[nodiscard]] static std::string kernel() {
    utsname u{};
    ::uname(&u);
    std::string const release = u.release;
    std::size_t const second = release.find('.');
    return "kernel " + release.substr(0, release.find_first_not_of("0123456789", second + 1));
  }

  /// Returns the name of `error`, as `EPERM`.
  [[nodiscard]] static std::string name(int error) {
    char const* const n = ::strerrorname_np(error);
    return n != nullptr ? n : std::to_string(error);
  }
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
