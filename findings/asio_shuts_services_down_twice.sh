#!/usr/bin/env bash
# The end of an io_context calls shutdown() of each of its services twice in newer versions of Asio.
#
# One would guess   the end of a context calls a service's shutdown() once, as the page of execution_context describes
#                   its destructor: shutdown() of each service, then the deletion of each. A service may then
#                   count down, join or wait for its users there.
# What happens      Asio 1.22 calls it once. Asio 1.30 calls it twice, because io_context shuts its services down before
#                   its base class does. The same goes for thread_pool. A service that waits in shutdown() for what the
#                   first call already used up waits for ever, so shutdown() must do its work once only.
# Seen on           Asio 1.22.1 (Debian 12: libasio-dev 1:1.22.1-1), Asio 1.30.2 (Debian 13: 1:1.30.2-1), g++ 12.
# Source            ~io_context() in asio/impl/io_context.ipp of both versions.
#
# usage: asio_shuts_services_down_twice.sh    exit status: 0 seen, or skipped without the packages; 1 it changed
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >shutdown.cpp <<'C'
#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>
#include <cstdio>

int calls = 0;

struct counts : asio::execution_context::service {
  using key_type = counts;
  static asio::execution_context::id id;
  explicit counts(asio::execution_context& owner) : service(owner) {}
  void shutdown() override { ++calls; }
};
asio::execution_context::id counts::id;

int main() {
  {
    asio::io_context context;
    asio::use_service<counts>(context);
  }
  int const of_context = calls;
  {
    asio::thread_pool pool(1);
    asio::use_service<counts>(pool);
    pool.join();
  }
  std::printf("%d %d\n", of_context, calls - of_context);
}
C
mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\).*/\2/p' \
  /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | sed -n 1p || true)
seen() {  # seen SUITE VERSION: how often shutdown() was called, for an io_context and for a thread_pool
  mkdir -p "$1/lists/partial" "$1/archives/partial"
  echo "deb ${mirror:-http://deb.debian.org/debian} $1 main" >"$1/sources"
  local apt=(apt-get -q -o "Dir::Etc::SourceList=$folder/$1/sources" -o Dir::Etc::SourceParts=/dev/null
             -o "Dir::State::Lists=$folder/$1/lists" -o "Dir::Cache=$folder/$1" -o APT::Sandbox::User=)
  ("${apt[@]}" update && cd "$1" && "${apt[@]}" download "libasio-dev=$2") >>"$1.log" 2>&1 || return 2
  dpkg -x "$1"/libasio-dev_*.deb "$1/root"
  g++ -std=c++20 -O1 -I "$1/root/usr/include" shutdown.cpp -o "$1/shutdown" -pthread
  "$1/shutdown"
}
if ! old=$(seen bookworm 1:1.22.1-1) || ! new=$(seen trixie 1:1.30.2-1); then
  echo "skipped: the packages of Debian 12 and 13 cannot be had here"
  exit 0
fi
echo "calls of shutdown() at the end of an io_context and of a thread_pool: Asio 1.22.1: $old; Asio 1.30.2: $new"
[ "$old, $new" = "1 1, 2 2" ] || { echo "changed: 1 1 and 2 2 were expected"; exit 1; }
