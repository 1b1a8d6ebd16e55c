/* What was found wrong with a kernel. */
#ifndef EMULATOR_REPORTS_H
#define EMULATOR_REPORTS_H

#include <cstdint>
#include <string>

#include "cuda_runtime.h"

namespace emulator
{

/* Adds a report unless one with this key was added before. */
void report(const std::string &key, const std::string &text);
/* The two halves of it. */
bool is_new_report(const std::string &key);
void add_report(const std::string &text);
/* Of the current thread: "thread 5 of block 2". */
std::string name_of_thread();
/* "mlp.cu:14" */
std::string name_of(place at);
/* A place in the code as text that report() turns into "mlp.cu:14". */
std::string name_of(const void *code);

void note_barrier(place at);
size_t count_reports();

} // namespace emulator

#endif
