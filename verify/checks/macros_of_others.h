// What other people's headers define and surewake's headers must live with, before and after them (headers.py).
// Names as the headers have them; definitions cut short where only the name can hurt.

// Qt, qtmetamacros.h
#define signals public
#define slots
#define emit
#define foreach(variable, container) for (variable : container)
#define forever for (;;)
#define Q_EMIT

// windows.h, with what it includes
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#define near
#define far
#define small char
#define hyper long long
#define interface struct
#define pascal
#define cdecl
#define huge
#define IN
#define OUT
#define OPTIONAL
#define ERROR 0
#define NO_ERROR 0
#define DELETE 0x10000
#define STRICT 1
#define IGNORE 0
#define INFINITE 0xFFFFFFFF
#define WAIT_TIMEOUT 258
#define TRUE 1
#define FALSE 0
#define CONST const
#define VOID void
#define Yield()
#define CreateSemaphore CreateSemaphoreA
#define CreateMutex CreateMutexA
#define CreateEvent CreateEventA
#define GetCurrentTime() GetTickCount()
#define GetObject GetObjectA
#define SendMessage SendMessageA

// X11, X.h and Xlib.h
#define None 0L
#define Status int
#define Bool int
#define True 1
#define False 0
#define Always 2
#define Success 0
#define Above 0
#define Below 1
#define Complex 0
#define Convex 2
#define Unsorted 0
#define KeyPress 2
#define FocusIn 9
#define Expose 12
#define CursorShape 0

// curses.h, where its macros are not switched off
#define move(y, x) wmove(stdscr, (y), (x))
#define clear() wclear(stdscr)
#define erase() werase(stdscr)
#define refresh() wrefresh(stdscr)
#define timeout(delay) wtimeout(stdscr, (delay))
#define border(ls, rs, ts, bs, tl, tr, bl, br) wborder(stdscr, ls, rs, ts, bs, tl, tr, bl, br)
#define box(win, v, h) wborder(win, v, v, h, h, 0, 0, 0, 0)
#define scroll(win) wscrl(win, 1)
#define getch() wgetch(stdscr)
#define inch() winch(stdscr)
#define insertln() winsdelln(stdscr, 1)
#define deleteln() winsdelln(stdscr, -1)
#define raw() raw_mode()
#define echo() echo_mode()
#define filter() filter_mode()
#define flash() flash_screen()
#define beep() beep_sound()
#define meta(win, on) meta_mode(win, on)
#define OK 0
#define ERR (-1)

// linux/fs.h, sys/param.h, sys/sysmacros.h, termios.h, complex.h; what a compiler predefines in its GNU dialect
#define BLOCK_SIZE 1024
#define BLOCK_SIZE_BITS 10
#define READ 0
#define WRITE 1
#undef MIN
#define MIN(a, b) (((a) < (b)) ? (a) : (b))
#undef MAX
#define MAX(a, b) (((a) > (b)) ? (a) : (b))
#define howmany(x, y) (((x) + ((y)-1)) / (y))
#define roundup(x, y) ((((x) + ((y)-1)) / (y)) * (y))
#define setbit(a, i) 0
#define clrbit(a, i) 0
#define isset(a, i) 0
#define major(dev) gnu_dev_major(dev)
#define minor(dev) gnu_dev_minor(dev)
#define makedev(a, b) gnu_dev_makedev(a, b)
#define B0 0
#define ECHO 8
#define I _Complex_I
#define complex _Complex
#undef linux
#define linux 1
#undef unix
#define unix 1

// macOS AssertMacros.h, Arduino.h, kernel-style headers, and names that projects are fond of
#define check(assertion) (void)(assertion)
#define verify(assertion) (void)(assertion)
#define require(assertion, label) (void)(assertion)
#define nil 0
#define YES 1
#define NO 0
#define bit(b) (1UL << (b))
#define word(...) make_word(__VA_ARGS__)
#define constrain(x, low, high) (x)
#define interrupts() sei()
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __asm__ volatile("" ::: "memory")
#define container_of(pointer, type, member) 0
#define current get_current()
#define noreturn _Noreturn
#define debug 1
#define DEBUG 1
#define log(...) (void)0
#define trace(...) (void)0
