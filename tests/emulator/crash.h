/* Accesses to memory that is not there, caught by the processor. */
#ifndef EMULATOR_CRASH_H
#define EMULATOR_CRASH_H

namespace emulator
{

/* In this thread of the operating system a kernel's wild access becomes a report. */
void crash_watch_thread();

} // namespace emulator

#endif
