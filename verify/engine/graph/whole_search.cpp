#include <surewake/verify/engine/graph/processes.hpp>
#include <surewake/verify/engine/graph/runtime.hpp>
#include <surewake/verify/engine/graph/whole_search.hpp>
#include <surewake/verify/shared/output.hpp>

#include <utility>

namespace surewake::verify::graph {

namespace {

std::uint64_t less(std::uint64_t limit, std::uint64_t used) noexcept {
  return limit == search_limits::unlimited ? limit : limit - std::min(limit, used);
}

/// One call's part of a search.
class sitting {
 public:
  sitting(make_runnable const& make, search_identity const& of, search_options const& options)
      : make_(make), options_(options), search_{.of = of, .left = {{.whole = true}}} {
    if (!options.resume.empty()) search_ = load(options.resume, of);
    if (!options.save.empty()) program::output_file const can_be_written(options.save);
    earlier_ = search_.so_far;
  }
  search_outcome search() {
    for (;;) {
      search_outcome const part = search_part();
      used_.add(part);
      bool const goes_on = part.ended == ended_by::seconds && used_.seconds < options_.limits.seconds;
      search_.so_far = part;
      search_.so_far.set_counts(earlier_, used_);
      bool const is_left = !part.finished && part.result == verdict::pass;
      if (is_left) save_left();
      if (!goes_on) return search_.so_far;
    }
  }

 private:
  search_outcome search_part();
  void save_left();

  make_runnable const& make_;
  search_options const& options_;
  saved_search search_;
  search_outcome earlier_{};  // of earlier sittings
  search_outcome used_{};     // of this one
  std::unique_ptr<runnable> here_{};
};

void sitting::save_left() {
  if (options_.save.empty()) return;
  try {
    save(options_.save, search_);
  } catch (std::runtime_error const& e) {
    search_.so_far.unsaved = e.what();
  }
}

/// Searches until the next time to save.
search_outcome sitting::search_part() {
  search_limits limits = options_.limits;
  limits.runs = less(limits.runs, used_.runs);
  limits.executions = less(limits.executions, used_.executions());
  limits.seconds -= used_.seconds;
  double const until_saved = options_.save_every * std::max(options_.processes, 1U);
  if (!options_.save.empty()) limits.seconds = std::min(limits.seconds, until_saved);
  search_control control = options_.control;
  control.runs_before = used_.runs;
  if (auto const& goes_on = options_.control.goes_on) {
    std::uint64_t const before = earlier_.executions() + used_.executions();
    control.goes_on = [&goes_on, before](search_progress p) {
      p.executions += before;
      return goes_on(p);
    };
  }
  if (options_.processes != 0) return search_in_processes(make_, search_.left, limits, control, options_.processes);
  if (!here_) here_ = make_();
  return search_parts(*here_, search_.left, limits, control);
}

}  // namespace

search_outcome search_program(make_runnable const& make, search_identity const& of, search_options const& options) {
  try {
    return sitting(make, of, options).search();
  } catch (does_not_fit const& e) {
    throw std::runtime_error(options.resume.string() + ": " + e.what());
  }
}

search_outcome search_model(model_type const& model, std::string const& name, search_options const& options) {
  search_limits const& l = options.limits;
  search_identity const of{.program = name,
                           .built_from = options.built_from,
                           .memory = l.memory,
                           .threads = model.threads,
                           .rare = l.rare,
                           .yields = l.yields,
                           .reuse = l.reuse};
  return search_program([&] { return std::make_unique<runtime>(model, l); }, of, options);
}

}  // namespace surewake::verify::graph
