// surewake/bench/peers/cds_library.hpp: what libcds needs once a process, and once each thread that uses it.
#pragma once

#include <cds/gc/hp.h>
#include <cds/init.h>

namespace surewake::bench {

inline void attach_to_cds() {
  struct library {
    library() { cds::Initialize(); }
    ~library() { cds::Terminate(); }
  };
  static library const started;
  static cds::gc::HP const domain;
  struct thread {
    thread() { cds::threading::Manager::attachThread(); }
    ~thread() { cds::threading::Manager::detachThread(); }
  };
  thread_local thread const mine;
}

}  // namespace surewake::bench
