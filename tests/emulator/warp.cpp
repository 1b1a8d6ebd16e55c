/* Operations of a warp: the lanes of the mask meet, values change hands. */
#include <cstring>

#include "launch.h"
#include "reports.h"
#include "watch.h"

namespace emulator
{

enum { WARP_LANES = 32 };

static const char *const names[] = {
    "__syncwarp",        "__shfl_sync",       "__shfl_up_sync",    "__shfl_down_sync",
    "__shfl_xor_sync",   "__ballot_sync",     "__any_sync",        "__all_sync",
    "__reduce_add_sync", "__reduce_min_sync", "__reduce_max_sync", "__reduce_and_sync",
    "__reduce_or_sync",  "__reduce_xor_sync", "mma.sync",          "mma.sync"};

static std::string name_of(const thread &t)
{
    return std::string(names[static_cast<int>(t.call.operation)]) + " at " + name_of(t.at);
}

static void fault(const thread &t, const std::string &what)
{
    report(what.substr(0, what.find(' ')) + name_of(t),
           "divergence: " + name_of_thread() + ": " + name_of(t) + ": " + what);
    abandon();
}

/* The lanes of the mask, NULL where a lane is not in it. */
struct warp {
    thread *lane[WARP_LANES];
};

/* Whether every lane of the mask has arrived. Reports lanes that never will. */
static bool has_all(const thread &me, warp &w)
{
    block &b = *me.home;
    uint32_t first = me.number / WARP_LANES * WARP_LANES, own = me.number % WARP_LANES;
    bool is_complete = true;
    if ((me.call.mask >> own & 1) == 0) fault(me, "the caller is not in its own mask");
    for (uint32_t i = 0; i < WARP_LANES; i++) {
        w.lane[i] = nullptr;
        if ((me.call.mask >> i & 1) == 0) continue;
        if (first + i >= b.threads.size())
            fault(me, "lane " + std::to_string(i) + " of the mask is not there");
        thread &t = b.threads[first + i];
        w.lane[i] = &t;
        if (t.wait == waiting::ENDED)
            fault(me, "lane " + std::to_string(i) + " of the mask has ended");
        if (t.wait != waiting::IN_WARP) {
            is_complete = false;
        } else if (t.call.mask != me.call.mask || t.call.operation != me.call.operation ||
                   name_of(t) != name_of(me)) {
            fault(me, "lane " + std::to_string(i) + " of the mask is in " + name_of(t));
        }
    }
    return is_complete;
}

static int source_of(const warp_call &c, int lane)
{
    int first = lane & ~(c.width - 1), source = lane;
    switch (c.operation) {
    case warp_operation::SHUFFLE: source = first + (c.argument & (c.width - 1)); break;
    case warp_operation::SHUFFLE_UP: source = lane - c.argument; break;
    case warp_operation::SHUFFLE_DOWN: source = lane + c.argument; break;
    case warp_operation::SHUFFLE_XOR: source = lane ^ c.argument; break;
    default: break;
    }
    bool is_above = source >= first + c.width;
    bool is_below = source < first && c.operation == warp_operation::SHUFFLE_UP;
    return is_above || is_below ? lane : source;
}

static uint64_t shuffled(const warp &w, int lane)
{
    const thread &t = *w.lane[lane];
    int source = source_of(t.call, lane);
    if (w.lane[source] == nullptr)
        fault(t, "lane " + std::to_string(lane) + " reads lane " + std::to_string(source) +
                     ", which is not in the mask");
    return w.lane[source]->call.value;
}

static uint32_t pick(const warp_call &c, uint32_t a, uint32_t b)
{
    bool is_less = c.is_signed ? static_cast<int32_t>(a) < static_cast<int32_t>(b) : a < b;
    return is_less == (c.operation == warp_operation::MIN) ? a : b;
}

static uint32_t combine(const warp_call &c, uint32_t a, uint32_t b)
{
    switch (c.operation) {
    case warp_operation::ADD: return a + b;
    case warp_operation::MIN:
    case warp_operation::MAX: return pick(c, a, b);
    case warp_operation::AND: return a & b;
    case warp_operation::OR: return a | b;
    default: return a ^ b;
    }
}

/* What all lanes get alike: a vote or a reduction. */
static uint64_t common(const warp &w, const warp_call &c)
{
    uint32_t ballot = 0, total = 0;
    bool is_first = true;
    for (int i = 0; i < WARP_LANES; i++) {
        if (w.lane[i] == nullptr) continue;
        uint32_t value = static_cast<uint32_t>(w.lane[i]->call.value);
        ballot |= (value & 1u) << i;
        total = is_first ? value : combine(c, total, value);
        is_first = false;
    }
    switch (c.operation) {
    case warp_operation::SYNC: return 0;
    case warp_operation::BALLOT: return ballot;
    case warp_operation::ANY: return ballot != 0;
    case warp_operation::ALL: return ballot == c.mask;
    default: return total;
    }
}

static bool is_shuffle(warp_operation operation)
{
    return operation >= warp_operation::SHUFFLE && operation <= warp_operation::SHUFFLE_XOR;
}

static bool is_product(warp_operation operation)
{
    return operation == warp_operation::MMA_TF32 || operation == warp_operation::MMA_BF16;
}

/* Every lane is there, and has brought the address of what it multiplies. */
static void multiply_warp(const warp &w, warp_operation operation)
{
    mma_lane *lane[WARP_LANES];
    for (int i = 0; i < WARP_LANES; i++)
        lane[i] = reinterpret_cast<mma_lane *>(w.lane[i]->call.value);
    operation == warp_operation::MMA_TF32 ? multiply_tf32(lane) : multiply_bf16(lane);
}

/* Only __syncwarp orders memory. */
static void complete(const warp &w, const warp_call &c)
{
    uint64_t received[WARP_LANES];
    thread *present[WARP_LANES];
    size_t n = 0;
    if (is_product(c.operation)) multiply_warp(w, c.operation);
    for (int i = 0; i < WARP_LANES; i++) {
        if (w.lane[i] == nullptr) continue;
        received[n] = is_shuffle(c.operation) ? shuffled(w, i) : common(w, c);
        present[n++] = w.lane[i];
    }
    if (c.operation == warp_operation::SYNC) {
        note_barrier(present[0]->at);
        watch_join(present, n);
    }
    for (size_t i = 0; i < n; i++) {
        present[i]->call.value = received[i];
        make_ready(*present[i]);
    }
    present[0]->home->n_switches = 0;
}

uint64_t exchange(warp_operation operation, uint32_t mask, uint64_t value, int argument, int width,
                  bool is_signed, place at)
{
    thread &me = *thread_now;
    warp w;
    if (operation == warp_operation::SYNC && is_left_out(at)) {
        give_way();
        return 0;
    }
    me.call = {operation, mask, value, argument, width, is_signed};
    me.at = at;
    me.wait = waiting::IN_WARP;
    if (has_all(me, w)) complete(w, warp_call(me.call));
    go_on();
    return me.call.value;
}

void multiply(warp_operation operation, float (&c)[4], const uint32_t (&a)[4],
              const uint32_t (&b)[2], place at)
{
    mma_lane mine;
    memcpy(mine.a, a, sizeof mine.a);
    memcpy(mine.b, b, sizeof mine.b);
    memcpy(mine.c, c, sizeof mine.c);
    exchange(operation, ~0u, reinterpret_cast<uint64_t>(&mine), 0, warpSize, false, at);
    memcpy(c, mine.c, sizeof mine.c);
}

} // namespace emulator
