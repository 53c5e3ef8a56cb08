// surewake/verify/engine/case.hpp: what a model looks like, and how it becomes a case.
//
// A model (models/*.hpp) is a class template over the platform and, where it is about a semaphore, over a strategy and
// a discipline. It names no engine:
//
//   template <platform P, template <class> class Queue, class Discipline = hand_off> struct cancel_vs_grant {
//     static constexpr model_facts facts{.question = "…?", .samples = 20'000, .preemptions = 2};
//     static constexpr unsigned threads = 3;                                                   // 1 to 5
//     static constexpr std::array<char const*, 3> names{"holder", "impatient", "patient"};     // optional
//     void thread(unsigned i);      // what thread i does; called once for each i, on threads of the engine's
//     void after();                 // the law, once all threads are done: P::broken("…") where it does not hold
//     std::string state() const;    // optional: for the report of a deadlock, "1 permit free, 1 waiter asleep"
//     static constexpr std::array<char const*, 2> operations{"enqueue", "grant"};              // optional: below
//     static constexpr char const* interleavings_only = "…";                                   // optional: below
//   };
//
// For each schedule the engine constructs a model (value-initialised), runs its threads, calls after() and destroys it;
// all memory must be free again then. Constructor, after() and destructor run alone, without preemption; they see
// everything the threads did, and must not block. state() is asked outside of any schedule: it may read atomics, plain
// data and the semaphore's snapshots, which then answer the newest values. A thread that throws ends the schedule
// (`exception`).
//
// A model with `operations` is about progress: threads name what they do (P::begin_operation), each of the operations
// has progress guarantees (labels::claims), and at every step of every thread the search lets that thread stall, alone
// or with all others but one. No operation in such a model may wait for what only another thread's operation brings.
//
// A model is searched by both engines. One whose threads tell each other things by ghosts (models/fixture/law.hpp) says
// so in `interleavings_only`, with the reason, because an execution graph has no order of what is no event.
//
// A case is a model with everything chosen, the question it asks, the verdict that is expected and the bounds of the
// search. Most follow from the model's `facts` (models/fixture/facts.hpp): a model with the usual parameters is a
// header and a word in models/models.cmake, and is searched over every strategy that it is about. Those of a seeded
// bug follow from its text (models/README.md). Other cases register themselves:
//
//   namespace cases_of_several {  // verify/cases/several.cpp, which is compiled in one go with others
//   using namespace surewake;
//   verify::suite const cases =
//       verify::suite("several_at_once", "Several come at once: does each get its permit?")
//       .add<models::several_at_once<verify::checked_platform, intrusive_list, 3>>(
//           {.queue = "intrusive_list", .variant = "three"}, verify::preemptions(2));
//   }
#pragma once

#include <surewake/verify/engine/checked_platform.hpp>
#include <surewake/verify/engine/model.hpp>
#include <surewake/verify/engine/progress.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace surewake::verify {

/// What a verdict is worth.
enum class coverage : std::uint8_t {
  exhaustive,  // every schedule, within what Relacy can express; of a graph search every execution (README)
  bounded,     // every schedule with at most `context_bound` preemptions, or with as many as time was enough for
  sampled,     // schedules drawn at random, or a search that was cut off
  found,       // the schedule that failed is the evidence
};
[[nodiscard]] std::string_view to_string(coverage c) noexcept;

/// `graph` is the graph engine, which visits executions instead of schedules; the others are Relacy.
enum class scheduler : std::uint8_t { random, bound, full, graph };
[[nodiscard]] std::string_view to_string(scheduler s) noexcept;

/// Which executions exist: those of C++'s memory model, as the engine knows it; only the interleavings; those of RC11,
/// which the graph engine alone has.
enum class memory : std::uint8_t { cxx, sequential, rc11 };
[[nodiscard]] std::string_view to_string(memory m) noexcept;

/// How far a case is searched.
struct bounds {
  scheduler search = scheduler::random;
  std::uint64_t schedules = 50'000;  // at most that many
  double seconds = 20;                // at most that long, in processor time
  unsigned context_bound = 2;         // preemptions in a schedule (scheduler::bound), reached one after the other
  memory model = memory::cxx;
  bool stale_failures = false;        // a compare-exchange that fails may have read an older value
  bool reuse = false;                 // on graphs: freed memory may be given again, as it always may under Relacy
  bool weak_on_graphs = false;        // on graphs with C++'s memory all the same, where `model` is sequential
};

/// What tells a case from others of its model. Empty parts are left out of the name.
struct labels {
  std::string queue{};
  std::string discipline{};
  std::string variant{};
  std::string bug{};            // a seeded or published bug, which must be caught
  std::string question{};       // instead of the suite's
  verdict expect = verdict::pass;
  std::optional<verdict> on_graphs{};  // expected of the graph engine, where that is another one
  std::string claims{};         // of a model with operations: what they promise (verify/engine/progress.hpp)
};

struct test_case {
  std::string name{};  // model/queue/discipline/variant#bug@scheduler@memory@reuse
  std::string model{};
  labels what{};
  bounds limits{};
  model_type type{};
  std::vector<claim> claims{};  // one for each of type.operations
};

/// The cases of one model; registers what is added to it. With the first case of a model instance comes one for the
/// graph engine, `…@graph`, where the instance has neither operations nor interleavings_only.
class suite {
 public:
  /// Names the model. `question` may be left out where the models added have facts (models/fixture/facts.hpp), or
  /// another suite of that name has one.
  explicit suite(std::string model, std::string question = {});

  /// Adds one case, the model instance M. Its question is that of `what`, or the suite's, or else that of M's facts.
  ///
  /// Errors  std::logic_error where the name exists already, or a bug expects `pass`. Every command reports it.
  template <class M> suite& add(labels what = {}, bounds limits = {}) {
    if constexpr (requires { M::facts.question; }) {
      if (what.question.empty() && question_.empty()) what.question = M::facts.question;
    }
    enter(detail::type_of<M>(), std::move(what), limits);
    return *this;
  }

 private:
  void enter(model_type type, labels what, bounds limits);
  static bool add(test_case c);

  std::string model_;
  std::string question_;
};

/// Returns all cases, in the order of their names.
[[nodiscard]] std::vector<test_case> const& all_cases();
/// Returns what went wrong while cases were registered.
[[nodiscard]] std::vector<std::string> const& registration_errors();

}  // namespace surewake::verify
