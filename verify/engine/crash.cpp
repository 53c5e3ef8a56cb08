#include <surewake/verify/engine/crash.hpp>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <initializer_list>

namespace surewake::verify {

namespace {

crash_handler handler{};

void on_fault(int signal, siginfo_t* about, void*) {
  handler.report(handler.ends_stack(about->si_addr) ? "a thread needs more than 256 KiB of stack"
                                                    : "an invalid address is accessed");
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void on_terminate() {
  handler.report("std::terminate was called: an exception left a noexcept function");
  std::abort();
}

}  // namespace

void catch_crashes(crash_handler h) {
  handler = h;
  std::set_terminate(&on_terminate);
  struct sigaction before {};
  sigaction(SIGSEGV, nullptr, &before);
  if (before.sa_sigaction == &on_fault) return;  // a short search takes no longer than the calls below
  static char stack[64 * 1024];  // the fault may be that there is no stack left
  stack_t const alternate{.ss_sp = stack, .ss_flags = 0, .ss_size = sizeof stack};
  sigaltstack(&alternate, nullptr);
  struct sigaction action {};
  action.sa_sigaction = &on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (int const signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigaction(signal, &action, nullptr);
}

}  // namespace surewake::verify
