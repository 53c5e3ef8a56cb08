// Acquires as senders (core/senders/), with receivers of the tests' own: their environments have a stop token, a
// scheduler, both or neither.
#include <surewake/core/semaphore/scripted_queue.test.hpp>
#include <surewake/semaphore.hpp>
#include <surewake/senders.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <deque>
#include <functional>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <type_traits>

namespace senders_test {

namespace {

using namespace surewake;
using barging_semaphore = basic_semaphore<mutex_deque, std_platform, barging>;

enum class ended { not_yet, value, error, stopped };

/// How an operation ended.
template <class Semaphore> struct noted {
  int completions = 0;
  ended how = ended::not_yet;
  typename Semaphore::permit permit;
  std::thread::id where;
  std::function<void()> then;  // called in the completion

  void note(ended h) {
    ++completions;
    how = h;
    where = std::this_thread::get_id();
    if (auto const f = std::exchange(then, nullptr)) f();
  }
};

/// A receiver with the environment Env.
template <class Semaphore, class Env> struct receiver {
  using receiver_concept = senders::receiver_t;
  noted<Semaphore>* into;
  Env env{};

  [[nodiscard]] Env get_env() const noexcept { return env; }
  void set_value(typename Semaphore::permit p) && noexcept {
    into->permit = std::move(p);
    into->note(ended::value);
  }
  void set_error(closed_error const& e) && noexcept {
    CHECK(std::string(e.what()) == "surewake: the semaphore is closed");
    into->note(ended::error);
  }
  void set_stopped() && noexcept { into->note(ended::stopped); }
};

struct stop_env {
  std::stop_source const* source;  // null: a token that nothing requests
  [[nodiscard]] std::stop_token query(senders::get_stop_token_t) const noexcept {
    return source != nullptr ? source->get_token() : std::stop_token();
  }
};

/// A scheduler that runs what it has when it is told to. It may refuse.
struct manual_context {
  std::deque<std::function<void()>> queue;
  bool stops = false, fails = false;

  void run() {
    while (!queue.empty()) {
      auto const f = std::move(queue.front());
      queue.pop_front();
      f();
    }
  }

  template <class R> struct operation {
    using operation_state_concept = senders::operation_state_t;
    manual_context* on;
    R to;
    operation(manual_context* c, R r) : on(c), to(std::move(r)) {}
    operation(operation&&) = delete;
    void start() noexcept {
      if (on->stops) return senders::set_stopped(std::move(to));
      if (on->fails) return senders::set_error(std::move(to), 7);
      on->queue.emplace_back([this] { senders::set_value(std::move(to)); });
    }
  };
  struct sender {
    using sender_concept = senders::sender_t;
    using completion_signatures =
        senders::completion_signatures<senders::set_value_t(), senders::set_error_t(int), senders::set_stopped_t()>;
    manual_context* on;
    template <class R> [[nodiscard]] operation<R> connect(R r) const { return operation<R>(on, std::move(r)); }
  };
  struct scheduler {
    using scheduler_concept = senders::scheduler_t;
    manual_context* on;
    [[nodiscard]] sender schedule() const noexcept { return {on}; }
    friend bool operator==(scheduler, scheduler) noexcept = default;
  };
};
static_assert(senders::scheduler<manual_context::scheduler>);
static_assert(manual_context::scheduler{nullptr} == manual_context::scheduler{nullptr});

struct full_env : stop_env {
  manual_context* on = nullptr;
  using stop_env::query;
  [[nodiscard]] manual_context::scheduler query(senders::get_scheduler_t) const noexcept { return {on}; }
};

/// A stop token of another kind, which P2300 allows: its callback is a member.
struct flag_token {
  using place = std::optional<std::function<void()>>;
  template <class F> struct callback_type {
    callback_type(flag_token t, F f) noexcept : callback(t.callback) {
      if (*t.requested) f();
      else *callback = f;
    }
    callback_type(callback_type const&) = delete;
    ~callback_type() { callback->reset(); }
    place* callback;
  };
  place* callback;
  bool* requested;
};
struct flag_env {
  flag_token token;
  [[nodiscard]] flag_token query(senders::get_stop_token_t) const noexcept { return token; }
};

using plain_receiver = receiver<semaphore, senders::empty_env>;
using stopped_receiver = receiver<semaphore, stop_env>;
using sender = senders::acquire_sender<semaphore>;
using operation = decltype(senders::connect(std::declval<sender>(), std::declval<stopped_receiver>()));
static_assert(senders::sender<sender> && std::is_copy_constructible_v<sender>);
static_assert(senders::sender_to<sender, plain_receiver> && senders::sender_to<sender const&, stopped_receiver>);
static_assert(senders::operation_state<operation>);
static_assert(!std::is_move_constructible_v<operation> && !std::is_copy_constructible_v<operation>);
static_assert(std::is_same_v<sender::completion_signatures,
                             senders::completion_signatures<senders::set_value_t(permit),
                                                            senders::set_error_t(closed_error),
                                                            senders::set_stopped_t()>>);
static_assert(std::is_same_v<senders::stop_token_of_t<plain_receiver>, senders::never_stop_token>);
static_assert(std::is_same_v<senders::stop_token_of_t<stopped_receiver>, std::stop_token>);

template <class Semaphore> void check_rest(Semaphore& s, std::ptrdiff_t total) {
  CHECK(s.waiters() == 0);
  CHECK(s.available_permits() == total);
}

template <class Semaphore> receiver<Semaphore, stop_env> stopped_by(noted<Semaphore>& n, std::stop_source& source) {
  return {&n, {&source}};
}

}  // namespace

TEST_CASE("a free permit is a value in start()") {
  semaphore s(3);
  noted<semaphore> n;
  auto o = senders::connect(senders::acquire(s, 2), plain_receiver{&n});
  CHECK(n.completions == 0);
  CHECK(s.available_permits() == 3);
  senders::start(o);
  CHECK(n.how == ended::value);
  CHECK(n.permit.count() == 2);
  n.permit.release();
  check_rest(s, 3);
}

TEST_CASE("an operation that waits completes when it is granted, in its order") {
  semaphore s(0);
  noted<semaphore> first, second;
  auto const one = senders::acquire(s);
  auto a = senders::connect(one, plain_receiver{&first});
  auto b = senders::connect(one, plain_receiver{&second});  // a sender is connected as often as one likes
  senders::start(a);
  senders::start(b);
  CHECK(s.waiters() == 2);
  s.add_permits(1);
  CHECK((first.how == ended::value && second.how == ended::not_yet));
  first.permit.release();
  CHECK(second.how == ended::value);
  second.permit.release();
  check_rest(s, 1);
}

TEST_CASE("an operation that is not started does nothing") {
  semaphore s(1);
  noted<semaphore> n;
  { auto const o = senders::connect(senders::acquire(s), plain_receiver{&n}); }
  CHECK(n.completions == 0);
  check_rest(s, 1);
}

TEST_CASE("a count that is impossible is refused by acquire()") {
  semaphore s(1);
  CHECK_THROWS_AS(static_cast<void>(senders::acquire(s, 0)), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(senders::acquire(s, semaphore::max_request() + 1)), std::invalid_argument);
}

TEST_CASE("a stop before start(): a free permit is taken, a wait is given up at once") {
  semaphore s(1);
  std::stop_source stop;
  stop.request_stop();
  noted<semaphore> had, gave_up;
  auto a = senders::connect(senders::acquire(s), stopped_by(had, stop));
  auto b = senders::connect(senders::acquire(s), stopped_by(gave_up, stop));
  senders::start(a);
  senders::start(b);
  CHECK(had.how == ended::value);
  CHECK(gave_up.how == ended::stopped);
  had.permit.release();
  check_rest(s, 1);
}

TEST_CASE("a stop while it waits gives it up, and one after the grant changes nothing") {
  semaphore s(0);
  std::stop_source stop, late;
  noted<semaphore> gave_up, had;
  auto a = senders::connect(senders::acquire(s), stopped_by(gave_up, stop));
  auto b = senders::connect(senders::acquire(s), stopped_by(had, late));
  senders::start(a);
  senders::start(b);
  stop.request_stop();
  CHECK(gave_up.how == ended::stopped);
  s.add_permits(1);
  CHECK(had.how == ended::value);
  late.request_stop();
  CHECK((gave_up.completions == 1 && had.completions == 1));
  had.permit.release();
  check_rest(s, 1);
}

TEST_CASE("close() is an error, before start() and while it waits") {
  semaphore s(0);
  noted<semaphore> waits, late;
  auto a = senders::connect(senders::acquire(s), plain_receiver{&waits});
  auto b = senders::connect(senders::acquire(s), plain_receiver{&late});
  senders::start(a);
  s.close();
  senders::start(b);
  CHECK((waits.how == ended::error && late.how == ended::error));
}

TEST_CASE("a stop token of another kind is used by its callback_type") {
  semaphore s(0);
  bool requested = false;
  std::optional<std::function<void()>> callback;
  noted<semaphore> n, before;
  using flagged = receiver<semaphore, flag_env>;
  auto a = senders::connect(senders::acquire(s), flagged{&n, {{&callback, &requested}}});
  senders::start(a);
  REQUIRE(callback.has_value());
  auto const stop = *callback;
  stop();
  CHECK(n.how == ended::stopped);
  CHECK_FALSE(callback.has_value());
  requested = true;
  auto b = senders::connect(senders::acquire(s), flagged{&before, {{&callback, &requested}}});
  senders::start(b);
  CHECK(before.how == ended::stopped);
  check_rest(s, 0);
}

TEST_CASE("a wait completes on the scheduler of the environment, however it ends; what does not wait, at once") {
  manual_context context;
  semaphore s(1);
  std::stop_source stop;
  using on_scheduler = receiver<semaphore, full_env>;
  full_env const env{{&stop}, &context};
  noted<semaphore> at_once, granted, stopped, closed;
  auto a = senders::connect(senders::acquire(s), on_scheduler{&at_once, env});
  auto b = senders::connect(senders::acquire(s), on_scheduler{&granted, env});
  auto c = senders::connect(senders::acquire(s), on_scheduler{&stopped, env});
  auto d = senders::connect(senders::acquire(s), on_scheduler{&closed, {{}, &context}});
  senders::start(a);
  CHECK(at_once.how == ended::value);
  senders::start(b);
  senders::start(c);
  senders::start(d);
  at_once.permit.release();
  CHECK(granted.how == ended::not_yet);
  context.run();
  CHECK(granted.how == ended::value);
  stop.request_stop();
  CHECK(stopped.how == ended::not_yet);
  context.run();
  CHECK(stopped.how == ended::stopped);
  s.close();
  CHECK(closed.how == ended::not_yet);
  context.run();
  CHECK(closed.how == ended::error);
  granted.permit.release();
  check_rest(s, 1);
}

TEST_CASE("where the scheduler stops or fails, the receiver is told how the wait ended, and no permit is lost") {
  for (bool const stops : {true, false}) {
    manual_context context;
    context.stops = stops;
    context.fails = !stops;
    semaphore s(0);
    noted<semaphore> n;
    auto o = senders::connect(senders::acquire(s), receiver<semaphore, full_env>{&n, {{}, &context}});
    senders::start(o);
    s.add_permits(1);
    CHECK(n.how == ended::value);
    n.permit.release();
    check_rest(s, 1);
  }
}

TEST_CASE("a completion may destroy the operation, in start() too") {
  for (int const free : {1, 0}) {
    semaphore s(free);
    std::stop_source stop;
    noted<semaphore> n;
    std::optional<operation> o;
    struct emplaced {  // an operation is made in its place
      semaphore& s;
      stopped_receiver r;
      operator operation() const { return senders::connect(senders::acquire(s), r); }
    };
    o.emplace(emplaced{s, stopped_by(n, stop)});
    n.then = [&] { o.reset(); };
    senders::start(*o);
    if (free == 0) stop.request_stop();  // destroyed inside of the callback
    CHECK(n.how == (free == 1 ? ended::value : ended::stopped));
    CHECK_FALSE(o.has_value());
    n.permit.release();
    check_rest(s, free);
  }
}

TEST_CASE("an operation that is started in an executor's work completes there, where no scheduler is named") {
  manual_executor home;
  semaphore s(0);
  noted<semaphore> n;
  auto o = senders::connect(senders::acquire(s), plain_receiver{&n});
  auto const body = [&]() -> task<> {
    co_await schedule(home);
    senders::start(o);
  };
  start_detached(body());
  home.run();
  s.add_permits(1);
  CHECK(n.how == ended::not_yet);
  home.run();
  CHECK(n.how == ended::value);
  n.permit.release();
}

TEST_CASE("a chain of operations, each started by the release of the one before, takes bounded stack") {
  constexpr int length = 100'000;
  semaphore s(0);
  noted<semaphore> n;
  int left = length;
  using plain_operation = decltype(senders::connect(senders::acquire(s), plain_receiver{&n}));
  struct emplaced {  // an operation is made in its place
    semaphore& s;
    plain_receiver r;
    operator plain_operation() const { return senders::connect(senders::acquire(s), r); }
  };
  std::deque<plain_operation> all;
  std::function<void()> const pass_on = [&] {
    --left;
    n.then = pass_on;
    n.permit.release();
  };
  n.then = pass_on;
  for (int i = 0; i != length; ++i) {
    all.emplace_back(emplaced{s, {&n}});
    senders::start(all.back());
  }
  s.add_permits(1);
  CHECK(left == 0);
  check_rest(s, 1);
}

TEST_CASE_TEMPLATE("a stop or a grant at each step of the wait: one completion, no permit lost", S, testing::scripted,
                   testing::scripted_barging) {
  using testing::script;
  for (auto const point : {&script::before_enqueue, &script::after_enqueue, &script::before_grant,
                           &script::before_hand_over, &script::before_withdraw}) {
    S s(0);
    noted<S> n;
    std::stop_source stop;
    auto o = senders::connect(senders::acquire(s), stopped_by(n, stop));
    bool const stops = point != &script::before_withdraw;
    testing::at_point const here(point, [&] { stops ? void(stop.request_stop()) : s.add_permits(1); });
    senders::start(o);
    stops ? s.add_permits(1) : void(stop.request_stop());
    CHECK(here.passed());
    CHECK(n.completions == 1);
    CHECK((n.permit.count() == 1) == (n.how == ended::value));
    n.permit.release();
    check_rest(s, 1);
  }
}

TEST_CASE_TEMPLATE("a stop races with a grant: one completion, no permit lost", S, semaphore, barging_semaphore) {
  constexpr int rounds = 1'000;
  S s(0);
  std::atomic<int> turn{0};
  std::thread releaser([&] {
    for (int i = 1; i <= rounds; ++i) {
      while (turn < i) std::this_thread::yield();
      s.add_permits(1);
    }
  });
  int granted = 0;
  bool right = true;
  for (int i = 1; i <= rounds; ++i) {
    noted<S> n;
    std::atomic<bool> over{false};
    n.then = [&] { over = true; };
    std::stop_source stop;
    auto o = senders::connect(senders::acquire(s), stopped_by(n, stop));
    senders::start(o);
    turn = i;
    if (i % 3 == 0) std::this_thread::yield();
    for (int spin = i * 7 % 2'000; spin != 0; --spin) std_platform::relax();
    stop.request_stop();
    while (!over) std::this_thread::yield();
    if (n.completions != 1 || (n.permit.count() == 1) != (n.how == ended::value)) right = false;
    if (n.how == ended::value) ++granted;
    n.permit.release();
    s.acquire_blocking().forget();  // the round's permit, which may come only now
    if (s.available_permits() != 0 || s.waiters() != 0) right = false;
  }
  releaser.join();
  CHECK(right);
  MESSAGE(granted << " of " << rounds << " were granted before they were stopped");
}

}  // namespace senders_test
