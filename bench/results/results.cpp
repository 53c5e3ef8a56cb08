#include <surewake/bench/results/results.hpp>
#include <surewake/verify/shared/output.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <system_error>

namespace surewake::bench {
namespace {

struct text_column {
  char const* name;
  std::string row::*field;
};
struct number_column {
  char const* name;
  double row::*field;
};

constexpr std::array texts{text_column{"workload", &row::workload},     text_column{"scenario", &row::scenario},
                           text_column{"contestant", &row::contestant}, text_column{"kind", &row::kind},
                           text_column{"measures", &row::measures},     text_column{"order", &row::order}};

constexpr std::array numbers{number_column{"threads", &row::threads},
                             number_column{"pinned_threads", &row::pinned_threads},
                             number_column{"permits", &row::permits},
                             number_column{"waiters", &row::waiters},
                             number_column{"repeat", &row::repeat},
                             number_column{"position", &row::position},
                             number_column{"operations", &row::operations},
                             number_column{"elapsed_ns", &row::elapsed_ns},
                             number_column{"time_ns_per_operation", &row::time_ns_per_operation},
                             number_column{"unit_before_ns", &row::unit_before_ns},
                             number_column{"unit_after_ns", &row::unit_after_ns},
                             number_column{"preemptions", &row::preemptions},
                             number_column{"ratio_units", &row::ratio_units},
                             number_column{"throughput_operations_per_s", &row::throughput_operations_per_s},
                             number_column{"fairness_jain_index", &row::fairness_jain_index},
                             number_column{"allocations_per_operation", &row::allocations_per_operation},
                             number_column{"allocated_bytes_per_operation", &row::allocated_bytes_per_operation},
                             number_column{"frame_bytes_per_waiter", &row::frame_bytes_per_waiter},
                             number_column{"awaiter_bytes_per_waiter", &row::awaiter_bytes_per_waiter},
                             number_column{"heap_bytes_per_waiter", &row::heap_bytes_per_waiter},
                             number_column{"rss_bytes_per_waiter", &row::rss_bytes_per_waiter}};

constexpr char const* last_columns = "metrics,version,commit,machine,started";
constexpr std::size_t last_count = 5;

std::string header() {
  std::string line;
  for (auto const& c : texts) line += fmt::format("{},", c.name);
  for (auto const& c : numbers) line += fmt::format("{},", c.name);
  return line + last_columns + '\n';
}

// Names of ours hold commas (n = 1,000) but neither quotes nor line ends; a machine's name may hold anything.
std::string quoted(std::string s) {
  std::erase_if(s, [](char c) { return c == '"' || c == '\n' || c == '\r'; });
  return s.find(',') == std::string::npos ? s : '"' + s + '"';
}

std::vector<std::string> fields_of(std::string const& line) {
  std::vector<std::string> fields(1);
  bool inside = false;
  for (char const c : line) {
    if (c == '"') {
      inside = !inside;
    } else if (c == ',' && !inside) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

/// Writes "cpu_ns=12.5;voluntary_switches=0".
std::string packed(metrics const& all) {
  std::string text;
  for (auto const& [name, number] : all.all()) {
    text += fmt::format("{}{}={:.6g}", text.empty() ? "" : ";", name, number);
  }
  return text;
}

/// Reads the same.   Returns  whether all of it could be read.
bool unpack(std::string_view text, metrics& all) {
  while (!text.empty()) {
    std::string_view const one = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    auto const equals = one.find('=');
    double number = 0;
    if (equals == one.npos) return false;
    auto const [end, error] = std::from_chars(one.data() + equals + 1, one.data() + one.size(), number);
    if (error != std::errc{} || end != one.data() + one.size()) return false;
    all.keep(one.substr(0, equals), number);
  }
  return true;
}

template <class Pick>
std::vector<std::string> distinct(std::vector<row> const& rows, Pick pick) {
  std::vector<std::string> seen;
  for (row const& r : rows) {
    if (std::string const* const name = pick(r); name != nullptr && std::ranges::find(seen, *name) == seen.end()) {
      seen.push_back(*name);
    }
  }
  return seen;
}

}  // namespace

csv_writer::csv_writer(std::filesystem::path const& file, origin const& from)
    : file_(file),
      origin_(fmt::format("{},{},{},{}\n", quoted(from.version), quoted(from.commit), quoted(from.machine),
                          quoted(from.started))),
      out_(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
  if (out_ < 0) check(errno);
  put(header());
}

csv_writer::~csv_writer() {
  if (out_ >= 0) ::close(out_);
}

void csv_writer::add(row const& r) {
  std::string line;
  for (auto const& c : texts) line += quoted(r.*c.field) + ',';
  for (auto const& c : numbers) line += std::isnan(r.*c.field) ? "," : fmt::format("{:.6g},", r.*c.field);
  put(line + packed(r.metrics) + ',' + origin_);
}

void csv_writer::finish() {
  check(program::write_and_sync(out_, ""));
  if (::close(std::exchange(out_, -1)) != 0) check(errno);
}

void csv_writer::put(std::string const& line) {
  for (std::string_view rest = line; !rest.empty();) {
    ssize_t const n = ::write(out_, rest.data(), rest.size());
    if (n < 0 && errno != EINTR) check(errno);
    if (n > 0) rest.remove_prefix(static_cast<std::size_t>(n));
  }
}

void csv_writer::check(int error) const {
  if (error == 0) return;
  throw bad_results(
      fmt::format("cannot write {}: {}", file_.string(), std::generic_category().message(error)));
}

std::vector<row> read_csv(std::filesystem::path const& file) {
  std::ifstream in(file);
  if (!in) throw bad_results(fmt::format("cannot read {}", file.string()));
  std::string line;
  std::getline(in, line);
  if (line + '\n' != header()) {
    throw bad_results(
        fmt::format("{}: its first line does not name the columns of this version of surewake-bench", file.string()));
  }
  std::vector<row> rows;
  for (std::size_t number = 2; std::getline(in, line); ++number) {
    auto const fields = fields_of(line);
    if (fields.size() != texts.size() + numbers.size() + last_count) {
      throw bad_results(fmt::format("{}:{}: {} fields, expected {}", file.string(), number, fields.size(),
                                    texts.size() + numbers.size() + last_count));
    }
    row r;
    for (std::size_t i = 0; i < texts.size(); ++i) r.*texts[i].field = fields[i];
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      std::string const& f = fields[texts.size() + i];
      if (f.empty()) continue;
      double& value = r.*numbers[i].field;
      auto const [end, error] = std::from_chars(f.data(), f.data() + f.size(), value);
      if (error != std::errc{} || end != f.data() + f.size()) {
        throw bad_results(
            fmt::format("{}:{}: column {} is not a number: '{}'", file.string(), number, numbers[i].name, f));
      }
    }
    if (std::string const& all = fields[texts.size() + numbers.size()]; !unpack(all, r.metrics)) {
      throw bad_results(
          fmt::format("{}:{}: column metrics is not name=number;…: '{}'", file.string(), number, all));
    }
    rows.push_back(std::move(r));
  }
  return rows;
}

template <class Pick>
std::vector<double> results::picked(std::string_view workload, std::string_view scenario, std::string_view contestant,
                                    Pick pick) const {
  std::vector<double> all;
  std::vector<double> undisturbed;
  for (row const& r : rows_) {
    if (r.workload != workload || r.scenario != scenario || r.contestant != contestant) continue;
    double const value = pick(r);
    if (std::isnan(value)) continue;
    all.push_back(value);
    if (!(r.threads == 1 && r.preemptions > 0)) undisturbed.push_back(value);
  }
  return undisturbed.size() >= 3 ? undisturbed : all;
}

std::vector<double> results::column(std::string_view workload, std::string_view scenario, std::string_view contestant,
                                    double row::*what) const {
  return picked(workload, scenario, contestant, [what](row const& r) { return r.*what; });
}

std::vector<double> results::column(std::string_view workload, std::string_view scenario, std::string_view contestant,
                                    std::string_view metric) const {
  return picked(workload, scenario, contestant, [metric](row const& r) { return r.metrics.get(metric); });
}

std::vector<std::string> results::workloads() const {
  return distinct(rows_, [](row const& r) { return &r.workload; });
}

std::vector<std::string> results::scenarios(std::string_view workload) const {
  return distinct(rows_, [&](row const& r) { return r.workload == workload ? &r.scenario : nullptr; });
}

// The order of a shuffled run means nothing, so the order is: floors, then strategies, then peers, each by name of
// first appearance.
std::vector<std::string> results::contestants(std::string_view workload, std::string_view scenario) const {
  std::vector<std::string> names;
  for (std::string_view const what : {"floor", "strategy", "peer", "experiment"}) {
    auto some = distinct(rows_, [&](row const& r) {
      return r.workload == workload && r.scenario == scenario && r.kind == what ? &r.contestant : nullptr;
    });
    std::ranges::sort(some, {}, [](std::string const& s) {  // hand_off, the default, before barging
      return std::pair(s.ends_with("/barging"), s);
    });
    names.insert(names.end(), some.begin(), some.end());
  }
  return names;
}

row const* results::first(std::string_view workload, std::string_view scenario) const {
  auto const at =
      std::ranges::find_if(rows_, [&](row const& r) { return r.workload == workload && r.scenario == scenario; });
  return at == rows_.end() ? nullptr : &*at;
}

row const* results::first(std::string_view workload, std::string_view scenario, std::string_view contestant) const {
  auto const at = std::ranges::find_if(rows_, [&](row const& r) {
    return r.workload == workload && r.scenario == scenario && r.contestant == contestant;
  });
  return at == rows_.end() ? nullptr : &*at;
}

}  // namespace surewake::bench
