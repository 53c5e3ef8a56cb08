// surewake/models/bugs/synchronizers.hpp: intrusive_list with a monitor_synchronizer that lacks one of its rules.
#pragma once

#include <surewake/queues/intrusive_list.hpp>

namespace surewake::models::bugs {

/// Opens the synchronizer while a release that hit the wait list is on its way: its part is spent, and then supplied
/// once more (I3).
template <platform P> class opens_early : public intrusive_list<P> {};

/// Keeps a permit hidden that an arriving acquire's part had hidden (I4).
template <platform P> class stays_hidden : public intrusive_list<P> {};

}  // namespace surewake::models::bugs

template <> struct surewake::synchronizer_for<surewake::models::bugs::opens_early, surewake::hand_off> {
  template <class P> using type =
      detail::monitor_synchronizer<P, spin_lock<P>, waiter_list<P>, detail::monitor_rules{.counts_arrivals = false}>;
};
template <> struct surewake::synchronizer_for<surewake::models::bugs::stays_hidden, surewake::hand_off> {
  template <class P> using type =
      detail::monitor_synchronizer<P, spin_lock<P>, waiter_list<P>, detail::monitor_rules{.reveals = false}>;
};
