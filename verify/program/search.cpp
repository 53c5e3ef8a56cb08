#include <surewake/verify/engine/graph/graph_engine.hpp>
#include <surewake/verify/program/search.hpp>
#include <surewake/verify/program/terminal_line.hpp>
#include <surewake/verify/shared/command_line.hpp>
#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/program.hpp>
#include <surewake/verify/shared/provenance.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <optional>

namespace surewake::verify {

namespace {

using program::interrupted;
using program::out;
using clock = std::chrono::steady_clock;

constexpr double longest_told = 1e9;  // seconds: what would take longer is not worth a number

/// Tells the terminal how far a search is.
class teller {
 public:
  void tell(graph::search_progress const& p) {
    auto const now = clock::now();
    if (!before_) before_ = p;
    if (!line_.is_seen() || now - told_ < std::chrono::milliseconds(200)) return;
    told_ = now;
    line_.show(progress_text(p, *before_, std::chrono::duration<double>(now - begin_).count()));
  }
  void clear() { line_.clear(); }

 private:
  terminal_line line_{};
  clock::time_point begin_ = clock::now();
  clock::time_point told_{};
  std::optional<graph::search_progress> before_{};
};

/// Says how to go on.
void tell_rest(search_request const& r, std::string const& unsaved) {
  if (!unsaved.empty()) {
    static_cast<void>(program::wrong(unsaved, 0));
  } else if (r.save.empty()) {
    out().print("What is left is not kept: --save FILE keeps it.\n");
  } else {
    std::string const memory = r.limits.model == r.tested->limits.model
                                   ? ""
                                   : fmt::format(" --memory {}", to_string(r.limits.model));
    std::string const reuse = r.limits.reuse == r.tested->limits.reuse ? "" : " --reuse";
    out().print("What is left is in {}; to go on: {} search '{}'{}{} --resume '{}'\n", r.save.string(),
                program::program_name(), r.tested->name, memory, reuse, r.save.string());
  }
}

/// Runs the execution that was found again, for its trace, and prints that.
void show_finding(search_request const& r, result_row& row) {
  search_result& found = row.result.found;
  run_hooks const hooks{.stop = [] { return interrupted() != 0; }};
  engine_options const again{.limits = r.limits, .seed = found.seed, .replay = true, .trace = true};
  result_row shown = row;
  shown.result = run_job({r.tested, again}, hooks);
  if (shown.failed()) throw std::runtime_error(fmt::format("seed {}: {}", found.seed, shown.result.engine_failure));
  found.message = shown.result.found.message;
  found.steps = shown.result.found.steps;
  out().print("{}\n\n{}seed {}, {} steps, {} memory\n", line_of(row), trace_of(shown, {.columns = r.columns}),
              found.seed, found.steps, to_string(r.limits.model));
}

}  // namespace

std::string about(double n) {
  if (!(n < 1e15)) return fmt::format("about {:.1e}", n);
  double const unit = n < 100 ? 1 : std::pow(10, std::floor(std::log10(n)) - 1);
  return "about " + grouped(static_cast<std::uint64_t>(std::round(n / unit) * unit));
}

std::string progress_text(graph::search_progress const& now, graph::search_progress const& before, double seconds) {
  std::string text = fmt::format("{} of the tree, {} executions", share_text(now.share), grouped(now.executions));
  if (seconds > 0) {
    double const rate = static_cast<double>(now.executions - before.executions) / seconds;
    text += fmt::format(", {}/s", grouped(static_cast<std::uint64_t>(rate)));
  }
  if (!(now.share > 0)) return text;
  text += fmt::format("; a guess: {} in all", about(static_cast<double>(now.executions) / now.share));
  double const left = seconds * (1 - now.share) / (now.share - before.share);
  if (now.share > before.share && left < longest_told) {
    auto const s = static_cast<std::uint64_t>(left);
    text += s < 3600 ? fmt::format(", {}:{:02} left", s / 60, s % 60)
                     : fmt::format(", {}:{:02} hours left", grouped(s / 3600), s / 60 % 60);
  }
  return text;
}

search_report search(search_request const& r) {
  out().print("{}\n", program::provenance_line());
  out().flush();
  teller told;
  std::string unsaved;
  graph::search_options how{.processes = r.processes, .resume = r.resume, .save = r.save};
  how.control.goes_on = [&told](graph::search_progress const& p) {
    told.tell(p);
    return interrupted() == 0 && !out().broken();
  };
  result_row row{.tested = r.tested, .limits = r.limits};
  try {
    engine_options const limits{.limits = r.limits, .on_graphs = r.on_graphs};
    row.result.found = search_graph(*r.tested, limits, how, unsaved);
  } catch (...) {
    told.clear();
    throw;
  }
  told.clear();
  search_result const& found = row.result.found;
  if (found.result != verdict::pass) {
    show_finding(r, row);
    return {row, true};
  }
  if (interrupted() != 0) out().print("interrupted\n");
  out().print("{}\n", line_of(row));
  if (found.covered != coverage::sampled) return {row, true};
  if (found.share > 0) {
    out().print("{} executions in all, if the rest of the tree is like what was visited: a guess, maybe far off.\n",
                about(static_cast<double>(found.schedules) / found.share));
  }
  tell_rest(r, unsaved);
  return {row, unsaved.empty()};
}

}  // namespace surewake::verify
