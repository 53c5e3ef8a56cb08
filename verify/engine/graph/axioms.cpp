#include <surewake/verify/engine/graph/axioms.hpp>
#include <surewake/verify/engine/graph/relation.hpp>

namespace surewake::verify::graph {

namespace {

/// The relations of a graph, taken from its events alone and not from their clocks.
class relations {
 public:
  explicit relations(execution const& g)
      : g_(g), n_(static_cast<std::size_t>(g.size())), po_(n_), rf_(n_), co_(n_), fr_(n_), rmw_(n_), eco_(n_) {
    for (std::size_t x = 0; x != n_; ++x) {
      for (std::size_t y = 0; y != n_; ++y) enter(x, y);
    }
    eco_ = (rf_ | co_ | fr_).closure();
  }

  [[nodiscard]] bool atomic() const { return (rmw_ & (fr_ * co_)).empty(); }
  [[nodiscard]] bool sequential() const { return (po_ | rf_ | co_ | fr_).closure().irreflexive(); }
  [[nodiscard]] bool coherent() const {
    relation const hb = happens_before();
    return hb.irreflexive() && (hb * eco_).irreflexive();
  }
  [[nodiscard]] bool ordered_cpp20() const;
  [[nodiscard]] bool ordered_rc11() const;

 private:
  [[nodiscard]] event const& at(std::size_t x) const { return g_[static_cast<event_id>(x)]; }
  [[nodiscard]] bool is_access(std::size_t x) const { return at(x).what == kind::read || is_write(x); }
  [[nodiscard]] bool is_write(std::size_t x) const { return at(x).what == kind::write || at(x).what == kind::initial; }
  [[nodiscard]] bool is_fence(std::size_t x) const { return at(x).what == kind::fence; }
  [[nodiscard]] bool is_light(std::size_t x) const {
    return g_.model() == memory_model::cpp20 && at(x).asked.with_fences == reach::light;
  }
  [[nodiscard]] bool same_location(std::size_t x, std::size_t y) const {
    return is_access(x) && is_access(y) && at(x).asked.where == at(y).asked.where;
  }
  [[nodiscard]] relation those(auto holds) const { return relation::identity(n_, holds); }
  [[nodiscard]] relation sc_accesses() const {
    return those([&](auto x) { return is_access(x) && at(x).with == order::seq_cst; });
  }
  [[nodiscard]] relation sc_fences() const {
    return those([&](auto x) { return is_fence(x) && at(x).with == order::seq_cst; });
  }
  void enter(std::size_t x, std::size_t y);
  [[nodiscard]] relation synchronises() const;
  [[nodiscard]] relation happens_before() const { return (po_ | synchronises()).closure(); }

  execution const& g_;
  std::size_t n_;
  relation po_, rf_, co_, fr_, rmw_, eco_;
};

void relations::enter(std::size_t x, std::size_t y) {
  event const& a = at(x);
  event const& b = at(y);
  bool const initial = a.what == kind::initial && b.what != kind::initial;
  if (initial || (a.what != kind::initial && a.thread == b.thread && a.index < b.index)) po_.add(x, y);
  if (a.what == kind::read && b.what == kind::write && a.half && a.thread == b.thread && a.index + 1 == b.index)
    rmw_.add(x, y);
  if (b.what == kind::read && b.reads == static_cast<event_id>(x)) rf_.add(x, y);
  if (!same_location(x, y) || !is_write(y)) return;
  if (is_write(x) && a.place < b.place) co_.add(x, y);
  if (a.what == kind::read && g_[a.reads].place < b.place) fr_.add(x, y);
}

/// Returns C++20's synchronises-with; release sequences as of P0982.
relation relations::synchronises() const {
  relation const all = those([](auto) { return true; });
  relation const atomics = those([&](auto x) { return is_access(x) && at(x).with != order::plain; });
  relation const writes = atomics & those([&](auto x) { return is_write(x); });
  relation const reads = atomics & those([&](auto x) { return at(x).what == kind::read; });
  relation const fences = those([&](auto x) { return is_fence(x); });
  relation const from = those([&](auto x) { return releases(at(x).with) && !is_light(x); });
  relation const to = those([&](auto x) { return acquires(at(x).with) && !is_light(x); });
  relation const sequence = writes * (all | (rf_ * rmw_).closure());
  relation const head = from * (all | fences * po_);
  relation const tail = (all | po_ * fences) * to;
  return head * sequence * rf_ * reads * tail;
}

bool relations::ordered_cpp20() const {
  relation const hb = happens_before();
  relation const all = those([](auto) { return true; });
  relation const sc = sc_accesses();
  relation const fence = sc_fences();
  // An RMW is its read half.
  std::vector<std::size_t> name(n_);
  for (std::size_t x = 0; x != n_; ++x) {
    name[x] = x;
    for (std::size_t r = 0; r != n_; ++r) {
      if (rmw_.has(r, x)) name[x] = r;
    }
  }
  auto const named = [&](std::size_t x) { return name[x]; };
  relation const sb = po_ - rmw_;
  relation const strong = (sb | sc * synchronises() * sc | sb * hb * sb).merged(named).closure();
  relation const merging = [&] {
    relation result(n_);
    for (std::size_t x = 0; x != n_; ++x) result.add(x, name[x]);
    return result;
  }();
  relation const left = (sc | fence * (all | hb)) * merging;
  relation const right = (sc | (all | hb) * fence) * merging;
  relation const events = (sc | fence) * merging;
  relation const shown = (left * eco_.merged(named) * right).only([&](auto x, auto y) {
    return reaches(at(x).asked.with_fences, at(y).asked.with_fences);
  });
  return (shown | events * strong * events).closure().irreflexive();
}

bool relations::ordered_rc11() const {
  relation const hb = happens_before();
  relation const all = those([](auto) { return true; });
  relation const sc = sc_accesses();
  relation const fence = sc_fences();
  relation const elsewhere = po_.only([&](auto x, auto y) { return !same_location(x, y); });
  relation const here = hb.only([&](auto x, auto y) { return same_location(x, y); });
  relation const scb = po_ | elsewhere * hb * elsewhere | here | co_ | fr_;
  relation const base = (sc | fence * (all | hb)) * scb * (sc | (all | hb) * fence);
  return (base | fence * (hb | hb * eco_ * hb) * fence).closure().irreflexive();
}

}  // namespace

bool satisfies_axioms(execution const& g) {
  relations const r(g);
  if (!r.atomic()) return false;
  switch (g.model()) {
    case memory_model::sc: return r.sequential();
    case memory_model::rc11: return r.coherent() && r.ordered_rc11();
    case memory_model::cpp20: return r.coherent() && r.ordered_cpp20();
  }
  return false;
}

bool satisfies_rc11_order(execution const& g) { return relations(g).ordered_rc11(); }

}  // namespace surewake::verify::graph
