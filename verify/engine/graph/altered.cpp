#include <surewake/verify/engine/graph/altered.hpp>
#include <surewake/verify/engine/graph/axioms.hpp>
#include <surewake/verify/engine/graph/seq_cst_order.hpp>

namespace surewake::verify::graph {

namespace {

class copier {
 public:
  copier(execution const& from, memory_model model) : from_(from), to_(model) {
    number_.assign(static_cast<std::size_t>(from.size()), no_event);
  }
  /// Copies an event, and the write half of an RMW with its read half. Returns whether the copy is consistent.
  bool copy(event_id e, request const& asked);
  [[nodiscard]] altered result(bool consistent) {
    if (consistent && to_.model() == memory_model::rc11) consistent = satisfies_rc11_order(to_);
    return {std::move(to_), consistent};
  }

 private:
  event_id& number(event_id e) { return number_[static_cast<std::size_t>(e)]; }
  void touch(location_id l, event_id initial) {
    to_.set_initial(l, from_[initial].seen);
    to_.touch(l);
    number(initial) = to_.writes(l).front();
  }
  bool copy_read(event const& it, event_id e, request const& asked);
  bool copy_write(event const& it, event_id e, request const& asked);
  [[nodiscard]] bool ordered(event_id added) {
    event const& it = to_[added];
    if (to_.is_last(it.what == kind::read ? it.reads : added) || to_.model() == memory_model::rc11) return true;
    return total_order_.allows(to_, added);
  }

  execution const& from_;
  execution to_;
  std::vector<event_id> number_{};  // in the copy
  seq_cst_order total_order_{};
};

bool copier::copy(event_id e, request const& asked) {
  event const& it = from_[e];
  if (it.what == kind::fence) number(e) = to_.add_fence(it.thread, asked);
  if (it.what == kind::choice) number(e) = to_.add_choice(it.thread, asked, it.seen);
  if (it.what != kind::read && it.what != kind::write) return true;
  event_id const initial = from_.writes(asked.where).front();
  if (number(initial) == no_event) touch(asked.where, initial);
  if (it.what == kind::write) return copy_write(it, e, asked);
  if (!copy_read(it, e, asked)) return false;
  if (!it.half) return true;
  event_id const w = from_.of_thread(it.thread)[it.index + 1U];
  return copy_write(from_[w], w, asked);
}

bool copier::copy_read(event const& it, event_id e, request const& asked) {
  event_id const source = number(it.reads);
  if (to_.floor(asked.where, to_.known(it.thread, asked)) > to_[source].place) return false;
  number(e) = to_.add_read(it.thread, asked, source);
  return ordered(number(e));
}

bool copier::copy_write(event const& it, event_id e, request const& asked) {
  std::int32_t before = -1;
  std::vector<event_id> const& co = from_.writes(asked.where);
  for (auto p = static_cast<std::size_t>(it.place); p-- != 0;) {
    if (number(co[p]) == no_event) continue;
    before = to_[number(co[p])].place;
    break;
  }
  if (to_.floor(asked.where, to_.known(it.thread)) > before) return false;
  number(e) = to_.add_write(it.thread, asked, before);
  return ordered(number(e));
}

}  // namespace

lengths lengths_of(execution const& g) {
  lengths result{};
  for (unsigned t = 0; t != max_threads; ++t) result[t] = static_cast<unsigned>(g.of_thread(t).size());
  return result;
}

altered alter(execution const& g, memory_model model, lengths const& events,
              std::function<request(event const&)> const& asked) {
  copier copy(g, model);
  for (event_id e = 0; e != g.size(); ++e) {
    event const& it = g[e];
    bool const copied = it.what == kind::initial || (it.what == kind::write && it.half);
    if (copied || it.index >= events[it.thread]) continue;
    if (!copy.copy(e, asked(it))) return copy.result(false);
  }
  return copy.result(true);
}

altered alter(execution const& g, memory_model model) {
  return alter(g, model, lengths_of(g), [](event const& e) { return e.asked; });
}

}  // namespace surewake::verify::graph
