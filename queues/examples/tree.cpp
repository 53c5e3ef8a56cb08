// Digests every regular file below a directory, at most N of them at once, with all I/O through one io_uring.
#include <surewake/core/uring/support.hpp>
#include <surewake/queues/examples/tree_walk.hpp>
#include <surewake/queues/intrusive_list.hpp>
#include <surewake/queues/mutex_deque.hpp>
#include <surewake/queues/segmented_queue.hpp>
#include <surewake/queues/uring_futex.hpp>
#include <surewake/queues/waker_hybrid.hpp>

#include <charconv>
#include <chrono>
#include <cstdio>

namespace {

using namespace surewake;
using examples::tree_counts;
using examples::tree_options;

constexpr char usage[] =
    "usage: tree DIRECTORY [--permits N] [--strategy NAME] [--digests] [--quiet]\n"
    "\n"
    "  --permits N      files in flight at most (1 to 65536; default 64)\n"
    "  --strategy NAME  how the semaphore keeps its waiters: intrusive_list (default), mutex_deque,\n"
    "                   segmented_queue, uring_futex, waker_hybrid\n"
    "  --digests        prints each file's SHA-256 as sha256sum does\n"
    "  --quiet          does not name what could not be read\n"
    "\n"
    "Symbolic links are counted, not followed. Exit status: 0 all was read, 1 something was not, 64 usage.\n";

using walk_function = tree_counts (*)(uring_loop&, std::string const&, tree_options const&);
template <template <class> class Strategy> constexpr walk_function walk_with =
    &examples::tree_walk<basic_semaphore<Strategy>>::run;

struct strategy {
  std::string_view name;
  walk_function walk;
};
constexpr strategy strategies[] = {{"intrusive_list", walk_with<intrusive_list>},
                                   {"mutex_deque", walk_with<mutex_deque>},
                                   {"segmented_queue", walk_with<segmented_queue>},
                                   {"uring_futex", walk_with<uring_futex>},
                                   {"waker_hybrid", walk_with<waker_hybrid>}};

struct arguments {
  std::string root;
  strategy const* with = &strategies[0];
  std::uint32_t permits = 64;
  bool digests = false;
  bool quiet = false;
  std::string problem;  // what could not be understood
};

/// Whether they could be understood; else `problem` says what, and the limit.
bool parse(int argc, char** argv, arguments& a) {
  for (int i = 1; i < argc; ++i) {
    std::string_view const word = argv[i];
    std::string_view const value = i + 1 < argc ? argv[i + 1] : "";
    if (word == "--digests") {
      a.digests = true;
    } else if (word == "--quiet") {
      a.quiet = true;
    } else if (word == "--permits") {
      char const* const last = value.data() + value.size();
      auto const [end, error] = std::from_chars(value.data(), last, a.permits);
      if (error != std::errc() || end != last || a.permits < 1 || a.permits > 65536) {
        a.problem = "--permits " + std::string(value) + ": 1 to 65536";
        return false;
      }
      ++i;
    } else if (word == "--strategy") {
      a.with = nullptr;
      for (strategy const& s : strategies) {
        if (s.name == value) a.with = &s;
      }
      if (a.with == nullptr) {
        a.problem = "--strategy " + std::string(value) + ": no such strategy";
        return false;
      }
      ++i;
    } else if (word.starts_with("--") || !a.root.empty()) {
      a.problem = std::string(word) + ": not understood";
      return false;
    } else {
      a.root = word;
    }
  }
  if (a.root.empty()) a.problem = "which directory?";
  return a.problem.empty();
}

/// As sha256sum prints it: a name with a line feed or a backslash is escaped, and the line says so.
void print_digest(std::string const& path, examples::digest const& d) {
  std::string name;
  for (char const c : path) name += c == '\\' ? "\\\\" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : std::string(1, c);
  if (name != path) std::putchar('\\');
  for (unsigned char const byte : d) std::printf("%02x", byte);
  std::printf("  %s\n", name.c_str());
}

int walk(arguments const& a) {
  uring_loop loop;
  tree_options options{.permits = a.permits};
  if (a.digests) options.on_digest = print_digest;
  if (!a.quiet) {
    options.on_problem = [](std::string const& path, std::error_code e) {
      std::fprintf(stderr, "tree: %s: %s\n", path.c_str(), e.message().c_str());
    };
  }
  auto const start = std::chrono::steady_clock::now();
  tree_counts const c = a.with->walk(loop, a.root, options);
  double const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  auto const number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::fprintf(stderr,
               "tree: %llu files, %llu bytes, %.3f seconds; %llu directories, %llu symbolic links, %llu others\n"
               "tree: %llu vanished, %llu unreadable; %u permits, at most %d descriptors; %.*s\n",
               number(c.files), number(c.bytes), seconds, number(c.directories), number(c.links), number(c.others),
               number(c.vanished), number(c.failed), a.permits, c.descriptors, static_cast<int>(a.with->name.size()),
               a.with->name.data());
  return c.vanished + c.failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  arguments a;
  if (!parse(argc, argv, a)) {
    std::fprintf(stderr, "tree: %s\n\n%s", a.problem.c_str(), usage);
    return 64;
  }
  if (uring_support const& support = uring_support::probe(); !support.ring) {
    std::fprintf(stderr, "tree: %s\n", support.why.c_str());
    return 1;
  }
  try {
    return walk(a);
  } catch (std::exception const& e) {
    std::fprintf(stderr, "tree: %s\n", e.what());
    return 1;
  }
}
