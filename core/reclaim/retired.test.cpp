#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/reclaim/retired.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace retired_test {

namespace {

using namespace surewake;
using P = std_platform;

/// Notes the object's number, and how many own `own` once the object is gone.
struct notes_number {
  std::vector<int>* into = nullptr;
  std::shared_ptr<int> own{};
  template <class T> void operator()(T* object) {
    auto* const list = into;
    int const number = object->number;
    std::weak_ptr<int> const owned = own;
    delete object;
    list->push_back(number + static_cast<int>(owned.use_count()));
  }
};
struct item : retirable<item, P, notes_number> {
  explicit item(int n) : number(n) {}
  retired<P>& ends(notes_number d) { return ends_by(std::move(d)); }
  int number;
};
struct empty_deleter {
  void operator()(auto* object) const { delete object; }
};
struct small : retirable<small, P, empty_deleter> {};

std::vector<retired<P>*> emptied(retired_list<P>& list) {
  std::vector<retired<P>*> all;
  while (retired<P>* const r = list.pop()) all.push_back(r);
  return all;
}

}  // namespace

TEST_CASE("an object is two words larger for it, and its deleter takes room only if it has a state") {
  CHECK(sizeof(small) == 2 * sizeof(void*));
  CHECK(sizeof(item) > sizeof(small));
}

TEST_CASE("an object ends once, by the deleter that it was given last, which outlives it") {
  std::vector<int> first, last;
  auto* const i = new item(7);
  auto const shared = std::make_shared<int>(0);
  i->ends({&first});
  retired<P>& r = i->ends({&last, shared});
  CHECK(shared.use_count() == 2);
  r.reclaim();
  CHECK(first.empty());
  CHECK(last == std::vector{7 + 2});
  CHECK(shared.use_count() == 1);  // the deleter is gone as well
}

TEST_CASE("a copy of an object that waits waits nowhere, and an assignment changes no list") {
  std::vector<int> ended;
  auto* const a = new item(1);
  auto* const b = new item(2);
  retired_list<P> list;
  list.push(a->ends({&ended}));
  list.push(b->ends({&ended}));
  item copy(*b);
  CHECK(copy.next() == nullptr);
  copy.number = 5;
  *b = copy;
  CHECK(b->next() == a);
  while (retired<P>* const r = list.pop()) r->reclaim();
  CHECK(ended == std::vector{5, 1});
}

TEST_CASE("a list gives back all that it was given, the last one first, and knows how many") {
  small s[3];
  retired_list<P> list;
  CHECK(list.empty());
  CHECK(list.pop() == nullptr);
  for (small& r : s) list.push(r);
  CHECK((list.size() == 3 && !list.empty()));
  CHECK(list.pop() == &s[2]);
  CHECK(list.size() == 2);
  list.push(s[2]);
  CHECK(emptied(list) == std::vector<retired<P>*>{&s[2], &s[1], &s[0]});
  CHECK((list.size() == 0 && list.empty()));
}

TEST_CASE("a list takes over all that another one has, whether it has some of its own or not") {
  for (int const own : {0, 1, 2}) {
    for (int const theirs : {0, 1, 3}) {
      small s[5];
      retired_list<P> mine, from;
      for (int i = 0; i != own; ++i) mine.push(s[i]);
      for (int i = 0; i != theirs; ++i) from.push(s[own + i]);
      mine.take(from);
      CHECK((from.empty() && from.size() == 0));
      CHECK(mine.size() == static_cast<std::size_t>(own + theirs));
      std::vector<retired<P>*> all = emptied(mine);
      std::sort(all.begin(), all.end());
      REQUIRE(all.size() == static_cast<std::size_t>(own + theirs));
      for (std::size_t i = 0; i != all.size(); ++i) CHECK(all[i] == &s[i]);
      from.push(s[4]);  // and it can be used again
      CHECK(from.pop() == &s[4]);
    }
  }
}

}  // namespace retired_test
