#include <surewake/verify/engine/graph/herd.hpp>

#include <doctest/doctest.h>

using namespace surewake::verify::graph;

namespace {

std::string refusal(std::vector<std::string> const& threads, std::string const& weak = "") {
  try {
    static_cast<void>(herd_test(parse_program(threads), "name", weak));
  } catch (bad_program const& e) {
    return e.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("herd: a test has the program's threads, registers and question") {
  program const p = parse_program({"W x 1 sc;R r0 y sc", "W y 1 rel;F sc;R r1 x acq"}, {"x", "y"});
  CHECK(herd_test(p, "SB 1", "0:r0=0 1:r1=0 x=1") == R"(C SB_1
{}

P0(atomic_int* x, atomic_int* y) {
  atomic_store_explicit(x, 1, memory_order_seq_cst);
  int r0 = atomic_load_explicit(y, memory_order_seq_cst);
}

P1(atomic_int* x, atomic_int* y) {
  atomic_store_explicit(y, 1, memory_order_release);
  atomic_thread_fence(memory_order_seq_cst);
  int r1 = atomic_load_explicit(x, memory_order_acquire);
}

locations [0:r0; 1:r1; x; y; ]
exists (0:r0=0 /\ 1:r1=0 /\ x=1)
)");
}

TEST_CASE("herd: RMWs, conditions and plain accesses") {
  program const p = parse_program({"A r0 x 1 ar;? r0 1 X r1 x 5 rlx;? r0 1 ? r1 2 WN d 3",
                                   "C r0 x 2 8 sc acq;? r0 1 C r1 x 8 9 rel rlx;RN r0 d"},
                                  {"x"}, {"d"});
  CHECK(herd_test(p, "all") == R"(C all
{ expected_1_0 = 2; expected_1_1 = 8; }

P0(atomic_int* x, int* d) {
  int r1 = 9;
  int r0 = atomic_fetch_add_explicit(x, 1, memory_order_acq_rel);
  if (r0 == 1) {
    r1 = atomic_exchange_explicit(x, 5, memory_order_relaxed);
  }
  if (r0 == 1) {
    if (r1 == 2) {
      *d = 3;
    }
  }
}

P1(atomic_int* x, int* d, int* expected_1_0, int* expected_1_1) {
  int r1 = 9;
  int r1_o = 9;
  int r0 = atomic_compare_exchange_strong_explicit(x, expected_1_0, 8, memory_order_seq_cst, memory_order_acquire);
  int r0_o = *expected_1_0;
  if (r0 == 1) {
    r1 = atomic_compare_exchange_strong_explicit(x, expected_1_1, 9, memory_order_release, memory_order_relaxed);
    r1_o = *expected_1_1;
  }
  r0 = *d;
}

locations [0:r0; 0:r1; 1:r0; 1:r0_o; 1:r1; 1:r1_o; x; ]
exists (true)
)");
}

TEST_CASE("herd: an await is a load whose executions are filtered") {
  program const p = parse_program({"AW r x 1 acq;AW r x 2 rlx;? r 3 AW s x 4 sc;R r x rlx"});
  CHECK(herd_test(p, "waits") == R"(C waits
{}

P0(atomic_int* x) {
  int s = 9;
  int awaited_0_2 = 4;
  int r = atomic_load_explicit(x, memory_order_acquire);
  int awaited_0_0 = r;
  r = atomic_load_explicit(x, memory_order_relaxed);
  int awaited_0_1 = r;
  if (r == 3) {
    s = atomic_load_explicit(x, memory_order_seq_cst);
    awaited_0_2 = s;
  }
  r = atomic_load_explicit(x, memory_order_relaxed);
}

locations [0:r; 0:s; x; ]
filter (0:awaited_0_0=1 /\ 0:awaited_0_1=2 /\ 0:awaited_0_2=4)
exists (true)
)");
}

TEST_CASE("herd: the other RMWs of a program that no text gives") {
  program p = parse_program({"A r x 6 rlx;A s x 6 rlx;A t x 6 rlx"});
  p.threads[0].statements[0].what.what = operation::sub;
  p.threads[0].statements[1].what.what = operation::bit_and;
  p.threads[0].statements[2].what.what = operation::bit_or;
  std::string const text = herd_test(p, "others");
  for (std::string const name : {"sub", "and", "or"})
    CHECK(text.find("= atomic_fetch_" + name + "_explicit(x, 6, memory_order_relaxed);") != text.npos);
}

TEST_CASE("herd: what C11 has no word for is refused") {
  CHECK(refusal({"W x 1 rlx", "W x 1 rlx;F lt"}) ==
        "thread 1, statement 2: light and heavy fences have no word in C11");
  CHECK(refusal({"L r x"}) == "thread 0, statement 1: a look at a futex's word has no word in C11");
  CHECK(refusal({"V r 2"}) == "thread 0, statement 1: a choice has no word in C11");
  CHECK(refusal({"WN x 1;R r x rlx"}) == "thread 0, statement 2: plain and atomic accesses of 'x' have no word in C11");
  CHECK(refusal({"W 1x 1 rlx"}) == "'1x' is no name in C");
  CHECK(refusal({"R x x rlx"}) == "'x' is a register and a location");
  for (std::string const weak : {"x", "y=1", "1:r=1", "0:s=1", "0:=1", "x=a", "x=", ":r=1"})
    CHECK(refusal({"R r x rlx"}, weak) == "'" + weak + "' of the weak state names nothing of the program");
  CHECK(refusal({"R r x rlx"}, "0:r=1 x=0") == "none");
}

TEST_CASE("herd: names of tests are names of files") {
  CHECK(herd_name("MP+na+rlx") == "MP+na+rlx");
  CHECK(herd_name("a b/c") == "a_b_c");
  CHECK(herd_name("") == "_");
  CHECK(herd_name("..") == "_..");
  CHECK(herd_name("-x") == "_-x");
}
