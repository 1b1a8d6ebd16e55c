#include "fiber.h"

#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>

namespace emulator
{

static size_t page_bytes() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

void fiber_make(fiber &f)
{
    size_t guard = page_bytes();
    void *p = mmap(nullptr, guard + STACK_BYTES, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED || mprotect(p, guard, PROT_NONE) != 0) {
        perror("emulator: the stack of a thread");
        abort();
    }
    f.stack = static_cast<unsigned char *>(p) + guard;
}

void fiber_drop(fiber &f)
{
    munmap(f.stack - page_bytes(), page_bytes() + STACK_BYTES);
    f.stack = nullptr;
}

#ifdef EMULATOR_UCONTEXT

void fiber_begin(fiber &f, void (*entry)())
{
    getcontext(&f.context);
    f.context.uc_stack.ss_sp = f.stack;
    f.context.uc_stack.ss_size = STACK_BYTES;
    f.context.uc_link = nullptr;
    makecontext(&f.context, entry, 0);
}

void fiber_switch(fiber &from, fiber &to) { swapcontext(&from.context, &to.context); }

#else

/* Keeps what a function must keep for its caller, and changes stacks. */
extern "C" void emulator_change_stacks(void **from, void *to);
__asm__(".text\n"
        ".globl emulator_change_stacks\n"
        ".type emulator_change_stacks, @function\n"
        "emulator_change_stacks:\n"
        "    push %rbp\n"
        "    push %rbx\n"
        "    push %r12\n"
        "    push %r13\n"
        "    push %r14\n"
        "    push %r15\n"
        "    mov %rsp, (%rdi)\n"
        "    mov %rsi, %rsp\n"
        "    pop %r15\n"
        "    pop %r14\n"
        "    pop %r13\n"
        "    pop %r12\n"
        "    pop %rbx\n"
        "    pop %rbp\n"
        "    ret\n"
        ".size emulator_change_stacks, . - emulator_change_stacks\n");

void fiber_begin(fiber &f, void (*entry)())
{
    void **top = reinterpret_cast<void **>(f.stack + STACK_BYTES);
    *--top = nullptr; /* where entry would return to */
    *--top = reinterpret_cast<void *>(entry);
    for (int i = 0; i < 6; i++) *--top = nullptr;
    f.stack_pointer = top;
}

void fiber_switch(fiber &from, fiber &to)
{
    emulator_change_stacks(&from.stack_pointer, to.stack_pointer);
}

#endif

} // namespace emulator
