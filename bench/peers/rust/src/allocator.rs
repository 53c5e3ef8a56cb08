//! Memory of this library, from the program's counting allocator: `allocations` counts it as it counts C++.
use std::alloc::{GlobalAlloc, Layout};
use std::os::raw::c_void;

extern "C" {
    fn surewake_bench_take(size: usize, alignment: usize) -> *mut c_void;
    fn surewake_bench_give(p: *mut c_void);
}

pub struct Counted;

unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        surewake_bench_take(layout.size(), layout.align()) as *mut u8
    }
    unsafe fn dealloc(&self, p: *mut u8, _: Layout) {
        surewake_bench_give(p as *mut c_void)
    }
}
