#include <surewake/verify/engine/graph/futexes.hpp>
#include <surewake/verify/engine/graph/runtime.hpp>

#include <algorithm>

namespace surewake::verify::graph {

namespace {

void tell(unsigned thread, verify::action what, void const* address, where at, value expected = 0) {
  if (watched == nullptr) return;
  watched->announce(thread, what, address, [](value v) { return show(static_cast<std::uint32_t>(v)); }, at, expected);
}

}  // namespace

void futexes::clear() noexcept {
  for (bucket& b : buckets_) b.asleep.clear();
  sleeps_.fill(0);
  times_.fill({});
}

std::vector<unsigned>& futexes::asleep(void const* address) {
  auto const at = std::find_if(buckets_.begin(), buckets_.end(), [&](bucket const& b) { return b.address == address; });
  if (at != buckets_.end()) return at->asleep;
  buckets_.push_back({address, {}});
  return buckets_.back().asleep;
}

location_id futexes::woken(unsigned thread) { return runtime_.location_of(&sleeps_[thread]); }

void futexes::lock(void const* address) {
  request const r{.what = operation::compare_exchange, .with = order::relaxed, .where = runtime_.location_of(address),
                  .operand = 1};
  runtime_.await(r, [](value v) { return v == 0; });
}

void futexes::unlock(void const* address) {
  runtime_.act({.what = operation::exchange, .with = order::release, .where = runtime_.location_of(address)});
}

bool futexes::wait(void const* address, request look, value expected, time_point const* deadline, where at) {
  unsigned const me = runtime_.running();
  look.is_current = true;
  lock(address);
  tell(me, deadline == nullptr ? verify::action::futex_wait : verify::action::futex_wait_until, address, at, expected);
  bool const same = runtime_.act(look) == expected;
  bool const sleeps = same && (deadline == nullptr || *deadline > now());
  if (sleeps) asleep(address).push_back(me);
  unsigned const sleep = sleeps ? ++sleeps_[me] : 0;
  unlock(address);
  if (!sleeps) return !same;
  tell(me, verify::action::wake, address, at);
  if (runtime_.has_rare() && runtime_.choose(2, true) == 1) {
    leave(address);
    return true;
  }
  tell(me, verify::action::wake, address, at);
  if (deadline != nullptr && runtime_.choose(2) == 1) {
    leave(address);
    times_[me] = std::max(times_[me], *deadline);
    return false;
  }
  tell(me, verify::action::wake, address, at);
  request const wakes{.what = operation::load, .where = woken(me)};
  auto const wanted = [sleep](value v) { return v == sleep; };
  runtime_.wait_for_turn(wakes, wanted);
  if (!wanted(runtime_.perform(wakes, wanted))) {
    if (deadline != nullptr) runtime_.drop();
    runtime_.block(woken(me), wanted);
  }
  return true;
}

/// Wakes the running thread, which nobody else has woken.
void futexes::leave(void const* address) {
  lock(address);
  std::vector<unsigned>& all = asleep(address);
  auto const me = std::find(all.begin(), all.end(), runtime_.running());
  if (me == all.end()) runtime_.drop();
  all.erase(me);
  unlock(address);
}

void futexes::wake(void const* address, int n, where at) {
  lock(address);
  if (watched != nullptr) {
    step_info const s{.what = verify::action::futex_wake, .object = address, .after = show(n),
                      .failed = asleep(address).empty()};
    runtime_.note(s, at);
  }
  for (; n > 0 && !asleep(address).empty(); --n) {
    std::size_t const count = asleep(address).size();
    bool const all = static_cast<std::size_t>(n) >= count;
    std::size_t const which = all ? 0 : runtime_.choose(static_cast<unsigned>(count));
    unsigned const sleeper = asleep(address)[which];
    asleep(address).erase(asleep(address).begin() + static_cast<std::ptrdiff_t>(which));
    runtime_.act({.what = operation::exchange, .where = woken(sleeper), .operand = sleeps_[sleeper]});
  }
  unlock(address);
}

futexes::time_point futexes::now() const noexcept { return times_[runtime_.running()]; }

}  // namespace surewake::verify::graph
