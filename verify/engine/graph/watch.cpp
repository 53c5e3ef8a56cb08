#include <surewake/verify/engine/graph/orders.hpp>
#include <surewake/verify/engine/graph/watch.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace surewake::verify::graph {

namespace {

/// Returns whether the place is of the engine, where the model's is not known. (Models of its tests are models.)
[[nodiscard]] bool is_engines(where at) noexcept {
  std::string_view const file = at.file_name();
  return at.line() == 0 ||
         (file.find("verify/engine/") != std::string_view::npos && file.find(".test.") == std::string_view::npos);
}

}  // namespace

bool other_order::is_for(verify::action announced, where at) const noexcept {
  return line == at.line() && column == at.column() && what == announced &&
         std::string_view(at.file_name()).ends_with(file);
}

request other_order::of(request r) const noexcept {
  // A weak compare-exchange that fails without a reason is a load.
  bool const failure = what == verify::action::compare_exchange && (on_failure || r.what == operation::load);
  if (failure && !on_failure) return r;
  (failure && r.what != operation::load ? r.failure : r.with) = to;
  return r;
}

request watch::changed(unsigned thread, request r) const {
  announced const& p = pending_[thread];
  if (!p.is) return r;
  for (other_order const& o : others) {
    if (o.is_for(p.what, p.at)) r = o.of(r);
  }
  return r;
}

void watch::add(place p, step_info const& s, where at) {
  bool const near = is_engines(at);
  where const own = near ? last_[p.thread] : at;
  last_[p.thread] = own;
  steps.trace.push_back({s, p.thread == initial_thread ? -1 : static_cast<int>(p.thread), own, near});
  places.push_back(p);
}

void watch::note_executed(announced const& p, event const& e) {
  bool const exchange = p.what == verify::action::compare_exchange;
  bool const failed = exchange && !e.half;
  order const with = failed && e.asked.what != operation::load ? e.asked.failure : e.asked.with;
  auto const known = std::find_if(executed->begin(), executed->end(), [&](executed_site const& x) {
    return x.at.line() == p.at.line() && x.at.column() == p.at.column() && x.what == p.what && x.on_failure == failed &&
           x.at.file_name() == std::string_view(p.at.file_name());
  });
  if (known == executed->end()) executed->push_back({p.at, p.what, failed, to_source(with)});
}

void watch::performed(event const& e, value seen) {
  announced& p = pending_[e.thread];
  // A compare-exchange comes after the choice whether it fails.
  if (!p.is || (e.what == kind::choice && p.what != verify::action::wake)) return;
  p.is = false;
  if (executed != nullptr) note_executed(p, e);
  if (!takes_notes) {
    last_[e.thread] = p.at;
    return;
  }
  if (e.what == kind::choice && seen == 0) return;
  step_info s{.what = p.what, .with = to_source(e.asked.with), .object = p.object};
  bool const rmw = is_rmw(e.asked.what);
  auto const in_words = [&](value v) { return p.text == nullptr ? shown{} : p.text(v); };
  if (e.what == kind::read) s.before = in_words(seen);
  if (e.what == kind::write) s.after = in_words(e.seen);
  if (rmw) s.after = in_words(stored(e.asked, seen));
  if (rmw && !e.half) {
    s.failed = true;
    s.with = to_source(e.asked.failure);
  }
  if (s.what == verify::action::compare_exchange && e.asked.what == operation::load) s.failed = true;
  if (s.what == verify::action::futex_wait || s.what == verify::action::futex_wait_until) s.failed = seen != p.expected;
  if (s.what == verify::action::lock && s.failed) {
    slept_in[e.thread] = s.what;
    s.what = verify::action::sleep;
  }
  if (s.what == verify::action::wake && e.what == kind::choice) s.failed = !e.asked.is_rare;
  add({e.thread, e.index, true}, s, p.at);
}

void watch::blocked(unsigned thread) {
  if (!takes_notes) return;
  for (std::size_t i = places.size(); i-- != 0;) {
    if (places[i].thread != thread) continue;
    verify::action& what = steps.trace[i].info.what;
    if (!places[i].is_event || what == verify::action::sleep) return;
    slept_in[thread] = std::exchange(what, verify::action::sleep);
    return;
  }
}

void watch::note(place p, step_info const& s, where at) {
  if (!takes_notes) return;
  pending_[p.thread].is = false;
  add(p, s, at);
}

where watch::stopped(place p, where at) {
  announced& a = pending_[p.thread];
  if (a.is && takes_notes) add(p, {.what = a.what, .object = a.object}, a.at);
  a.is = false;
  return is_engines(at) ? last_[p.thread] : at;
}

}  // namespace surewake::verify::graph
