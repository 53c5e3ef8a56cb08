// surewake/bench/workloads/tree.cpp: a directory tree's digests, all I/O through one ring, N files in flight.
//
// One operation = one file: opened, checked, read, digested (SHA-256), closed; listing directories is in it. The tree
// is SUREWAKE_BENCH_TREE, by default /usr/include/linux; its files are in the page cache after the first walk, which is
// not recorded. A walk's counts must be the same each time. `system calls` does the same with open, fstat, read and
// close on one thread.
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/core/uring/support.hpp>
#include <surewake/queues/examples/tree_walk.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

namespace surewake::bench {
namespace {

std::string root() {
  char const* const named = std::getenv("SUREWAKE_BENCH_TREE");
  return named != nullptr ? named : "/usr/include/linux";
}

struct walked {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

/// Makes as many walks as take n files; they must agree.
template <class Walk> sample walks(std::uint64_t n, Walk const& walk) {
  static walked const first = walk();
  expect(first.files != 0, "a tree to walk has files");
  stopwatch watch;
  do {
    watch.start();
    walked const w = walk();
    watch.stop(static_cast<double>(w.files));
    expect(w.files == first.files && w.bytes == first.bytes, "every walk finds the same files and bytes");
  } while (watch.operations() < static_cast<double>(n));
  return watch.total();
}

template <class Semaphore> sample by_ring(std::uint32_t permits, std::uint64_t n) {
  uring_loop loop;
  sample const o = walks(n, [&]() -> walked {
    examples::tree_counts const c = examples::tree_walk<Semaphore>::run(loop, root(), {.permits = permits});
    expect(c.descriptors <= static_cast<int>(permits) + examples::tree_extra_descriptors, "descriptors are bounded");
    return {c.files, c.bytes};
  });
  return o;
}

walked by_calls() {
  walked w;
  std::vector<std::byte> buffer(32 << 10);
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> const hash(::EVP_MD_CTX_new(), &::EVP_MD_CTX_free);
  for (auto const& entry : std::filesystem::recursive_directory_iterator(root())) {
    if (!entry.is_regular_file() || entry.is_symlink()) continue;
    int const fd = ::open(entry.path().c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) continue;
    struct ::stat about {};
    ::fstat(fd, &about);
    ::EVP_DigestInit_ex(hash.get(), ::EVP_sha256(), nullptr);
    ssize_t n = 0;
    while ((n = ::read(fd, buffer.data(), buffer.size())) > 0) {
      ::EVP_DigestUpdate(hash.get(), buffer.data(), static_cast<std::size_t>(n));
      w.bytes += static_cast<std::uint64_t>(n);
    }
    examples::digest d{};
    ::EVP_DigestFinal_ex(hash.get(), d.data(), nullptr);
    ++w.files;
    ::close(fd);
  }
  return w;
}

}  // namespace

void add_tree(scenarios& all, effort const&) {
  if (!uring_support::probe().ring || !std::filesystem::is_directory(root())) return;
  for (std::uint32_t const permits : {1U, 8U, 64U, 1024U}) {
    scenario s{.workload = "tree", .name = fmt::format("N = {}", permits), .permits = permits, .operations = 1};
    for_each_semaphore([&]<class M>(M const& m) {
      s.contestants.push_back({m.name, kind::strategy, [permits](std::uint64_t n) {
                                 return by_ring<typename M::semaphore>(permits, n);
                               }});
    });
    s.contestants.push_back({"system calls", kind::floor, [](std::uint64_t n) { return walks(n, &by_calls); }});
    all.push_back(std::move(s));
  }
}

}  // namespace surewake::bench
