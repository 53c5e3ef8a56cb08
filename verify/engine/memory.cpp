// The platform's memory in a schedule, and the objects that a thread or all of them have.
#include <surewake/verify/engine/search.hpp>

#include <algorithm>
#include <cstdio>

namespace surewake::verify {

namespace {

[[nodiscard]] void* untracked_memory(std::size_t bytes, std::size_t align) noexcept {
  std::size_t const alignment = std::max(align, alignof(std::max_align_t));
  return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

[[nodiscard]] local_object const* find_object(void const* key, unsigned owner) noexcept {
  for (local_object const& x : current().locals) {
    if (x.key == key && x.owner == owner) return &x;
  }
  return nullptr;
}

[[nodiscard]] void* make_object(std::size_t bytes, std::size_t align, void (*construct)(void*)) {
  void* const object = untracked_memory(bytes, align);
  if (object == nullptr) std::abort();
  construct(object);
  return object;
}

}  // namespace

namespace relacy {

void* allocate(std::size_t bytes, std::size_t align, where at) {
  if (frozen()) return ::operator new(bytes, std::align_val_t(align));  // state() counts waiters: nobody frees it
  search& s = current();
  // The n-th block that a schedule takes of a size and alignment is the n-th of any schedule: what earlier ones left
  // decides nothing, neither by the order of the blocks nor by where they happen to lie.
  block* freed = nullptr;
  block* chosen = nullptr;
  for (block& b : s.blocks) {
    if (b.is == block::state::live || b.bytes != bytes || b.align != align) continue;
    block*& first = b.is == block::state::freed ? freed : chosen;
    if (first == nullptr) first = &b;
  }
  // The same address again, or another one: both happen, and each shows mistakes that the other hides.
  if (freed != nullptr && (!s.in_threads || choose_same_address())) chosen = freed;
  if (chosen == nullptr) {
    void* const p = untracked_memory(bytes, align);
    if (p == nullptr) throw std::bad_alloc();
    s.blocks.push_back({static_cast<std::byte*>(p), bytes, align, block::state::spare, at, nullptr});
    chosen = &s.blocks.back();
  }
  // C++ orders the release of memory before its next allocation ([new.delete.dataraces]).
  if (chosen->given_back != nullptr) seen(chosen->given_back);
  forget(chosen->given_back);
  chosen->is = block::state::live;
  chosen->from = at;
  if (observed()) {
    record({.what = action::allocate,
            .object = chosen->at,
            .after = {shown::kind::number, static_cast<std::int64_t>(bytes)}},
           at);
  }
  return chosen->at;
}

void deallocate(void* p, std::size_t bytes, std::size_t, where at) noexcept {
  if (frozen() || p == nullptr) return;
  if (observed()) record({.what = action::deallocate, .object = p}, at);
  auto& all = current().blocks;
  auto const found = std::ranges::find(all, static_cast<std::byte*>(p), &block::at);
  if (found == all.end()) fail(verdict::double_free, "memory is freed that was never allocated", at);
  if (found->is != block::state::live) fail(verdict::double_free, "memory is freed twice", at);
  if (found->bytes != bytes)
    fail(verdict::double_free, "memory is freed with another size than it was allocated with", at);
  found->is = block::state::freed;
  if (current().in_threads) found->given_back = publish(p);
  std::memset(p, 0xDD, bytes);  // what is read from freed memory shall not look right
}

void* local(void const* key, std::size_t bytes, std::size_t align, void (*construct)(void*), void (*destroy)(void*)) {
  unsigned const owner = frozen() ? outside : static_cast<unsigned>(participant() + 1);
  if (local_object const* const x = find_object(key, owner)) return x->object;
  void* const object = make_object(bytes, align, construct);
  current().locals.push_back({key, owner, object, destroy, nullptr});
  return object;
}

void* shared(void const* key, std::size_t bytes, std::size_t align, void (*construct)(void*), void (*destroy)(void*)) {
  unsigned const owner = frozen() ? outside : everybody;
  if (local_object const* const x = find_object(key, owner)) {
    // As with a function's static object: a thread that finds it made has seen the making.
    if (!frozen()) seen(x->made);
    return x->object;
  }
  void* const object = make_object(bytes, align, construct);
  void* const made = frozen() ? nullptr : publish(object);
  current().locals.push_back({key, owner, object, destroy, made});
  return object;
}

}  // namespace relacy

void destroy_objects(unsigned owner) noexcept {
  auto& all = current().locals;
  for (std::size_t i = all.size(); i-- != 0;) {
    if (all[i].owner != owner || all[i].destroy == nullptr) continue;
    local_object x = all[i];
    all[i].key = nullptr;
    all[i].destroy = nullptr;
    x.destroy(x.object);
    forget(x.made);
    i = all.size();
  }
}

void end_memory() noexcept {
  for (local_object const& x : current().locals) std::free(x.object);
  current().locals.clear();
  auto& all = current().blocks;
  for (block& b : all) forget(b.given_back);
  auto const leaked = std::ranges::count(all, block::state::live, &block::is);
  if (leaked == 0) return;
  char text[100];
  std::snprintf(text, sizeof text, "%td blocks of memory are still allocated; the first one", leaked);
  fail(verdict::leak, text, std::ranges::find(all, block::state::live, &block::is)->from);
}

}  // namespace surewake::verify
