#include <surewake/core/platform/deadline.hpp>
#include <surewake/core/platform/std_platform.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <ratio>

namespace deadline_test {

namespace {

using namespace surewake;
using detail::instant;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;
using system_time = std::chrono::system_clock;
template <class Clock, class D> using at = std::chrono::time_point<Clock, D>;
using hours = std::chrono::hours;
using seconds = std::chrono::duration<double>;
using seconds_count = std::chrono::seconds;

template <class Rep, class Period = std::ratio<1>> using of = std::chrono::duration<Rep, Period>;
constexpr std::int64_t most = instant::most;
constexpr std::int64_t least = instant::least;

static_assert(instant::of(std::chrono::nanoseconds::max()) == instant{9'223'372'036, 854'775'807});
static_assert(instant::of(std::chrono::nanoseconds::max()).count() == most);
static_assert(instant::of(std::chrono::nanoseconds::min()).count() == least);
static_assert(instant::of(std::chrono::nanoseconds::min() + 1ns).count() == least + 1);
static_assert(instant::of(hours::max()).count() == most && instant::of(hours::min()).count() == least);
static_assert(instant::of(-1ns) == instant{-1, 999'999'999});
static_assert(instant::of(of<int, std::pico>(1)) == instant{0, 1} && instant::of(of<int, std::pico>(-1)) == instant{});
static_assert(instant::of(of<std::int8_t, std::ratio<60>>(-128)) == instant{-7680, 0});
static_assert(instant::of(of<std::uint64_t>(~std::uint64_t{0})) == instant::last());
static_assert(instant::of(of<std::uint64_t, std::nano>(~std::uint64_t{0})) == instant{18'446'744'073, 709'551'615});
static_assert(instant::of(of<std::int64_t, std::exa>(3)) == instant{3'000'000'000'000'000'000, 0});
static_assert(instant::of(of<std::int64_t, std::exa>(10)) == instant::last());
static_assert(instant::of(of<std::int64_t, std::exa>(-10)) == instant::first());
static_assert(instant::of(of<std::int64_t, std::atto>(most)) == instant{9, 223'372'037});
static_assert(instant::of(of<int, std::ratio<1001, 30000>>(30000)) == instant{1001, 0});
static_assert(instant::of(of<int, std::ratio<1, 3>>(1)) == instant{0, 333'333'334});
static_assert(instant::of(of<double>(1e300)) == instant::last() && instant::of(of<float>(-1e30F)) == instant::first());
static_assert(instant::of(of<double>(-0.5)) == instant{-1, 500'000'000});
#ifdef __SIZEOF_INT128__
__extension__ using int128 = __int128;
static_assert(instant::of(of<int128, std::nano>(-5)) == instant{-1, 999'999'995});
static_assert(instant::of(of<int128, std::nano>(int128{1} << 120)) == instant::last());
#endif
static_assert(instant::last().minus(instant::first()) == instant::last());
static_assert(instant::first().minus(instant::last()) == instant::first());
static_assert(instant::first().minus(instant{0, 1}) == instant::first());
static_assert(instant{}.minus(instant::first()) == instant::last());
static_assert(instant{-1, 0}.minus(instant::first()) == instant{most, 0});
static_assert(instant{1, 1}.minus(instant{0, 2}) == instant{0, 999'999'999});
static_assert(instant{least, 0}.count() == least && instant{most, 0}.count() == most);

/// A clock that a test sets.
struct set_clock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<set_clock>;
  static constexpr bool is_steady = false;
  static inline duration time{0};
  static time_point now() noexcept { return time_point(time); }
};

/// The year 1 as epoch, in seconds: what it counts has no room in 64 bits of nanoseconds.
struct ancient_clock {
  using rep = std::int64_t;
  using period = std::ratio<1>;
  using duration = std::chrono::seconds;
  using time_point = std::chrono::time_point<ancient_clock>;
  [[maybe_unused]] static constexpr bool is_steady = true;
  static time_point now() noexcept { return time_point(63'900'000'000s); }
};

steady::time_point after(auto d) { return deadline_after<steady>(steady::time_point(1000s), d); }

}  // namespace

TEST_CASE("a limit is added to now, rounded up to the clock's unit") {
  CHECK(after(5ms) == steady::time_point(1000s + 5ms));
  CHECK(after(std::chrono::duration<double, std::nano>(0.5)) == steady::time_point(1000s + 1ns));
  CHECK(after(seconds(0.25)) == steady::time_point(1000s + 250ms));
}

TEST_CASE("zero, less than zero, and what is no number are now") {
  for (auto const d : {0s, -1s, std::chrono::seconds::min()}) CHECK(after(d) == steady::time_point(1000s));
  CHECK(after(seconds(std::numeric_limits<double>::quiet_NaN())) == steady::time_point(1000s));
  CHECK(after(seconds(-std::numeric_limits<double>::infinity())) == steady::time_point(1000s));
  CHECK(after(hours::min()) == steady::time_point(1000s));
}

TEST_CASE("what does not fit is the end of time") {
  CHECK(after(hours::max()) == steady::time_point::max());
  CHECK(after(std::chrono::nanoseconds::max()) == steady::time_point::max());
  CHECK(after(seconds(1e300)) == steady::time_point::max());
  CHECK(after(seconds(std::numeric_limits<double>::infinity())) == steady::time_point::max());
}

TEST_CASE("a time of the platform's own clock stays what it is") {
  CHECK(deadline_at<std_platform>(steady::time_point(123456789ns)) == steady::time_point(123456789ns));
  CHECK(deadline_at<std_platform>(at<steady, hours>(2h)) == steady::time_point(2h));
  CHECK(deadline_at<std_platform>(steady::time_point::max()) == steady::time_point::max());
}

TEST_CASE("a time of the platform's own clock that does not fit is its first or its last") {
  auto const now = steady::now();
  CHECK(deadline_at<std_platform>(at<steady, hours>(hours::max())) == steady::time_point::max());
  CHECK(deadline_at<std_platform>(at<steady, hours>(hours::min())) <= now);
  CHECK(deadline_at<std_platform>(at<steady, seconds>(seconds(1e300))) == steady::time_point::max());
  CHECK(deadline_at<std_platform>(steady::time_point::min()) <= now);
}

TEST_CASE("a time of another clock is as far away as it is there") {
  auto const before = steady::now();
  auto const d = deadline_at<std_platform>(system_time::now() + 1h);
  CHECK(d >= before + 1h - 1s);
  CHECK(d <= steady::now() + 1h + 1s);
}

TEST_CASE("a time of another clock that has passed, however long ago, is over; one that does not fit never comes") {
  auto const over = [](auto t) {
    auto const d = deadline_at<std_platform>(t);
    return d <= steady::now();
  };
  CHECK(over(system_time::now() - 1h));
  CHECK(over(system_time::time_point::min()));
  CHECK(over(at<system_time, hours>(hours::min())));
  auto const never = [](auto t) { return deadline_at<std_platform>(t) > steady::now() + hours(24 * 365 * 100); };
  CHECK(never(system_time::time_point::max()));
  CHECK(never(at<system_time, hours>(hours::max())));
  CHECK(never(at<system_time, seconds>(seconds(1e300))));
}

TEST_CASE("a time on the other side of an epoch, or far from it, neither overflows nor meets the wrong end") {
  auto const now = steady::now();
  CHECK(deadline_at<std_platform>(system_time::time_point(seconds_count(-8'800'000'000))) <= now);
  CHECK(deadline_at<std_platform>(system_time::time_point::min()) <= now);
  using file_time = std::chrono::file_clock;
  CHECK(deadline_at<std_platform>(file_time::time_point(seconds_count(4'607'366'400))) > now + hours(24));
  CHECK(deadline_at<std_platform>(file_time::time_point::max()) == steady::time_point::max());
  CHECK(deadline_at<std_platform>(file_time::time_point::min()) <= now);
  auto const in_a_minute = deadline_at<std_platform>(ancient_clock::now() + 60s);
  CHECK(in_a_minute >= now + 60s);
  CHECK(in_a_minute <= steady::now() + 60s);
  CHECK(deadline_at<std_platform>(ancient_clock::time_point::min()) <= now);
  CHECK(deadline_at<std_platform>(at<system_time, seconds>(seconds(std::numeric_limits<double>::quiet_NaN()))) <= now);
}

TEST_CASE("a limit by the platform's own clock is over when that clock says so, and is never asked again") {
  time_limit<std_platform> l(steady::time_point(5s));
  CHECK(l.when() == steady::time_point(5s));
  CHECK(l.over());
  CHECK(time_limit<std_platform>(at<steady, hours>(hours::max())).when() == steady::time_point::max());
  CHECK(time_limit<std_platform>(at<steady, hours>(hours::min())).when() == steady::time_point::min());
}

TEST_CASE("a limit by a clock that is set back, or stops, is not over before that clock says so") {
  set_clock::time = 100s;
  time_limit<std_platform> l(set_clock::time_point(100s + 20ms));
  auto const now = steady::now();
  CHECK(l.when() <= now + 20ms);
  CHECK(l.when() > now);
  set_clock::time = 90s;
  CHECK_FALSE(l.over());
  CHECK(l.when() > steady::now() + 900ms);  // 10 s are missing, and it may be set forward again: not longer than 1 s
  CHECK(l.when() <= steady::now() + 1s);
  set_clock::time = 100s + 20ms - 1ns;
  for (int i = 0; i < 20; ++i) {
    auto const before = steady::now();
    CHECK_FALSE(l.over());
    CHECK(l.when() >= before + (i < 8 ? 0ms : 5ms));  // a nanosecond is missing: it looks ever more seldom
  }
  set_clock::time = 100s + 20ms;
  CHECK(l.over());
  set_clock::time = 0s;
  auto const passed = time_limit<std_platform>(set_clock::time_point::min()).when();
  CHECK(passed <= steady::now());
  CHECK_FALSE(time_limit<std_platform>(set_clock::time_point::max()).over());
}

}  // namespace deadline_test
