#include <surewake/bench/measure/disturbance.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <thread>

namespace surewake::bench {
namespace {

/// Reads the first bytes of a file of /proc; empty: it cannot be read.
std::string_view beginning_of(char const* path, std::array<char, 512>& buffer) {
  int const file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  ssize_t const n = ::read(file, buffer.data(), buffer.size());
  ::close(file);
  return n > 0 ? std::string_view(buffer.data(), static_cast<std::size_t>(n)) : std::string_view();
}

double number_at(std::string_view text) {
  double number = usage::unknown;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

double steal_now() {
  std::array<char, 512> buffer{};
  return steal_ticks(beginning_of("/proc/stat", buffer));
}

double pressure_now() {
  std::array<char, 512> buffer{};
  return pressure_us(beginning_of("/proc/pressure/cpu", buffer));
}

}  // namespace

double steal_ticks(std::string_view stat) {
  constexpr int field = 8;  // cpu user nice system idle iowait irq softirq steal
  std::string_view rest = stat.substr(0, stat.find('\n'));
  if (!rest.starts_with("cpu ")) return usage::unknown;
  for (int i = 0; i < field; ++i) {
    auto const space = rest.find(' ');
    if (space == rest.npos) return usage::unknown;
    rest.remove_prefix(std::min(rest.find_first_not_of(' ', space), rest.size()));
  }
  return number_at(rest);
}

double pressure_us(std::string_view pressure) {
  std::string_view const line = pressure.substr(0, pressure.find('\n'));
  auto const total = line.find("total=");
  if (!line.starts_with("some ") || total == line.npos) return usage::unknown;
  return number_at(line.substr(total + 6));
}

bool pressure_gauge::high(double total_us, double now_us) noexcept {
  if (total_us == total_us_) return high_;
  high_ = !pass_over_ && total_us - total_us_ > limit * (now_us - since_us_);
  pass_over_ = false;
  total_us_ = total_us;
  since_us_ = now_us;
  return high_;
}

disturbance::disturbance() : processors_(std::max(1U, std::thread::hardware_concurrency())) {}

void disturbance::before_sample() { steal_before_ = steal_now(); }

std::vector<std::string> disturbance::after_sample(sample const& o, unsigned threads) {
  std::vector<std::string> marks;
  if (o.preemptions > 0 && threads <= processors_) marks.emplace_back("preempted");
  if (o.migrations > 0) marks.emplace_back("migrated");
  if (steal_now() > steal_before_) marks.emplace_back("steal");
  bool const waited = threads == 1 && o.used && o.used->waited_ns > 0.05 * o.elapsed_ns;
  if (threads > processors_) {
    gauge_.pass_over();
  } else if (gauge_.high(pressure_now(), nanoseconds(bench_clock::now().time_since_epoch()) * 1e-3) || waited) {
    marks.emplace_back("pressure");
  }
  return marks;
}

}  // namespace surewake::bench
