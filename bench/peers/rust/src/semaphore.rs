//! What the loops need to know of a semaphore, whichever crate it comes from.
use crate::abi::Object;
use std::mem::{size_of, MaybeUninit};

pub trait Semaphore: Sync + Sized + 'static {
    fn with(permits: usize) -> Self;
    fn free(&self) -> usize;
    /// n permits come: by one call where the crate has one.
    fn add(&self, n: usize);
}

/// Returns a value of a type without state: of a closure that captures nothing. (No future of an `async fn` has a name
/// in this Rust, so that a table of functions is made from closures.)
pub fn conjure<A: Copy>() -> A {
    assert!(size_of::<A>() == 0, "the closure captures something");
    unsafe { MaybeUninit::<A>::uninit().assume_init() }
}

pub extern "C" fn make<S: Semaphore>(permits: usize) -> Object {
    Box::into_raw(Box::new(S::with(permits))) as Object
}

pub extern "C" fn destroy<S: Semaphore>(s: Object) {
    drop(unsafe { Box::from_raw(s as *mut S) })
}

pub extern "C" fn free_permits<S: Semaphore>(s: Object) -> usize {
    of::<S>(s).free()
}

pub extern "C" fn release<S: Semaphore>(s: Object, n: usize) {
    of::<S>(s).add(n)
}

/// The semaphore behind a pointer of the program, which keeps it until all of its uses have ended.
pub fn of<S>(s: Object) -> &'static S {
    unsafe { &*(s as *const S) }
}
