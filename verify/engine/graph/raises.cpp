#include <surewake/verify/engine/graph/altered.hpp>
#include <surewake/verify/engine/graph/raises.hpp>

#include <algorithm>
#include <array>
#include <map>

namespace surewake::verify::graph {

namespace {

[[nodiscard]] bool is_stronger(order a, order b) noexcept {
  return a != b && (acquires(a) || !acquires(b)) && (releases(a) || !releases(b)) && b != order::seq_cst;
}

class raising {
 public:
  raising(runtime& of, execution const& g, watch const& w, verdict found) : of_(of), g_(g), found_(found) {
    for (std::size_t i = 0; i != w.places.size(); ++i) {
      if (w.places[i].is_event) step_of_[{w.places[i].thread, w.places[i].events}] = &w.steps.trace[i];
    }
  }
  [[nodiscard]] bool forbids(raise const& by) {
    other_order const other = by.as_other();
    altered changed = alter(g_, g_.model(), lengths_of(g_), [&](event const& e) {
      auto const step = step_of_.find({e.thread, e.index});
      return step == step_of_.end() || !is_at(*step->second, other) ? e.asked : other.of(e.asked);
    });
    if (!changed.consistent) return true;
    watch w;
    w.others.push_back(other);
    try {
      return of_.follow(std::move(changed.graph), w).result != found_;
    } catch (not_deterministic const&) {
      return false;  // nothing is known
    }
  }

 private:
  [[nodiscard]] static bool is_at(raw_step const& s, other_order const& by) { return by.is_for(s.info.what, s.at); }

  runtime& of_;
  execution const& g_;
  verdict found_;
  std::map<std::pair<unsigned, unsigned>, raw_step const*> step_of_{};
};

/// Returns the orders that an operation can have, the weaker ones first.
[[nodiscard]] std::vector<order> orders_for(verify::action what, bool on_failure) {
  using enum verify::action;
  if (what == load || what == await || on_failure) return {order::acquire, order::seq_cst};
  if (what == store) return {order::release, order::seq_cst};
  if (what == light_fence || what == heavy_fence) return {};
  return {order::acquire, order::release, order::acq_rel, order::seq_cst};
}

}  // namespace

std::vector<forbidding> find_raises(runtime& of, execution const& g, watch const& w, verdict found) {
  raising all(of, g, w, found);
  std::vector<raise> seen;
  std::vector<forbidding> result;
  for (std::size_t i = 0; i != w.places.size(); ++i) {
    raw_step const& s = w.steps.trace[i];
    if (!w.places[i].is_event || s.info.what > verify::action::await || s.near) continue;
    raise by{s.info.what, s.info.what == verify::action::compare_exchange && s.info.failed, s.at, {}};
    bool const known = std::any_of(seen.begin(), seen.end(), [&](raise const& x) {
      return x.on_failure == by.on_failure && x.as_other().is_for(by.what, by.at);
    });
    if (known) continue;
    seen.push_back(by);
    auto const from = static_cast<order>(static_cast<std::uint8_t>(s.info.with) + 1);
    for (order const to : orders_for(by.what, by.on_failure)) {
      by.to = to;
      if (!is_stronger(to, from) || !all.forbids(by)) continue;
      result.push_back({by, from, i});
      break;
    }
  }
  return result;
}

}  // namespace surewake::verify::graph
