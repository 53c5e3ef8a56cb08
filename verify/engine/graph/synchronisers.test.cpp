#include <surewake/verify/engine/graph/search.test.hpp>
#include <surewake/verify/engine/graph/synchronisers.test.hpp>

#include <doctest/doctest.h>

using namespace surewake::verify;
using namespace surewake::verify::graph;
using namespace surewake::verify::graph::synchronisers;

namespace {

template <class M> void has(std::uint64_t executions, std::uint64_t sequential) {
  search_outcome const weak = search<M>();
  CHECK(weak.result == verdict::pass);
  CHECK(weak.finished);
  CHECK(weak.complete == executions);
  search_outcome const strong = search<M>({.memory = memory_model::sc});
  CHECK(strong.result == verdict::pass);
  CHECK(strong.complete == sequential);
  CHECK(search<M>({.memory = memory_model::rc11}).complete == executions);
}
template <class M> void has(std::uint64_t executions) { has<M>(executions, executions); }

template <class M> void ends_in(verdict v) {
  search_outcome const found = search<M>();
  CHECK(found.result == v);
  CHECK_FALSE(found.finished);
}

}  // namespace

TEST_CASE("synchronisers: each has the executions that are known") {
  has<sem_sub<0>>(4);
  has<parker<0>>(1);
  has<eventcount<0>>(5);
  has<mcs<0, 2>>(6);
  has<mcs<0, 3>>(66);
  has<refcount<0, 2>>(2);
  has<refcount<0, 3>>(6);
  has<refcount<0, 4>>(24);
  has<hazard<0>>(8);
  has<spsc<0>>(9);
  has<msq<0, 1>>(2);
  has<msq<0, 2>>(64);
  has<msq<0, 3>>(25'536);
  has<seqlock<0>>(2);
  has<futex_mutex<0, 2>>(6);
  has<futex_mutex<0, 3>>(588, 546);
  has<async_cancel<0>>(2);
  has<tagged_aba<0>>(42, 39);
}

TEST_CASE("synchronisers: each mistake is found, and called what it is") {
  ends_in<sem_sub<1>>(verdict::data_race);
  ends_in<sem_sub<2>>(verdict::data_race);
  ends_in<sem_sub<3>>(verdict::deadlock);
  ends_in<parker<1>>(verdict::data_race);
  ends_in<parker<2>>(verdict::data_race);
  ends_in<parker<3>>(verdict::deadlock);
  ends_in<eventcount<1>>(verdict::deadlock);
  ends_in<eventcount<2>>(verdict::deadlock);
  ends_in<eventcount<3>>(verdict::deadlock);
  ends_in<mcs<1, 2>>(verdict::data_race);
  ends_in<mcs<2, 2>>(verdict::data_race);
  ends_in<mcs<3, 2>>(verdict::data_race);
  ends_in<refcount<1, 2>>(verdict::use_after_free);
  ends_in<refcount<2, 2>>(verdict::use_after_free);
  ends_in<hazard<1>>(verdict::use_after_free);
  ends_in<hazard<2>>(verdict::use_after_free);
  ends_in<hazard<3>>(verdict::use_after_free);
  ends_in<spsc<1>>(verdict::data_race);
  ends_in<spsc<2>>(verdict::data_race);
  ends_in<spsc<3>>(verdict::data_race);
  ends_in<msq<1, 2>>(verdict::data_race);
  ends_in<msq<2, 2>>(verdict::data_race);
  ends_in<seqlock<1>>(verdict::broken_law);
  ends_in<seqlock<2>>(verdict::broken_law);
  ends_in<futex_mutex<1, 2>>(verdict::data_race);
  ends_in<futex_mutex<2, 2>>(verdict::deadlock);
  ends_in<async_cancel<1>>(verdict::broken_law);
  ends_in<async_cancel<2>>(verdict::data_race);
  ends_in<tagged_aba<1>>(verdict::broken_law);
}
