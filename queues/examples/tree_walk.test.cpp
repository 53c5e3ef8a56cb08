#include <surewake/core/uring/open_descriptors.test.hpp>
#include <surewake/core/uring/support.hpp>
#include <surewake/queues/examples/tree_walk.hpp>
#include <surewake/queues/intrusive_list.hpp>
#include <surewake/queues/mutex_deque.hpp>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

namespace tree_walk_test {

using namespace surewake;
using namespace surewake::examples;
using testing::open_descriptors;
namespace fs = std::filesystem;

namespace {

bool const no_ring = !uring_support::probe().ring;

/// A folder that is gone with it.
struct scratch_folder {
  scratch_folder() {
    std::string name = (fs::temp_directory_path() / "surewake-tree-").string() +
                       "XX"
                       "XXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  scratch_folder(scratch_folder const&) = delete;
  scratch_folder& operator=(scratch_folder const&) = delete;
  // The command, because std::filesystem cannot remove paths that are too long to be opened at once.
  ~scratch_folder() { static_cast<void>(std::system(("rm -rf '" + path.string() + "'").c_str()) == 0); }

  void file(fs::path const& name, std::string const& content) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << content;
  }
  fs::path path;
};

std::string hex(digest const& d) {
  std::string text;
  char two[3];
  for (unsigned char const byte : d) {
    std::snprintf(two, sizeof two, "%02x", byte);
    text += two;
  }
  return text;
}

/// Path to digest, as the command says.
std::map<std::string, std::string> by_coreutils(fs::path const& root) {
  std::map<std::string, std::string> found;
  std::string const command = "find '" + root.string() + "' -type f -print0 | xargs -0 -r sha256sum -z";
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string line;
  for (int c = 0; (c = std::fgetc(pipe)) != EOF;) {
    if (c != 0) {
      line += static_cast<char>(c);
    } else {
      found[line.substr(66)] = line.substr(0, 64);
      line.clear();
    }
  }
  CHECK(::pclose(pipe) == 0);
  return found;
}

struct walked {
  tree_counts counts;
  std::map<std::string, std::string> digests;
  std::map<std::string, std::error_code> problems;
};

template <class Semaphore> walked walk(fs::path const& root, std::uint32_t permits) {
  walked w;
  uring_loop loop;
  tree_options const options{.permits = permits,
                             .on_digest = [&](std::string const& p, digest const& d) { w.digests[p] = hex(d); },
                             .on_problem = [&](std::string const& p, std::error_code e) { w.problems[p] = e; }};
  w.counts = tree_walk<Semaphore>::run(loop, root.string(), options);
  return w;
}

using list_semaphore = basic_semaphore<intrusive_list>;
using deque_semaphore = basic_semaphore<mutex_deque>;

}  // namespace

TEST_CASE_TEMPLATE("every digest is the one that coreutils prints" * doctest::skip(no_ring), Semaphore, list_semaphore,
                   deque_semaphore) {
  scratch_folder const tree;
  std::string content;
  for (std::size_t i = 0; i < 150; ++i) {
    tree.file("folder " + std::to_string(i % 7) + "/file\n" + std::to_string(i), content);
    content += std::string(i * 17, static_cast<char>('a' + i % 26));  // to 190 KiB: several reads
  }
  tree.file("in/a/folder/of/its/own", "deep");
  auto const expected = by_coreutils(tree.path);
  REQUIRE(expected.size() == 151);
  for (std::uint32_t const permits : {1U, 8U, 64U}) {
    walked const w = walk<Semaphore>(tree.path, permits);
    CHECK(w.digests == expected);
    CHECK(w.problems.empty());
    CHECK(w.counts.files == 151);
    CHECK(w.counts.directories == 13);
    CHECK(w.counts.descriptors <= static_cast<int>(permits) + tree_extra_descriptors);
  }
}

TEST_CASE("what is no regular file is counted, and nothing waits for it" * doctest::skip(no_ring)) {
  scratch_folder const tree;
  tree.file("file", "x");
  fs::create_symlink("file", tree.path / "link");
  fs::create_directory_symlink("/usr", tree.path / "elsewhere");
  fs::create_symlink("nowhere", tree.path / "dangling");
  fs::create_directory_symlink(tree.path, tree.path / "round and round");
  REQUIRE(::mkfifo((tree.path / "pipe").c_str(), 0600) == 0);
  int const s = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::snprintf(at.sun_path, sizeof at.sun_path, "%s", (tree.path / "socket").c_str());
  REQUIRE(::bind(s, reinterpret_cast<sockaddr const*>(&at), sizeof at) == 0);
  walked const w = walk<list_semaphore>(tree.path, 4);
  ::close(s);
  CHECK(w.counts.files == 1);
  CHECK(w.counts.links == 4);
  CHECK(w.counts.others == 2);
  CHECK(w.problems.empty());
}

TEST_CASE("a tree that is deeper than a path can be long is walked to its end" * doctest::skip(no_ring)) {
  scratch_folder const tree;
  int at = ::open(tree.path.c_str(), O_RDONLY | O_DIRECTORY);
  std::string const name(200, 'd');
  for (int depth = 0; depth < 60; ++depth) {  // 12,000 characters
    REQUIRE(::mkdirat(at, name.c_str(), 0700) == 0);
    int const below = ::openat(at, name.c_str(), O_RDONLY | O_DIRECTORY);
    REQUIRE(below >= 0);
    ::close(at);
    at = below;
    int const file = ::openat(at, "file", O_WRONLY | O_CREAT, 0600);
    REQUIRE(::write(file, "x", 1) == 1);
    ::close(file);
  }
  ::close(at);
  std::ptrdiff_t const before = open_descriptors();
  walked const w = walk<list_semaphore>(tree.path, 2);
  CHECK(open_descriptors() == before);
  CHECK(w.counts.files == 60);
  CHECK(w.counts.directories == 61);
  CHECK(w.problems.empty());
  CHECK(w.counts.descriptors <= 2 + tree_extra_descriptors);
}

TEST_CASE("no more descriptors are open than there are permits, and a few, in one large directory and in many small" *
          doctest::skip(no_ring)) {
  scratch_folder const tree;
  for (int i = 0; i < 200; ++i) tree.file("all in one/" + std::to_string(i), "x");
  for (int i = 0; i < 200; ++i) tree.file(std::to_string(i) + "/one in each", "x");
  constexpr int permits = 16;
  uring_loop loop;
  std::ptrdiff_t const before = open_descriptors();
  std::ptrdiff_t most = 0;
  tree_options const options{.permits = permits, .on_digest = [&](std::string const&, digest const&) {
                               most = std::max(most, open_descriptors() - before);
                             }};
  tree_counts const c = tree_walk<list_semaphore>::run(loop, tree.path.string(), options);
  CHECK(c.files == 400);
  CHECK(c.descriptors <= permits + tree_extra_descriptors);
  CHECK(c.descriptors >= permits);  // and they were used
  CHECK(most <= c.descriptors);     // as it says, so it is
  CHECK(open_descriptors() == before);
}

TEST_CASE("what may not be read is reported, and the rest is read" * doctest::skip(no_ring)) {
  scratch_folder const tree;
  tree.file("open", "x");
  tree.file("secret", "x");
  tree.file("locked/inside", "x");
  fs::permissions(tree.path, fs::perms::all);
  fs::permissions(tree.path / "open", fs::perms::all);
  fs::permissions(tree.path / "secret", fs::perms::none);
  fs::permissions(tree.path / "locked", fs::perms::none);
  bool const root = ::geteuid() == 0;  // who may read everything
  if (root) REQUIRE(::seteuid(65534) == 0);
  walked const w = walk<list_semaphore>(tree.path, 4);
  if (root) REQUIRE(::seteuid(0) == 0);
  fs::permissions(tree.path / "locked", fs::perms::all);
  CHECK(w.counts.files == 1);
  CHECK(w.counts.failed == 2);
  REQUIRE(w.problems.count((tree.path / "secret").string()) == 1);
  CHECK(w.problems.at((tree.path / "secret").string()) == std::errc::permission_denied);
  CHECK(w.problems.count((tree.path / "locked").string()) == 1);
}

TEST_CASE("a root that is not there is an error" * doctest::skip(no_ring)) {
  CHECK_THROWS_AS(walk<list_semaphore>("/nothing/of/that/name", 1), std::system_error);
  CHECK_THROWS_AS(walk<list_semaphore>("/proc/version", 1), std::system_error);
}

TEST_CASE("a tree that changes while it is walked is survived: what vanished is reported, what stays is right" *
          doctest::skip(no_ring)) {
  scratch_folder const tree;
  std::string const content(5000, 'x');
  for (int i = 0; i < 200; ++i) tree.file("stays " + std::to_string(i % 5) + "/" + std::to_string(i), content);
  std::jthread const changes([&](std::stop_token stop) {
    for (unsigned i = 0; !stop.stop_requested(); ++i) {
      std::error_code ignored;
      fs::path const where = tree.path / ("changes " + std::to_string(i % 8));
      fs::remove_all(where, ignored);
      if (i % 3 == 0) {
        fs::create_directory_symlink("/usr", where, ignored);
      } else {
        fs::create_directories(where / "a", ignored);
        for (int k = 0; k < 20; ++k) std::ofstream(where / "a" / std::to_string(k)) << content;
      }
    }
  });
  auto const expected = by_coreutils(tree.path / "stays 0");
  for (int i = 0; i < 10; ++i) {
    walked const w = walk<list_semaphore>(tree.path, 8);
    CHECK(w.counts.files >= 200);
    CHECK(w.counts.descriptors <= 8 + tree_extra_descriptors);
    for (auto const& [path, d] : expected) {
      REQUIRE(w.digests.count(path) == 1);
      CHECK(w.digests.at(path) == d);
    }
    for (auto const& [path, d] : w.digests) CHECK(path.starts_with(tree.path.string()));
  }
}

}  // namespace tree_walk_test
