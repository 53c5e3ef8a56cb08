#include <surewake/bench/results/table.hpp>

#include <fmt/format.h>

#include <set>

namespace surewake::bench {
namespace {

/// Returns the text as a field of RFC 4180.
std::string field(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == text.npos) return std::string(text);
  std::string out = "\"";
  for (char const c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::string number(double x) { return std::isnan(x) ? "" : fmt::format("{:.6g}", x); }

/// Writes the lines of one contestant.
class lines {
 public:
  lines(std::string& out, results const& r, row const& who) : out_(out), r_(r), who_(who) {}

  void add_all() {
    for (number_field const& f : number_fields) {
      std::string_view const name = f.name;
      if (name == "repeat" || name == "position" || name == "operations") continue;
      add(name, "", r_.estimate_of(who_.workload, who_.scenario, who_.contestant, f.field));
    }
    std::set<std::string> metrics;
    for (row const& r : r_.rows()) {
      for (auto const& m : r.metrics.all()) metrics.insert(m.name);
    }
    for (std::string const& m : metrics) {
      add(m, "", r_.estimate_of(who_.workload, who_.scenario, who_.contestant, std::string_view(m)));
    }
    for (std::string const& other : r_.contestants(who_.workload, who_.scenario)) {
      std::string const& kind = r_.first(who_.workload, who_.scenario, other)->kind;
      if (other == who_.contestant || (kind != "floor" && kind != "peer")) continue;
      add("time_ratio", other, r_.ratio_of(who_.workload, who_.scenario, who_.contestant, other));
    }
  }

 private:
  void add(std::string_view what, std::string_view against, estimate const& e) {
    if (!e.known()) return;
    out_ += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", field(who_.workload), field(who_.scenario),
                        field(who_.contestant), who_.kind, what, field(against), e.n, e.marked, number(e.median),
                        number(e.sure.low), number(e.sure.high), number(e.least), number(e.deviation));
  }

  std::string& out_;
  results const& r_;
  row const& who_;
};

}  // namespace

std::string summary_csv(results const& r) {
  std::string out = "workload,scenario,contestant,kind,quantity,against,n,marked,median,low_95,high_95,least,mad\n";
  for (std::string const& workload : r.workloads()) {
    for (std::string const& scenario : r.scenarios(workload)) {
      for (std::string const& c : r.contestants(workload, scenario)) {
        lines(out, r, *r.first(workload, scenario, c)).add_all();
      }
    }
  }
  return out;
}

}  // namespace surewake::bench
