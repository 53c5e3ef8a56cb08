// Programs as they are written for C++26's <hazard_pointer>, with `hp::` where they have `std::`; and what the standard
// says of each member.
#include <surewake/core/reclaim/standard_hazard_pointer.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace standard_hazard_pointer_test {

namespace {

namespace hp = surewake;

/// Reclaims what this thread retired and threads that ended have left. The standard has no such call.
void clean_up() { hp::hazard_pointer_clean_up<hp::std_platform>(); }

// What the synopsis says ----------------------------------------------------------------------------------------------

struct node : hp::hazard_pointer_obj_base<node> {
  explicit node(int v = 0) noexcept : value(v) {}
  int value;
};
using base = hp::hazard_pointer_obj_base<node>;

static_assert(std::is_same_v<base, hp::hazard_pointer_obj_base<node, std::default_delete<node>>>);
static_assert(std::is_same_v<decltype(&base::retire), void (base::*)(std::default_delete<node>) noexcept>);
static_assert(std::is_copy_constructible_v<node> && std::is_move_assignable_v<node>);
static_assert(!std::is_default_constructible_v<base> && !std::is_destructible_v<base>);  // both are protected

static_assert(std::is_nothrow_default_constructible_v<hp::hazard_pointer>);
static_assert(std::is_nothrow_move_constructible_v<hp::hazard_pointer>);
static_assert(std::is_nothrow_move_assignable_v<hp::hazard_pointer>);
static_assert(!std::is_copy_constructible_v<hp::hazard_pointer> && !std::is_copy_assignable_v<hp::hazard_pointer>);
static_assert(std::is_same_v<decltype(&hp::hazard_pointer::empty), bool (hp::hazard_pointer::*)() const noexcept>);
static_assert(std::is_same_v<decltype(&hp::hazard_pointer::swap),
                             void (hp::hazard_pointer::*)(hp::hazard_pointer&) noexcept>);
static_assert(std::is_same_v<decltype(hp::make_hazard_pointer()), hp::hazard_pointer>);
static_assert(!noexcept(hp::make_hazard_pointer()));
static_assert(noexcept(swap(std::declval<hp::hazard_pointer&>(), std::declval<hp::hazard_pointer&>())));
// The templates are called with their argument named, and are what these types say.
constexpr node* (hp::hazard_pointer::*protects)(std::atomic<node*> const&) noexcept =
    &hp::hazard_pointer::protect<node>;
constexpr bool (hp::hazard_pointer::*tries)(node*&, std::atomic<node*> const&) noexcept =
    &hp::hazard_pointer::try_protect<node>;
constexpr void (hp::hazard_pointer::*resets)(node const*) noexcept = &hp::hazard_pointer::reset_protection<node>;
constexpr void (hp::hazard_pointer::*resets_all)(std::nullptr_t) noexcept = &hp::hazard_pointer::reset_protection;

// Which types are hazard-protectable.
struct in_private : private hp::hazard_pointer_obj_base<in_private> {};
struct in_virtual : virtual hp::hazard_pointer_obj_base<in_virtual> {};
struct by_heir : node {};
struct twice : hp::hazard_pointer_obj_base<twice>, hp::hazard_pointer_obj_base<twice, void (*)(twice*)> {};
struct of_both : node, hp::hazard_pointer_obj_base<of_both> {};
struct of_another : hp::hazard_pointer_obj_base<node> {};
template <class T> constexpr bool protectable = hp::detail::hazard_protectable<T>;
static_assert(protectable<node> && protectable<node const>);
static_assert(!protectable<in_private> && !protectable<in_virtual> && !protectable<by_heir> && !protectable<twice> &&
              !protectable<of_both> && !protectable<of_another> && !protectable<int>);

// Names of other bases are not in the way, and neither are members of T with the names of ours.
struct linked {
  linked* next = nullptr;
  void reclaim() {}
};
struct with_names : linked, hp::hazard_pointer_obj_base<with_names> {
  int link_to = 1;
};
static_assert(std::is_same_v<decltype(std::declval<with_names&>().next), linked*>);
static_assert(sizeof(hp::hazard_pointer_obj_base<node>) == 3 * sizeof(void*));

/// Says how many of it live.
struct counted : hp::hazard_pointer_obj_base<counted> {
  explicit counted(std::atomic<int>& l) noexcept : living(l) { ++living; }
  ~counted() { --living; }
  std::atomic<int>& living;
};

// A stack, after Treiber ----------------------------------------------------------------------------------------------

template <class T> class stack {
  struct item : hp::hazard_pointer_obj_base<item> {
    explicit item(T v) : value(std::move(v)) {}
    T value;
    item* next = nullptr;
  };

 public:
  ~stack() {
    while (pop()) {
    }
  }
  void push(T v) {
    auto* const i = new item(std::move(v));
    i->next = head_.load();
    while (!head_.compare_exchange_weak(i->next, i)) {
    }
  }
  std::optional<T> pop() {
    hp::hazard_pointer h = hp::make_hazard_pointer();
    for (;;) {
      item* old = h.protect(head_);
      if (old == nullptr) return std::nullopt;
      if (head_.compare_exchange_strong(old, old->next)) {
        T v = std::move(old->value);
        h.reset_protection();
        old->retire();
        return v;
      }
    }
  }

 private:
  std::atomic<item*> head_{nullptr};
};

// A configuration that is read all the time and replaced now and then -------------------------------------------------

class configuration {
  struct version : hp::hazard_pointer_obj_base<version> {
    explicit version(std::string n) : name(std::move(n)), same(name) {}
    ~version() { name = same = "gone"; }
    std::string name, same;
  };

 public:
  ~configuration() { delete now_.load(); }
  void replace(std::string name) { now_.exchange(new version(std::move(name)))->retire(); }
  template <class F> auto read(F f) const {
    auto h = hp::make_hazard_pointer();
    version const* const v = h.protect(now_);
    return f(v->name, v->same);
  }

 private:
  std::atomic<version*> now_{new version("0")};
};

// A sorted list, read hand over hand with two hazard pointers (Michael 2002) ------------------------------------------

class list {
  struct item;
  using link = std::atomic<item*>;
  struct item : hp::hazard_pointer_obj_base<item> {
    explicit item(int k) : key(k) {}
    ~item() { key = -1; }
    std::atomic<int> key;
    link next{nullptr};
  };

 public:
  ~list() {
    for (item* i = head_.load(); i != nullptr;) delete std::exchange(i, i->next.load());
  }
  /// Only one thread changes the list.
  void insert(int key) {
    link* at = &head_;
    while (at->load() != nullptr && at->load()->key < key) at = &at->load()->next;
    auto* const i = new item(key);
    i->next = at->load();
    *at = i;
  }
  bool erase(int key) {
    link* at = &head_;
    while (at->load() != nullptr && at->load()->key < key) at = &at->load()->next;
    item* const i = at->load();
    if (i == nullptr || i->key != key) return false;
    item* const after = i->next.exchange(removed());  // a reader that is on it starts again
    *at = after;
    i->retire();
    return true;
  }
  /// Returns whether `key` is in the list; any thread. `sane` becomes false if an object was read that is gone.
  bool contains(int key, bool& sane) const {
    auto here = hp::make_hazard_pointer(), ahead = hp::make_hazard_pointer();
    for (;;) {
      link const* at = &head_;
      for (;;) {
        item* i = at->load();
        if (i == removed()) break;
        if (i == nullptr) return false;
        if (!ahead.try_protect(i, *at)) break;
        int const k = i->key;
        if (k < 0) sane = false;
        if (k >= key) return k == key;
        at = &i->next;
        swap(here, ahead);  // the item that `at` is in stays protected
      }
    }
  }

 private:
  static item* removed() {
    static item it(0);
    return &it;
  }
  link head_{nullptr};
};

}  // namespace

TEST_CASE("a stack over hazard pointers loses nothing and gives nothing twice, with four threads") {
  constexpr int each = 3'000;
  stack<int> s;
  std::atomic<std::int64_t> sum{0};
  std::atomic<int> popped{0};
  std::vector<std::thread> threads;
  for (int t = 0; t != 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i != each; ++i) {
        s.push(t * each + i);
        if (auto const v = s.pop()) {
          sum += *v;
          ++popped;
        }
      }
    });
  }
  for (auto& t : threads) t.join();
  while (auto const v = s.pop()) {
    sum += *v;
    ++popped;
  }
  CHECK(popped == 4 * each);
  CHECK(sum == std::int64_t{4 * each} * (4 * each - 1) / 2);
}

TEST_CASE("readers of a configuration see one version, whole, while it is replaced") {
  configuration c;
  std::atomic<bool> over{false}, torn{false};
  std::vector<std::thread> readers;
  for (int t = 0; t != 2; ++t) {
    readers.emplace_back([&] {
      while (!over) {
        if (!c.read([](std::string const& a, std::string const& b) { return a == b && a != "gone"; })) torn = true;
      }
    });
  }
  for (int i = 1; i != 3'000; ++i) c.replace("a long name that is not in the string itself, " + std::to_string(i));
  over = true;
  for (auto& r : readers) r.join();
  CHECK_FALSE(torn);
  CHECK(c.read([](std::string const& a, std::string const&) { return a.ends_with(" 2999"); }));
}

TEST_CASE("a list is read hand over hand with two hazard pointers while items are erased") {
  list l;
  for (int i = 1; i != 41; ++i) l.insert(i);
  std::atomic<bool> over{false}, insane{false}, missed{false};
  std::vector<std::thread> readers;
  for (int t = 0; t != 2; ++t) {
    readers.emplace_back([&] {
      bool sane = true;
      while (!over) {
        for (int key : {2, 20, 40}) {
          if (!l.contains(key, sane)) missed = true;  // the even ones stay
        }
        static_cast<void>(l.contains(21, sane));
      }
      if (!sane) insane = true;
    });
  }
  for (int round = 0; round != 100; ++round) {
    for (int i = 1; i < 41; i += 2) CHECK(l.erase(i));
    for (int i = 1; i < 41; i += 2) l.insert(i);
  }
  over = true;
  for (auto& r : readers) r.join();
  CHECK_FALSE(insane);
  CHECK_FALSE(missed);
  CHECK_FALSE(l.erase(41));
}

TEST_CASE("a hazard pointer is empty until one is made for it, and after it was moved from") {
  hp::hazard_pointer none;
  CHECK(none.empty());
  hp::hazard_pointer h = hp::make_hazard_pointer();
  CHECK_FALSE(h.empty());
  hp::hazard_pointer moved(std::move(h));
  CHECK((h.empty() && !moved.empty()));
  h = std::move(moved);
  CHECK((moved.empty() && !h.empty()));
  hp::swap(h, none);
  CHECK((h.empty() && !none.empty()));
  h.swap(none);
  CHECK((none.empty() && !h.empty()));
  hp::hazard_pointer& same = h;
  h = std::move(same);
  CHECK_FALSE(h.empty());
  h = hp::hazard_pointer();
  CHECK(h.empty());
}

TEST_CASE("try_protect says whether the source still has it, and what it has instead") {
  std::atomic<int> living{0};
  counted *const a = new counted(living), *const b = new counted(living);
  std::atomic<counted*> source{a};
  auto h = hp::make_hazard_pointer();
  counted* p = nullptr;
  CHECK_FALSE(h.try_protect(p, source));
  CHECK(p == a);
  CHECK(h.try_protect(p, source));
  source = b;
  a->retire();
  clean_up();
  CHECK(living == 2);
  CHECK_FALSE(h.try_protect(p, source));  // protects nothing now
  CHECK(p == b);
  clean_up();
  CHECK(living == 1);
  source = nullptr;
  CHECK_FALSE(h.try_protect(p, source));
  CHECK(p == nullptr);
  CHECK(h.try_protect(p, source));  // null is what it has
  CHECK(h.protect(source) == nullptr);
  b->retire();
  clean_up();
  CHECK(living == 0);
}

TEST_CASE("what reset_protection names is protected, and each of several hazard pointers protects its own") {
  std::atomic<int> living{0};
  std::vector<counted*> all;
  std::vector<hp::hazard_pointer> held;
  for (int i = 0; i != 20; ++i) {
    all.push_back(new counted(living));
    held.push_back(hp::make_hazard_pointer());
    held.back().reset_protection(static_cast<counted const*>(all.back()));
  }
  for (counted* c : all) c->retire();
  clean_up();
  CHECK(living == 20);
  held[3].reset_protection();
  held[4].reset_protection(nullptr);
  held[5].reset_protection(static_cast<counted*>(nullptr));
  held[6] = hp::make_hazard_pointer();
  held.pop_back();
  clean_up();
  CHECK(living == 15);
  held.clear();
  clean_up();
  CHECK(living == 0);
}

TEST_CASE("a hazard pointer that is moved to another thread protects there, and longer than its first thread lives") {
  std::atomic<int> living{0};
  std::atomic<counted*> source{new counted(living)};
  hp::hazard_pointer h;
  std::thread([&] {
    h = hp::make_hazard_pointer();
    CHECK(h.protect(source)->living == 1);
  }).join();
  source.exchange(nullptr)->retire();
  clean_up();
  CHECK(living == 1);
  std::thread([&, here = std::move(h)]() mutable { here.reset_protection(); }).join();
  clean_up();
  CHECK(living == 0);
}

TEST_CASE("the destructor of a retired object retires the next one, over a long chain") {
  struct chain : hp::hazard_pointer_obj_base<chain> {
    chain(chain* n, int& c) : next(n), ended(c) {}
    ~chain() {
      ++ended;
      if (next != nullptr) next->retire();
    }
    chain* next;
    int& ended;
  };
  int ended = 0;
  chain* first = nullptr;
  for (int i = 0; i != 100'000; ++i) first = new chain(first, ended);
  first->retire();
  clean_up();
  CHECK(ended == 100'000);
}

TEST_CASE("what a thread retired is reclaimed after the thread has ended, and not while it is protected") {
  std::atomic<int> living{0};
  std::atomic<counted*> source{new counted(living)};
  auto h = hp::make_hazard_pointer();
  h.protect(source);
  std::thread([&] {
    source.exchange(nullptr)->retire();
    for (int i = 0; i != 10; ++i) (new counted(living))->retire();
  }).join();
  clean_up();
  CHECK(living == 1);
  h.reset_protection();
  clean_up();
  CHECK(living == 0);
}

TEST_CASE("objects may be over-aligned, and polymorphic, and have an operator delete of their own") {
  static int deleted = 0;
  struct alignas(128) wide : hp::hazard_pointer_obj_base<wide> {
    ~wide() { deleted += reinterpret_cast<std::uintptr_t>(this) % 128 == 0 ? 1 : 1'000; }
  };
  struct shape : hp::hazard_pointer_obj_base<shape> {
    virtual ~shape() = default;
  };
  struct circle : shape {
    ~circle() override { deleted += 10; }
  };
  struct pooled : hp::hazard_pointer_obj_base<pooled> {
    static void* operator new(std::size_t bytes) { return ::operator new(bytes); }
    static void operator delete(void* p) {
      deleted += 100;
      ::operator delete(p);
    }
  };
  deleted = 0;
  (new wide)->retire();
  shape* const s = new circle;
  std::atomic<shape*> source{s};
  auto h = hp::make_hazard_pointer();
  CHECK(h.protect(source) == s);
  s->retire();
  (new pooled)->retire();
  clean_up();
  CHECK(deleted == 101);
  h = {};
  clean_up();
  CHECK(deleted == 111);
}

namespace {

struct notes {
  std::shared_ptr<int> count{};
  void operator()(auto* object) {
    ++*count;
    delete object;
  }
};

}  // namespace

TEST_CASE("a deleter is called with the object, after the retirement and once, and lives until then") {
  struct with_state : hp::hazard_pointer_obj_base<with_state, notes> {};
  auto const count = std::make_shared<int>(0);
  std::atomic<with_state*> source{new with_state};
  {
    auto h = hp::make_hazard_pointer();
    h.protect(source)->retire({count});
    clean_up();
    CHECK(count.use_count() == 2);
    CHECK(*count == 0);
  }
  clean_up();
  CHECK(*count == 1);
  CHECK(count.use_count() == 1);
}

namespace {

/// What the standard asks for, and not more: no copy, and no move but by assignment.
struct least {
  least() = default;
  explicit least(int* c) : count(c) {}
  least(least const&) = delete;
  least& operator=(least&& other) noexcept {
    count = other.count;
    return *this;
  }
  void operator()(auto* object) const {
    ++*count;
    delete object;
  }
  int* count = nullptr;
};
struct with_least : hp::hazard_pointer_obj_base<with_least, least> {};

/// More than it allows: neither a default nor an assignment.
class owner {
 public:
  explicit owner(int& c) noexcept : count_(c) {}
  void operator()(auto* object) {
    ++count_;
    delete object;
  }

 private:
  int& count_;
  std::unique_ptr<int> own_ = std::make_unique<int>(1);
};
struct with_owner : hp::hazard_pointer_obj_base<with_owner, owner> {
  int value = 1;
};
static_assert(!std::is_default_constructible_v<owner> && !std::is_move_assignable_v<owner>);
static_assert(std::is_copy_constructible_v<with_owner>);

}  // namespace

TEST_CASE("a deleter needs a default and a move assignment, or neither if it can be moved") {
  int count = 0;
  (new with_least)->retire(least(&count));
  (new with_owner)->retire(owner(count));
  auto by = [&count](auto* object) {
    count += 10;
    delete object;
  };
  struct with_lambda : hp::hazard_pointer_obj_base<with_lambda, decltype(by)> {};
  (new with_lambda)->retire(by);
  struct with_function : hp::hazard_pointer_obj_base<with_function, void (*)(with_function*)> {};
  (new with_function)->retire([](with_function* f) { delete f; });
  clean_up();
  CHECK(count == 12);
}

TEST_CASE("a copy of a retired object is not retired, and an object that is assigned to stays what it was") {
  std::atomic<node*> source{new node(1)};
  auto h = hp::make_hazard_pointer();
  node* const old = (h.*protects)(source);
  old->retire();
  auto* const copy = new node(*old);
  auto* const other = new node(7);
  *other = *old;
  CHECK((copy->value == 1 && other->value == 1));
  copy->retire();
  other->retire();
  clean_up();
  CHECK(old->value == 1);
  node* same = old;
  CHECK((h.*tries)(same, source));
  (h.*resets)(old);
  (h.*resets_all)(nullptr);
  clean_up();
}

}  // namespace standard_hazard_pointer_test
