#include <surewake/verify/engine/graph/drawing.hpp>
#include <surewake/verify/engine/graph/wide.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <stdexcept>

namespace surewake::verify::graph {

namespace {

using nlohmann::ordered_json;

struct relation_style {
  char const* name;
  char const* style;
};
constexpr relation_style relations[] = {
    {"po", "color=black"},
    {"rf", "color=forestgreen, fontcolor=forestgreen, constraint=false"},
    {"co", "color=brown, fontcolor=brown, style=dashed, constraint=false"},
    {"fr", "color=red, fontcolor=red, style=dashed, constraint=false"},
    {"hb", "color=blue, fontcolor=blue, style=dotted, constraint=false"},
};

[[nodiscard]] char const* name_of(kind k) {
  switch (k) {
    case kind::initial: return "initial";
    case kind::read: return "read";
    case kind::write: return "write";
    case kind::fence: return "fence";
    case kind::choice: return "choice";
  }
  return "?";
}
[[nodiscard]] char const* name_of(memory_model m) {
  return m == memory_model::sc ? "sc" : m == memory_model::rc11 ? "rc11" : "c++";
}

[[nodiscard]] std::string object_name(counterexample const& c, unsigned number) {
  for (traced_object const& o : c.objects) {
    if (o.number == number && !o.name.empty()) return o.among > 1 ? fmt::format("{} {}", o.name, o.among) : o.name;
  }
  return fmt::format("#{}", number);
}

/// Returns a value as a number, or of a wide one two of them.
[[nodiscard]] ordered_json value_of(execution const& g, event const& e) {
  // An initial write is as wide as what reads it.
  event const& user = e.what == kind::initial && e.readers != no_event ? g[e.readers] : e;
  if (user.asked.bytes <= sizeof(value)) return e.seen;
  wide const w = wide_of(e.seen);
  return {w.low, w.high};
}

[[nodiscard]] ordered_json event_of(counterexample const& c, event_id e) {
  event const& it = c.graph[e];
  ordered_json j;
  j["number"] = e;
  j["thread"] = it.what == kind::initial ? -1 : static_cast<int>(it.thread);
  j["kind"] = name_of(it.what);
  int const i = it.what == kind::initial ? -1 : c.step_of[static_cast<std::size_t>(e)];
  bool const accesses = it.what != kind::fence && it.what != kind::choice;
  if (accesses) j["location"] = it.asked.where;
  if (it.what != kind::fence) j["value"] = value_of(c.graph, it);
  if (i < 0) return j;
  step const& s = c.trace[static_cast<std::size_t>(i)];
  j["step"] = i;
  j["action"] = to_string(s.what);
  j["order"] = to_string(s.with);
  if (s.object != 0) j["object"] = object_name(c, s.object);
  j["text"] = it.what == kind::read ? s.before : s.after;
  j["stale"] = s.stale;
  j["place"] = fmt::format("{}:{}", s.file, s.line);
  return j;
}

class edges {
 public:
  edges(execution const& g, ordered_json& to) : g_(g), to_(to) {
    for (relation_style const& r : relations) to_[r.name] = ordered_json::array();
    for (event_id e = 0; e != g.size(); ++e) of_event(e);
    for (location_id l = 0; l != g.locations(); ++l) {
      for (std::size_t p = 1; p < g.writes(l).size(); ++p) add("co", g.writes(l)[p - 1], g.writes(l)[p]);
    }
  }

 private:
  void add(char const* relation, event_id from, event_id to) { to_[relation].push_back({from, to}); }
  void of_event(event_id e) {
    event const& it = g_[e];
    if (it.what == kind::initial) return;
    event_id const before = it.index == 0 ? no_event : g_.of_thread(it.thread)[it.index - 1U];
    if (before != no_event) add("po", before, e);
    for (unsigned t = 0; t != max_threads; ++t) {
      unsigned const knew = before == no_event ? 0 : g_[before].before()[t];
      if (t != it.thread && it.before()[t] > knew) add("hb", g_.of_thread(t)[it.before()[t] - 1], e);
    }
    if (it.what != kind::read) return;
    add("rf", it.reads, e);
    std::vector<event_id> const& co = g_.writes(it.asked.where);
    auto const next = static_cast<std::size_t>(g_[it.reads].place) + 1;
    if (!it.half && next != co.size()) add("fr", e, co[next]);
  }

  execution const& g_;
  ordered_json& to_;
};

[[nodiscard]] std::string quoted(std::string const& text) {
  std::string result = "\"";
  for (char const c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

[[nodiscard]] std::string label_of(ordered_json const& e) {
  std::string const number = e.contains("value") ? " = " + e["value"].dump() : "";
  if (!e.contains("action"))
    return fmt::format("{}{}{}", e["kind"].get<std::string>(),
                       e.contains("location") ? fmt::format(" of {}", e["location"].get<unsigned>()) : "", number);
  std::string const text = e["text"].get<std::string>();
  return fmt::format("{} {}{} {}{}  {}", e["action"].get<std::string>(), e.value("object", ""),
                     text.empty() ? "" : " = " + text, e["order"].get<std::string>(),
                     e["stale"].get<bool>() ? " (stale)" : "", e["place"].get<std::string>());
}

}  // namespace

std::string json_of(counterexample const& c, model_type const& model) {
  ordered_json j;
  j["verdict"] = to_string(c.found.result);
  j["message"] = c.found.message;
  j["memory"] = name_of(c.graph.model());
  j["sequentially_consistent"] = c.sequential;
  j["token"] = c.token;
  j["threads"] = model.names;
  j["events"] = ordered_json::array();
  for (event_id e = 0; e != c.graph.size(); ++e) j["events"].push_back(event_of(c, e));
  edges(c.graph, j);
  j["notes"] = c.notes;
  return j.dump(1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string dot_of(std::string_view json) try {
  ordered_json const j = ordered_json::parse(json);
  std::string text = "digraph execution {\n  node [shape=box, fontname=monospace];\n";
  std::string const finding = j.at("verdict").get<std::string>() + ": " + j.at("message").get<std::string>();
  text += fmt::format("  label={};\n", quoted(finding));
  auto const node = [&](ordered_json const& e) {
    text += fmt::format("    e{} [label={}];\n", e.at("number").get<int>(), quoted(label_of(e)));
  };
  for (int t = -1; t != static_cast<int>(j.at("threads").size()); ++t) {
    if (t >= 0) text += fmt::format("  subgraph cluster_{} {{\n    label={};\n", t,
                                    quoted(j["threads"][static_cast<std::size_t>(t)].get<std::string>()));
    for (ordered_json const& e : j.at("events")) {
      if (e.at("thread").get<int>() == t) node(e);
    }
    if (t >= 0) text += "  }\n";
  }
  for (relation_style const& r : relations) {
    for (ordered_json const& pair : j.at(r.name)) {
      text += fmt::format("  e{} -> e{} [label={}, {}];\n", pair.at(0).get<int>(), pair.at(1).get<int>(), r.name,
                          r.style);
    }
  }
  return text + "}\n";
} catch (nlohmann::json::exception const& e) {
  throw std::invalid_argument(std::string("no execution graph: ") + e.what());
}

}  // namespace surewake::verify::graph
