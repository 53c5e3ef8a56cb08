//! crossbeam's SegQueue, as a queue of pointers.
use crate::abi::{Object, Queue};
use crossbeam_queue::SegQueue;
use std::os::raw::c_char;

type Line = SegQueue<usize>;

fn of(queue: Object) -> &'static Line {
    unsafe { &*(queue as *const Line) }
}

fn take(queue: &Line) -> Object {
    loop {
        if let Some(item) = queue.pop() {
            return item as Object;
        }
    }
}

extern "C" fn make() -> Object {
    Box::into_raw(Box::new(Line::new())) as Object
}
extern "C" fn destroy(queue: Object) {
    drop(unsafe { Box::from_raw(queue as *mut Line) })
}
extern "C" fn push(queue: Object, item: Object) {
    of(queue).push(item as usize)
}
extern "C" fn pop(queue: Object) -> Object {
    take(of(queue))
}
extern "C" fn push_pop(queue: Object, mine: Object, n: u64) -> Object {
    let queue = of(queue);
    let mut mine = mine;
    for _ in 0..n {
        queue.push(mine as usize);
        mine = take(queue);
    }
    mine
}

pub fn table() -> Queue {
    Queue {
        name: "crossbeam SegQueue\0".as_ptr() as *const c_char,
        package: "crossbeam-queue\0".as_ptr() as *const c_char,
        make,
        destroy,
        push,
        pop,
        push_pop,
    }
}
