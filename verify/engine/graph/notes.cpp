#include <surewake/verify/engine/graph/notes.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace surewake::verify::graph {

told::told(execution const& g, watch const& w, model_type const& model, std::vector<step> const& steps)
    : g_(g), w_(w), model_(model), steps_(steps), step_of_(static_cast<std::size_t>(g.size()), -1),
      position_(steps.size(), 0) {
  for (std::size_t i = 0; i != w.places.size(); ++i) {
    watch::place const& p = w.places[i];
    if (!p.is_event) continue;
    event_id const e = g.of_thread(p.thread)[p.events];
    step_of_[static_cast<std::size_t>(e)] = static_cast<int>(i);
    if (!g[e].half) continue;
    step_of_[static_cast<std::size_t>(g.of_thread(p.thread)[p.events + 1])] = static_cast<int>(i);
  }
}

bool told::is_shown(event const& e) const noexcept { return step_of(g_.of_thread(e.thread)[e.index]) >= 0; }

void told::arrange(schedule const& s, unsigned last) {
  std::vector<std::vector<std::size_t>> of(max_threads + 1);
  std::vector<std::size_t> after;
  for (std::size_t i = w_.places.size(); i-- != 0;) {
    bool const alone = w_.places[i].thread == initial_thread;
    bool const ends = alone && std::all_of(of.begin(), of.end() - 1, [](auto const& steps) { return steps.empty(); });
    (ends && i + 1 + after.size() == w_.places.size() ? after : of[w_.places[i].thread]).push_back(i);
  }
  auto const take = [&](unsigned t) {
    arranged_.push_back(of[t].back());
    of[t].pop_back();
  };
  while (!of[initial_thread].empty()) take(initial_thread);
  for (event_id const e : s.order) {
    event const& it = g_[e];
    unsigned const until = it.index + (it.half ? 2U : 1U);
    bool const holds_back = it.thread == last && until == g_.of_thread(it.thread).size();
    while (!of[it.thread].empty()) {
      watch::place const& p = w_.places[of[it.thread].back()];
      if (p.events > until || (p.events == until && (p.is_event || holds_back))) break;
      take(it.thread);
    }
  }
  for (unsigned t = 0; t != max_threads; ++t) {
    while (t != last && !of[t].empty()) take(t);
  }
  while (last != no_thread && !of[last].empty()) take(last);
  arranged_.insert(arranged_.end(), after.rbegin(), after.rend());
  for (std::size_t i = 0; i != arranged_.size(); ++i) position_[arranged_[i]] = i;
}

std::string told::step_name(std::size_t i) const { return fmt::format("step {{s{}}}", position_[i]); }

/// Says where it was lost that `by` had come to its event number `events` before event `last` of another thread.
std::string told::link(unsigned by, unsigned events, event_id last) const {
  if (events >= g_.of_thread(by).size()) return fmt::format("{} stores nothing after that", thread(by));
  for (event_id x = g_.size(); x-- != 0;) {
    event const& read = g_[x];
    bool const is_before = last != no_event && g_[last].prefix().has(read.thread, read.index);
    if (read.what != kind::read || !is_before || read.before().has(by, events)) continue;
    event const& write = g_[read.reads];
    if (write.what == kind::initial || !write.before().has(by, events) || step_of(x) < 0 || step_of(read.reads) < 0)
      continue;
    bool const released = write.knows->released.has(by, events);
    auto const weak = static_cast<std::size_t>(released ? step_of(x) : step_of(read.reads));
    return fmt::format("{} reads what {} stored, but the {} is {}", step_name(static_cast<std::size_t>(step_of(x))),
                       step_name(static_cast<std::size_t>(step_of(read.reads))), released ? "read" : "store",
                       released ? fmt::format("{}, not acquire", to_string(steps_[weak].with))
                                : fmt::format("{}, not release", to_string(steps_[weak].with)));
  }
  return fmt::format("{} has read nothing that {} stored after that",
                     last == no_event ? "the other thread" : thread(g_[last].thread), thread(by));
}

std::string told::stale(event_id read, schedule const& s) const {
  event const& it = g_[read];
  if (step_of(read) < 0) return {};
  auto const place = [&](event_id e) { return std::find(s.order.begin(), s.order.end(), e) - s.order.begin(); };
  std::vector<event_id> const& co = g_.writes(it.asked.where);
  for (std::size_t q = co.size() - 1; q != static_cast<std::size_t>(g_[it.reads].place); --q) {
    event const& newer = g_[co[q]];
    event_id const comes = newer.half ? g_.of_thread(newer.thread)[newer.index - 1U] : co[q];
    if (step_of(co[q]) < 0 || place(comes) > place(read)) continue;
    auto const r = static_cast<std::size_t>(step_of(read));
    auto const w = static_cast<std::size_t>(step_of(co[q]));
    event_id const before = it.index == 0 ? no_event : g_.of_thread(it.thread)[it.index - 1U];
    std::string const what = steps_[w].after.empty() ? "" : fmt::format(" ({})", steps_[w].after);
    return fmt::format("{} is stale: {} has stored a newer value to {} at {}{}, but nothing orders that before this "
                       "read: {}",
                       step_name(r), thread(newer.thread), object(r), step_name(w), what,
                       link(newer.thread, newer.index, before));
  }
  return {};
}

std::string told::late(event_id store, schedule const& s) const {
  if (step_of(store) < 0) return {};
  auto const place = [&](event_id e) { return std::find(s.order.begin(), s.order.end(), e) - s.order.begin(); };
  std::vector<event_id> const& co = g_.writes(g_[store].asked.where);
  for (std::size_t q = co.size() - 1; q != static_cast<std::size_t>(g_[store].place); --q) {
    if (step_of(co[q]) < 0 || place(co[q]) > place(store)) continue;
    auto const own = static_cast<std::size_t>(step_of(store));
    auto const newer = static_cast<std::size_t>(step_of(co[q]));
    return fmt::format("{} comes before {} in the modification order of {}: nothing orders the two stores",
                       step_name(own), step_name(newer), object(own));
  }
  return {};
}

std::optional<std::size_t> told::last_step(unsigned thread) const {
  for (std::size_t i = w_.places.size(); i-- != 0;) {
    if (w_.places[i].thread == thread) return i;
  }
  return std::nullopt;
}

std::string told::blocked(unsigned t) const {
  auto const last = last_step(t);
  if (!last || steps_[*last].what != verify::action::sleep) return fmt::format("{} goes on for ever", thread(t));
  verify::action const in = w_.slept_in[t];
  char const* const how = in == verify::action::lock ? "mutex" : in == verify::action::wake ? "futex" : "await";
  return fmt::format("{} sleeps for ever ({} at {}:{})", thread(t), how, steps_[*last].file, steps_[*last].line);
}

/// Says which wakes came to nothing that were meant for the sleeper.
std::string told::lost_wake(unsigned t, std::size_t sleep) const {
  for (std::size_t i = arranged_.size(); i-- != 0;) {
    std::size_t const a = arranged_[i];
    bool const same = w_.steps.trace[a].info.object == w_.steps.trace[sleep].info.object;
    if (steps_[a].what != verify::action::futex_wake || !same || w_.places[a].thread == t) continue;
    std::string const waker = thread(w_.places[a].thread);
    return steps_[a].failed ? fmt::format("{}: {} wakes, and nobody sleeps there yet", step_name(a), waker)
                            : fmt::format("{}: {} wakes, but not {}", step_name(a), waker, thread(t));
  }
  return fmt::format("nobody wakes {} at {}", thread(t), object(sleep));
}

/// Says which read of another thread was the last that missed what the blocked thread has stored.
std::string told::missed_store(unsigned t, schedule const& s) const {
  for (std::size_t i = s.order.size(); i-- != 0;) {
    event const& read = g_[s.order[i]];
    if (read.what != kind::read || read.half || read.thread == t || step_of(s.order[i]) < 0) continue;
    std::vector<event_id> const& co = g_.writes(read.asked.where);
    for (auto q = static_cast<std::size_t>(g_[read.reads].place) + 1; q != co.size(); ++q) {
      if (g_[co[q]].thread != t || step_of(co[q]) < 0) continue;
      auto const r = static_cast<std::size_t>(step_of(s.order[i]));
      auto const w = static_cast<std::size_t>(step_of(co[q]));
      if (steps_[w].after.empty()) continue;
      return fmt::format("{}: {} reads {} = {}, and so misses what {} stores at {}", step_name(r), thread(read.thread),
                         object(r), steps_[r].before, thread(t), step_name(w));
    }
  }
  return {};
}

std::string told::holder(unsigned t, std::size_t sleep) const {
  for (std::size_t i = arranged_.size(); i-- != 0;) {
    std::size_t const a = arranged_[i];
    bool const locks = steps_[a].what == verify::action::lock || steps_[a].what == verify::action::try_lock;
    if (!locks || steps_[a].failed || w_.steps.trace[a].info.object != w_.steps.trace[sleep].info.object) continue;
    unsigned const by = w_.places[a].thread;
    return fmt::format("{}{} has held {} since {}", thread(by), by == t ? " itself" : "", object(sleep), step_name(a));
  }
  return {};
}

std::vector<std::string> told::missed(unsigned t, schedule const& s) const {
  std::vector<std::string> all;
  auto const sleep = last_step(t);
  if (!sleep || steps_[*sleep].what != verify::action::sleep) return all;
  if (std::string text = missed_store(t, s); !text.empty()) all.push_back(std::move(text));
  if (w_.slept_in[t] == verify::action::wake) all.push_back(lost_wake(t, *sleep));
  if (w_.slept_in[t] == verify::action::lock) all.push_back(holder(t, *sleep));
  if (w_.slept_in[t] == verify::action::await)
    all.push_back(fmt::format("{} is {}, and no later store comes", object(*sleep), steps_[*sleep].before));
  std::erase(all, "");
  return all;
}

std::string told::race(unsigned t, std::string& why) const {
  auto const last = last_step(t);
  if (!last || (steps_[*last].what != verify::action::get && steps_[*last].what != verify::action::set)) return {};
  unsigned const here = w_.places[*last].events;
  event_id const known = here == 0 ? no_event : g_.of_thread(t)[here - 1];
  for (std::size_t i = *last; i-- != 0;) {
    watch::place const& p = w_.places[i];
    bool const accesses = steps_[i].what == verify::action::get || steps_[i].what == verify::action::set;
    if (!accesses || p.thread == t || p.thread == initial_thread || steps_[i].object != steps_[*last].object) continue;
    if (steps_[i].what == verify::action::get && steps_[*last].what == verify::action::get) continue;
    if (known != no_event && g_[known].before().has(p.thread, p.events)) continue;
    why = fmt::format("{} and {} are not ordered: {}", step_name(i), step_name(*last), link(p.thread, p.events, known));
    return fmt::format("{} {} what {} {} at {}:{}, and nothing orders the two ({}:{})", thread(t),
                       steps_[*last].what == verify::action::get ? "reads" : "writes", thread(p.thread),
                       steps_[i].what == verify::action::get ? "reads" : "writes", steps_[i].file, steps_[i].line,
                       steps_[*last].file, steps_[*last].line);
  }
  return {};
}

std::vector<std::string> told::given_again() const {
  std::vector<std::string> all;
  auto const& trace = w_.steps.trace;
  for (std::size_t i = 0; i != trace.size(); ++i) {
    if (trace[i].info.what != verify::action::allocate) continue;
    for (std::size_t freed = i; freed-- != 0;) {
      if (trace[freed].info.what != verify::action::deallocate || trace[freed].info.object != trace[i].info.object)
        continue;
      all.push_back(fmt::format("{}: {} is given the memory that {} freed at {}, so the address comes back",
                                step_name(i), thread(w_.places[i].thread), thread(w_.places[freed].thread),
                                step_name(freed)));
      break;
    }
  }
  return all;
}

std::string told::freed(unsigned t) const {
  auto const last = last_step(t);
  if (!last || steps_[*last].object == 0) return {};
  auto const* const used = static_cast<char const*>(w_.steps.trace[*last].info.object);
  for (std::size_t i = *last; i-- != 0;) {
    step_info const& x = w_.steps.trace[i].info;
    if (x.what != verify::action::deallocate) continue;
    for (std::size_t made = 0; made != i; ++made) {
      step_info const& a = w_.steps.trace[made].info;
      auto const* const begin = static_cast<char const*>(a.object);
      if (a.what != verify::action::allocate || a.object != x.object) continue;
      if (used < begin || used >= begin + a.after.bits) continue;
      return fmt::format("{}: {} frees the memory of {}", step_name(i), thread(w_.places[i].thread), object(*last));
    }
  }
  return {};
}

}  // namespace surewake::verify::graph
