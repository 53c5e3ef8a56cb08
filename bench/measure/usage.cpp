#include <surewake/bench/measure/usage.hpp>

#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace surewake::bench {
namespace {

/// Counts an event of the processor, over this process and the threads that it will start.
class hardware_counter {
 public:
  explicit hardware_counter(std::uint64_t what) noexcept {
    perf_event_attr attributes{};
    attributes.size = sizeof attributes;
    attributes.type = PERF_TYPE_HARDWARE;
    attributes.config = what;
    attributes.exclude_kernel = 1;
    attributes.exclude_hv = 1;
    attributes.inherit = 1;
    file_ = static_cast<int>(::syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
    if (file_ < 0) error_ = errno;
  }
  hardware_counter(hardware_counter const&) = delete;
  hardware_counter& operator=(hardware_counter const&) = delete;
  ~hardware_counter() {
    if (file_ >= 0) ::close(file_);
  }

  [[nodiscard]] double read() const noexcept {
    std::uint64_t count = 0;
    if (file_ < 0 || ::read(file_, &count, sizeof count) != sizeof count) return usage::unknown;
    return static_cast<double>(count);
  }
  [[nodiscard]] int error() const noexcept { return error_; }

 private:
  int file_ = -1;
  int error_ = 0;
};

struct hardware_counters {
  hardware_counter cycles{PERF_COUNT_HW_CPU_CYCLES};
  hardware_counter instructions{PERF_COUNT_HW_INSTRUCTIONS};
};

hardware_counters const& hardware() noexcept {
  static hardware_counters const all;
  return all;
}

/// A file of /proc that is read again and again.
struct open_file {
  explicit open_file(char const* path) noexcept : number(::open(path, O_RDONLY | O_CLOEXEC)) {}
  open_file(open_file const&) = delete;
  open_file& operator=(open_file const&) = delete;
  ~open_file() {
    if (number >= 0) ::close(number);
  }
  int number;
};

/// Returns how long the calling thread was ready to run and did not, in nanoseconds: the second number of schedstat.
double waited_ns() noexcept {
  thread_local open_file const file("/proc/thread-self/schedstat");
  std::array<char, 96> text{};
  ssize_t const n = file.number < 0 ? -1 : ::pread(file.number, text.data(), text.size(), 0);
  if (n <= 0) return usage::unknown;
  char const* const end = text.data() + n;
  char const* const space = std::find(static_cast<char const*>(text.data()), end, ' ');
  std::uint64_t waited = 0;
  if (space == end || std::from_chars(space + 1, end, waited).ec != std::errc{}) return usage::unknown;
  return static_cast<double>(waited);
}

}  // namespace

usage& usage::operator+=(usage const& o) noexcept {
  cpu_ns += o.cpu_ns;
  voluntary += o.voluntary;
  involuntary += o.involuntary;
  waited_ns += o.waited_ns;
  cycles += o.cycles;
  instructions += o.instructions;
  return *this;
}

usage operator-(usage const& a, usage const& b) noexcept {
  return {a.cpu_ns - b.cpu_ns,       a.voluntary - b.voluntary, a.involuntary - b.involuntary,
          a.waited_ns - b.waited_ns, a.cycles - b.cycles,       a.instructions - b.instructions};
}

usage usage_of_process() noexcept {
  rusage all{};
  ::getrusage(RUSAGE_SELF, &all);
  timespec cpu{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  return {.cpu_ns = static_cast<double>(cpu.tv_sec) * 1e9 + static_cast<double>(cpu.tv_nsec),
          .voluntary = static_cast<double>(all.ru_nvcsw),
          .involuntary = static_cast<double>(all.ru_nivcsw),
          .waited_ns = waited_ns(),
          .cycles = hardware().cycles.read(),
          .instructions = hardware().instructions.read()};
}

usage const& usage_of_reading() noexcept {
  static usage const least = [] {
    usage best{};
    best.cpu_ns = best.cycles = best.instructions = std::numeric_limits<double>::infinity();
    for (int i = 0; i < 200; ++i) {
      usage const before = usage_of_process();
      usage const one = usage_of_process() - before;
      best.cpu_ns = std::min(best.cpu_ns, one.cpu_ns);
      best.cycles = std::min(best.cycles, one.cycles);
      best.instructions = std::min(best.instructions, one.instructions);
    }
    return best;
  }();
  return least;
}

char const* why_no_cycles() noexcept {
  int const error = hardware().cycles.error();
  if (error == 0) return "";
  if (error == ENOENT || error == EOPNOTSUPP) return "this machine has no performance counters (a virtual machine?)";
  if (error == EACCES || error == EPERM) return "perf_event_open is not allowed (/proc/sys/kernel/perf_event_paranoid)";
  return std::strerror(error);
}

}  // namespace surewake::bench
