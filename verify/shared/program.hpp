// surewake/verify/shared/program.hpp: what the command-line programs share: exit statuses, signals, numbers of a
// command line.
//
// A signal that asks for the end (SIGINT, SIGTERM, SIGHUP) is noted, and the command ends as soon as it has put down
// what it has. The same signal a second time ends the program at once.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace surewake::program {

/// What a command's exit status says. A command that a signal ended has 128 + the signal's number: 130 after SIGINT
/// (Ctrl-C), 143 after SIGTERM, 129 after SIGHUP; 141, as after SIGPIPE, where the reader of its output has gone.
enum exit_status : int {
  as_expected = 0,   // nothing differs from what is expected
  differs = 1,       // a verdict or a result differs
  could_not = 2,     // something did not run, or the output could not be written
  wrong_usage = 64,  // the command line; nothing was done
  by_signal = 128,
};
/// Lists the statuses for `--help`. `differs`: "a verdict differs"; `could_not`: "an engine failed or a case did not
/// run".
[[nodiscard]] std::string exit_status_help(std::string_view differs, std::string_view could_not);

/// What the command line asks for does not exist or is not allowed; the message names it, and what is.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Prepares the program; to be called first in main. Opens what a caller left closed of the three standard streams, so
/// that no file of ours becomes one of them; makes writes to a closed pipe and beyond a size limit fail instead of
/// killing; notes signals.
void prepare(char const* program, int argc, char const* const* argv);

/// Returns the number of the signal that asked for the end; 0: none.   Async-signal-safe.
[[nodiscard]] int interrupted() noexcept;

/// Returns the status of a command that ended with `status` if no signal ended it.
[[nodiscard]] int status_after_signal(int status) noexcept;

/// Reads `text` as a number from `least` to `most`, with nothing before or after it.
///
/// Errors  usage_error, which names the option, the text and the limits. Not a number, infinite, empty: the same.
template <class T>
[[nodiscard]] T number(std::string_view option, std::string_view text, T least, T most) {
  static_assert(std::is_arithmetic_v<T>);
  T value{};
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool const read = (error == std::errc{} || error == std::errc::result_out_of_range) && !text.empty() &&
                    end == text.data() + text.size();
  bool const negative = std::is_unsigned_v<T> && text.size() > 1 && text.front() == '-';
  if (!read && !negative) {
    throw usage_error(fmt::format("{} '{}': not a number; it must be from {} to {}", option, text, least, most));
  }
  if (negative || error != std::errc{} || !(value >= least && value <= most)) {
    throw usage_error(fmt::format("{} '{}': it must be from {} to {}", option, text, least, most));
  }
  return value;
}

}  // namespace surewake::program
