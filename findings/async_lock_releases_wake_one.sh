#!/usr/bin/env bash
# Eight releases of an async_lock::Semaphore wake one of eight waiters: seven permits stay free beside seven sleepers.
#
# One would guess   each drop of a guard wakes one waiter, as tokio's semaphore does, so that eight permits that come
#                   back before an executor runs anything serve eight waiters.
# What happens      The first drop notifies a waiter. The others change the count only: notify(1) of event-listener
#                   asks that one listener be notified, and one still is. The woken waiter takes its permit and tells
#                   nobody. The seven others sleep until a later release.
# Seen on           async-lock 2.6.0, event-listener 2.5.3 (Debian 12: librust-async-lock-dev 2.6.0-4), rustc 1.63 and
#                   1.95.
# Source            Drop of SemaphoreGuard in async-lock's src/semaphore.rs; Event::notify beside notify_additional in
#                   the documentation of event-listener.
#
# usage: async_lock_releases_wake_one.sh    exit status: 0 seen, or skipped without cargo or the packages; 1 it changed
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
packages=(librust-async-lock-dev=2.6.0-4 librust-event-listener-dev=2.5.3-3 librust-futures-lite-dev=1.12.0-1+b1
  librust-fastrand-dev=1.8.0-1 librust-futures-core-dev=0.3.21-1 librust-futures-io-dev=0.3.21-1
  librust-memchr-dev=2.5.0-1 librust-parking-dev=2.0.0-1+b1 librust-pin-project-lite-dev=0.2.9-1
  librust-waker-fn-dev=1.1.0-1+b1)
if ! command -v cargo >/dev/null || ! apt-get download -q "${packages[@]}" >/dev/null 2>&1; then
  echo "skipped: cargo or the packages of Debian 12 cannot be had here"
  exit 0
fi
for package in ./*.deb; do dpkg -x "$package" .; done
mkdir -p seen/src seen/.cargo
cat >seen/.cargo/config.toml <<C
[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "$folder/usr/share/cargo/registry"
[net]
offline = true
C
cat >seen/Cargo.toml <<'C'
[package]
name = "seen"
version = "0.1.0"
edition = "2021"
[dependencies]
async-lock = "=2.6.0"
C
cat >seen/src/main.rs <<'C'
use async_lock::{Semaphore, SemaphoreGuard};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

struct Woken(AtomicBool);
impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}
struct Waiter<'a> {
    acquire: Pin<Box<dyn Future<Output = SemaphoreGuard<'a>> + 'a>>,
    woken: Arc<Woken>,
    permit: Option<SemaphoreGuard<'a>>,
}
impl Waiter<'_> {
    fn poll(&mut self) {
        let waker = Waker::from(self.woken.clone());
        let polled = self.acquire.as_mut().poll(&mut Context::from_waker(&waker));
        if let Poll::Ready(permit) = polled {
            self.permit = Some(permit);
        }
    }
}

fn main() {
    let limit = Semaphore::new(8);
    let held: Vec<_> = (0..8).map(|_| limit.try_acquire().unwrap()).collect();
    let mut waiters: Vec<Waiter> = (0..8)
        .map(|_| Waiter {
            acquire: Box::pin(limit.acquire()),
            woken: Arc::new(Woken(AtomicBool::new(false))),
            permit: None,
        })
        .collect();
    waiters.iter_mut().for_each(Waiter::poll);
    drop(held);
    let woken = waiters.iter().filter(|w| w.woken.0.load(SeqCst)).count();
    // An executor: whoever was woken is polled, until nobody is.
    while let Some(w) = waiters.iter_mut().find(|w| w.woken.0.swap(false, SeqCst)) {
        w.poll();
    }
    let served = waiters.iter().filter(|w| w.permit.is_some()).count();
    let free: Vec<_> = std::iter::from_fn(|| limit.try_acquire()).collect();
    println!("{} {} {}", woken, served, free.len());
}
C
(cd seen && cargo build -q)
read -r woken served free < <(seen/target/debug/seen)
echo "eight releases woke $woken of 8 waiters; $served got a permit, $free are free, $((8 - served)) waiters sleep"
[ "$woken $served $free" = "1 1 7" ] || { echo "changed: 1, 1, 7 were expected"; exit 1; }
