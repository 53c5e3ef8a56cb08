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
// A case is a model with everything chosen, the question it asks, the verdict that is expected and the bounds of the
// search. Most follow from the model's `facts` (models/fixture/facts.hpp): a model with the usual parameters is a
// header and a word in models/models.cmake, and is searched over every strategy that it is about. Those of a seeded
// bug follow from its text (models/README.md). Other cases register themselves:
//
//   namespace {  // verify/cases/several.cpp
//   using namespace surewake;
//   verify::suite const cases =
//       verify::suite("several_at_once", "Several come at once: does each get its permit?")
//       .add<models::several_at_once<verify::relacy_platform, intrusive_list, 3>>(
//           {.queue = "intrusive_list", .variant = "three"}, verify::preemptions(2));
//   }
#pragma once

#include <surewake/verify/engine/progress.hpp>
#include <surewake/verify/engine/relacy_platform.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace surewake::verify {

/// How a search ends. Everything but `pass` and `weak_claim` was seen in one schedule, which can be replayed.
enum class verdict : std::uint8_t {
  pass,            // nothing found within the coverage
  deadlock,        // threads sleep and nobody will wake them: a lost wakeup shows as this
  livelock,        // a schedule did not end within 10'000 steps
  data_race,       // two accesses to plain data, one a write, unordered
  broken_law,      // the model's law
  use_after_free,  // an access to an object whose lifetime is over
  out_of_range,    // an element before the first or after the last one of an array
  double_free,     // memory freed twice, or never allocated
  leak,            // memory or objects left at the end
  uninitialised,   // a read that no write precedes
  mutex_misuse,    // locked twice, unlocked by another, destroyed while held
  exception,       // a thread threw
  crash,           // a memory fault or std::terminate
  blocked,         // an operation does not end while another thread stalls, against its claim
  too_many_steps,  // an operation took more steps than it claims
  weak_claim,      // an operation claims less than what was seen in the whole search: no schedule shows it
};
[[nodiscard]] std::string_view to_string(verdict v) noexcept;

/// What a verdict is worth.
enum class coverage : std::uint8_t {
  exhaustive,  // every schedule, within what Relacy can express
  bounded,     // every schedule with at most `context_bound` preemptions, or with as many as time was enough for
  sampled,     // schedules drawn at random, or a search that was cut off
  found,       // the schedule that failed is the evidence
};
[[nodiscard]] std::string_view to_string(coverage c) noexcept;

enum class scheduler : std::uint8_t { random, bound, full };
[[nodiscard]] std::string_view to_string(scheduler s) noexcept;

/// Which executions exist: those of C++'s memory model as Relacy knows it, or only the interleavings.
enum class memory : std::uint8_t { cxx, sequential };
[[nodiscard]] std::string_view to_string(memory m) noexcept;

/// How far a case is searched.
struct bounds {
  scheduler search = scheduler::random;
  std::uint64_t schedules = 50'000;  // at most that many
  double seconds = 20;                // at most that long, in processor time
  unsigned context_bound = 2;         // preemptions in a schedule (scheduler::bound), reached one after the other
  memory model = memory::cxx;
  bool stale_failures = false;        // a compare-exchange that fails may have read an older value
};

/// What tells a case from others of its model. Empty parts are left out of the name.
struct labels {
  std::string queue{};
  std::string discipline{};
  std::string variant{};
  std::string bug{};            // a seeded or published bug, which must be caught
  std::string question{};       // instead of the suite's
  verdict expect = verdict::pass;
  std::string claims{};         // of a model with operations: what they promise (verify/engine/progress.hpp)
};

/// A model, constructed for one schedule.
class running_model {
 public:
  running_model() = default;
  running_model(running_model const&) = delete;
  running_model& operator=(running_model const&) = delete;
  virtual ~running_model() = default;
  virtual void thread(unsigned i) = 0;
  virtual void after() = 0;
  [[nodiscard]] virtual std::string state() const = 0;
};

/// A model as the engine needs it: how to make one, and how its threads are called.
struct model_type {
  unsigned threads = 0;
  std::vector<std::string> names{};
  std::vector<std::string> operations{};
  std::size_t bytes = 0;
  running_model* (*construct)(void* storage) = nullptr;
};

struct test_case {
  std::string name{};  // model/queue/discipline/variant#bug@scheduler@memory
  std::string model{};
  labels what{};
  bounds limits{};
  model_type type{};
  std::vector<claim> claims{};  // one for each of type.operations
};

namespace detail {

template <class M> class running final : public running_model {
 public:
  void thread(unsigned i) override { model_.thread(i); }
  void after() override { model_.after(); }
  [[nodiscard]] std::string state() const override {
    if constexpr (requires { { model_.state() } -> std::convertible_to<std::string>; }) {
      return model_.state();
    } else {
      return {};
    }
  }

 private:
  M model_{};
};

template <class M> [[nodiscard]] model_type type_of() {
  static_assert(M::threads >= 1 && M::threads <= 5, "a model has 1 to 5 threads");
  static_assert(alignof(running<M>) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__, "over-aligned models are not supported");
  model_type t{.threads = M::threads, .bytes = sizeof(running<M>), .construct = [](void* storage) -> running_model* {
                 return std::construct_at(static_cast<running<M>*>(storage));
               }};
  if constexpr (requires { M::names; }) {
    static_assert(std::size(M::names) == M::threads, "a name for each thread");
    t.names.assign(std::begin(M::names), std::end(M::names));
  } else {
    for (unsigned i = 0; i != M::threads; ++i) t.names.push_back("thread " + std::to_string(i));
  }
  if constexpr (requires { M::operations; }) t.operations.assign(std::begin(M::operations), std::end(M::operations));
  return t;
}

}  // namespace detail

/// The cases of one model; registers what is added to it.
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

  std::string model_;
  std::string question_;
};

/// Returns all cases, in the order of their names.
[[nodiscard]] std::vector<test_case> const& all_cases();
/// Returns what went wrong while cases were registered.
[[nodiscard]] std::vector<std::string> const& registration_errors();

}  // namespace surewake::verify
