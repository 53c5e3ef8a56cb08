// surewake/verify/shared/output.hpp: output that is either whole or reported: on standard output, and in files.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace surewake::program {

/// Standard output. What cannot be written is remembered, and known at the end: printing goes on, into nothing.
class standard_output {
 public:
  template <class... Args> void print(fmt::format_string<Args...> format, Args&&... args) {
    write(fmt::format(format, std::forward<Args>(args)...));
  }
  void write(std::string_view text) noexcept;
  void flush() noexcept;

  /// Returns whether something could not be written: then nobody will see what is printed from here on.
  [[nodiscard]] bool broken() const noexcept { return error_ != 0; }

  /// Closes it. Returns the status of a command that would have ended with `status`: could_not where something was not
  /// written, which is said on standard error; 128 + SIGPIPE where the reader has gone, which is not; 128 + the signal
  /// that ended the command.
  [[nodiscard]] int finish(int status) noexcept;

 private:
  int error_ = 0;  // the first errno
};
[[nodiscard]] standard_output& out();

/// A file that is whole or not there. It is written beside its place (`name.part`) and put there by commit(), after
/// what was written has reached the disk; until then the earlier file stays. What is no regular file (a device, a pipe)
/// is written in place. While it lives, no other one writes to the same place.
class output_file {
 public:
  /// Opens it, so that a wrong path costs nothing.
  ///
  /// Errors  std::runtime_error, which names the file and why it cannot be written, or that another program writes it.
  explicit output_file(std::filesystem::path path);
  output_file(output_file const&) = delete;
  output_file& operator=(output_file const&) = delete;
  ~output_file();

  /// Commits.   Errors  std::runtime_error where not all of it could be written, synchronised, closed or put in its
  /// place.
  void commit(std::string_view content);

 private:
  [[noreturn]] void fail(int error) const;
  void give_up() noexcept;

  std::filesystem::path name_;  // as the user spelt it
  std::filesystem::path path_;
  std::filesystem::path part_{};  // empty: written in place
  int file_ = -1;
};

/// A folder that one program at a time writes to: the lock is a file in it, and ends with this object or the process.
class folder_lock {
 public:
  /// Locks.   Errors  std::runtime_error where another program holds it, or where the folder cannot be written.
  explicit folder_lock(std::filesystem::path const& folder);
  folder_lock(folder_lock const&) = delete;
  folder_lock& operator=(folder_lock const&) = delete;
  ~folder_lock();

 private:
  std::filesystem::path file_;
  int lock_ = -1;
};

/// Writes all of `content` and sees that it is on the disk.   Returns  0, or the errno.
[[nodiscard]] int write_and_sync(int file, std::string_view content) noexcept;

}  // namespace surewake::program
