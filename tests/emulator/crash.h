/* Accesses to memory that is not there, caught by the processor. */
#ifndef EMULATOR_CRASH_H
#define EMULATOR_CRASH_H

#include <csignal>

namespace emulator
{

/* While it lives, a kernel's wild access in this thread of the operating system becomes a report.
 */
class crash_watch
{
  public:
    crash_watch();
    ~crash_watch();

  private:
    stack_t before; /* a sanitizer may have set it */
};

} // namespace emulator

#endif
