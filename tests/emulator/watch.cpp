#include "watch.h"

#include <cstdio>
#include <cstdlib>
#include <link.h>
#include <map>
#include <sys/mman.h>

#include "device_memory.h"
#include "emulator.h"
#include "launch.h"
#include "reports.h"
#include "shared_memory.h"

namespace emulator
{

/* ---- clocks: of each thread, what it knows of the others ---- */

typedef std::vector<uint32_t> clocks; /* [n_slots] */

enum { NONE = -1 };

/* What is known of one aligned word of four bytes. */
struct cell {
    uint64_t epoch; /* launch or block that the rest belongs to */
    const void *write_code, *read_code;
    uint32_t write_clock, read_clock;
    uint16_t write_slot, read_slot;
    int32_t readers;       /* number of the clocks of several readers, or NONE: read_slot alone */
    int32_t updaters;      /* of atomic operations, or NONE */
    uint8_t written, read; /* bytes: bit i is byte i */
    uint8_t filled;        /* bytes that hold something */
    bool is_there;         /* global memory: allocated */
};

/* Memory whose words have cells. */
struct region {
    const unsigned char *base;
    size_t size_bytes;
    cell *cells;
    uint64_t epoch;
};

static bool is_on;
static const launch *launch_now;
static std::vector<clocks> known;               /* [slot][slot]; the own clock on the diagonal */
static clocks pool;                             /* of readers and updaters: [][n_slots] */
static std::map<const void *, clocks> released; /* by a fence before an atomic operation on this */
static std::vector<clocks> fenced, acquired;    /* [slot]; empty: no fence, no atomic yet */
static uint64_t n_epochs;
static region global;
static thread_local region shared;
static thread_local size_t dynamic_bytes;

bool watch_is_on() { return is_on; }

static cell *new_cells(size_t size_bytes)
{
    size_t n = (size_bytes + 3) / 4 * sizeof(cell);
    void *p = mmap(nullptr, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    if (p == MAP_FAILED) {
        perror("emulator: what is known of the memory");
        abort();
    }
    return static_cast<cell *>(p);
}

static void join(clocks &to, const clocks &from)
{
    for (size_t i = 0; i < to.size(); i++)
        if (from[i] > to[i]) to[i] = from[i];
}

/* What a thread does from now on is later than what the others know of it. */
static void tick(uint32_t slot) { known[slot][slot]++; }

static int32_t new_clocks()
{
    pool.resize(pool.size() + known.size(), 0);
    return static_cast<int32_t>(pool.size() / known.size()) - 1;
}

static uint32_t *clocks_of(int32_t number)
{
    return &pool[static_cast<size_t>(number) * known.size()];
}

void watch_launch(const launch &l, uint32_t n_slots)
{
    if (!is_on) return;
    launch_now = &l;
    known.assign(n_slots, clocks(n_slots, 0));
    fenced.assign(n_slots, clocks());
    acquired.assign(n_slots, clocks());
    pool.clear();
    released.clear();
    global.epoch = ++n_epochs;
}

void watch_launch_end() { launch_now = nullptr; }

/* ---- regions ---- */

static void make_global()
{
    if (global.base != nullptr) return;
    global = {device_base(), DEVICE_BYTES, new_cells(DEVICE_BYTES), 0};
}

/* The program's own thread-local memory, of which shared memory is part. */
static int find_own_memory(dl_phdr_info *info, size_t, void *found)
{
    region *r = static_cast<region *>(found);
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_TLS && info->dlpi_tls_data != nullptr)
            *r = {static_cast<unsigned char *>(info->dlpi_tls_data), info->dlpi_phdr[i].p_memsz,
                  nullptr, 0};
    return 1; /* the program comes first, and no other is wanted */
}

/* Cells outlive the threads of the operating system. */
static cell *spare_cells(size_t resident, size_t size_bytes)
{
    static std::map<size_t, cell *> kept;
    cell *&cells = kept[resident];
    if (cells == nullptr) cells = new_cells(size_bytes);
    return cells;
}

/* Another block in the same place knows nothing of the threads, and finds nothing in its memory. */
void watch_block(const block &b, size_t shared_bytes)
{
    if (!is_on) return;
    if (shared.base == nullptr) {
        dl_iterate_phdr(find_own_memory, &shared);
        shared.cells = spare_cells(b.resident, shared.size_bytes);
    }
    shared.epoch = ++n_epochs;
    dynamic_bytes = shared_bytes;
    for (const thread &t : b.threads) {
        uint32_t clock = known[t.slot][t.slot];
        known[t.slot].assign(known.size(), 0);
        known[t.slot][t.slot] = clock + 1;
        fenced[t.slot].clear();
        acquired[t.slot].clear();
    }
}

static bool holds(const region &r, const void *p)
{
    return static_cast<size_t>(static_cast<const unsigned char *>(p) - r.base) < r.size_bytes;
}

static cell &cell_of(const region &r, const void *p)
{
    size_t at = static_cast<size_t>(static_cast<const unsigned char *>(p) - r.base);
    cell &c = r.cells[at / 4];
    if (c.epoch == r.epoch) return c;
    bool is_global = r.cells == global.cells;
    cell fresh = {};
    fresh.epoch = r.epoch;
    fresh.readers = fresh.updaters = NONE;
    fresh.is_there = !is_global || c.is_there;
    fresh.filled = is_global ? c.filled : 0;
    c = fresh;
    return c;
}

/* "shared memory, byte 64 of svk_shared_memory" */
static std::string name_of_memory(const void *p)
{
    char text[120];
    size_t n;
    const shared_array *arrays = shared_arrays(&n);
    const unsigned char *at = static_cast<const unsigned char *>(p);
    if (is_device(p)) {
        snprintf(text, sizeof text, "global memory, byte %td", at - global.base);
        return text;
    }
    for (size_t i = 0; i < n; i++) {
        if (at < arrays[i].base || at >= arrays[i].base + SHARED_MOST) continue;
        snprintf(text, sizeof text, "shared memory, byte %td of %s", at - arrays[i].base,
                 arrays[i].name);
        return text;
    }
    return "static shared memory";
}

/* ---- accesses ---- */

enum class access { READ, WRITE, UPDATE };

static const char *verb(access kind)
{
    return kind == access::READ ? "reads" : kind == access::WRITE ? "writes" : "updates";
}

struct touch {
    const thread *by;
    access kind;
    const void *p, *code;
    uint8_t bytes; /* of the word */
};

/* Whether nothing like it was reported yet: faults come in thousands, and texts take time. */
static bool is_new(const touch &t, const char *what)
{
    char key[80];
    snprintf(key, sizeof key, "%.20s %p", what, t.code);
    return is_new_report(key);
}

static std::string text_of(const touch &t, const char *what)
{
    return std::string(what) + ": " + name_of_thread() + " " + verb(t.kind) + " " +
           name_of_memory(t.p) + ", at " + name_of(t.code);
}

static void report_at(const touch &t, const char *what, const std::string &more)
{
    if (is_new(t, what)) add_report(text_of(t, what) + more);
}

static void report_race(const touch &t, const char *earlier, uint32_t slot, const void *code)
{
    uint32_t n_threads = launch_now->n_threads, own = t.by->slot / n_threads;
    if (!is_new(t, "race")) return;
    add_report(text_of(t, "race") + ", which thread " + std::to_string(slot % n_threads) +
               (slot / n_threads == own ? " of the same block " : " of another block ") + earlier +
               " at " + name_of(code) + ", with no barrier between");
}

static bool knows(const touch &t, uint32_t slot, uint32_t clock)
{
    return clock <= known[t.by->slot][slot];
}

/* The first slot of the clocks that the thread does not know, or NONE. */
static int unknown_of(const touch &t, int32_t number)
{
    if (number == NONE) return NONE;
    const uint32_t *c = clocks_of(number), *mine = known[t.by->slot].data();
    for (size_t i = 0; i < known.size(); i++)
        if (c[i] > mine[i]) return static_cast<int>(i);
    return NONE;
}

static void check_written(const cell &c, const touch &t)
{
    if ((c.written & t.bytes) != 0 && !knows(t, c.write_slot, c.write_clock))
        report_race(t, "wrote", c.write_slot, c.write_code);
}

static void check_updated(const cell &c, const touch &t)
{
    int slot = unknown_of(t, c.updaters);
    if (slot != NONE) report_race(t, "updated", static_cast<uint32_t>(slot), c.write_code);
}

static void check_read(const cell &c, const touch &t)
{
    if ((c.read & t.bytes) == 0) return;
    int slot = c.read_slot;
    if (c.readers != NONE)
        slot = unknown_of(t, c.readers);
    else if (knows(t, c.read_slot, c.read_clock))
        slot = NONE;
    if (slot != NONE) report_race(t, "read", static_cast<uint32_t>(slot), c.read_code);
}

static void note_read(cell &c, const touch &t)
{
    uint32_t slot = t.by->slot, clock = known[slot][slot];
    bool is_alone = c.read == 0 || c.read_slot == slot || knows(t, c.read_slot, c.read_clock);
    c.read_code = t.code;
    if (c.readers != NONE) {
        clocks_of(c.readers)[slot] = clock;
    } else if (is_alone) {
        c.read = c.read_slot == slot ? c.read : 0;
        c.read_slot = static_cast<uint16_t>(slot);
        c.read_clock = clock;
    } else {
        c.readers = new_clocks();
        clocks_of(c.readers)[c.read_slot] = c.read_clock;
        clocks_of(c.readers)[slot] = clock;
    }
    c.read |= t.bytes;
}

static void note_written(cell &c, const touch &t)
{
    uint32_t slot = t.by->slot, clock = known[slot][slot];
    bool is_same = c.write_slot == slot && c.write_clock == clock;
    c.written = is_same ? c.written | t.bytes : t.bytes;
    c.write_slot = static_cast<uint16_t>(slot);
    c.write_clock = clock;
    c.write_code = t.code;
    c.readers = c.updaters = NONE;
    c.read = 0;
    c.filled |= t.bytes;
}

static void note_updated(cell &c, const touch &t)
{
    uint32_t slot = t.by->slot;
    if (c.updaters == NONE) c.updaters = new_clocks();
    clocks_of(c.updaters)[slot] = known[slot][slot];
    c.write_code = t.code;
}

/* The same thread, the same bytes, nothing in between: nothing new. */
static bool is_repeated(const cell &c, const touch &t)
{
    uint32_t slot = t.by->slot, clock = known[slot][slot];
    if (t.kind == access::READ)
        return (c.readers != NONE ? clocks_of(c.readers)[slot] == clock
                                  : c.read_slot == slot && c.read_clock == clock) &&
               (c.read & t.bytes) == t.bytes;
    return t.kind == access::WRITE && c.write_slot == slot && c.write_clock == clock &&
           (c.written & t.bytes) == t.bytes && c.read == 0 && c.updaters == NONE;
}

static void touch_word(cell &c, const touch &t)
{
    if (is_repeated(c, t)) return;
    if (!c.is_there) {
        report_at(t, "out of bounds", ", which is not allocated");
        return;
    }
    if (t.kind != access::WRITE && (c.filled & t.bytes) != t.bytes) {
        report_at(t, "never written", "");
        c.filled |= t.bytes;
    }
    check_written(c, t);
    if (t.kind != access::UPDATE) check_updated(c, t);
    if (t.kind != access::READ) check_read(c, t);
    if (t.kind == access::READ) note_read(c, t);
    if (t.kind == access::WRITE) note_written(c, t);
    if (t.kind == access::UPDATE) note_updated(c, t);
}

/* Dynamic shared memory behind what the launch asked for. */
static bool is_past_end(const void *p)
{
    size_t n;
    const shared_array *arrays = shared_arrays(&n);
    for (size_t i = 0; i < n; i++) {
        size_t at = static_cast<size_t>(static_cast<const unsigned char *>(p) - arrays[i].base);
        if (at >= dynamic_bytes && at < SHARED_MOST + SHARED_GUARD) return true;
    }
    return false;
}

extern "C" char __executable_start[], __data_start[];

/* Memory that is neither global nor shared: kernels may read constants and their arguments. */
static void touch_stranger(const touch &t)
{
    const char *p = static_cast<const char *>(t.p);
    const char *call = reinterpret_cast<const char *>(launch_now->call.get());
    bool is_argument = p >= call && p < call + launch_now->call->size_bytes;
    bool is_constant = p >= __executable_start && p < __data_start;
    if (t.kind == access::READ && (is_argument || is_constant)) return;
    report_at(t, "not the GPU's",
              ": that is memory of the host, or the local memory of another thread");
}

template <class Index> static bool is_within(const Index &index, const void *p)
{
    const char *begin = reinterpret_cast<const char *>(&index), *at = static_cast<const char *>(p);
    return at >= begin && at < begin + sizeof index;
}

static bool is_index(const void *p)
{
    return is_within(threadIdx, p) || is_within(blockIdx, p) || is_within(blockDim, p) ||
           is_within(gridDim, p);
}

static void touch_memory(access kind, const void *p, size_t size_bytes, const void *code)
{
    const thread *me = thread_now;
    if (me == nullptr) return;
    const unsigned char *at = static_cast<const unsigned char *>(p);
    if (static_cast<size_t>(at - me->context.stack) < STACK_BYTES || is_index(p)) return;
    touch t = {me, kind, p, code, 0};
    const region *r = holds(shared, p) ? &shared : holds(global, p) ? &global : nullptr;
    if (r == nullptr) {
        touch_stranger(t);
        return;
    }
    size_t natural = size_bytes > 16 ? 1 : size_bytes;
    if (reinterpret_cast<uintptr_t>(p) % natural != 0)
        report_at(t, "misaligned", ": " + std::to_string(size_bytes) + " bytes");
    if (r == &shared && is_past_end(at + size_bytes - 1))
        report_at(t, "out of bounds", ", which has " + std::to_string(dynamic_bytes));
    for (size_t i = 0; i < size_bytes;) {
        size_t first = reinterpret_cast<uintptr_t>(at + i) % 4;
        size_t n = size_bytes - i < 4 - first ? size_bytes - i : 4 - first;
        t.p = at + i;
        t.bytes = static_cast<uint8_t>(((1u << n) - 1u) << first);
        touch_word(cell_of(*r, t.p), t);
        i += n;
    }
    if (launch_now->set.preempt != 0 && me->home->in->drawn.one_in(launch_now->set.preempt))
        give_way();
}

/* ---- order ---- */

void watch_join(thread *const *threads, size_t n)
{
    if (!is_on || n == 0) return;
    clocks all = known[threads[0]->slot];
    for (size_t i = 1; i < n; i++) join(all, known[threads[i]->slot]);
    for (size_t i = 0; i < n; i++) {
        known[threads[i]->slot] = all;
        tick(threads[i]->slot);
    }
}

/* A fence releases through the atomic operations after it, and acquires through those before. */
void watch_fence(const thread &t)
{
    if (!is_on) return;
    if (!acquired[t.slot].empty()) join(known[t.slot], acquired[t.slot]);
    fenced[t.slot] = known[t.slot];
    tick(t.slot);
}

static void merge(clocks &to, const clocks &from)
{
    if (to.empty())
        to = from;
    else
        join(to, from);
}

void watch_atomic(void *p, size_t size_bytes, const void *caller)
{
    if (!is_on) return;
    uint32_t slot = thread_now->slot;
    touch_memory(access::UPDATE, p, size_bytes, caller);
    auto found = released.find(p);
    if (found != released.end()) merge(acquired[slot], found->second);
    if (!fenced[slot].empty()) merge(released[p], fenced[slot]);
}

void fence()
{
    watch_fence(*thread_now);
    give_way();
}

void before_atomic(void *p, size_t size_bytes, const void *caller)
{
    give_way();
    watch_atomic(p, size_bytes, caller);
}

/* ---- the host's side of device memory ---- */

static void for_words(const void *p, size_t size_bytes, void (*change)(cell &))
{
    const unsigned char *at = static_cast<const unsigned char *>(p);
    for (size_t i = 0; i < (size_bytes + 3) / 4 * 4; i += 4) change(cell_of(global, at + i));
}

void watch_allocation(void *p, size_t size_bytes, bool is_there)
{
    if (!is_on) return;
    make_global();
    if (is_there)
        for_words(p, size_bytes, [](cell &c) { c.is_there = true, c.filled = 0; });
    else
        for_words(p, size_bytes, [](cell &c) { c.is_there = false; });
}

void watch_filled(void *p, size_t size_bytes)
{
    if (is_on) for_words(p, size_bytes, [](cell &c) { c.filled = 15; });
}

void watch_fetched(const void *p, size_t size_bytes)
{
    if (!is_on) return;
    const unsigned char *at = static_cast<const unsigned char *>(p);
    for (size_t i = 0; i < size_bytes; i++) {
        if ((cell_of(global, at + i).filled >> (reinterpret_cast<uintptr_t>(at + i) % 4) & 1) != 0)
            continue;
        report("fetched", "never written: the host fetches byte " + std::to_string(i) + " of " +
                              std::to_string(size_bytes) + ", which no kernel has written");
        return;
    }
}

} // namespace emulator

bool emulator_is_watched(void) { return emulator::is_on; }

/* ---- the calls that -fsanitize=thread puts before every access of the kernels ---- */

using emulator::access;
using emulator::touch_memory;

extern "C" {

#define WATCH_SIZE(n)                                                                              \
    void __tsan_read##n(void *p)                                                                   \
    {                                                                                              \
        touch_memory(access::READ, p, n, __builtin_return_address(0));                             \
    }                                                                                              \
    void __tsan_write##n(void *p)                                                                  \
    {                                                                                              \
        touch_memory(access::WRITE, p, n, __builtin_return_address(0));                            \
    }                                                                                              \
    void __tsan_unaligned_read##n(void *p)                                                         \
    {                                                                                              \
        touch_memory(access::READ, p, n, __builtin_return_address(0));                             \
    }                                                                                              \
    void __tsan_unaligned_write##n(void *p)                                                        \
    {                                                                                              \
        touch_memory(access::WRITE, p, n, __builtin_return_address(0));                            \
    }
WATCH_SIZE(1)
WATCH_SIZE(2)
WATCH_SIZE(4)
WATCH_SIZE(8)
WATCH_SIZE(16)
#undef WATCH_SIZE

void __tsan_read_range(void *p, size_t size_bytes)
{
    touch_memory(access::READ, p, size_bytes, __builtin_return_address(0));
}
void __tsan_write_range(void *p, size_t size_bytes)
{
    touch_memory(access::WRITE, p, size_bytes, __builtin_return_address(0));
}
void __tsan_init() { emulator::is_on = true; }
void __tsan_func_entry(void *) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void **, void *) {}
}
