// surewake/queues/examples/tree_walk.hpp: a digest of every regular file of a directory tree, all I/O through one ring.
//
//   worker: a permit --> its turn at the tree --> the next file --> open, check, read, digest, close --> a permit
//
// Invariants
//   I1  Who has a file, or a name that is to become one, has a permit, so at most `permits` files are open or on their
//       way. Their names are opened relative to their directory, which stays open until the last of them is: of these
//       there are at most 8, held by permits of their own (folders_). One more descriptor is open for a moment where a
//       path is too long to be opened at once. So never more than permits + 9.
//   I2  One worker at a time is at the tree (turn_, a semaphore of one permit, as it opens directories by the ring).
//   I3  Directories that are still to be listed are paths on a stack, not frames: a tree's depth costs memory only.
// What changes meanwhile: names are opened relative to their directory's descriptor and never through a symbolic link
// below the root; what is then not a regular file is left alone; what has vanished is reported.
// Listing has no operation in io_uring: getdents64 is called on the loop's thread, 32 KiB of names at a time.
#pragma once

#include <surewake/core/semaphore/semaphore.hpp>
#include <surewake/core/uring/loop.hpp>
#include <surewake/core/coroutine/when_all.hpp>

#include <dirent.h>
#include <openssl/evp.h>
#include <sys/syscall.h>

#include <array>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace surewake::examples {

using digest = std::array<unsigned char, 32>;  // SHA-256

struct tree_counts {
  std::uint64_t files = 0;  // digested
  std::uint64_t bytes = 0;
  std::uint64_t directories = 0;  // listed
  std::uint64_t links = 0;        // symbolic links: not followed
  std::uint64_t others = 0;       // sockets, devices, pipes: not read
  std::uint64_t vanished = 0;     // listed, and gone or something else when opened
  std::uint64_t failed = 0;       // unreadable for another reason
  int descriptors = 0;            // open or on their way at once, at most: up to permits + tree_extra_descriptors
};

inline constexpr int tree_extra_descriptors = 9;

struct tree_options {
  std::uint32_t permits = 64;
  std::function<void(std::string const& path, digest const&)> on_digest{};
  std::function<void(std::string const& path, std::error_code)> on_problem{};
};

template <class Semaphore> class tree_walk {
 public:
  /// Walks what is below `root`.   Errors   std::system_error where the root cannot be opened; std::bad_alloc.
  [[nodiscard]] static tree_counts run(uring_loop& loop, std::string const& root, tree_options const& options) {
    tree_walk walk(loop, options);
    io_result const opened = loop.block_on(walk.open(root));
    walk.to_list_.push_back(root);
    if (!opened) throw std::system_error(opened.error(), root);
    loop.block_on(walk.close(*opened));
    loop.block_on(walk.all());
    return walk.counts_;
  }

 private:
  static constexpr std::size_t buffer_size = 32 << 10;
  static constexpr std::size_t longest_path = 4000;  // the kernel takes PATH_MAX - 1 = 4,095 at once
  static constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  // A file that has meanwhile become a pipe or a terminal must not hold us up.
  static constexpr int file_flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

  /// A directory that is open, for the listing and for the tasks that have a name from it; see leave().
  struct directory {
    directory(tree_walk& w, int f, std::string p, typename Semaphore::permit h)
        : walk(w), fd(f), path(std::move(p)), held(std::move(h)) {}
    directory(directory const&) = delete;
    directory& operator=(directory const&) = delete;
    ~directory() {
      if (fd < 0) return;
      ::close(fd);
      --walk.open_;
    }
    tree_walk& walk;
    int fd;
    std::string path;
    typename Semaphore::permit held;
  };
  /// The next to be done; without a directory: there is nothing left.
  struct entry {
    std::shared_ptr<directory> in;
    std::string name;
    [[nodiscard]] std::string path() const { return below(in->path, name); }
  };

  tree_walk(uring_loop& loop, tree_options const& options)
      : loop_(loop),
        options_(options),
        limit_(options.permits),
        turn_(1),
        folders_(tree_extra_descriptors - 1),
        names_(buffer_size) {}

  task<> all() {
    std::vector<task<>> workers;
    // As many again as can be at work: so there is always somebody who waits for a permit.
    for (std::uint32_t i = 0; i < 2 * options_.permits; ++i) workers.push_back(worker());
    co_await when_all(std::move(workers));
  }

  task<> worker() {
    std::vector<std::byte> buffer;
    for (;;) {
      auto const permit = co_await limit_.acquire();
      entry e = co_await next();
      if (e.in == nullptr) co_return;
      if (buffer.empty()) buffer.resize(buffer_size);
      co_await digest_one(std::move(e), buffer);
    }
  }

  task<> digest_one(entry e, std::vector<std::byte>& buffer) {
    std::string const path = e.path();
    io_result const fd = co_await open_one(e.in->fd, e.name.c_str(), file_flags);
    co_await leave(std::move(e.in));
    if (!fd) {
      report(path, fd.error());
      co_return;
    }
    co_await read_all(*fd, path, buffer);
    co_await close(*fd);
  }

  task<> read_all(int fd, std::string const& path, std::vector<std::byte>& buffer) {
    struct ::statx about {};
    io_result const looked = co_await loop_.statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, about);
    if (!looked || !S_ISREG(about.stx_mode)) {
      report(path, looked ? std::make_error_code(std::errc::no_such_file_or_directory) : looked.error());
      co_return;
    }
    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> const hash(::EVP_MD_CTX_new(), &::EVP_MD_CTX_free);
    if (hash == nullptr || ::EVP_DigestInit_ex(hash.get(), ::EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
    std::uint64_t size = 0;
    for (;;) {
      io_result const n = co_await loop_.read(fd, buffer, size);
      if (!n) {
        report(path, n.error());
        co_return;
      }
      if (*n == 0) break;
      ::EVP_DigestUpdate(hash.get(), buffer.data(), static_cast<std::size_t>(*n));
      size += static_cast<std::uint64_t>(*n);
    }
    digest d{};
    ::EVP_DigestFinal_ex(hash.get(), d.data(), nullptr);
    ++counts_.files;
    counts_.bytes += size;
    if (options_.on_digest) options_.on_digest(path, d);
  }

  /// The next regular file, or what the listing could not tell; the caller has a permit.
  task<entry> next() {
    auto const turn = co_await turn_.acquire();
    for (;;) {
      if (listing_ == nullptr) {
        if (to_list_.empty()) co_return entry{};
        std::string path = std::move(to_list_.back());
        to_list_.pop_back();
        auto place = co_await folders_.acquire();
        io_result const fd = co_await open(path);
        if (!fd) {
          report(path, fd.error());
          continue;
        }
        ++counts_.directories;
        listing_ = std::make_shared<directory>(*this, *fd, std::move(path), std::move(place));
      }
      if (at_ == end_) {
        long const n = ::syscall(SYS_getdents64, listing_->fd, names_.data(), names_.size());
        if (n < 0) report(listing_->path, std::error_code(errno, std::system_category()));
        at_ = 0;
        end_ = n > 0 ? static_cast<std::size_t>(n) : 0;
        if (end_ == 0) {
          co_await leave(std::move(listing_));
          continue;
        }
      }
      auto const [type, name] = take_name();
      if (name == "." || name == "..") continue;
      unsigned char kind = type;
      if (kind == DT_UNKNOWN) kind = co_await look_up(std::string(name));
      if (kind == DT_REG) co_return entry{listing_, std::string(name)};
      count_other(kind, name);
    }
  }

  /// What a file system that does not say it in the listing says when asked.
  task<unsigned char> look_up(std::string name) {
    struct ::statx about {};
    io_result const looked = co_await loop_.statx(listing_->fd, name.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE, about);
    if (looked) co_return static_cast<unsigned char>(IFTODT(about.stx_mode));
    co_return static_cast<unsigned char>(DT_REG);  // opening it will tell what is wrong
  }

  void count_other(unsigned char kind, std::string_view name) {
    if (kind == DT_DIR) {
      to_list_.push_back(below(listing_->path, name));
    } else if (kind == DT_LNK) {
      ++counts_.links;
    } else {
      ++counts_.others;
    }
  }

  std::pair<unsigned char, std::string_view> take_name() noexcept {
    // struct linux_dirent64: inode 8, offset 8, length 2, type 1, name.
    char const* const record = names_.data() + at_;
    unsigned short length = 0;
    std::memcpy(&length, record + 16, sizeof length);
    at_ += length;
    return {static_cast<unsigned char>(record[18]), record + 19};
  }

  /// Opens a directory; a path that is too long for the kernel part by part, each relative to the one before. Below the
  /// root no symbolic link is followed in the last part.
  task<io_result> open(std::string path) {
    int from = AT_FDCWD;
    for (std::size_t begin = 0;;) {
      std::size_t end = path.size();
      if (end - begin > longest_path) end = path.rfind('/', begin + longest_path);
      std::string const part = path.substr(begin, end - begin);
      int const flags = directory_flags | (counts_.directories == 0 ? 0 : O_NOFOLLOW);
      io_result const fd = co_await open_one(from, part.c_str(), flags);
      if (from != AT_FDCWD) co_await close(from);
      if (!fd || end == path.size()) co_return fd;
      from = *fd;
      begin = end + 1;
    }
  }
  /// The last one to leave a directory closes it.
  task<> leave(std::shared_ptr<directory> d) {
    if (d.use_count() == 1) co_await close(std::exchange(d->fd, -1));
  }
  task<> close(int fd) {
    co_await loop_.close(fd);
    --open_;
  }
  /// The descriptor counts from before there can be one.
  task<io_result> open_one(int from, char const* path, int flags) {
    if (++open_ > counts_.descriptors) counts_.descriptors = open_;
    io_result const fd = co_await loop_.openat(from, path, flags);
    if (!fd) --open_;
    co_return fd;
  }

  void report(std::string const& path, std::error_code e) {
    bool const gone = e == std::errc::no_such_file_or_directory || e == std::errc::too_many_symbolic_link_levels ||
                      e == std::errc::not_a_directory;
    ++(gone ? counts_.vanished : counts_.failed);
    if (options_.on_problem) options_.on_problem(path, e);
  }

  [[nodiscard]] static std::string below(std::string const& path, std::string_view name) {
    std::string joined = path;
    if (!joined.ends_with('/')) joined += '/';
    return joined += name;
  }

  uring_loop& loop_;
  tree_options const& options_;
  Semaphore limit_;
  Semaphore turn_;
  Semaphore folders_;
  tree_counts counts_;
  int open_ = 0;  // descriptors of ours

  // Who has the turn:
  std::vector<std::string> to_list_;    // directories
  std::shared_ptr<directory> listing_;  // the one that is being listed
  std::vector<char> names_;             // a part of it, as the kernel gave it
  std::size_t at_ = 0, end_ = 0;        // what of that is still to be looked at
};

}  // namespace surewake::examples
