#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/program.hpp>
#include <surewake/verify/shared/provenance.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

namespace surewake::program {

namespace {

std::sig_atomic_t volatile noted = 0;

void note(int signal) { noted = signal; }

}  // namespace

std::string exit_status_help(std::string_view differs, std::string_view could_not) {
  return fmt::format(
      "Exit status: 0 as expected, 1 {}, 2 {}\nor output could not be written, 64 wrong usage, 128 + n ended by signal "
      "n:\n130 Ctrl-C (SIGINT), 143 SIGTERM, 129 SIGHUP, 141 the reader of the output has gone (SIGPIPE).",
      differs, could_not);
}

void prepare(char const* program, int argc, char const* const* argv) {
  // Opened the other way round: a use of one of them fails, as with a closed one.
  for (int fd = 0; fd != 3; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) static_cast<void>(::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY));
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  struct sigaction action {};
  action.sa_handler = &note;
  // Also where the caller ignores them, as shells do for what they start in the background: a long search must end.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (int const signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
  detail::set_command(program, argc, argv);
}

int interrupted() noexcept { return noted; }

int status_after_signal(int status) noexcept { return noted != 0 ? by_signal + noted : status; }

}  // namespace surewake::program
