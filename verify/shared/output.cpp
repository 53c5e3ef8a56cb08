#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/program.hpp>
#include <surewake/verify/shared/provenance.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

namespace surewake::program {

namespace {

std::string words_of(int error) { return std::generic_category().message(error); }

/// Opens and locks `path`, which others may put in its place and take away meanwhile. Returns -1 and errno.
int open_locked(std::filesystem::path const& path) {
  while (true) {
    int const file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) return -1;
    struct stat here {};
    struct stat there {};
    if (::flock(file, LOCK_EX | LOCK_NB) != 0 && (errno == EWOULDBLOCK || errno == EINTR)) {
      int const error = errno;
      ::close(file);
      if (error == EINTR) continue;
      errno = error;
      return -1;
    }
    // A file system without locks has no concurrent writers to fear, or none that could be told.
    if (::fstat(file, &here) == 0 && ::stat(path.c_str(), &there) == 0 && here.st_ino == there.st_ino &&
        here.st_dev == there.st_dev) {
      return file;
    }
    ::close(file);  // put in its place by another program between our open and our lock
  }
}

}  // namespace

int write_and_sync(int file, std::string_view content) noexcept {
  while (!content.empty()) {
    ssize_t const n = ::write(file, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  while (::fsync(file) != 0) {
    if (errno == EINTR) continue;
    return errno == EINVAL || errno == EROFS || errno == ENOTSUP ? 0 : errno;  // a pipe or a device has no disk
  }
  return 0;
}

standard_output& out() {
  static standard_output o;
  return o;
}

void standard_output::write(std::string_view text) noexcept {
  if (error_ != 0) return;
  errno = 0;
  while (!text.empty()) {
    std::size_t const n = std::fwrite(text.data(), 1, text.size(), stdout);
    text.remove_prefix(n);
    if (text.empty()) return;
    if (errno != EINTR) {
      error_ = errno != 0 ? errno : EIO;
      return;
    }
    std::clearerr(stdout);
  }
}

void standard_output::flush() noexcept {
  if (error_ != 0) return;
  errno = 0;
  while (std::fflush(stdout) != 0) {
    if (errno != EINTR) {
      error_ = errno != 0 ? errno : EIO;
      return;
    }
    std::clearerr(stdout);
  }
}

int standard_output::finish(int status) noexcept {
  flush();
  if (std::fclose(stdout) != 0 && error_ == 0) error_ = errno != 0 ? errno : EIO;
  if (error_ != 0 && error_ != EPIPE) {
    std::fprintf(stderr, "%s: standard output could not be written: %s\n", program_name(), std::strerror(error_));
    status = could_not;
  }
  if (error_ == EPIPE) status = by_signal + SIGPIPE;
  return status_after_signal(status);
}

output_file::output_file(std::filesystem::path path) : name_(std::move(path)), path_(name_) {
  struct stat there {};
  bool const is_there = ::stat(path_.c_str(), &there) == 0;
  if (is_there && S_ISDIR(there.st_mode)) fail(EISDIR);
  if (is_there && !S_ISREG(there.st_mode)) {
    file_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (file_ < 0) fail(errno);
    return;
  }
  if (is_there && ::access(path_.c_str(), W_OK) != 0) fail(errno);
  // A link stays one: what it leads to is replaced.
  std::error_code error;
  if (auto real = std::filesystem::canonical(path_, error); !error) path_ = std::move(real);
  part_ = path_;
  part_ += ".part";
  file_ = open_locked(part_);
  if (file_ < 0) {
    int const why = errno;
    if (why == EWOULDBLOCK)
      throw std::runtime_error(fmt::format("{}: another program is writing it", name_.string()));
    fail(why);
  }
  if (::ftruncate(file_, 0) != 0) {
    int const why = errno;
    give_up();
    fail(why);
  }
}

output_file::~output_file() { give_up(); }

void output_file::commit(std::string_view content) {
  int error = write_and_sync(file_, content);
  if (error == 0 && !part_.empty() && ::rename(part_.c_str(), path_.c_str()) != 0) error = errno;
  if (error != 0) {
    give_up();
    fail(error);
  }
  if (::close(std::exchange(file_, -1)) != 0) fail(errno);
}

void output_file::give_up() noexcept {
  if (file_ < 0) return;
  if (!part_.empty()) ::unlink(part_.c_str());
  ::close(std::exchange(file_, -1));
}

void output_file::fail(int error) const {
  throw std::runtime_error(fmt::format("{}: cannot be written: {}", name_.string(), words_of(error)));
}

folder_lock::folder_lock(std::filesystem::path const& folder) : file_(folder / ".lock") {
  lock_ = open_locked(file_);
  if (lock_ >= 0) return;
  if (errno == EWOULDBLOCK) {
    throw std::runtime_error(fmt::format("{}: another program is writing its results there", folder.string()));
  }
  throw std::runtime_error(fmt::format("{}: cannot be written: {}", folder.string(), words_of(errno)));
}

folder_lock::~folder_lock() {
  ::unlink(file_.c_str());
  ::close(lock_);
}

}  // namespace surewake::program
