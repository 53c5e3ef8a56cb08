#include <surewake/verify/program/each_program.hpp>
#include <surewake/verify/shared/command_line.hpp>
#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/program.hpp>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace surewake::verify {

namespace {

using program::wrong;

constexpr int most_complaints = 20;

/// Lines of a file. Reading ends early where a signal comes, which C++'s streams do not allow.
class lines {
 public:
  explicit lines(std::string const& file) : file_(file == "-" ? stdin : std::fopen(file.c_str(), "r")) {
    if (file_ == nullptr) error_ = errno;
  }
  lines(lines const&) = delete;
  lines& operator=(lines const&) = delete;
  ~lines() {
    std::free(text_);
    if (file_ != nullptr && file_ != stdin) std::fclose(file_);
  }
  [[nodiscard]] std::optional<std::string> next() {
    if (file_ == nullptr) return std::nullopt;
    errno = 0;
    ssize_t const n = ::getline(&text_, &size_, file_);
    if (n >= 0) return std::string(text_, static_cast<std::size_t>(n));
    if (std::ferror(file_) != 0) error_ = errno != 0 ? errno : EIO;
    return std::nullopt;
  }
  [[nodiscard]] int error() const noexcept { return error_; }

 private:
  std::FILE* file_;
  char* text_ = nullptr;
  std::size_t size_ = 0;
  int error_ = 0;
};

}  // namespace

int for_each_program(std::string const& file, std::function<void(program_of_file const&)> const& each) {
  lines in(file);
  std::string const shown = file == "-" ? "standard input" : file;
  std::size_t number = 0;
  std::size_t programs = 0;
  int complaints = 0;
  while (complaints != most_complaints) {
    auto const ends = [] { return program::interrupted() != 0 || program::out().broken(); };
    std::optional<std::string> const line = ends() ? std::nullopt : in.next();
    if (ends()) return program::could_not;
    if (!line) break;
    ++number;
    if (line->find_first_not_of(" \t\r\n") == line->npos) continue;
    ++programs;
    program_of_file p;
    try {
      p.known = graph::read_program(*line);
      p.parsed = p.known.parsed();
      if (p.known.name.empty()) p.known.name = fmt::format("line {}", number);
      each(p);
    } catch (graph::bad_program const& e) {
      std::string const name = p.known.name.empty() ? "" : fmt::format(" ({})", p.known.name);
      program::out().flush();
      static_cast<void>(wrong(fmt::format("{}:{}{}: {}", shown, number, name, e.what()), 0));
      ++complaints;
    }
  }
  if (complaints == most_complaints) return wrong(fmt::format("{}: too much is wrong", shown), program::could_not);
  if (in.error() != 0)
    return wrong(fmt::format("{}: cannot be read: {}", shown, std::strerror(in.error())), program::could_not);
  if (programs == 0) return wrong(fmt::format("{}: there is no program in it", shown), program::could_not);
  return complaints == 0 ? program::as_expected : program::could_not;
}

}  // namespace surewake::verify
