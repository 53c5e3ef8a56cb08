// surewake/models/primitives/event_fixture.hpp: what the models of events share.
#pragma once

#include <surewake/core/primitives/event.hpp>
#include <surewake/models/fixture/fixture.hpp>

namespace surewake::models {

/// A wait that says when it has ended.
template <class Event, platform P = typename Event::platform_type>
task<void, P> hear(Event& e, ghost<P>& heard) {
  co_await e.wait();
  heard.add(1);
}

/// Checks the law of an event that is not set, at rest: nobody waits, and its queue holds neither a wake for nobody nor
/// a refusal of a wake that a wait will be owed. Both show in the next waits, so two come.
template <class Event> void event_at_rest(Event& e) {
  using P = typename Event::platform_type;
  if (e.waiters() != 0) P::broken("lost wakeup: somebody waits and nobody will wake it");
  if (e.is_set() || e.try_wait()) P::broken("doubled: the event is set, and nobody has set it");
  ghost<P> first, second;
  start_detached<P>(hear(e, first));
  start_detached<P>(hear(e, second));
  if (first.get() + second.get() != 0) P::broken("phantom wake: a wait has ended that no set was for");
  e.set();
  e.set();
  if (first.get() + second.get() != 2) P::broken("lost wakeup: a wake was refused that a wait is owed");
}

}  // namespace surewake::models
