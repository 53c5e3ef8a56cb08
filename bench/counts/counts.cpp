// surewake/bench/counts/counts.cpp: counts every operation of every strategy, and compares tables of counts.
#include <surewake/bench/counts/counts.hpp>
#include <surewake/bench/counts/operations.hpp>
#include <surewake/core/semaphore/barging.hpp>
#include <surewake/core/semaphore/hand_off.hpp>
#include <surewake/queues/strategies.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <type_traits>

namespace surewake::bench {

namespace {

template <class Semaphore> void add_rows(std::vector<count_row>& rows) {
  for_each_operation<Semaphore>([&](std::string_view name, operation_steps const& counted) {
    for (std::size_t i = 0; i < step_kinds; ++i) {
      if (counted.steps.of[i] == 0) continue;
      rows.push_back({Semaphore::queue_type::name, Semaphore::discipline_type::name, std::string(name), step_names[i],
                      steps_of_one(counted.steps.of[i], counted.operations)});
    }
  });
}

std::string key_of(count_row const& r) { return r.strategy + ',' + r.discipline + ',' + r.operation + ',' + r.counter; }

using table = std::map<std::string, std::string, std::less<>>;  // key_of → value

table read(std::string_view csv) {
  table recorded;
  for (bool heading = true; !csv.empty(); heading = false) {
    std::string_view const line = csv.substr(0, csv.find('\n'));
    csv.remove_prefix(std::min(line.size() + 1, csv.size()));
    std::size_t const comma = line.rfind(',');
    if (!heading && comma != line.npos) recorded.emplace(line.substr(0, comma), line.substr(comma + 1));
  }
  return recorded;
}

}  // namespace

std::string steps_of_one(std::uint64_t steps, std::uint64_t operations) {
  if (steps % operations == 0) return fmt::format("{}", steps / operations);
  return fmt::format("{:.4f}", static_cast<double>(steps) / static_cast<double>(operations));
}

std::vector<count_row> counted() {
  std::vector<count_row> rows;
  strategies::for_each([&]<template <class> class Queue>(strategy<Queue>) {
    // uring_futex.hpp is not included: its waits on threads are those of a list, and its ring is the real machine's, of
    // which system calls alone are counted.
    if constexpr (included<strategy<Queue>>) {
      add_rows<basic_semaphore<Queue, counting_platform>>(rows);
      if constexpr (surewake::detail::fits<Queue<counting_platform>, barging>) {
        add_rows<basic_semaphore<Queue, counting_platform, barging>>(rows);
      }
    }
  });
#ifdef SUREWAKE_COUNTS_RINGS
  add_ring_counts(rows);
#endif
  return rows;
}

std::string csv_of(std::vector<count_row> const& rows) {
  std::string csv = "strategy,discipline,operation,counter,value\n";
  for (count_row const& r : rows) csv += key_of(r) + ',' + r.value + '\n';
  return csv;
}

namespace {

/// "2" where that is exact to 0.2, otherwise "2.5".
std::string rounded(double steps) {
  double const whole = std::round(steps);
  return std::abs(steps - whole) < 0.2 ? fmt::format("{:.0f}", whole) : fmt::format("{:.1f}", steps);
}

bool is_locked(count_row const& r) { return r.counter == "rmw" || r.counter == "cas" || r.counter == "mutex"; }

}  // namespace

std::string markdown_of(std::vector<count_row> const& rows) {
  std::vector<std::string> strategies;
  std::vector<std::string> operations;
  std::map<std::string, double> locked;  // strategy,operation,discipline
  auto const note = [](std::vector<std::string>& seen, std::string const& name) {
    if (std::ranges::find(seen, name) == seen.end()) seen.push_back(name);
  };
  for (count_row const& r : rows) {
    if (r.counter == ring_counter) continue;
    note(strategies, r.strategy);
    note(operations, r.operation);
    if (is_locked(r)) locked[r.strategy + ',' + r.operation + ',' + r.discipline] += std::stod(r.value);
  }
  std::string text = fmt::format("| operation | {} |\n| --- |", fmt::join(strategies, " | "));
  for (std::size_t i = 0; i < strategies.size(); ++i) text += " --- |";
  for (std::string const& o : operations) {
    text += fmt::format("\n| `{}` |", o);
    for (std::string const& s : strategies) {
      std::string const at = s + ',' + o + ',';
      text += fmt::format(" {} / {} |", rounded(locked[at + hand_off::name]), rounded(locked[at + barging::name]));
    }
  }
  return text + '\n';
}

std::vector<std::string> differences(std::string_view recorded, std::vector<count_row> const& now) {
  std::vector<std::string> found;
  table before = read(recorded);
  for (count_row const& r : now) {
    auto const at = before.find(key_of(r));
    if (at == before.end()) {
      found.push_back(fmt::format("{}: {}, was not there", key_of(r), r.value));
      continue;
    }
    if (at->second != r.value) found.push_back(fmt::format("{}: {}, was {}", key_of(r), r.value, at->second));
    before.erase(at);
  }
  for (auto const& [key, value] : before) found.push_back(fmt::format("{}: gone, was {}", key, value));
  return found;
}

}  // namespace surewake::bench
