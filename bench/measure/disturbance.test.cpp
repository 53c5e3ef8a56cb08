#include <surewake/bench/measure/disturbance.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <thread>

namespace disturbance_test {

using namespace surewake::bench;

TEST_CASE("steal is the eighth number of /proc/stat's first line") {
  CHECK(steal_ticks("cpu  905 241 978 3835 453 0 443 20554 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n") == 20554);
  CHECK(std::isnan(steal_ticks("cpu  905 241 978 3835\n")));
  CHECK(std::isnan(steal_ticks("")));
}

TEST_CASE("pressure is the total of the line of some") {
  CHECK(pressure_us("some avg10=96.97 avg60=91.78 avg300=53.28 total=34586780057\nfull avg10=0.00 total=7\n") ==
        34'586'780'057.0);
  CHECK(std::isnan(pressure_us("full avg10=0.00 avg60=0.00 avg300=0.00 total=5\n")));
  CHECK(std::isnan(pressure_us("")));
}

TEST_CASE("pressure is high when the total rose by more than a tenth of the time, until the next update") {
  pressure_gauge gauge;
  CHECK_FALSE(gauge.high(5'000'000, 0));  // of before
  CHECK_FALSE(gauge.high(5'000'000, 1'000'000));
  CHECK(gauge.high(5'400'000, 2'000'000));  // 0.4 s of 2 s
  CHECK(gauge.high(5'400'000, 3'000'000));
  CHECK_FALSE(gauge.high(5'500'000, 4'000'000));  // 0.1 s of 2 s
  gauge.pass_over();
  CHECK_FALSE(gauge.high(9'000'000, 6'000'000));  // of the scenario itself
  CHECK(gauge.high(9'900'000, 8'000'000));
}

TEST_CASE("a machine that tells no pressure has none") {
  pressure_gauge gauge;
  CHECK_FALSE(gauge.high(usage::unknown, 0));
  CHECK_FALSE(gauge.high(usage::unknown, 9e6));
}

TEST_CASE("a sample in which the thread was preempted, moved or kept waiting is marked") {
  auto const marks = [](sample const& o, unsigned threads) {
    disturbance watch;
    watch.before_sample();
    auto all = watch.after_sample(o, threads);
    std::erase(all, "steal");  // the host may well have taken something meanwhile
    return all;
  };
  sample quiet{.operations = 1, .elapsed_ns = 1e6, .used = usage{}};
  CHECK(marks(quiet, 1).empty());
  sample preempted = quiet;
  preempted.preemptions = 2;
  CHECK(marks(preempted, 1) == std::vector<std::string>{"preempted"});
  CHECK(marks(preempted, std::thread::hardware_concurrency() + 1).empty());  // its own threads do that
  sample moved = quiet;
  moved.migrations = 1;
  CHECK(marks(moved, 1) == std::vector<std::string>{"migrated"});
  sample waited = quiet;
  waited.used->waited_ns = 0.06e6;
  CHECK(marks(waited, 1) == std::vector<std::string>{"pressure"});
}

}  // namespace disturbance_test
