// surewake/bench/measure/open_loop.hpp: jobs that come when they are due, whether or not those before them are done.
//
// A closed loop sends its next job when the last one is done: while something stalls it sends nothing, and the jobs
// that would have come meanwhile are missing from its percentiles (coordinated omission). Here the schedule is drawn
// before, and a job that starts late has waited since it was due.
//
//   response: from when the job was due to its end        service: from when it was begun to its end
//
// One thread does all of it, in the order of time; between events it spins, so that no wake of the system is in the
// numbers. The clock is a parameter: a test's stands still until it is told to go on.
#pragma once

#include <surewake/bench/measure/histogram.hpp>

#include <coroutine>
#include <cstdint>
#include <functional>
#include <queue>
#include <random>
#include <vector>

namespace surewake::bench {

/// A job of `size` permits, due `at` ns after the begin, that holds them for `hold` ns.
struct job {
  double at = 0;
  double hold = 0;
  std::uint32_t size = 1;
};

/// Time since it was made, in nanoseconds.
class real_time {
 public:
  [[nodiscard]] double now() const { return nanoseconds(bench_clock::now() - begin_); }
  /// Returns the time when `t` has come.
  double wait_until(double t) {
    double seen = now();
    double const from = seen;
    while (seen < t) seen = now();
    idle_ += seen - from;
    return seen;
  }
  /// Returns how much of the time was spent in wait_until().
  [[nodiscard]] double idle() const noexcept { return idle_; }

 private:
  bench_clock::time_point begin_ = bench_clock::now();
  double idle_ = 0;
};

template <class Time> class open_loop {
 public:
  explicit open_loop(Time& time, std::vector<job> const& jobs) : time_(time), jobs_(jobs), begun_(jobs.size()) {}

  /// Calls begin(i) for each job when it is due; it ends with the coroutine that calls ended(i). Resumes what awaits
  /// held() when that is over. Returns when neither is left.
  template <class Begin> void run(Begin begin) {
    for (std::size_t next = 0; next < jobs_.size() || !holding_.empty();) {
      bool const arrival = holding_.empty() || (next < jobs_.size() && jobs_[next].at <= holding_.top().until);
      if (arrival) {
        begun_[next] = time_.wait_until(jobs_[next].at);
        begin(next++);
      } else {
        time_.wait_until(holding_.top().until);
        holder const next_one = holding_.top();
        holding_.pop();
        next_one.go_on(next_one.who, next_one.job);
      }
    }
  }

  /// Awaitable: the job's hold passes.
  [[nodiscard]] auto held(std::size_t i) {
    struct awaiter {
      open_loop& loop;
      std::size_t i;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> h) {
        loop.hold(i, [](void* c, std::size_t) { std::coroutine_handle<>::from_address(c).resume(); }, h.address());
      }
      void await_resume() const noexcept {}
    };
    return awaiter{*this, i};
  }

  /// Calls go_on(who, i) when the job's hold has passed.
  void hold(std::size_t i, void (*go_on)(void* who, std::size_t i), void* who) {
    holding_.push({time_.now() + jobs_[i].hold, go_on, who, i});
  }

  void ended(std::size_t i) {
    double const now = time_.now();
    response_.add(now - jobs_[i].at);
    service_.add(now - begun_[i]);
  }

  [[nodiscard]] latency_histogram const& response() const noexcept { return response_; }
  [[nodiscard]] latency_histogram const& service() const noexcept { return service_; }

 private:
  struct holder {
    double until;
    void (*go_on)(void* who, std::size_t job);
    void* who;
    std::size_t job;
    friend bool operator>(holder const& a, holder const& b) noexcept { return a.until > b.until; }
  };

  Time& time_;
  std::vector<job> const& jobs_;
  std::vector<double> begun_;
  std::priority_queue<holder, std::vector<holder>, std::greater<>> holding_;
  latency_histogram response_;
  latency_histogram service_;
};

/// Says what load a schedule has: the permits that its jobs hold on average, as a share of all.
struct load_shape {
  double load = 0.5;
  double permits = 64;
  double mean_hold_ns = 80'000;
  std::uint32_t most_in_a_burst = 7;  // 1 to that many, all due at once
};

/// Draws bursts at the times of a Poisson process, of jobs of 1, 2, 4 or 8 permits (in eight jobs four, two, one, one:
/// 2.5 on average), with exponential holds.
[[nodiscard]] inline std::vector<job> poisson_bursts(load_shape const& shape, std::size_t how_many,
                                                     std::uint64_t seed) {
  constexpr std::uint32_t sizes[] = {1, 1, 1, 1, 2, 2, 4, 8};
  constexpr double mean_size = 2.5;
  std::mt19937_64 random(seed);
  auto const exponential = [&](double mean) {
    return -std::log((static_cast<double>(random() >> 11) + 0.5) * 0x1p-53) * mean;
  };
  double const mean_burst = (1 + shape.most_in_a_burst) * 0.5;
  double const distance = mean_burst * mean_size * shape.mean_hold_ns / (shape.load * shape.permits);
  std::vector<job> jobs;
  for (double due = 0; jobs.size() < how_many;) {
    due += exponential(distance);
    for (std::uint64_t left = 1 + random() % shape.most_in_a_burst; left != 0 && jobs.size() < how_many; --left) {
      jobs.push_back({.at = due, .hold = exponential(shape.mean_hold_ns), .size = sizes[random() % 8]});
    }
  }
  return jobs;
}

}  // namespace surewake::bench
