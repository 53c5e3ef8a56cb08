#!/usr/bin/env bash
# Closing Asio's experimental channel drops what is buffered, and a send that waits is never told.
#
# One would guess   close() ends a channel as Go's and Kotlin's does: what is buffered can still be received, and who
#                   waits in async_send is called back with an error.
# What happens      The buffered value is gone: the next receive ends with channel_closed. The handler of the send that
#                   waited for room is not called at all, the operation stays outstanding.
#                   A receive that waits, by contrast, ends with channel_closed.
# Seen on           Asio 1.22.1 (Debian 12: libasio-dev 1:1.22.1-1), g++ 12.
# Source            asio/experimental/detail/impl/channel_service.hpp of that version: close() of the implementation.
#
# usage: asio_channel_close_strands_a_sender.sh    exit status: 0 seen, or skipped without the package; 1 it changed
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if ! apt-get download -q libasio-dev=1:1.22.1-1 >/dev/null 2>&1; then
  echo "skipped: the packages of Debian 12 cannot be had here"
  exit 0
fi
for package in ./*.deb; do dpkg -x "$package" .; done
cat >channel.cpp <<'C'
#include <asio/experimental/channel.hpp>
#include <asio/io_context.hpp>
#include <cstdio>

using channel = asio::experimental::channel<void(asio::error_code, int)>;

int main() {
  asio::io_context context;
  channel buffered(context, 1);
  bool const taken = buffered.try_send(asio::error_code{}, 1);
  bool sender_called = false;
  buffered.async_send(asio::error_code{}, 2, [&](asio::error_code) { sender_called = true; });
  context.poll();  // the send waits: the buffer is full
  context.restart();
  buffered.close();
  int received = 0;
  bool receive_failed = false;
  buffered.async_receive([&](asio::error_code e, int value) {
    receive_failed = static_cast<bool>(e);
    received = value;
  });
  context.poll();
  context.restart();

  channel empty(context, 1);
  bool receiver_called = false;
  empty.async_receive([&](asio::error_code, int) { receiver_called = true; });
  context.poll();
  context.restart();
  empty.close();
  context.poll();
  std::printf("%d %d %d %d\n", taken, receive_failed ? 0 : received, sender_called, receiver_called);
}
C
g++ -std=c++20 -O1 -I usr/include channel.cpp -o channel -pthread
read -r taken value sender receiver < <(./channel)
echo "a value was buffered: $taken; received after close(): $value (0: none)"
echo "a waiting send was answered by close(): $sender; a waiting receive: $receiver"
[ "$taken $value $sender $receiver" = "1 0 0 1" ] || { echo "changed: 1, 0, 0, 1 were expected"; exit 1; }
