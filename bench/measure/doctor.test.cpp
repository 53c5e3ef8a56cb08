#include <surewake/bench/measure/doctor.hpp>

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>

namespace doctor_test {

using namespace surewake::bench;

namespace {

/// A machine of files, gone at the end of the test.
struct machine {
  std::filesystem::path root =
      std::filesystem::temp_directory_path() / ("surewake-doctor-test-" + std::to_string(::getpid()));
  machine() { std::filesystem::create_directories(root); }
  ~machine() { std::filesystem::remove_all(root); }
  machine& with(char const* path, char const* text) {
    std::filesystem::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text << '\n';
    return *this;
  }
  [[nodiscard]] finding about(std::string_view what) const {
    for (finding const& f : examine(root)) {
      if (f.what == what) return f;
    }
    FAIL("nothing was found about it");
    return {};
  }
};

}  // namespace

TEST_CASE("a machine that says nothing is unknown, and not good") {
  machine const m;
  for (char const* const what : {"processors", "frequency governor", "turbo", "load", "pressure", "steal", "clock"}) {
    CHECK(m.about(what).is == health::unknown);
  }
}

TEST_CASE("what spoils is named with what was seen and how to mend it") {
  machine m;
  m.with("sys/devices/system/cpu/online", "0")
      .with("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave")
      .with("proc/loadavg", "3.17 1.0 1.0 2/100 77")
      .with("proc/pressure/cpu", "some avg10=96.97 avg60=91.78 avg300=53.28 total=34586780057")
      .with("sys/fs/cgroup/cpu.max", "150000 100000")
      .with("sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet");
  for (char const* const what :
       {"processors", "frequency governor", "load", "pressure", "CPU limit of the group", "clock"}) {
    finding const f = m.about(what);
    CHECK_MESSAGE(f.is == health::spoils, what);
    CHECK_FALSE(f.seen.empty());
    CHECK_FALSE(f.mend.empty());
  }
  CHECK(m.about("frequency governor").mend == "cpupower frequency-set -g performance");
  CHECK(m.about("load").seen.find("3.17") != std::string::npos);
  CHECK(m.about("pressure").seen.find("97 %") != std::string::npos);
}

TEST_CASE("a quiet machine is good") {
  machine m;
  m.with("sys/devices/system/cpu/online", "0-3,8")
      .with("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance")
      .with("sys/devices/system/cpu/intel_pstate/no_turbo", "1")
      .with("sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0")
      .with("proc/loadavg", "0.02 0.0 0.0 1/100 77")
      .with("proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=5")
      .with("proc/stat", "cpu  905 241 978 3835 453 0 443 0 0 0")
      .with("proc/uptime", "1000.0 900.0")
      .with("sys/fs/cgroup/cpu.max", "max 100000")
      .with("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never")
      .with("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc");
  for (char const* const what : {"processors", "frequency governor", "turbo", "SMT siblings", "load", "pressure",
                                 "steal", "CPU limit of the group", "transparent huge pages", "clock", "container"}) {
    CHECK_MESSAGE(m.about(what).is == health::good, what);
  }
  CHECK(m.about("processors").seen == "5 online");
}

TEST_CASE("turbo, siblings, huge pages, a container and a little steal are worth a note") {
  machine m;
  m.with("sys/devices/system/cpu/online", "0-1")
      .with("sys/devices/system/cpu/cpufreq/boost", "1")
      .with("sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0-1")
      .with("proc/stat", "cpu  905 241 978 3835 453 0 443 2000 0 0")  // 20 s of 2,000
      .with("proc/uptime", "1000.0 900.0")
      .with("sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never")
      .with(".dockerenv", "");
  for (char const* const what : {"turbo", "SMT siblings", "steal", "transparent huge pages", "container"}) {
    CHECK_MESSAGE(m.about(what).is == health::note, what);
    CHECK_FALSE(m.about(what).mend.empty());
  }
  CHECK(m.about("steal").seen == "1.00 % since the start");
}

}  // namespace doctor_test
