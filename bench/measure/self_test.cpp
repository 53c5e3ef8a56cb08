#include <surewake/bench/measure/runner.hpp>
#include <surewake/bench/measure/self_test.hpp>
#include <surewake/bench/results/compare.hpp>
#include <surewake/bench/results/table.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>

namespace surewake::bench {
namespace {

/// A folder that is gone with this object.
class temporary_folder {
 public:
  temporary_folder() : path_((std::filesystem::temp_directory_path() / "surewake-selftest-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw bad_results(fmt::format("cannot make a folder {}", path_));
  }
  temporary_folder(temporary_folder const&) = delete;
  temporary_folder& operator=(temporary_folder const&) = delete;
  ~temporary_folder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  [[nodiscard]] std::filesystem::path file() const { return std::filesystem::path(path_) / file_name; }

 private:
  std::string path_;
};

/// Measures the contestants as one scenario.
std::unique_ptr<results> measured(std::vector<contestant> contestants, unsigned blocks, std::uint64_t seed,
                                  double sample_ns) {
  temporary_folder const folder;
  scenarios all(1);
  all[0].workload = "selftest";
  all[0].name = "one";
  all[0].contestants = std::move(contestants);
  {
    result_writer out(folder.file(), {{"seed", seed}});
    static_cast<void>(
        run(std::move(all),
            {.seconds = 60, .repeats = blocks, .how = {.sample_ns = sample_ns, .seed = seed}, .quiet = true}, out));
  }
  return std::make_unique<results>(read_results(folder.file()));
}

double median_ns(results const& r, char const* who) {
  return r.summary_of("selftest", "one", who, &row::time_ns_per_operation).median;
}

/// `share` pairs of locked RMWs an operation.
contestant pairs(std::string name, double share = 1) {
  return {std::move(name), kind::strategy, [share](std::uint64_t n) {
            alignas(64) std::atomic<std::int64_t> word{0};
            stopwatch watch;
            watch.start();
            rmw_pairs(word, static_cast<std::uint64_t>(static_cast<double>(n) * share));
            watch.stop(static_cast<double>(n));
            expect(word.load() == 0, "as many taken off as added");
            return watch.total();
          }};
}

known_answer nothing_takes_no_time() {
  contestant const nothing{"nothing", kind::strategy, [](std::uint64_t) {
                             stopwatch watch;
                             watch.start();
                             watch.stop(100'000);
                             return watch.total();
                           }};
  double const ns = median_ns(*measured({nothing}, 15, 1, 1), "nothing");
  return {"100,000 operations that do nothing read 0", "below 0.01 ns", brief_time(ns), ns < 0.01};
}

known_answer a_microsecond_reads_a_microsecond() {
  contestant const spin{"spin", kind::strategy, [](std::uint64_t n) {
                          stopwatch watch;
                          watch.start();
                          auto until = bench_clock::now();
                          for (std::uint64_t i = 0; i < n; ++i) {
                            until += std::chrono::microseconds{1};
                            while (bench_clock::now() < until) {
                            }
                          }
                          watch.stop(static_cast<double>(n));
                          return watch.total();
                        }};
  double const ns = median_ns(*measured({spin}, 15, 1, 200'000), "spin");
  return {"1 µs of spin reads 1 µs within 5 %", "950 to 1,050 ns", brief_time(ns), ns > 950 && ns < 1'050};
}

known_answer two_names_of_one_thing() {
  unsigned differ = 0;
  constexpr unsigned runs = 100;
  for (unsigned seed = 1; seed <= runs; ++seed) {
    auto const r = measured({pairs("one name"), pairs("another")}, 15, seed, 20'000);
    auto const values = [&](char const* who) { return r->column("selftest", "one", who, &row::ratio_units); };
    differ += mann_whitney(values("one name"), values("another")) < 0.05 ? 1 : 0;
  }
  return {"one strategy under two names differs significantly in few of 100 seeded runs", "at most 10",
          std::to_string(differ), differ <= 10};
}

known_answer a_fifth_is_seen() {
  auto const before = measured({pairs("subject")}, 30, 1, 100'000);
  auto const after = measured({pairs("subject", 1.2)}, 30, 2, 100'000);
  comparison const c = compare(*before, *after, {});
  double const ratio = c.rows.empty() ? row::none : c.rows[0].ratio;
  return {"compare sees that a strategy is 20 % slower", "SLOWER, 1.15 to 1.25 ×", fmt::format("{} ×", brief(ratio)),
          c.count(verdict::slower, true) == 1 && ratio > 1.15 && ratio < 1.25};
}

known_answer a_lost_wake_fails() {
  auto const drops = [woken = std::make_shared<std::uint64_t>(0)](std::uint64_t n) {
    stopwatch watch;
    std::uint64_t arrived = 0;
    watch.start();
    for (std::uint64_t i = 0; i < n; ++i) arrived += ++*woken % 1'000 != 0 ? 1 : 0;
    watch.stop(static_cast<double>(n));
    expect(arrived == n, "each waiter is woken once");
    return watch.total();
  };
  auto const r = measured({{"drops", kind::peer, drops}, pairs("sound")}, 5, 1, 20'000);
  bool const failed = r->failures().size() == 1 && r->first("selftest", "one", "drops") == nullptr;
  return {"a contestant that drops every 1,000th wake is reported as failed", "failed, and in no row",
          failed ? r->failures()[0].why : "it is in the rows",
          failed && r->first("selftest", "one", "sound") != nullptr};
}

}  // namespace

std::vector<known_answer> known_answers() {
  return {nothing_takes_no_time(), a_microsecond_reads_a_microsecond(), two_names_of_one_thing(), a_fifth_is_seen(),
          a_lost_wake_fails()};
}

}  // namespace surewake::bench
