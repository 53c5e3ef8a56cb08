// Stalls during a search (stall.hpp): when one begins, and what it keeps others from.
#include <surewake/verify/engine/search.hpp>
#include <surewake/verify/engine/source_text.hpp>

#include <algorithm>
#include <cstdio>

namespace surewake::verify {

namespace {

[[nodiscard]] bool sleeps(std::size_t thread) noexcept {
  auto const& all = current().sleepers;
  return std::ranges::find(all, static_cast<int>(thread), &sleeper::thread) != all.end();
}

void everybody_goes_on(where at) noexcept {
  current().progress->go_on([&](std::size_t i) { unpark(i, at); });
}

/// Returns whether a thread stalls inside an operation: the holder, if it is known for which thread `x` sleeps.
[[nodiscard]] bool caused_by_operation(sleeper const* x) noexcept {
  stall const& p = *current().progress;
  for (std::size_t i = 0; i != stall::max_threads; ++i) {
    bool const may_be = x == nullptr || x->holder < 0 || x->holder == static_cast<int>(i);
    if (may_be && p.stands(i) && p.depth(i) != 0) return true;
  }
  return false;
}

/// Judges that `thread` cannot end its operations because of those that stall: the schedule ends here, unless that is
/// claimed. `x` is how it sleeps; without one it loops.
void judge(std::size_t thread, sleeper const* x, where at) noexcept {
  search& s = current();
  stall& p = *s.progress;
  bool const in_mutex = x != nullptr && x->holder >= 0;
  char const* const place = in_mutex ? "mutex" : name_of_source(at.file_name());
  for (std::size_t level = p.depth(thread); level-- != 0;) {
    claim const& c = p.of(p.operation(thread, level));
    p.blocks(p.operation(thread, level));
    if (is_under(c, place) && caused_by_operation(x)) continue;
    // Others that move may keep it from ending: it promises an end only where it runs alone.
    if (c.what == promise::obstruction_free && x == nullptr && !p.one_runs_alone()) continue;
    std::size_t who = in_mutex ? static_cast<std::size_t>(x->holder) : 0;
    while (!in_mutex && !p.stands(who)) ++who;
    where const stopped = s.last[who];
    char text[sizeof s.message];
    std::snprintf(text, sizeof text, "%s does not end %s (%s): it %s while %s stalls in %s at %s:%u",
                  thread_name(s, static_cast<int>(thread)), c.operation.c_str(), to_string(c).c_str(),
                  x == nullptr ? "loops" : in_mutex ? "waits for a mutex" : "waits",
                  thread_name(s, static_cast<int>(who)), p.name_of_operation(who), name_of_source(stopped.file_name()),
                  stopped.line());
    fail(verdict::blocked, text, at);
  }
  if (p.depth(thread) == 0) fail(verdict::blocked, "a thread waits outside of every operation", at);
}

}  // namespace

bool anybody_runs() noexcept {
  stall const& p = *current().progress;
  for (std::size_t i = 0; i != stall::max_threads; ++i) {
    if (!p.ended(i) && !p.stands(i) && !sleeps(i)) return true;
  }
  return false;
}

void somebody_is_kept(int looping, where at) noexcept {
  search& s = current();
  for (std::size_t i = 0; i != stall::max_threads; ++i) {
    if (s.progress->ended(i) || s.progress->stands(i)) continue;
    auto const x = std::ranges::find(s.sleepers, static_cast<int>(i), &sleeper::thread);
    if (x != s.sleepers.end()) {
      judge(i, &*x, x->at);
    } else if (looping == static_cast<int>(i)) {
      judge(i, nullptr, at);
    }
  }
  everybody_goes_on(at);
}

void stall_if_told(where at) noexcept {
  search& s = current();
  std::size_t const me = static_cast<std::size_t>(participant());
  while (s.progress->stands(me)) {
    s.progress->parked(me, true);
    park(at);
  }
}

void before_step(where at) noexcept {
  search& s = current();
  stall& p = *s.progress;
  std::size_t const me = static_cast<std::size_t>(participant());
  if (claim const* const broken = p.step(me)) {
    char text[sizeof s.message];
    std::snprintf(text, sizeof text, "%s needs more steps for %s than it claims (%s)",
                  thread_name(s, participant()), broken->operation.c_str(), to_string(*broken).c_str());
    fail(verdict::too_many_steps, text, at);
  }
  if (p.loops(me)) somebody_is_kept(participant(), at);
  if (!p.may_stop()) return;

  std::array<std::size_t, stall::max_threads> others{};
  unsigned count = 0;
  for (std::size_t i = 0; i != stall::max_threads; ++i) {
    if (i != me && !p.ended(i)) others[count++] = i;
  }
  if (count == 0) return;
  bool const now = is_drawn() ? s.stops == me && s.stops_at == p.steps(me) : choose(2) == 1;
  if (!now) return;
  unsigned const pick = count == 1 ? 0 : choose(count + 1);
  p.stop(me, pick == 0 ? std::nullopt : std::optional(others[pick - 1]));
  if (relacy::observed()) relacy::record({.what = action::stall}, at);
  if (anybody_runs()) {
    stall_if_told(at);
  } else {
    somebody_is_kept(-1, at);  // all wait for this one, or for what the one that runs alone waits for
  }
}

void thread_ends(std::size_t i) noexcept {
  search& s = current();
  if (s.progress == nullptr) return;
  s.progress->ends(i);
  if (!s.progress->on()) return;
  if (s.progress->all_ended()) {
    everybody_goes_on(s.last[i]);
  } else if (!anybody_runs()) {
    somebody_is_kept(-1, s.last[i]);
  }
}

}  // namespace surewake::verify
