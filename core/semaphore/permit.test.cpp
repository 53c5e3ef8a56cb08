#include <surewake/core/semaphore/permit.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <memory>

namespace permit_test {

namespace {

/// Counts what permits give back and write off.
struct ledger {
  using permit = surewake::basic_permit<ledger>;
  void give_back(std::int64_t n) noexcept {
    back += n, ++calls;
    if (auto const resumed = std::exchange(resumes, nullptr)) resumed();
  }
  void write_off(std::int64_t n) noexcept { gone += n, ++calls; }
  permit make(std::ptrdiff_t n) noexcept { return {this, n}; }
  std::int64_t back = 0, gone = 0;
  int calls = 0;
  std::function<void()> resumes;  // what the next give_back resumes
};

}  // namespace

TEST_CASE("an empty permit holds nothing and gives nothing back") {
  ledger::permit p;
  CHECK(p.count() == 0);
  CHECK_FALSE(p);
  p.release();
  p.forget();
  ledger::permit const q = std::move(p);
  CHECK_FALSE(q);
}

TEST_CASE("a permit gives all it holds back in one call, when it ends") {
  ledger l;
  {
    auto const p = l.make(3);
    CHECK(p.count() == 3);
    CHECK(l.calls == 0);
  }
  CHECK(l.back == 3);
  CHECK(l.calls == 1);
}

TEST_CASE("what is moved from is empty, and what is moved to gives back what it held") {
  ledger l;
  auto a = l.make(1), b = l.make(2);
  a = std::move(b);
  CHECK(l.back == 1);
  CHECK_FALSE(b);
  CHECK(a.count() == 2);
  auto& same = a;
  a = std::move(same);
  CHECK(a.count() == 2);
  CHECK(l.calls == 1);
}

TEST_CASE("a coroutine that is resumed by an assignment finds the permit assigned, and may destroy it") {
  ledger l;
  auto p = std::make_unique<ledger::permit>(l.make(1));
  auto next = l.make(2);
  l.resumes = [&] {
    CHECK(p->count() == 2);
    p.reset();
  };
  *p = std::move(next);
  CHECK(p == nullptr);
  CHECK(l.back == 3);
  CHECK(l.calls == 2);
}

TEST_CASE("a coroutine that is resumed by a release finds the permit empty, and may assign to it or destroy it") {
  ledger l;
  auto p = std::make_unique<ledger::permit>(l.make(1));
  l.resumes = [&] {
    CHECK_FALSE(*p);
    *p = l.make(4);
  };
  p->release();
  CHECK(p->count() == 4);
  l.resumes = [&] { p.reset(); };
  p->release();
  CHECK(p == nullptr);
  CHECK(l.back == 5);
  CHECK(l.calls == 2);
}

TEST_CASE("an optional permit is all that an optional of a permit is") {
  using optional = surewake::basic_optional_permit<ledger::permit>;
  ledger l;
  optional none, also_none = std::nullopt;
  CHECK_FALSE(none.has_value());
  CHECK(none == std::nullopt);
  CHECK_THROWS_AS(static_cast<void>(also_none.value()), std::bad_optional_access);
  optional p = l.make(3);
  REQUIRE(p);
  CHECK(p != std::nullopt);
  CHECK(p->split(1).count() == 1);
  CHECK((*p).count() == 2);
  optional q = std::move(p);
  CHECK_FALSE(p);
  CHECK(q.value().count() == 2);
  std::optional<ledger::permit> plain = std::move(q);
  CHECK(plain->count() == 2);
  q = std::move(plain);
  optional& itself = q;  // by another name: g++ 13 and later warn of a plain self-move
  q = std::move(itself);
  CHECK(q->count() == 2);
  swap(p, q);
  CHECK(p.has_value());
  CHECK_FALSE(q.has_value());
  CHECK(l.back == 1);
  ledger::permit const taken = *std::move(p);
  CHECK(taken.count() == 2);
  CHECK(l.back == 1);
}

TEST_CASE("a coroutine resumed by the end of an optional permit finds it empty or assigned, and may destroy it") {
  using optional = surewake::basic_optional_permit<ledger::permit>;
  ledger l;
  auto const destroyed_in = [&l](auto ends, bool then_holds) {
    auto p = std::make_unique<optional>(l.make(1));
    l.resumes = [&] {
      CHECK(p->has_value() == then_holds);
      p.reset();
    };
    ends(*p);
    CHECK(p == nullptr);
  };
  destroyed_in([](optional& p) { p.reset(); }, false);
  destroyed_in([](optional& p) { p = std::nullopt; }, false);
  destroyed_in([](optional& p) { p = optional(); }, false);
  destroyed_in([&l](optional& p) { p = l.make(2); }, true);
  destroyed_in([&l](optional& p) { p.emplace(l.make(2)); }, true);
  destroyed_in([](optional& p) { p.emplace(); }, true);
  CHECK(l.back == 10);
  optional p;
  CHECK(p.emplace(l.make(3)).count() == 3);
}

TEST_CASE("swapped permits exchange what they hold, and give nothing back") {
  ledger l, m;
  auto a = l.make(1), b = m.make(2);
  swap(a, b);
  a.swap(a);
  CHECK(a.count() == 2);
  CHECK(l.calls + m.calls == 0);
  b.release();
  CHECK(l.back == 1);
}

TEST_CASE("forget writes off, release after it does nothing") {
  ledger l;
  auto p = l.make(4);
  p.forget();
  p.release();
  CHECK(l.gone == 4);
  CHECK(l.back == 0);
  CHECK(l.calls == 1);
}

TEST_CASE("split and merge move counts between permits and call nobody") {
  ledger l;
  auto p = l.make(5);
  CHECK(p.semaphore() == &l);
  auto q = p.split(5);
  CHECK_FALSE(p);
  CHECK(p.semaphore() == nullptr);
  p = q.split(2);
  q.merge(std::move(p));
  p.merge(std::move(q));
  CHECK(p.count() == 5);
  CHECK_FALSE(q);
  CHECK(l.calls == 0);
  p.release();
  CHECK(l.back == 5);
}

TEST_CASE("split and merge that cannot be are refused, and change nothing") {
  ledger l, other;
  auto p = l.make(2), q = other.make(1);
  for (std::ptrdiff_t const n : {-1, 0, 3}) CHECK_THROWS_AS(static_cast<void>(p.split(n)), std::invalid_argument);
  CHECK_THROWS_AS(p.merge(std::move(q)), std::invalid_argument);
  auto& same = p;
  CHECK_THROWS_AS(p.merge(std::move(same)), std::invalid_argument);
  CHECK(p.count() == 2);
  CHECK(q.count() == 1);
  CHECK(l.calls + other.calls == 0);
}

namespace {

using owned = surewake::basic_permit<ledger, std::shared_ptr<ledger>>;

/// A ledger for whose end `ended` holds what had come back.
std::shared_ptr<ledger> shared_ledger(std::int64_t& ended) {
  return {new ledger, [&ended](ledger* l) {
            ended = l->back;
            delete l;
          }};
}

}  // namespace

TEST_CASE("an owned permit keeps its semaphore alive, and lets go of it once it has given back") {
  std::int64_t ended = -1;
  {
    auto l = shared_ledger(ended);
    owned a(l, l->make(3));
    owned b(a.split(1));
    owned c(std::move(a));
    CHECK(l.use_count() == 3);
    CHECK(c.semaphore() == l.get());
    CHECK(a.semaphore() == nullptr);
    l.reset();
    c.release();
    CHECK_FALSE(c);
    CHECK(ended == -1);
    a = std::move(b);
    CHECK(a.count() == 1);
  }
  CHECK(ended == 3);
  {
    auto l = shared_ledger(ended);
    owned a(l, l->make(2)), b(l, l->make(1));
    a.merge(std::move(b));
    l.reset();
    a.forget();
    CHECK(ended == 0);
  }
}

TEST_CASE("an owned permit is of its owner's semaphore, or refused with nothing changed") {
  auto const one = std::make_shared<ledger>(), other = std::make_shared<ledger>();
  auto p = one->make(2);
  CHECK_THROWS_WITH_AS(static_cast<void>(owned(other, std::move(p))),
                       "surewake: an owned permit of another semaphore than its owner's (2 permits)",
                       std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(owned(nullptr, std::move(p))), std::invalid_argument);
  CHECK(p.count() == 2);
  CHECK(one->calls == 0);
  CHECK(other.use_count() == 1);
  owned const none(one, ledger::permit());
  CHECK_FALSE(none);
  CHECK(none.semaphore() == nullptr);
  CHECK(one.use_count() == 1);
}

TEST_CASE("what an owned permit resumes may let go of the last other owner, and destroy the permit") {
  for (bool const destroyed : {false, true}) {
    std::int64_t ended = -1;
    auto l = shared_ledger(ended);
    auto p = std::make_unique<owned>(l, l->make(2));
    l->resumes = [&] {
      l.reset();
      if (!destroyed) p.reset();
      CHECK(ended == -1);  // the ledger's give_back is still inside
    };
    if (destroyed) {
      p.reset();
    } else {
      p->release();
    }
    CHECK(ended == 2);
  }
}

}  // namespace permit_test
