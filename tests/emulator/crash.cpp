#include "crash.h"

#include <cstdio>
#include <cstdlib>
#include <ucontext.h>

#include "block.h"
#include "device_memory.h"
#include "reports.h"

namespace emulator
{

enum { HANDLER_STACK_BYTES = 256 << 10 };

static const void *code_of(void *context)
{
#ifdef __x86_64__
    long long at = static_cast<ucontext_t *>(context)->uc_mcontext.gregs[REG_RIP];
    return reinterpret_cast<const void *>(at + 1); /* places are taken as where a call returns */
#else
    static_cast<void>(context);
    return nullptr;
#endif
}

static void on_crash(int number, siginfo_t *info, void *context)
{
    if (thread_now == nullptr) {
        if (is_device(info->si_addr))
            fprintf(stderr, "emulator: the host's code touches the GPU's memory\n");
        signal(number, SIG_DFL);
        return;
    }
    const void *code = code_of(context);
    report("crash", "out of bounds: " + name_of_thread() +
                        " touches memory that is not there, at " + name_of(code));
    abandon();
}

crash_watch::crash_watch()
{
    static thread_local unsigned char stack[HANDLER_STACK_BYTES];
    stack_t where = {};
    where.ss_sp = stack;
    where.ss_size = sizeof stack;
    sigaltstack(&where, &before);
    struct sigaction action = {};
    action.sa_sigaction = on_crash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigaction(SIGSEGV, &action, nullptr);
    sigaction(SIGBUS, &action, nullptr);
}

crash_watch::~crash_watch() { sigaltstack(&before, nullptr); }

} // namespace emulator
