#include "reports.h"

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <set>
#include <unistd.h>
#include <vector>

#include "block.h"
#include "emulator.h"
#include "settings.h"

namespace emulator
{

enum { N_KEPT = 16 };

static std::vector<std::string> reports;
static std::set<std::string> keys, barriers;

static std::string base_name(const std::string &path)
{
    return path.substr(path.find_last_of('/') + 1);
}

/* The innermost place that is not in the emulator's own header, from addr2line. */
static std::string line_of(uint64_t code)
{
    Dl_info info;
    char command[200], line[512];
    if (dladdr(reinterpret_cast<void *>(code), &info) == 0) return "?";
    snprintf(command, sizeof command, "addr2line -i -e /proc/%d/exe 0x%" PRIx64, getpid(),
             code - 1 - reinterpret_cast<uint64_t>(info.dli_fbase));
    FILE *pipe = popen(command, "r");
    if (pipe == nullptr) return "?";
    std::string found = "?";
    while (fgets(line, sizeof line, pipe) != nullptr) {
        line[strcspn(line, " \n")] = '\0';
        std::string place = base_name(line);
        if (found == "?" && place.rfind("cuda_runtime.h", 0) != 0) found = place;
    }
    pclose(pipe);
    return found;
}

/* Turns every "@0x1234@" into a file and a line. */
static std::string with_places(std::string text)
{
    for (size_t from; (from = text.find('@')) != std::string::npos;) {
        size_t to = text.find('@', from + 1);
        uint64_t code = std::stoull(text.substr(from + 1, to - from - 1), nullptr, 16);
        text.replace(from, to - from + 1, line_of(code));
    }
    return text;
}

bool is_new_report(const std::string &key)
{
    return reports.size() < N_KEPT && keys.insert(key).second;
}

void add_report(const std::string &text)
{
    reports.push_back(text);
    if (current_settings().quiet == 0)
        fprintf(stderr, "emulator: %s\n", emulator_report(reports.size() - 1));
}

void report(const std::string &key, const std::string &text)
{
    if (is_new_report(key)) add_report(text);
}

std::string name_of_thread()
{
    return "thread " + std::to_string(thread_now->number) + " of block " +
           std::to_string(thread_now->home->index.x);
}

std::string name_of(place at) { return base_name(at.file) + ":" + std::to_string(at.line); }

std::string name_of(const void *code)
{
    char text[32];
    snprintf(text, sizeof text, "@%p@", code);
    return text;
}

void note_barrier(place at) { barriers.insert(name_of(at)); }

size_t count_reports() { return reports.size(); }

} // namespace emulator

size_t emulator_n_reports(void) { return emulator::reports.size(); }

/* Finding a line takes a while: it is done for those that somebody reads. */
const char *emulator_report(size_t i)
{
    std::string &text = emulator::reports[i];
    text = emulator::with_places(text);
    return text.c_str();
}

size_t emulator_n_barriers(void) { return emulator::barriers.size(); }

const char *emulator_barrier(size_t i)
{
    return std::next(emulator::barriers.begin(), static_cast<long>(i))->c_str();
}

namespace emulator
{
void forget_reports()
{
    reports.clear();
    keys.clear();
}
} // namespace emulator
