// surewake/verify/program/terminal_line.hpp: a line on the terminal that is rewritten; nothing where standard error is
// no terminal.
#pragma once

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

namespace surewake::verify {

class terminal_line {
 public:
  [[nodiscard]] bool is_seen() const noexcept { return terminal_; }
  /// Shows as much of the text as a line has room for.
  void show(std::string line) {
    if (!terminal_) return;
    winsize size{};
    std::size_t const columns = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80U;
    line.resize(std::min(line.size(), columns - 1));
    std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
    std::fflush(stderr);
    shown_ = true;
  }
  void clear() {
    if (std::exchange(shown_, false)) std::fprintf(stderr, "\r\x1b[K");
    std::fflush(stderr);
  }

 private:
  bool terminal_ = isatty(STDERR_FILENO) != 0;
  bool shown_ = false;
};

}  // namespace surewake::verify
