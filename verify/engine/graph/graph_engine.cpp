#include <surewake/verify/engine/graph/graph_engine.hpp>
#include <surewake/verify/engine/graph/runtime.hpp>

#include <algorithm>
#include <csignal>
#include <exception>

namespace surewake::verify {

namespace {

[[nodiscard]] graph::memory_model model_of(memory m) noexcept {
  switch (m) {
    case memory::cxx: return graph::memory_model::cpp20;
    case memory::sequential: return graph::memory_model::sc;
    case memory::rc11: return graph::memory_model::rc11;
  }
  return graph::memory_model::cpp20;
}

/// A fault of the model is a finding; any other one is ours.
void on_fault(int signal, siginfo_t* about, void*) {
  if (graph::active != nullptr) {
    bool const overflow = graph::active->stacks().on_guard(about->si_addr);
    graph::active->crash(overflow ? "a thread needs more than 256 KiB of stack" : "an invalid address is accessed");
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void on_terminate() {
  if (graph::active != nullptr)
    graph::active->crash("std::terminate was called: an exception left a noexcept function");
  std::abort();
}

void install_fault_handlers() {
  static char stack[64 * 1024];  // the fault may be that there is no stack left
  stack_t const alternate{.ss_sp = stack, .ss_flags = 0, .ss_size = sizeof stack};
  sigaltstack(&alternate, nullptr);
  struct sigaction action {};
  action.sa_sigaction = &on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (int const signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigaction(signal, &action, nullptr);
  std::set_terminate(&on_terminate);
}

}  // namespace

search_result run_graph(test_case const& c, engine_options const& options) {
  install_fault_handlers();
  bounds const& limits = options.limits;
  graph::runtime search(c.type, {.memory = model_of(limits.model), .runs = limits.schedules,
                                 .seconds = limits.seconds, .progress = options.progress});
  graph::search_outcome const o = search.search();
  search_result r{.result = o.result, .schedules = o.complete + o.spurious, .blocked = o.blocked,
                  .seconds = o.seconds, .steps = o.events, .message = o.message};
  if (o.result != verdict::pass) r.schedules = std::max<std::uint64_t>(r.schedules, 1);  // the one that was not ended
  r.covered = o.result != verdict::pass ? coverage::found
              : !o.finished             ? coverage::sampled
              : o.cut != 0              ? coverage::bounded
                                        : coverage::exhaustive;
  return r;
}

}  // namespace surewake::verify
