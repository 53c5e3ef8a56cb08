//! Semaphores of Rust's crates for surewake-bench: bench/README.md says how to add one.
mod abi;
mod allocator;
mod block_on;
mod crowd;
mod executor;
mod game;
mod jobs;
mod loops;
mod pool;
mod race;
mod semaphore;
mod table;

mod async_lock_semaphore;
mod event_listener_semaphore;
mod parking_lot_semaphore;
mod primitives;
mod seg_queue;
mod tokio_runtime;
mod tokio_semaphore;

#[global_allocator]
static COUNTED: allocator::Counted = allocator::Counted;

/// Returns the tables of all peers, and stores their number and the size of one.
///
/// # Safety
/// Both pointers are valid.
#[no_mangle]
pub unsafe extern "C" fn surewake_rust_peers(count: *mut usize, size: *mut usize) -> *const abi::Peer {
    let peers = vec![
        tokio_semaphore::peer(),
        async_lock_semaphore::peer(),
        event_listener_semaphore::peer(),
        parking_lot_semaphore::peer(),
        tokio_runtime::peer(),
    ];
    *count = peers.len();
    *size = std::mem::size_of::<abi::Peer>();
    Vec::leak(peers).as_ptr()
}

/// Returns the tables of all queues, and stores their number and the size of one.
///
/// # Safety
/// Both pointers are valid.
#[no_mangle]
pub unsafe extern "C" fn surewake_rust_queues(count: *mut usize, size: *mut usize) -> *const abi::Queue {
    let queues = vec![seg_queue::table()];
    *count = queues.len();
    *size = std::mem::size_of::<abi::Queue>();
    Vec::leak(queues).as_ptr()
}

/// Returns the tables of what is no semaphore, and stores their number and the size of one.
///
/// # Safety
/// Both pointers are valid.
#[no_mangle]
pub unsafe extern "C" fn surewake_rust_primitives(count: *mut usize, size: *mut usize) -> *const abi::Primitive {
    let primitives = primitives::tables();
    *count = primitives.len();
    *size = std::mem::size_of::<abi::Primitive>();
    Vec::leak(primitives).as_ptr()
}
