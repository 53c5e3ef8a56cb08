// The two queues, over a kernel of paper; what a ring asks of the real one, and what it does where that has less to
// offer.
#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/uring/faulty_kernel.test.hpp>
#include <surewake/core/uring/open_descriptors.test.hpp>
#include <surewake/core/uring/support.hpp>

#include <doctest/doctest.h>

#include <deque>
#include <thread>
#include <vector>

namespace ring_test {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;

namespace {

bool const no_ring = !uring_support::probe().ring;

/// A kernel that is memory: a test says what it takes, completes and answers.
struct paper_kernel {
  static constexpr unsigned entries = 4, completions = 8;

  struct call {
    unsigned submit, wait_for, flags;
    void* argument;
    std::size_t size;
  };
  struct paper {
    unsigned sq_head = 0, sq_tail = 0, sq_flags = 0, array[entries]{}, cq_head = 0, cq_tail = 0;
    io_uring_sqe sqes[entries]{};
    // Bytes, because io_uring_cqe ends in an array of no length.
    alignas(io_uring_cqe) std::byte cqe_bytes[completions * sizeof(io_uring_cqe)]{};
    io_uring_cqe* const cqes = reinterpret_cast<io_uring_cqe*>(cqe_bytes);

    std::vector<unsigned> asked_flags;          // of each setup
    unsigned unknown_flags = 0;                 // setup answers -EINVAL where one of them is asked for
    int setup_error = 0, enter_answer = 0;      // an error, or how many entries are taken
    int place = 3;                              // of the registered ring, below 0: refused
    unsigned features = IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG | IORING_FEAT_RSRC_TAGS;
    int torn_down = 0, table = 16;
    std::vector<call> calls;
    std::vector<unsigned> registered;
    std::uint8_t last_op = 60, missing_op = 17;
    bool probes = true;

    void complete(std::uint64_t user_data, int result) {
      io_uring_cqe& c = cqes[cq_tail++ % completions];
      c.user_data = user_data;
      c.res = result;
    }
  };
  static inline paper* now = nullptr;

  static int setup(unsigned, io_uring& ring, io_uring_params& p) noexcept {
    now->asked_flags.push_back(p.flags);
    if (now->setup_error != 0) return now->setup_error;
    if ((p.flags & now->unknown_flags) != 0) return -EINVAL;
    ring = {};
    ring.sq.khead = &now->sq_head;
    ring.sq.ktail = &now->sq_tail;
    ring.sq.kflags = &now->sq_flags;
    ring.sq.array = now->array;
    ring.sq.sqes = now->sqes;
    ring.sq.ring_entries = entries;
    ring.sq.ring_mask = entries - 1;
    ring.cq.khead = &now->cq_head;
    ring.cq.ktail = &now->cq_tail;
    ring.cq.cqes = now->cqes;
    ring.cq.ring_entries = completions;
    ring.cq.ring_mask = completions - 1;
    ring.flags = p.flags;
    ring.features = now->features;
    ring.ring_fd = ring.enter_ring_fd = 77;
    return 0;
  }
  static void teardown(io_uring&) noexcept { ++now->torn_down; }
  static int enter(io_uring const& ring, unsigned submit, unsigned wait_for, unsigned flags, void* argument,
                   std::size_t size) noexcept {
    CHECK(ring.enter_ring_fd == ((flags & IORING_ENTER_REGISTERED_RING) != 0 ? now->place : 77));
    now->calls.push_back({submit, wait_for, flags, argument, size});
    if (now->enter_answer > 0) now->sq_head += static_cast<unsigned>(now->enter_answer);
    return now->enter_answer;
  }
  static int registers(int fd, unsigned opcode, void* argument, unsigned) noexcept {
    CHECK(fd == 77);
    now->registered.push_back(opcode);
    if (opcode == IORING_REGISTER_PROBE) {
      if (!now->probes) return -EINVAL;
      auto& answer = *static_cast<io_uring_probe*>(argument);
      answer.last_op = now->last_op;
      for (unsigned i = 0; i <= now->last_op; ++i) {
        answer.ops[i].flags = i == now->missing_op ? std::uint16_t{0} : std::uint16_t{IO_URING_OP_SUPPORTED};
      }
      return 0;
    }
    if (now->place < 0) return -EBUSY;
    if (opcode == IORING_REGISTER_RING_FDS) {
      static_cast<io_uring_rsrc_update*>(argument)->offset = static_cast<unsigned>(now->place);
    } else {
      CHECK(static_cast<io_uring_rsrc_update*>(argument)->offset == static_cast<unsigned>(now->place));
    }
    return 1;
  }
  static int futex_hash(unsigned long, unsigned long) noexcept { return now->table; }
  static bool filtered() noexcept { return true; }
  static bool older_than(long, long) noexcept { return false; }
  static int make_a_thread() noexcept { return -EAGAIN; }
};

/// A ring over paper, and what its kernel saw.
struct on_paper : paper_kernel::paper {
  on_paper() { paper_kernel::now = this; }
  on_paper(on_paper const&) = delete;
  on_paper& operator=(on_paper const&) = delete;
  /// Makes a ring, and returns what the constructor threw, as a number and words.
  [[nodiscard]] std::string refusal(unsigned entries = 4, unsigned completions_wanted = 0) {
    try {
      detail::uring_ring<paper_kernel> const ring(entries, completions_wanted);
      return "none";
    } catch (std::system_error const& e) {
      return std::to_string(e.code().value()) + " " + e.what();
    } catch (std::invalid_argument const& e) {
      return e.what();
    }
  }
};
using paper_ring = detail::uring_ring<paper_kernel>;

void fill(paper_ring& ring, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t i = first; i <= last; ++i) {
    io_uring_sqe* const s = ring.next();
    REQUIRE(s != nullptr);
    s->user_data = i;
  }
}
}  // namespace

TEST_CASE("a place is there until the queue is full, and again when the kernel has taken an entry") {
  on_paper kernel;
  paper_ring ring(4, 0);
  fill(ring, 1, 4);
  CHECK(ring.next() == nullptr);
  CHECK(ring.unsubmitted() == 4);
  kernel.enter_answer = 3;
  CHECK(ring.enter(0, nullptr) == 3);
  CHECK(kernel.calls.back().submit == 4);
  CHECK(kernel.sq_tail == 4);
  CHECK(ring.unsubmitted() == 1);
  fill(ring, 5, 7);  // over the end of the queue
  CHECK(ring.next() == nullptr);
  CHECK(kernel.sqes[3].user_data == 4);
  CHECK(kernel.sqes[0].user_data == 5);
}

TEST_CASE("what the kernel has not taken is taken back, in order, and not submitted") {
  on_paper kernel;
  paper_ring ring(4, 0);
  fill(ring, 1, 4);
  kernel.enter_answer = 1;
  CHECK(ring.enter(0, nullptr) == 1);
  fill(ring, 5, 5);
  std::vector<std::uint64_t> back;
  ring.take_back([&](io_uring_sqe const& s) { back.push_back(s.user_data); });
  CHECK(back == std::vector<std::uint64_t>{2, 3, 4, 5});
  CHECK(ring.unsubmitted() == 0);
  CHECK(kernel.sq_tail == kernel.sq_head);
  kernel.enter_answer = 0;
  CHECK(ring.enter(0, nullptr) == 0);
  CHECK(kernel.calls.back().submit == 0);
}

TEST_CASE("each completion is reaped once, in order, also over the end of its queue") {
  on_paper kernel;
  paper_ring ring(4, 0);
  std::uint64_t next = 0;
  for (int const n : {5, 0, 8, 3}) {
    for (int i = 0; i != n; ++i) kernel.complete(static_cast<std::uint64_t>(100 + i), -i);
    unsigned const head = kernel.cq_head;
    int seen = 0;
    CHECK(ring.reap([&](std::uint64_t who, int result, unsigned) {
      CHECK(who == static_cast<std::uint64_t>(100 + seen));
      CHECK(result == -seen++);
      CHECK(kernel.cq_head == head);  // a place is the kernel's again only when its completion was read
      ++next;
    }) == static_cast<unsigned>(n));
    CHECK(seen == n);
  }
  CHECK(next == 16);
  CHECK(kernel.cq_head == kernel.cq_tail);
}

TEST_CASE("a ring sees a completion, task work that is left and an overflow without a call") {
  on_paper kernel;
  paper_ring ring(4, 0);
  CHECK_FALSE(ring.has_news());
  kernel.complete(1, 0);
  CHECK(ring.has_news());
  CHECK_FALSE(ring.has_task_work());
  ring.reap([](auto...) {});
  CHECK_FALSE(ring.has_news());
  kernel.sq_flags = IORING_SQ_TASKRUN;
  CHECK((ring.has_news() && ring.has_task_work() && !ring.overflowed()));
  kernel.sq_flags = IORING_SQ_CQ_OVERFLOW;
  CHECK((ring.has_news() && !ring.has_task_work() && ring.overflowed()));
}

TEST_CASE("a limit goes to the kernel with a call, and a call that only waits submits nothing") {
  on_paper kernel;
  paper_ring ring(4, 0);
  fill(ring, 1, 2);
  ring.enter(1, nullptr);
  CHECK((kernel.calls.back().submit == 2 && kernel.calls.back().wait_for == 1));
  CHECK((kernel.calls.back().argument == nullptr && kernel.calls.back().size == _NSIG / 8));
  CHECK((kernel.calls.back().flags & (IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG)) == IORING_ENTER_GETEVENTS);
  __kernel_timespec limit{.tv_sec = 5, .tv_nsec = 6};
  kernel.enter_answer = -ETIME;
  CHECK(ring.wait_only(limit) == -ETIME);
  CHECK((kernel.calls.back().submit == 0 && kernel.calls.back().wait_for == 1));
  CHECK((kernel.calls.back().flags & IORING_ENTER_EXT_ARG) != 0);
  CHECK(kernel.calls.back().size == sizeof(io_uring_getevents_arg));
  CHECK(ring.unsubmitted() == 2);
}

TEST_CASE("a ring is entered by its place where it has one, and gives that back, but not in a forked child") {
  for (bool const child : {false, true}) {
    on_paper kernel;
    {
      paper_ring ring(4, 0);
      ring.enter(0, nullptr);
      CHECK((kernel.calls.back().flags & IORING_ENTER_REGISTERED_RING) != 0);
      fill(ring, 1, 3);
      if (child) ring.disown();
      CHECK(ring.unsubmitted() == (child ? 0 : 3));
    }
    std::vector<unsigned> expected{IORING_REGISTER_RING_FDS};
    if (!child) expected.push_back(IORING_UNREGISTER_RING_FDS);
    CHECK(kernel.registered == expected);
    CHECK(kernel.torn_down == 1);
  }
  on_paper kernel;
  kernel.place = -1;
  {
    paper_ring ring(4, 0);
    ring.enter(0, nullptr);
    CHECK((kernel.calls.back().flags & IORING_ENTER_REGISTERED_RING) == 0);
  }
  CHECK(kernel.registered.size() == 1);
}

TEST_CASE("what the kernel refuses is thrown with its error, and nothing stays behind") {
  struct refusal {
    void (*make)(on_paper&);
    char const* what;
    int torn_down;
  };
  for (refusal const& r : {
           refusal{[](on_paper& k) { k.setup_error = -EPERM; }, "1 surewake: io_uring_setup", 0},
           refusal{[](on_paper& k) { k.setup_error = -EINVAL; }, "22 surewake: io_uring_setup", 0},
           refusal{[](on_paper& k) { k.setup_error = -ENOTSUP; }, "95 surewake: io_uring before Linux 5.13", 0},
           refusal{[](on_paper& k) { k.features &= ~IORING_FEAT_RSRC_TAGS; }, "95 surewake: io_uring before", 1},
           refusal{[](on_paper& k) { k.enter_answer = -EACCES; }, "13 surewake: io_uring_enter", 1},
           refusal{[](on_paper& k) { k.enter_answer = -EINTR; }, "none", 1},
           refusal{[](on_paper& k) { k.enter_answer = -EAGAIN; }, "none", 1},
           refusal{[](on_paper& k) { k.table = -EPERM; }, "11 surewake: PR_FUTEX_HASH is refused, and no thread", 0},
       }) {
    on_paper kernel;
    r.make(kernel);
    CHECK(kernel.refusal().starts_with(r.what));
    CHECK(kernel.torn_down == r.torn_down);
    CHECK(kernel.asked_flags.empty() == (kernel.table < 0));  // no ring where its waits could be left behind
  }
}

TEST_CASE("impossible sizes are refused with value and limit before the kernel is asked") {
  on_paper kernel;
  CHECK(kernel.refusal(0) == "surewake: uring_options::entries is 0, below the least, 1");
  CHECK(kernel.refusal(5, 4) ==
        "surewake: uring_options::completions is 4, below the least, as many as entries: 8");
  CHECK(kernel.refusal(100'000, 16'384) ==
        "surewake: uring_options::completions is 16384, below the least, as many as entries: 32768");
  CHECK(kernel.asked_flags.empty());
  CHECK(kernel.refusal(5, 5) == "none");
  CHECK(kernel.refusal(100'000, 16'385) == "none");
}

TEST_CASE("flags that the kernel does not know are left out, newest first; a size is asked for where it is given") {
  struct level {
    unsigned unknown;
    std::size_t tries;
  };
  for (level const l : {level{0, 1}, level{IORING_SETUP_DEFER_TASKRUN, 2}, level{IORING_SETUP_SINGLE_ISSUER, 3},
                        level{IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SINGLE_ISSUER, 4}}) {
    for (unsigned const completions : {0U, 8U}) {
      on_paper kernel;
      kernel.unknown_flags = l.unknown;
      CHECK((paper_ring(4, completions).setup_flags() & l.unknown) == 0);
      CHECK(kernel.asked_flags.size() == l.tries);
      for (unsigned const asked : kernel.asked_flags) {
        CHECK((asked & IORING_SETUP_CLAMP) != 0);
        CHECK(((asked & IORING_SETUP_CQSIZE) != 0) == (completions != 0));
      }
    }
  }
}

TEST_CASE("an operation is lacking if the kernel says so, or ends before it; not if it cannot say") {
  on_paper kernel;
  paper_ring ring(4, 0);
  CHECK(ring.lacks(17));
  CHECK_FALSE(ring.lacks(18));
  CHECK_FALSE(ring.lacks(60));
  CHECK(ring.lacks(61));
  kernel.probes = false;
  CHECK_FALSE(ring.lacks(61));
}

TEST_CASE("a setup that fails says why, and leaves nothing behind" * doctest::skip(no_ring)) {
  std::ptrdiff_t const before = open_descriptors();
  for (int const error : {EPERM, ENOSYS, EMFILE, ENOMEM}) {
    faults const f;
    faulty_kernel::on_setup = [error](auto const&) { return -error; };
    try {
      faulty_loop loop;
      CHECK(false);
    } catch (std::system_error const& e) {
      CHECK(e.code() == std::error_code(error, std::system_category()));
    }
    uring_support const s = uring_support::look<faulty_kernel>();
    CHECK(!s.ring);
    CHECK(!s.futex);
    CHECK(s.why.starts_with("io_uring_setup: E"));
  }
  {
    faults const f;
    faulty_kernel::event_error = -EMFILE;
    CHECK_THROWS_AS(faulty_loop loop, std::system_error);
  }
  {
    faults const f;
    faulty_kernel::hidden_features = IORING_FEAT_EXT_ARG;
    CHECK_THROWS_AS(faulty_loop loop, std::system_error);
    CHECK(uring_support::look<faulty_kernel>().why.find(": no multishot poll") != std::string::npos);
  }
  CHECK(faulty_loop::current() == nullptr);
  CHECK(open_descriptors() == before);
}

TEST_CASE("a kernel that does not know the newest flags gets older ones, and the loop works the same" *
          doctest::skip(no_ring)) {
  struct level {
    unsigned unknown, expected;
  };
  constexpr unsigned all = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_COOP_TASKRUN;
  for (level const l :
       {level{IORING_SETUP_DEFER_TASKRUN, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN},
        level{IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER, IORING_SETUP_COOP_TASKRUN}, level{all, 0}}) {
    faults const f;
    faulty_kernel::on_setup = [&](io_uring_params const& p) { return (p.flags & l.unknown) != 0 ? -EINVAL : 0; };
    faulty_kernel::hidden_features = l.expected == 0 ? IORING_FEAT_CQE_SKIP : 0;
    faulty_loop loop({.entries = 4, .completions = 8});
    CHECK((loop.ring().setup_flags() & all) == l.expected);
    auto const reads = [](faulty_loop& on) -> task<int> {
      io_result const fd = co_await on.openat(AT_FDCWD, "/proc/self/exe", O_RDONLY);
      std::byte b[100];
      io_result const n = co_await on.read(*fd, b, 0);
      co_await on.close(*fd);
      co_return n.value();
    };
    CHECK(loop.block_on(reads(loop)) == 100);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    std::deque<counting_operation> ops(100);
    std::byte b[8];
    for (counting_operation& op : ops) {
      ::io_uring_prep_read(&op.request(), ends[0], b, sizeof b, 0);
      loop.start(op);
    }
    CHECK(loop.cancel_now(ops[0]) == -ECANCELED);
    loop.cancel(ops[1]);
    loop.poll();  // the kernel has it before the other end closes
    std::jthread const writer([&] {
      std::this_thread::sleep_for(2ms);
      ::close(ends[1]);
    });
    loop.run();
    for (std::size_t i = 0; i < ops.size(); ++i) {
      CHECK(ops[i].calls == (i == 0 ? 0 : 1));
      CHECK(ops[i].result() == (i < 2 ? -ECANCELED : 0));
    }
    auto const stays = [&]() -> plain { co_await loop.sleep_for(1h); };
    plain const p = stays();
    std::jthread const stopper([&] {
      std::this_thread::sleep_for(2ms);
      loop.stop();
    });
    loop.run();
    ::close(ends[0]);
  }
}

TEST_CASE("a ring without an index array, as newer libraries make it, works the same" * doctest::skip(no_ring)) {
  faults const f;
  faulty_kernel::added_flags = uring_abi::setup_no_sqarray;  // liburing 2.6 and later, if the kernel has it: 6.6
  faulty_kernel::on_setup = [](io_uring_params const& p) {
    io_uring_params probe = p;
    probe.flags |= uring_abi::setup_no_sqarray;
    io_uring ring{};
    int const r = uring_kernel::setup(4, ring, probe);
    if (r == 0) uring_kernel::teardown(ring);
    if (r == -EINVAL) faulty_kernel::added_flags = 0;
    return 0;
  };
  faulty_loop loop({.entries = 4});
  for (int i = 0; i != 20; ++i) CHECK(loop.block_on(loop.nop()).has_value());
  waiting_read reads(loop);
  CHECK(loop.cancel_now(reads) == -ECANCELED);
}

TEST_CASE("what a ring does for the futex waits of its process follows what the kernel says" *
          doctest::skip(no_ring)) {
  struct answer {
    int get, set;
    bool filter, old;
    detail::futex_table expected;
    int threads;
  };
  for (answer const& a : {answer{16, -EIO, false, false, detail::futex_table::present, 0},
                          answer{0, 0, false, false, detail::futex_table::made, 0},
                          answer{0, -EBUSY, false, false, detail::futex_table::fixed, 0},
                          answer{0, -ENOMEM, false, false, detail::futex_table::by_thread, 1},
                          answer{-EINVAL, -EINVAL, false, false, detail::futex_table::none, 0},
                          answer{-EINVAL, -EINVAL, false, true, detail::futex_table::none, 0},
                          answer{-EINVAL, -EINVAL, true, true, detail::futex_table::none, 0},
                          answer{-EINVAL, -EINVAL, true, false, detail::futex_table::by_thread, 1},
                          answer{-EPERM, -EPERM, true, false, detail::futex_table::by_thread, 1},
                          answer{-ENOSYS, -ENOSYS, true, true, detail::futex_table::by_thread, 1}}) {
    faults const f;
    faulty_kernel::has_filter = a.filter;
    faulty_kernel::is_old = a.old;
    faulty_kernel::on_futex_hash = [&](unsigned long what, unsigned long slots) {
      if (what == uring_abi::futex_hash_get_slots) return a.get;
      CHECK(std::has_single_bit(slots));
      CHECK(slots >= 16);
      return a.set;
    };
    CHECK(faulty_loop().ring().table() == a.expected);
    CHECK(faulty_kernel::threads_made == a.threads);
    faulty_kernel::thread_error = -EAGAIN;
    if (a.threads == 0) {
      CHECK_NOTHROW(faulty_loop());
    } else {
      CHECK_THROWS_AS(faulty_loop(), std::system_error);
    }
  }
}

}  // namespace ring_test
