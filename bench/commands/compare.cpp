#include <surewake/bench/commands/command.hpp>
#include <surewake/bench/results/compare.hpp>

#include <array>
#include <memory>
#include <utility>

namespace surewake::bench {
namespace {

using program::out;
using program::one_of;

struct compare_arguments {
  std::string before{}, after{};
  option threshold{};
  std::string by = "floor", adjust = "bh";
  bool all = false;
};

compare_options options_of(compare_arguments const& args) {
  compare_options o{.all = args.all};
  if (args.threshold) o.threshold = program::number<double>("--threshold", *args.threshold, 0, 1'000) / 100;
  o.by = one_of("--by", args.by,
                std::array{std::pair{"floor", yardstick::floor}, std::pair{"units", yardstick::units},
                           std::pair{"ns", yardstick::ns}});
  o.adjust = one_of("--correction", args.adjust,
                    std::array{std::pair{"bh", correction::benjamini_hochberg}, std::pair{"holm", correction::holm},
                               std::pair{"none", correction::none}});
  return o;
}

/// Returns the first fact in which the machines of the runs differ; empty: they are one.
std::string differing_fact(recorded_run const& a, recorded_run const& b) {
  for (char const* const key : {"cpu", "cpus_online", "virtual_machine"}) {
    auto const value = [&](recorded_run const& r) {
      return r.about.value("machine", nlohmann::ordered_json::object()).value(key, nlohmann::ordered_json()).dump();
    };
    if (value(a) != value(b)) return fmt::format("{}: {} and {}", key, value(a), value(b));
  }
  return "";
}

int compare_runs(compare_arguments const& args) {
  compare_options options = options_of(args);
  recorded_run before = read_results(args.before);
  recorded_run after = read_results(args.after);
  std::string const other = differing_fact(before, after);
  options.one_machine = other.empty();
  if (!options.one_machine && options.by != yardstick::floor) {
    throw bad_results(
        fmt::format("the runs are of two machines ({}); --by floor compares them, each by its own floors", other));
  }
  comparison const c = compare(results(std::move(before)), results(std::move(after)), options);
  if (c.rows.empty()) throw bad_results("the two runs have no row in common");
  out().write(written({grid_of(c, options)}, table_format::text));
  return c.count(verdict::slower, true) == 0 ? program::as_expected : program::differs;
}

}  // namespace

command add_compare(CLI::App& app) {
  auto const args = std::make_shared<compare_arguments>();
  CLI::App* const c =
      app.add_subcommand("compare", "Say what is slower or faster in a second run, and how sure that is");
  c->add_option("before", args->before, "Folder or file of the first run")->required()->type_name("A");
  c->add_option("after", args->after, "Folder or file of the second run")->required()->type_name("B");
  c->add_option("--threshold", args->threshold, "Percent that a row may be slower, 0 to 1000 (5)")->type_name("P");
  c->add_option("--by", args->by, "What times are measured in: floor, of the same block; units; ns (floor)")
      ->type_name("Y");
  c->add_option("--correction", args->adjust, "For the number of rows: bh (false discoveries), holm (any), none (bh)")
      ->type_name("C");
  c->add_flag("--all", args->all, "Show the rows that do not differ, too");
  return {c, [args] { return compare_runs(*args); }};
}

}  // namespace surewake::bench
