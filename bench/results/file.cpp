#include <surewake/bench/results/file.hpp>
#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/provenance.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <fstream>
#include <system_error>
#include <utility>

namespace surewake::bench {
namespace {

using json = nlohmann::ordered_json;

json fields_of(row const& r) {
  json all = json::object();
  for (auto const& f : text_fields) {
    if (!(r.*f.field).empty()) all[f.name] = r.*f.field;
  }
  for (auto const& f : number_fields) {
    if (std::isfinite(r.*f.field)) all[f.name] = r.*f.field;
  }
  if (!r.marks.empty()) all["marks"] = r.marks;
  for (auto const& [name, number] : r.metrics.all()) {
    if (std::isfinite(number)) all["metrics"][name] = number;
  }
  return all;
}

row row_of(json const& line) {
  row r;
  for (auto const& f : text_fields) r.*f.field = line.value(f.name, std::string());
  for (auto const& f : number_fields) r.*f.field = line.value(f.name, row::none);
  r.marks = line.value("marks", std::vector<std::string>());
  if (line.contains("metrics")) {
    for (auto const& [name, number] : line.at("metrics").items()) r.metrics.keep(name, number.get<double>());
  }
  return r;
}

latency_record latencies_of(json const& line) {
  latency_record l{line.at("workload"), line.at("scenario"), line.at("contestant"), {.what = line.at("what")}};
  for (json const& b : line.at("bins")) l.latencies.bins.push_back({b.at(0), b.at(1), b.at(2)});
  return l;
}

swimlane swimlane_of(json const& line) {
  swimlane s{.contestant = line.at("contestant"), .tasks = line.at("threads"), .permits = line.at("permits")};
  for (json const& e : line.at("events")) {
    auto const step = lane_step_of(e.at("what").get<std::string>());
    if (step) s.events.push_back({.t = e.at("t"), .task = e.at("task"), .step = *step});
  }
  return s;
}

/// Takes one line into what was read before it.
void take(recorded_run& all, json const& line) {
  std::string const record = line.at("record");
  if (record == "sample") {
    all.rows.push_back(row_of(line));
  } else if (record == "latencies") {
    all.latencies.push_back(latencies_of(line));
  } else if (record == "swimlane") {
    swimlane s = swimlane_of(line);
    std::erase_if(all.swimlanes, [&](swimlane const& earlier) { return earlier.contestant == s.contestant; });
    all.swimlanes.push_back(std::move(s));
  } else if (record == "failure") {
    all.failures.push_back({line.at("workload"), line.at("scenario"), line.at("contestant"), line.at("kind"),
                            line.at("why")});
  } else if (record == "scenario") {
    all.scenarios.push_back({line.at("workload"), line.at("scenario"), line.at("spent_s"), line.at("complete")});
  } else if (record == "resumed") {
    all.about["state"] = "running";
    all.about["resumed"].push_back(line.at("at"));
  } else if (record == "end") {
    for (auto const& [key, value] : line.items()) {
      if (key != "record") all.about[key] = value;
    }
  }
}

json first_line(std::string const& text, std::string const& where) {
  json const first = json::parse(text);
  if (first.value("record", "") != "run") throw bad_results(where + ": the record of a run is expected here");
  int const version = first.value("surewake_bench", 0);
  if (version > file_version) {
    throw bad_results(fmt::format("{}: version {}, of a newer surewake-bench; this one reads up to {}", where, version,
                                  file_version));
  }
  return first;
}

recorded_run read_lines(std::filesystem::path const& file) {
  std::ifstream in(file);
  if (!in) throw bad_results(fmt::format("cannot read {}", file.string()));
  recorded_run all;
  std::string text;
  for (std::size_t number = 1; std::getline(in, text); ++number) {
    std::string const where = fmt::format("{}:{}", file.string(), number);
    if (in.eof()) break;  // no end of line: a run that was killed; the rest is whole
    try {
      if (number == 1) {
        all.about = first_line(text, where);
        all.about["state"] = "running";
      } else {
        take(all, json::parse(text));
      }
    } catch (json::exception const& e) {
      throw bad_results(fmt::format("{}: {}", where, e.what()));
    }
    all.whole_bytes += text.size() + 1;
  }
  if (all.about.is_null()) throw bad_results(fmt::format("{}: it is empty", file.string()));
  return all;
}

recorded_run read_first_version(std::filesystem::path const& folder) {
  recorded_run all;
  all.rows = read_csv(folder / "results.csv");
  std::ifstream in(folder / "results.json");
  if (!in) throw bad_results(fmt::format("cannot read {}", (folder / "results.json").string()));
  try {
    all.about = json::parse(in);
  } catch (json::exception const& e) {
    throw bad_results(fmt::format("{}: {}", (folder / "results.json").string(), e.what()));
  }
  return all;
}

}  // namespace

recorded_run read_results(std::filesystem::path const& where) {
  std::error_code error;
  if (std::filesystem::exists(where, error) && !std::filesystem::is_directory(where, error)) return read_lines(where);
  bool const old = !std::filesystem::exists(where / file_name, error) &&
                   std::filesystem::exists(where / "results.csv", error);
  return old ? read_first_version(where) : read_lines(where / file_name);
}

json json_of(swimlane const& lanes) {
  json events = json::array();
  for (lane_event const& e : lanes.events) {
    events.push_back({{"t", std::llround(e.t)}, {"task", e.task}, {"what", to_string(e.step)}});
  }
  return {{"contestant", lanes.contestant},
          {"threads", lanes.tasks},
          {"permits", lanes.permits},
          {"unit", "ns"},
          {"events", std::move(events)}};
}

result_writer::result_writer(std::filesystem::path const& file, json about)
    : file_(file), out_(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
  if (out_ < 0) check(errno);
  json first{{"surewake_bench", file_version}};
  if (!about.is_null()) first.update(about);
  put("run", first);
}

result_writer::result_writer(recorded_run const& before, std::filesystem::path const& file)
    : file_(file), out_(::open(file.c_str(), O_WRONLY | O_CLOEXEC)) {
  if (out_ < 0) check(errno);
  if (::ftruncate(out_, static_cast<off_t>(before.whole_bytes)) != 0) check(errno);
  if (::lseek(out_, 0, SEEK_END) < 0) check(errno);
  put("resumed", {{"at", program::timestamp()}});
}

result_writer::~result_writer() {
  if (out_ >= 0) ::close(out_);
}

void result_writer::add(row const& r) { put("sample", fields_of(r)); }

void result_writer::add(latency_record const& l) {
  json bins = json::array();
  for (latency_bin const& b : l.latencies.bins) bins.push_back({b.low_ns, b.high_ns, b.count});
  put("latencies", {{"workload", l.workload},
                    {"scenario", l.scenario},
                    {"contestant", l.contestant},
                    {"what", l.latencies.what},
                    {"bins", bins}});
}

void result_writer::add(swimlane const& s) { put("swimlane", json_of(s)); }

void result_writer::add(failure const& f) {
  put("failure", {{"workload", f.workload},
                  {"scenario", f.scenario},
                  {"contestant", f.contestant},
                  {"kind", f.kind},
                  {"why", f.why}});
}

void result_writer::add(measured_scenario const& s) {
  put("scenario",
      {{"workload", s.workload}, {"scenario", s.scenario}, {"spent_s", s.spent_s}, {"complete", s.complete}});
}

void result_writer::add_end(json facts) { put("end", facts); }

void result_writer::finish() {
  check(program::write_and_sync(out_, ""));
  if (::close(std::exchange(out_, -1)) != 0) check(errno);
}

void result_writer::put(char const* record, json const& fields) {
  json line{{"record", record}};
  line.update(fields);
  std::string const text = line.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
  for (std::string_view rest = text; !rest.empty();) {
    ssize_t const n = ::write(out_, rest.data(), rest.size());
    if (n < 0 && errno != EINTR) check(errno);
    if (n > 0) rest.remove_prefix(static_cast<std::size_t>(n));
  }
}

void result_writer::check(int error) const {
  if (error == 0) return;
  throw bad_results(fmt::format("cannot write {}: {}", file_.string(), std::generic_category().message(error)));
}

}  // namespace surewake::bench
