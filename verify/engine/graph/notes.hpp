// surewake/verify/engine/graph/notes.hpp: what there is to say about the steps of an execution.
//
// Terms  The link between two threads that is missing: let A do something that B does not know of. If B has read, at
//        some distance, from what A stored afterwards, then a store and its reader are where the knowledge was lost:
//        the store does not release it, or the reader does not acquire it. If not, B has read nothing of A's since.
#pragma once

#include <surewake/verify/engine/graph/runtime.hpp>
#include <surewake/verify/engine/graph/schedule.hpp>
#include <surewake/verify/engine/relacy_engine.hpp>

#include <optional>
#include <string>
#include <vector>

namespace surewake::verify::graph {

/// An execution and its steps, as they were noted and as they are shown.
class told {
 public:
  /// `steps` are those of `w`, in words.
  told(execution const& g, watch const& w, model_type const& model, std::vector<step> const& steps);

  /// Puts the steps in the order of a schedule; what `last` does at its end comes last.
  void arrange(schedule const& s, unsigned last);
  /// Returns the steps in that order, by their numbers in the watch.
  [[nodiscard]] std::vector<std::size_t> const& arranged() const noexcept { return arranged_; }
  [[nodiscard]] int step_of(event_id e) const noexcept { return step_of_[static_cast<std::size_t>(e)]; }
  /// Returns what is shown of an event: its number in the arranged steps, or -1.
  [[nodiscard]] int shown(event_id e) const noexcept {
    return step_of(e) < 0 ? -1 : static_cast<int>(position_[static_cast<std::size_t>(step_of(e))]);
  }
  [[nodiscard]] bool is_shown(event const& e) const noexcept;
  [[nodiscard]] std::string thread(unsigned t) const { return t < model_.names.size() ? model_.names[t] : "the model"; }
  /// Names a step: "step {s4}".
  [[nodiscard]] std::string step_name(std::size_t i) const;
  [[nodiscard]] step const& at(std::size_t i) const noexcept { return steps_[i]; }

  [[nodiscard]] std::string stale(event_id read, schedule const& s) const;
  [[nodiscard]] std::string late(event_id store, schedule const& s) const;
  /// Says how a thread is blocked for good: "waiting sleeps for ever (futex at queue.hpp:40)".
  [[nodiscard]] std::string blocked(unsigned thread) const;
  /// Says which steps should have ended the wait of a blocked thread.
  [[nodiscard]] std::vector<std::string> missed(unsigned thread, schedule const& s) const;
  /// Says what races with the last step of `thread`, in words for the finding; empty where that is not known. `why`
  /// gets the reason that nothing orders the two.
  [[nodiscard]] std::string race(unsigned thread, std::string& why) const;
  /// Says which step freed the memory that the last step of `thread` uses; empty where none did.
  [[nodiscard]] std::string freed(unsigned thread) const;
  /// Says which allocations were given memory that had been freed, and where that was.
  [[nodiscard]] std::vector<std::string> given_again() const;

 private:
  [[nodiscard]] std::string link(unsigned by, unsigned events, event_id last) const;
  [[nodiscard]] std::optional<std::size_t> last_step(unsigned thread) const;
  [[nodiscard]] std::string lost_wake(unsigned thread, std::size_t sleep) const;
  [[nodiscard]] std::string missed_store(unsigned thread, schedule const& s) const;
  [[nodiscard]] std::string holder(unsigned thread, std::size_t sleep) const;
  [[nodiscard]] std::string object(std::size_t i) const { return "{o" + std::to_string(steps_[i].object) + "}"; }

  execution const& g_;
  watch const& w_;
  model_type const& model_;
  std::vector<step> const& steps_;
  std::vector<int> step_of_{};           // of each event: its step
  std::vector<std::size_t> arranged_{};
  std::vector<std::size_t> position_{};  // of each step in arranged_
};

}  // namespace surewake::verify::graph
