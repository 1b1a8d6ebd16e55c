#include "device_memory.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <vector>

#include "reports.h"
#include "watch.h"

namespace emulator
{

enum { BOUNDARY_BYTES = 256, END_BYTES = 4096, POISON = 0x7f };

struct piece {
    size_t first, size_bytes;
    int device;
};

static std::vector<piece> pieces; /* ascending */

unsigned char *device_base()
{
    static unsigned char *base = [] {
        void *p = mmap(nullptr, DEVICE_BYTES, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p == MAP_FAILED) {
            perror("emulator: the memory of the GPU");
            abort();
        }
        return static_cast<unsigned char *>(p);
    }();
    return base;
}

bool is_device(const void *p)
{
    return static_cast<size_t>(static_cast<const unsigned char *>(p) - device_base()) <
           DEVICE_BYTES;
}

bool is_global(const void *p) { return is_device(p); }

void device_open(bool is_open)
{
    mprotect(device_base(), DEVICE_BYTES, is_open ? PROT_READ | PROT_WRITE : PROT_NONE);
}

size_t device_used(int device)
{
    size_t n = 0;
    for (const piece &p : pieces) n += p.device == device ? p.size_bytes : 0;
    return n;
}

static size_t room_of(const piece &p) { return p.size_bytes + END_BYTES; }

/* The lowest place where so many bytes and their end fit. */
static size_t find_place(size_t size_bytes)
{
    size_t at = 0;
    for (const piece &p : pieces) {
        if (p.first >= at + size_bytes + END_BYTES) break;
        at = (p.first + room_of(p) + BOUNDARY_BYTES - 1) / BOUNDARY_BYTES * BOUNDARY_BYTES;
    }
    return at;
}

void *device_allocate(size_t size_bytes, size_t limit, int device)
{
    if (size_bytes > limit || device_used(device) > limit - size_bytes) return nullptr;
    piece p = {find_place(size_bytes), size_bytes, device};
    if (p.first + room_of(p) > DEVICE_BYTES) return nullptr;
    auto is_before = [](const piece &a, const piece &b) { return a.first < b.first; };
    pieces.insert(std::upper_bound(pieces.begin(), pieces.end(), p, is_before), p);
    memset(device_base() + p.first, POISON, room_of(p));
    watch_allocation(device_base() + p.first, size_bytes, true);
    return device_base() + p.first;
}

bool device_release(void *p)
{
    size_t first = static_cast<size_t>(static_cast<unsigned char *>(p) - device_base());
    for (size_t i = 0; i < pieces.size(); i++) {
        if (pieces[i].first != first) continue;
        watch_allocation(p, pieces[i].size_bytes, false);
        pieces.erase(pieces.begin() + static_cast<long>(i));
        return true;
    }
    return false;
}

bool device_holds(const void *p, size_t size_bytes, int device)
{
    size_t first = static_cast<size_t>(static_cast<const unsigned char *>(p) - device_base());
    for (const piece &q : pieces)
        if ((device == ANY_GPU || q.device == device) && first >= q.first &&
            first - q.first <= q.size_bytes && size_bytes <= q.size_bytes - (first - q.first))
            return true;
    return false;
}

void device_check_ends()
{
    for (const piece &p : pieces) {
        const unsigned char *end = device_base() + p.first + p.size_bytes;
        for (size_t i = 0; i < END_BYTES; i++) {
            if (end[i] == POISON) continue;
            report("device end", "out of bounds: a thread wrote byte " + std::to_string(i) +
                                     " behind an allocation of " + std::to_string(p.size_bytes) +
                                     " bytes");
            break;
        }
    }
}

} // namespace emulator
