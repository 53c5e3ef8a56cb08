#include <surewake/core/deadline.hpp>
#include <surewake/core/std_platform.hpp>

#include <doctest/doctest.h>

#include <limits>

namespace {

using namespace surewake;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;
using system_time = std::chrono::system_clock;
template <class Clock, class D> using at = std::chrono::time_point<Clock, D>;
using hours = std::chrono::hours;
using seconds = std::chrono::duration<double>;

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
