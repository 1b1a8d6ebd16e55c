/* Threads of execution that change places only when told to. */
#ifndef EMULATOR_FIBER_H
#define EMULATOR_FIBER_H

#include <cstddef>

#if !defined(__x86_64__) && !defined(EMULATOR_UCONTEXT)
#define EMULATOR_UCONTEXT
#endif
#ifdef EMULATOR_UCONTEXT
#include <ucontext.h>
#endif

namespace emulator
{

constexpr size_t STACK_BYTES = 128 << 10;

struct fiber {
#ifdef EMULATOR_UCONTEXT
    ucontext_t context;
#else
    void *stack_pointer = nullptr; /* while it does not run */
#endif
    unsigned char *stack = nullptr; /* lowest byte; the page below faults. NULL: the caller's own */
};

/* Gives it a stack, which fiber_drop takes back. */
void fiber_make(fiber &f);
void fiber_drop(fiber &f);
/* The next switch to it calls entry, which must never return. */
void fiber_begin(fiber &f, void (*entry)());
/* Goes on where `to` left off. Returns when another switches back to `from`. */
void fiber_switch(fiber &from, fiber &to);

} // namespace emulator

#endif
