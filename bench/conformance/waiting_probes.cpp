// surewake/bench/conformance/waiting_probes.cpp: which waiters are woken, in which order, and on which stack.
#include <surewake/bench/conformance/probes.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>
#include <vector>

namespace surewake::bench {
namespace {

constexpr std::uint64_t few = 8;

observation woken(std::uint64_t got, std::uint64_t of, char const* whose) {
  return {got == of ? probe_verdict::holds : probe_verdict::fails, fmt::format("{} of {}", got, of),
          fmt::format("{} {} waited, one release of {} came: {} of them went on", of, whose, of, got)};
}

observation wakes_of_tasks(peer_crowd const& c) {
  waiting_crowd const waiting(c, few, 1, true, crowd_ending::holds);
  c.enqueue(waiting.object);
  c.wake_at_once(waiting.object);
  std::uint64_t const got = c.woken(waiting.object);
  c.end(waiting.object);
  return woken(got, few, "tasks");
}

/// Waits until `what` holds, but no longer than that.
template <class F>
void patiently(unsigned milliseconds, F what) {
  auto const end = std::chrono::steady_clock::now() + std::chrono::milliseconds{milliseconds};
  while (!what() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds{1});
}

observation wakes_of_threads(peer const& p, probe_options const& options) {
  constexpr unsigned threads = 4;
  peer_semaphore const s(p, 0);
  std::atomic<unsigned> arrived{0};
  std::atomic<unsigned> gone_on{0};
  std::vector<std::jthread> waiters;
  for (unsigned i = 0; i < threads; ++i) {
    waiters.emplace_back([&] {
      arrived.fetch_add(1);
      p.acquire(s.get());
      gone_on.fetch_add(1);
    });
  }
  patiently(options.patience_ms, [&] { return arrived.load() == threads; });
  std::this_thread::sleep_for(std::chrono::milliseconds{20});  // from their arrival to their sleep
  s.release(threads);
  patiently(options.patience_ms, [&] { return gone_on.load() == threads; });
  unsigned const got = gone_on.load();
  while (gone_on.load() != threads) {  // the others must end too
    s.release(1);
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return woken(got, threads, "threads");
}

/// Lets `few` waiters be woken one by one. Returns their places in the order in which they were, 1 for the first come.
std::vector<std::uint64_t> order_of(peer_crowd const& c) {
  waiting_crowd const waiting(c, few, 1, true, crowd_ending::forgets);
  c.enqueue(waiting.object);
  std::vector<std::uint64_t> order;
  for (std::uint64_t release = 0; release < few; ++release) {
    c.wake_one(waiting.object);
    for (std::uint64_t place = 1; place <= few; ++place) {
      if (c.ended(waiting.object, place - 1) && std::ranges::find(order, place) == order.end()) order.push_back(place);
    }
  }
  c.end(waiting.object);
  return order;
}

/// What the child of a chain says by its exit status.
constexpr int every_one_ended = 0;
constexpr int some_did_not = 1;

[[noreturn]] void run_chain(peer_crowd const& c, probe_options const& options) {
  rlimit const no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  for (int const s : {SIGSEGV, SIGBUS, SIGABRT, SIGALRM}) std::signal(s, SIG_DFL);
  ::alarm(options.chain_seconds);
  void* const waiting = c.make(options.chain, 1, false, crowd_ending::releases);
  c.enqueue(waiting);
  c.wake_one(waiting);
  ::_exit(c.woken(waiting) == options.chain ? every_one_ended : some_did_not);
}

observation chain_seen(int status, std::uint64_t n) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == every_one_ended) {
    return {probe_verdict::holds, "ends", fmt::format("{} waiters, each of which released when woken, all ended", n)};
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
    return {probe_verdict::fails, "hangs", fmt::format("a chain of {} waiters did not end in time", n)};
  }
  if (WIFSIGNALED(status)) {
    int const signal = WTERMSIG(status);
    bool const overflow = signal == SIGSEGV || signal == SIGBUS;
    return {probe_verdict::fails, overflow ? "overflows" : "dies",
            fmt::format("a chain of {} waiters, each of which released when woken: the process was killed by signal {} "
                        "({})",
                        n, signal, ::strsignal(signal))};
  }
  return {probe_verdict::fails, "stops", fmt::format("a chain of {} waiters ended before the last was woken", n)};
}

}  // namespace

observation probe_wakes(peer const& p, probe_options const& options) {
  if (p.crowd != nullptr) return wakes_of_tasks(*p.crowd);
  return p.acquire != nullptr ? wakes_of_threads(p, options) : observation{};
}

observation probe_order(peer const& p, probe_options const&) {
  if (p.crowd == nullptr) return {.saw = "threads that are blocked in it cannot be told apart from outside"};
  std::vector<std::uint64_t> const order = order_of(*p.crowd);
  std::string const saw =
      fmt::format("{} waiters came in the order 1 to {}, {} releases served {}", few, few, few, fmt::join(order, " "));
  if (order.size() != few) return {probe_verdict::fails, "some never", saw};
  if (std::ranges::is_sorted(order)) return {probe_verdict::holds, "FIFO", saw};
  return {probe_verdict::fails, std::ranges::is_sorted(order, std::ranges::greater()) ? "LIFO" : "none", saw};
}

observation probe_chain(peer const& p, probe_options const& options) {
  if (p.crowd == nullptr) return {.saw = "each thread that waits has a stack of its own"};
  pid_t const child = ::fork();
  if (child < 0) return {.saw = fmt::format("no process for it: {}", std::strerror(errno))};
  if (child == 0) run_chain(*p.crowd, options);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return chain_seen(status, options.chain);
}

}  // namespace surewake::bench
