#include <surewake/verify/runner.hpp>
#include <fmt/core.h>
using namespace surewake::verify;
int main(int argc, char** argv) {
  for (auto const& e : registration_errors()) fmt::print(stderr, "{}\n", e);
  if (argc > 1 && std::string_view(argv[1]) == "list") {
    for (auto const& c : all_cases()) fmt::print("{}\n", c.name);
    return 0;
  }
  std::vector<job> jobs;
  for (auto const& c : all_cases())
    if (argc < 3 || c.name.find(argv[2]) != std::string::npos) jobs.push_back({&c, {.limits = c.limits}});
  int status = 0;
  static_cast<void>(run_jobs(jobs, 2, {.done = [&](std::size_t i, job_result const& r) {
    auto const& c = *jobs[i].tested;
    bool const ok = r.engine_failure.empty() && r.found.result == c.what.expect;
    if (!ok) status = 1;
    fmt::print("{} {}: {} ({}, {} schedules, {:.2f} s, {} steps) seed '{}' {} {}\n", ok ? "ok  " : "FAIL", c.name, to_string(r.found.result),
               to_string(r.found.covered), r.found.schedules, r.found.seconds, r.found.steps, r.found.seed, r.found.message, r.engine_failure);
  }}));
  return status;
}
