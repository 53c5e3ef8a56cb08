// The plug-in of ends.test.cpp: built with hidden visibility, loaded and unloaded by the tests.
#include <surewake/queues/conformance/ends_plugin.test.hpp>

namespace {

using namespace surewake;
using namespace surewake::testing;
using P = std_platform;

/// Its deleter is code of this library.
struct own : basic_hazard_pointer_obj_base<own, P> {
  explicit own(std::atomic<int>& e) noexcept : ended(e) {}
  ~own() { ended.fetch_add(1); }
  std::atomic<int>& ended;
};

void const* domain() { return &hazard_pointer_default_domain<P>(); }

void replace(std::atomic<lamp*>& source) {
  source.exchange(nullptr)->retire();
  hazard_pointer_clean_up<P>();
}

void release(segmented& s, int n) { s.add_permits(n); }

void visit(segmented& s) { s.acquire_blocking().release(); }

void retire_own(std::atomic<int>& ended) {
  hazard_domain<P> mine;
  (new own(ended))->retire(mine);
  (new own(ended))->retire();
  hazard_pointer_clean_up<P>();
}

}  // namespace

extern "C" [[gnu::visibility("default")]] plugin const surewake_test_plugin;
extern "C" plugin const surewake_test_plugin{&domain, &replace, &release, &visit, &retire_own};
