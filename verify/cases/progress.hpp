// surewake/verify/cases/progress.hpp: whether a strategy keeps what it says of its progress.
#pragma once

#include <surewake/models/progress/progress_free.hpp>
#include <surewake/models/progress/progress_open.hpp>
#include <surewake/models/progress/progress_waiting.hpp>
#include <surewake/verify/cases/strategies.hpp>

namespace surewake::verify {

namespace detail {

/// Where each thread can stall is a matter of interleavings. A stall is a switch that the bound does not count.
[[nodiscard]] constexpr bounds switches(unsigned n) {
  return {.search = scheduler::bound, .schedules = 1'000'000, .seconds = 10, .context_bound = n,
          .model = memory::sequential};
}
/// More switches, weak memory, and compare-exchanges that fail for no reason.
inline constexpr bounds drawn{.schedules = 30'000};

template <template <platform, template <class> class, class> class Model, template <class> class Queue,
          class Discipline>
using progress_model = equipped_t<Model<checked_platform, Queue, Discipline>, Queue<checked_platform>>;

/// The guarantees of a strategy's synchronizer: the counter's and the queue's, or those of a synchronizer of its own.
template <template <class> class Queue, class Discipline> std::string guarantees() {
  using real = typename synchronizer_for<Queue, Discipline>::template type<checked_platform>;
  if constexpr (models::named_synchronizer<checked_platform, Queue, Discipline>::counted) {
    return std::string(Discipline::progress) + "; " + Queue<checked_platform>::progress;
  } else {
    return real::progress;
  }
}

/// Adds the cases of one strategy under one discipline, if they fit.
template <template <class> class Queue, class Discipline> void add_progress(suite&, std::string const&) {}
template <template <class> class Queue, class Discipline>
  requires surewake::detail::fits<Queue<checked_platform>, Discipline>
void add_progress(suite& cases, std::string const& queue) {
  labels what{.queue = queue, .discipline = Discipline::name, .claims = guarantees<Queue, Discipline>()};
  what.variant = "open";
  cases.add<progress_model<models::progress_open, Queue, Discipline>>(what, switches(2));
  if constexpr (models::named_synchronizer<checked_platform, Queue, Discipline>::counted) {
    what.variant = "single";
    cases.add<progress_model<models::progress_single, Queue, Discipline>>(what, switches(2));
  }
  if constexpr (requires { typename Queue<checked_platform>::ring_type; }) {
    what.variant = "ring";
    cases.add<progress_model<models::progress_ring, Queue, Discipline>>(what, switches(2));
  }
  what.variant = "many";
  cases.add<progress_model<models::progress_many, Queue, Discipline>>(what, switches(1));
  cases.add<progress_model<models::progress_many, Queue, Discipline>>(what, drawn);
  what.variant = "closing";
  cases.add<progress_model<models::progress_closing, Queue, Discipline>>(what, switches(1));
  // What a semaphore claims while permits are free, it claims of these two disciplines.
  if constexpr (std::same_as<Discipline, hand_off> || std::same_as<Discipline, barging>) {
    what.variant = "free";
    what.claims = basic_semaphore<Queue, checked_platform, Discipline>::progress;
    cases.add<progress_model<models::progress_free, Queue, Discipline>>(what, switches(2));
  }
}

}  // namespace detail

/// Registers the cases about what a strategy says of its progress, under the disciplines that are named, or under
/// hand_off and barging. Returns true.
template <template <class> class Queue, class... Disciplines>
bool check_progress(std::string const& strategy = Queue<std_platform>::name) {
  suite s("progress");
  if constexpr (sizeof...(Disciplines) == 0) {
    detail::add_progress<Queue, hand_off>(s, strategy);
    detail::add_progress<Queue, barging>(s, strategy);
  } else {
    (detail::add_progress<Queue, Disciplines>(s, strategy), ...);
  }
  return true;
}

}  // namespace surewake::verify
