// surewake/verify/engine/graph/explorer.hpp: visits each consistent execution of a program once (TruSt [@trust2022]).
//
// The explorer does not know the program. Its driver runs it again and again: an interpreter (litmus.hpp), or threads
// of C++ on fibers. Each run follows the graph of the moment, then extends it with defaults, and on the way the
// explorer notes what else could be done:
//
//   while (explorer.next_run()) {
//     start the program;
//     while ((t = explorer.turn()) != none) let thread t go on up to its next operation, which calls perform(t, …),
//                                           or block(t), or finish(t);
//   }
//
// Terms  An alternative is something else that the exploration can do at an event: read from an older write, be placed
//        earlier in modification order, choose another value, revisit a read.
//        A level is a graph and its alternatives. The first one starts empty, each other with a revisit.
//
// State  levels_ is a stack. The alternatives of a level are a stack too, by the number of their event.
//   I1  next_run() takes the last alternative, cuts the graph off at its event, and does it. A revisit makes a level of
//       its own, because the level below must come back as it was.
//   I2  What a run adds by default is consistent: a read of the co-last write, a write placed co-last. Nothing is
//       eco-after such an event and nothing hb-after it, so it closes no cycle. A run is never in vain for this reason.
//   I3  A thread may go on only at its turn, which is a function of the graph: first what the graph has, in its order;
//       then the first thread that can go on. TruSt needs that, because it compares what was added with what would have
//       been added by default.
//   I4  Write halves come before everything else, because an RMW is one step. A revisit may take the write half of a
//       kept RMW; settle() adds it again.
//   I5  An RMW that reads what another RMW has taken is inconsistent once its write half is there. Its revisits are
//       not: the write may revisit the read of the other one. settle() notes these revisits, and nothing is run for it.
//   I6  Each alternative has a weight, its share of the tree; the first run has weight 1. Where an event has n
//       alternatives, the weight that arrives there is divided into n + 1 equal parts, and the run goes on with one. An
//       alternative that is inconsistent leaves its weight to the revisits that it noted, or it is done. So the weights
//       of the alternatives that are left and the share that is done have the sum 1.
//   I7  Rare choices are counted over the whole graph. A choice that is not 0 is never maximal, so no revisit takes it
//       away: the count only grows on the way to an execution, and each execution within the limit is reached as ever.
//   I8  A thread that is blocked after a read r goes on only where a revisit takes r, or something before r, away. For
//       that r must be maximal (revisit.hpp). Let w be a write that is co-after what r reads. r is not maximal if w is
//       older than r, or in the porf-prefix of the write that revisits: w has *overtaken* r. So a thread with w in its
//       porf-prefix adds nothing that is of use for r, and gets no turn. In the order of I3 such threads come last.
//       Where only they are left, the run ends, because all that they add has w in its prefix. The executions in which
//       r reads w come from the revisit that was noted when w was added.
#pragma once

#include <surewake/verify/engine/graph/execution.hpp>
#include <surewake/verify/engine/graph/fault.hpp>
#include <surewake/verify/engine/graph/frontier.hpp>
#include <surewake/verify/engine/graph/seq_cst_order.hpp>

#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <vector>

namespace surewake::verify::graph {

/// What an allocation may choose besides 0, fresh memory (freed_blocks.hpp). It stands where other operations have what
/// is wanted of a value.
struct offer {
  std::span<value const> values{};
  constexpr bool operator()(value) const noexcept { return true; }
};
template <class Wanted> [[nodiscard]] constexpr std::span<value const> offered(Wanted const& wanted) noexcept {
  if constexpr (std::is_same_v<Wanted, offer>) return wanted.values;
  return {};
}

/// What a thread did at a place of its program; no request: it ended, or blocked.
struct taken_step {
  unsigned thread = 0;
  std::optional<request> asked{};
};

/// A program did something else than in an earlier run that saw the same values. what() tells both steps.
class not_deterministic : public std::logic_error {
 public:
  not_deterministic(taken_step const& expected_, taken_step const& found_, event_id at_);
  taken_step expected;
  taken_step found;
  event_id at;
};

class explorer {
 public:
  static constexpr unsigned none = max_threads;

  /// Explores a program of `threads`.
  ///
  /// Errors  std::invalid_argument where they are too many.
  explorer(memory_model model, unsigned threads);
  /// Sets how many rare choices of an execution may be other than 0 (request::is_rare); before the first run.
  void allow_rare(unsigned n) noexcept { most_rare_ = n; }
  /// Begins anew: the next run is the first one.
  void restart() { go_on_from({.whole = true}); }
  /// Begins anew with what is left of another search of the same program. The first runs bring its graphs back.
  void go_on_from(frontier const& f);

  /// Prepares the next run. Returns false where all executions have been visited.
  ///
  /// Errors  does_not_fit, where the program is not that of the frontier
  [[nodiscard]] bool next_run();
  /// Returns whether the run brings a graph of the frontier back. It ends early, and visits nothing.
  [[nodiscard]] bool is_rebuilding() const noexcept { return most_events_ != unlimited; }
  /// Returns whether that graph is there. It may be inconsistent then: what its last event sees must lead to nothing.
  [[nodiscard]] bool is_rebuilt() const noexcept { return graph_->size() >= most_events_; }

  /// Prepares a run at random instead: which thread goes on, and what it reads, is drawn (explorer_random.cpp). It
  /// visits a consistent execution, perhaps one that was visited before. An explorer does either the one or the other.
  void next_random_run();
  [[nodiscard]] bool is_at_random() const noexcept { return at_random_; }

  /// Returns the thread that may go on; `none` where the run is over.
  [[nodiscard]] unsigned turn();
  /// Returns whether a thread that needs a wanted value must let others go on before it reads. Only in a run at random:
  /// in any other one a revisit brings the value.
  template <class Wanted> [[nodiscard]] bool lets_pass(unsigned thread, request const& r, Wanted wanted);
  /// Performs an operation of the thread whose turn it is. Returns what it reads, or chooses.
  value perform(unsigned thread, request const& r) { return perform(thread, r, [](value) { return true; }); }
  /// Does the same for a thread that is of no use to anybody where it reads a value that is not `wanted`: of such
  /// values only the co-last one is tried. Its caller blocks the thread where that was read.
  template <class Wanted> value perform(unsigned thread, request const& r, Wanted wanted);
  void block(unsigned thread) { end(thread, state::blocked); }
  void finish(unsigned thread) { end(thread, state::finished); }
  /// Blocks a thread that could go on.
  void cut(unsigned thread) { end(thread, state::cut); }

  /// Returns whether all threads have finished in this run.
  [[nodiscard]] bool complete() const noexcept;
  /// Returns whether the run has ended although a thread could go on, because nothing would come of it (I8).
  [[nodiscard]] bool in_vain() const noexcept;
  /// Returns which share of the tree is left; between two runs, the earlier one of which is done. 0 where nothing is.
  [[nodiscard]] double left();
  /// Returns whether nothing is left; between two runs, as above.
  [[nodiscard]] bool is_done() const noexcept;
  /// Returns what is left; between two runs, as above.
  [[nodiscard]] frontier rest();
  /// Gives away about half of what is left, what would be visited last; nothing where it is one alternative.
  [[nodiscard]] frontier give_away();
  /// Returns how many rare choices of the graph are not 0.
  [[nodiscard]] unsigned rare() const noexcept { return graph().rare(); }
  [[nodiscard]] bool is_blocked(unsigned thread) const noexcept {
    return state_[thread] == state::blocked || state_[thread] == state::cut;
  }
  [[nodiscard]] execution const& graph() const noexcept { return levels_[depth_ - 1]->graph; }
  /// Returns the event that was performed last in this run; of an RMW its read half.
  [[nodiscard]] event const& performed() const noexcept { return (*graph_)[performed_]; }
  /// Names the value of a location before its first store; to be called in each run.
  void set_initial(location_id l, value v) { graph_->set_initial(l, v); }

  // A single run along a graph that somebody else has made; no alternative is taken after that.
  /// Makes the graph that of the next run.
  void follow(execution g);
  /// Returns whether the run has come to the end of its graph.
  [[nodiscard]] bool at_end() const noexcept { return replayed_ == graph().size(); }
  [[nodiscard]] bool is_running(unsigned thread) const noexcept { return state_[thread] == state::running; }
  /// Adds what the thread is about to perform, `which` from what is added by default: it reads or follows the write
  /// that many before the newest, or chooses that value. Returns false where that does not exist or is inconsistent.
  [[nodiscard]] bool decide(unsigned thread, request const& r, std::uint32_t which);

 private:
  enum class state : std::uint8_t { running, blocked, cut, finished, waiting };
  static constexpr event_id unlimited = std::numeric_limits<event_id>::max();
  struct level {
    explicit level(memory_model m) : graph(m) {}
    execution graph;
    std::vector<alternative> todo{};
    std::vector<double> weights{};  // of `todo`, but for what the run under way has noted
    // The events that a revisit has made anew, the first two after what it kept; and what the read was below.
    event write{};
    event read{};
    event_id kept = 0;
    event_id revisited = no_event;
  };

  level& top() noexcept { return *levels_[depth_ - 1]; }
  level& push_level();
  void note(action what, event_id at, std::int64_t which) { top().todo.push_back({what, at, which}); }
  void note_revisits();
  void end(unsigned thread, state how);
  void weigh(double weight, bool goes_on);
  void weigh_run();
  void note_places(unsigned thread, request const& r);
  [[nodiscard]] bool is_useless(unsigned thread) const noexcept;
  [[nodiscard]] bool is_overtaken(event_id last, clock const& prefix) const noexcept;
  [[nodiscard]] bool replay(unsigned thread, request const& r, value& result);
  [[noreturn]] void differs(event const& expected, request const& found, unsigned thread) const;
  [[nodiscard]] bool apply(alternative const& a);
  [[nodiscard]] bool apply_read(event const& old, alternative const& a);
  [[nodiscard]] bool apply_place(event const& old, alternative const& a);
  void apply_revisit(alternative const& a);
  void begin_revisit(event_id read);

  // explorer_frontier.cpp
  [[nodiscard]] frontier oldest(std::size_t n) const;
  [[nodiscard]] std::size_t half() const;
  void forget_oldest(std::size_t n);
  [[nodiscard]] bool next_rebuild();
  void begin_level(frontier_level const& f);
  void end_level(frontier_level const& f);
  [[nodiscard]] bool is_possible(alternative const& a) const;
  value redo(event_id e);

  // explorer_random.cpp
  [[nodiscard]] unsigned drawn(std::size_t n) { return static_cast<unsigned>(random_() % n); }
  [[nodiscard]] unsigned draw_thread();
  template <class Wanted> value draw(unsigned thread, request const& r, Wanted wanted);
  value draw_read(unsigned thread, request const& r);
  value draw_other(unsigned thread, request const& r, std::span<value const> others);
  [[nodiscard]] value draw_choice(request const& r, std::span<value const> others);
  void wake_waiting() noexcept;

  [[nodiscard]] bool apply_revisited(alternative const& a);
  [[nodiscard]] bool settle();
  [[nodiscard]] bool add_write_half(unsigned thread);
  [[nodiscard]] bool is_consistent(event_id e);
  value add_first(unsigned thread, request const& r, std::span<value const> others);
  void note_choices(request const& r, std::span<value const> others);

  memory_model model_;
  unsigned threads_;
  unsigned most_rare_ = 0;
  std::vector<std::unique_ptr<level>> levels_{};  // those from depth_ on are spare
  std::size_t depth_ = 0;
  execution* graph_ = nullptr;  // the graph of this run
  event_id replayed_ = 0;
  event_id performed_ = no_event;
  std::array<state, max_threads> state_{};
  bool started_ = false;
  double weight_ = 1;  // of the run under way
  frontier from_{};    // what go_on_from() was given, and how many of its levels are there again
  std::size_t rebuilt_ = 0;
  event_id most_events_ = unlimited;  // of a graph that is brought back
  seq_cst_order total_order_{};
  std::vector<event_id> revisits_{};
  bool at_random_ = false;
  bool is_stuck_ = false;  // in a run at random: no thread can go on, so one that waits reads what there is
  std::minstd_rand random_{1};
  std::size_t changes_in_ = 2;  // one step in that many is another thread's
  std::size_t old_in_ = 2;      // one choice in that many is an older value or an earlier place
  std::vector<event_id> candidates_{};
};

inline unsigned explorer::turn() {
  execution const& g = *graph_;
  for (; replayed_ != g.size(); ++replayed_) {
    event const& e = g[replayed_];
    if (e.what != kind::initial && !(e.what == kind::write && e.half)) return e.thread;
  }
  if (at_random_) return draw_thread();
  if (g.size() >= most_events_) return none;
  for (unsigned t = 0; t != threads_; ++t) {
    if (state_[t] == state::running && !is_useless(t)) return t;
  }
  return none;
}

/// Returns whether what the thread adds is of no use to a thread that is blocked (I8).
inline bool explorer::is_useless(unsigned thread) const noexcept {
  execution const& g = *graph_;
  for (unsigned t = 0; t != threads_; ++t) {
    if (state_[t] != state::blocked || g.of_thread(t).empty()) continue;
    std::vector<event_id> const& mine = g.of_thread(thread);
    if (is_overtaken(g.of_thread(t).back(), mine.empty() ? execution::nothing : g[mine.back()].prefix())) return true;
  }
  return false;
}

inline bool explorer::replay(unsigned thread, request const& r, value& result) {
  execution const& g = *graph_;
  if (replayed_ == g.size()) return false;
  event const& e = g[replayed_];
  if (e.asked != r || e.thread != thread) differs(e, r, thread);
  result = e.seen;
  performed_ = replayed_++;
  return true;
}

template <class Wanted> value explorer::perform(unsigned thread, request const& r, Wanted wanted) {
  value result{};
  if (replay(thread, r, result)) return result;
  if (at_random_) return draw(thread, r, wanted);
  execution& g = *graph_;
  if (r.what != operation::load && !is_rmw(r.what)) return add_first(thread, r, offered(wanted));
  g.touch(r.where);
  event_id const e = g.size();
  std::vector<event_id> const& co = g.writes(r.where);
  auto const last = static_cast<std::int32_t>(co.size()) - 1;
  for (std::int32_t p = g.floor(r.where, g.known(thread, r)); p != last; ++p) {
    event_id const w = co[static_cast<std::size_t>(p)];
    if (seeded(fault::failure_reads_newest) && is_rmw(r.what) && !stores(r, g[w].seen)) continue;
    if (wanted(g[w].seen)) note(action::read, e, w);
  }
  g.add_read(thread, r, co.back());
  performed_ = e;
  result = g[e].seen;
  if (g[e].half) static_cast<void>(add_write_half(thread));
  replayed_ = g.size();
  return is_rebuilding() ? redo(e) : result;
}

template <class Wanted> value explorer::draw(unsigned thread, request const& r, Wanted wanted) {
  if (r.what != operation::load && !is_rmw(r.what)) return draw_other(thread, r, offered(wanted));
  execution& g = *graph_;
  g.touch(r.where);
  candidates_.clear();
  std::vector<event_id> const& co = g.writes(r.where);
  auto const last = static_cast<std::int32_t>(co.size()) - 1;
  for (std::int32_t p = g.floor(r.where, g.known(thread, r)); p != last; ++p) {
    event_id const w = co[static_cast<std::size_t>(p)];
    bool const takes = is_rmw(r.what) && stores(r, g[w].seen);
    if (wanted(g[w].seen) && !takes) candidates_.push_back(w);
  }
  candidates_.push_back(co.back());
  return draw_read(thread, r);
}

template <class Wanted> bool explorer::lets_pass(unsigned thread, request const& r, Wanted wanted) {
  if (!at_random_ || is_stuck_) return false;
  execution& g = *graph_;
  g.touch(r.where);
  replayed_ = g.size();
  std::vector<event_id> const& co = g.writes(r.where);
  auto const last = static_cast<std::int32_t>(co.size()) - 1;
  for (std::int32_t p = is_rmw(r.what) ? last : g.floor(r.where, g.known(thread, r)); p <= last; ++p) {
    if (wanted(g[co[static_cast<std::size_t>(p)]].seen)) return false;
  }
  state_[thread] = state::waiting;
  return true;
}

}  // namespace surewake::verify::graph
