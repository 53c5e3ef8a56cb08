#include <surewake/verify/engine/graph/execution.hpp>
#include <surewake/verify/engine/graph/fault.hpp>

#include <stdexcept>

namespace surewake::verify::graph {

void execution::set_initial(location_id l, value v) {
  if (l >= locations_.size()) locations_.resize(l + 1);
  if (locations_[l].initial == v) return;
  locations_[l].initial = v;
  if (!locations_[l].writes.empty()) at(locations_[l].writes.front()).seen = v;
}

void execution::touch(location_id l) {
  if (l >= locations_.size()) locations_.resize(l + 1);
  if (!locations_[l].writes.empty()) return;
  event& e = append(initial_thread, {.what = operation::store, .where = l}, kind::initial, order::plain);
  e.seen = locations_[l].initial;
  e.stamp = 0;
  --next_stamp_;
  e.index = 0;
  e.place = 0;
  locations_[l].writes.push_back(size() - 1);
}

clock const& execution::known(unsigned thread) const noexcept {
  return threads_[thread].empty() ? nothing : (*this)[threads_[thread].back()].before();
}

clock execution::known(unsigned thread, request const& r) const noexcept {
  clock result = known(thread);
  bool const looks = r.is_current && !seeded(fault::look_is_stale);
  if (looks && !threads_[thread].empty()) result.join((*this)[threads_[thread].back()].knows->unfenced);
  return result;
}

std::int32_t execution::floor(location_id l, clock const& before) const noexcept {
  if (seeded(fault::no_coherence)) return 0;
  std::vector<event_id> const& co = locations_[l].writes;
  for (std::size_t place = co.size() - 1; place != 0; --place) {
    event const& w = (*this)[co[place]];
    if (before.has(w.thread, w.index)) return static_cast<std::int32_t>(place);
    for (event_id r = w.readers; r != no_event; r = (*this)[r].readers) {
      if (before.has((*this)[r].thread, (*this)[r].index)) return static_cast<std::int32_t>(place);
    }
  }
  return 0;
}

bool execution::taken(event_id write) const noexcept {
  if (seeded(fault::no_atomicity)) return false;
  event const& w = (*this)[write];
  std::vector<event_id> const& co = locations_[w.asked.where].writes;
  auto const next = static_cast<std::size_t>(w.place) + 1;
  return next < co.size() && (*this)[co[next]].half;
}

bool execution::is_last(event_id write) const noexcept {
  event const& w = (*this)[write];
  return static_cast<std::size_t>(w.place) + 1 == locations_[w.asked.where].writes.size();
}

knowledge& execution::own(std::size_t n) {
  if (n / block == blocks_.size()) blocks_.push_back(std::make_unique<std::array<knowledge, block>>());
  return (*blocks_[n / block])[n % block];
}

event& execution::append(unsigned thread, request const& r, kind what, order with) {
  if (threads_[thread].size() == most_events && thread != initial_thread)
    throw std::length_error("a thread has more events than a clock can count");
  if (size_ == events_.size()) events_.resize(size_ == 0 ? 64 : 2 * size_);
  event& e = events_[size_];
  e.asked = r;
  e.knows = &own(size_ - shared_);
  e.what = what;
  e.with = with;
  e.half = false;
  e.thread = static_cast<std::uint8_t>(thread);
  e.index = static_cast<std::uint16_t>(threads_[thread].size());
  e.stamp = next_stamp_++;
  e.reads = e.readers = no_event;
  e.place = -1;
  knowledge& k = *e.knows;
  if (threads_[thread].empty() || thread == initial_thread) {
    k.prefix = k.before = k.unfenced = k.release_fence = nothing;
  } else {
    knowledge const& last = *(*this)[threads_[thread].back()].knows;
    k.prefix = last.prefix;
    k.before = last.before;
    k.unfenced = last.unfenced;
    k.release_fence = last.release_fence;
  }
  k.released = nothing;
  k.strong_known = false;
  k.prefix.raise(thread, e.index + 1U);
  k.before.raise(thread, e.index + 1U);
  ++size_;
  enter(size() - 1);
  return e;
}

void execution::enter(event_id e) {
  event const& it = (*this)[e];
  threads_[it.thread].push_back(e);
  if (it.with == order::seq_cst) ordered_[it.thread].push_back(e);
}

void execution::receive(event& e, event const& write) noexcept {
  e.knows->prefix.join(write.prefix());
  if (acquires(e.with) && !seeded(fault::acquire_load_ignored)) {
    e.knows->before.join(write.knows->released);
  } else if (e.with != order::plain) {
    e.knows->unfenced.join(write.knows->released);
  }
}

void execution::release(event& e) noexcept {
  if (e.with == order::plain) return;
  knowledge& k = *e.knows;
  k.released = releases(e.with) && !seeded(fault::release_store_ignored) ? k.before : k.release_fence;
  if (e.half && !seeded(fault::rmw_ends_release_sequence)) {
    event const& read = (*this)[threads_[e.thread][e.index - 1U]];
    k.released.join((*this)[read.reads].knows->released);
  }
}

event_id execution::add_read(unsigned thread, request const& r, event_id from) {
  value const seen = (*this)[from].seen;
  bool const half = is_rmw(r.what) && stores(r, seen);
  bool const failed = is_rmw(r.what) && !half && !seeded(fault::failure_order_ignored);
  order with = failed ? r.failure : is_rmw(r.what) ? read_half(r.with) : r.with;
  if (model_ == memory_model::sc) with = order::seq_cst;
  event& e = append(thread, r, kind::read, with);
  e.half = half;
  e.seen = seen;
  e.reads = from;
  e.readers = (*this)[from].readers;
  at(from).readers = size() - 1;
  receive(e, (*this)[from]);
  return size() - 1;
}

event_id execution::add_write(unsigned thread, request const& r, std::int32_t after) {
  bool const half = is_rmw(r.what);
  order const with = model_ == memory_model::sc ? order::seq_cst : half ? write_half(r.with) : r.with;
  event& e = append(thread, r, kind::write, with);
  e.half = half;
  e.seen = half ? stored(r, (*this)[threads_[thread][e.index - 1U]].seen) : r.operand;
  release(e);
  if (after >= 0 && seeded(fault::release_sequence_of_cpp11)) {
    event const& previous = (*this)[writes(r.where)[static_cast<std::size_t>(after)]];
    if (previous.thread == thread) e.knows->released.join(previous.knows->released);
  }
  if (after >= 0) enter_place(size() - 1, after + 1);
  return size() - 1;
}

event_id execution::add_fence(unsigned thread, request const& r) {
  order with = model_ == memory_model::sc ? order::relaxed : r.with;
  if (with == order::seq_cst && seeded(fault::sc_fence_is_acq_rel)) with = order::acq_rel;
  event& e = append(thread, r, kind::fence, with);
  asymmetric_ = asymmetric_ || r.with_fences != reach::full;
  // A light fence orders only against heavy ones, in S.
  if (r.with_fences == reach::light && model_ == memory_model::cpp20) return size() - 1;
  if (acquires(e.with) && !seeded(fault::acquire_fence_ignored)) e.knows->before.join(e.knows->unfenced);
  if (releases(e.with) && !seeded(fault::release_fence_ignored)) e.knows->release_fence = e.before();
  return size() - 1;
}

event_id execution::add_choice(unsigned thread, request const& r, value chosen) {
  event& e = append(thread, r, kind::choice, order::relaxed);
  e.seen = chosen;
  if (is_rare(e)) ++rare_;
  return size() - 1;
}

void execution::enter_place(event_id e, std::int32_t place) {
  std::vector<event_id>& co = locations_[at(e).asked.where].writes;
  co.insert(co.begin() + place, e);
  for (auto p = static_cast<std::size_t>(place); p != co.size(); ++p) at(co[p]).place = static_cast<std::int32_t>(p);
}

void execution::pop() {
  event const& e = events_[size_ - 1];
  if (e.reads != no_event) at(e.reads).readers = e.readers;
  if (e.place >= 0) {
    std::vector<event_id>& co = locations_[e.asked.where].writes;
    co.erase(co.begin() + e.place);
    for (auto p = static_cast<std::size_t>(e.place); p != co.size(); ++p) --at(co[p]).place;
  }
  if (is_rare(e)) --rare_;
  threads_[e.thread].pop_back();
  if (e.with == order::seq_cst) ordered_[e.thread].pop_back();
  if (e.stamp + 1 == next_stamp_) --next_stamp_;
  --size_;
  shared_ = std::min(shared_, size_);
}

void execution::clear() {
  for (event_id const e : threads_[initial_thread]) locations_[(*this)[e].asked.where].writes.clear();
  for (std::vector<event_id>& t : threads_) t.clear();
  for (std::vector<event_id>& t : ordered_) t.clear();
  size_ = shared_ = rare_ = 0;
  next_stamp_ = 1;
}

void execution::begin_as(execution const& other, event_id n) {
  clear();
  if (events_.size() < other.size_) events_.resize(other.events_.size());
  std::copy_n(other.events_.begin(), n, events_.begin());
  size_ = shared_ = static_cast<std::size_t>(n);
  rare_ = other.rare_;
  asymmetric_ = asymmetric_ || other.asymmetric_;
  auto const take = [n](std::vector<event_id>& to, std::vector<event_id> const& from) {
    to.assign(from.begin(), std::lower_bound(from.begin(), from.end(), n));
  };
  for (std::size_t t = 0; t != threads_.size(); ++t) {
    take(threads_[t], other.threads_[t]);
    take(ordered_[t], other.ordered_[t]);
  }
  // Readers of a write are linked from the last one on: those that are not there come first.
  for (event_id e = other.size() - 1; e >= n; --e) {
    event const& it = other[e];
    if (it.reads != no_event && it.reads < n) at(it.reads).readers = it.readers;
    if (is_rare(it)) --rare_;
  }
}

event_id execution::add_shared(event const& e, event_id reads) {
  event& copy = events_[size_++] = e;
  shared_ = size_;
  copy.readers = no_event;
  copy.place = -1;
  copy.reads = reads;
  asymmetric_ = asymmetric_ || e.asked.with_fences != reach::full;
  if (is_rare(e)) ++rare_;
  if (reads != no_event) {
    copy.readers = (*this)[reads].readers;
    at(reads).readers = size() - 1;
  }
  enter(size() - 1);
  return size() - 1;
}

}  // namespace surewake::verify::graph
