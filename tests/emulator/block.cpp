#include "block.h"

#include <algorithm>

#include "launch.h"
#include "reports.h"
#include "shared_memory.h"
#include "watch.h"

thread_local uint3 threadIdx, blockIdx;
thread_local dim3 blockDim, gridDim;

namespace emulator
{

/* Ranks: those that a policy gives, then those of threads that gave way. */
static const uint32_t WAITS = UINT32_MAX, LAST = UINT32_C(1) << 30, GAVE_WAY = UINT32_C(1) << 31;

enum { WARP_LANES = 32, SWITCHES_MOST = 4000000, CYCLES_OF_A_LOOK = 64 };

thread_local thread *thread_now;

/* ---- who goes on ---- */

static void draw_order(block &b)
{
    draws &drawn = b.in->drawn;
    for (uint32_t &rank : b.warp_rank) rank = drawn.below(1 << 16);
    size_t n = b.order == policy::ONE_LAST ? b.threads.size() : b.warp_rank.size();
    b.last = drawn.below(n);
}

static uint32_t rank_of(const block &b, uint32_t number)
{
    uint32_t shuffled = b.in->drawn.below(LAST), warp = number / WARP_LANES;
    switch (b.order) {
    case policy::ASCENDING: return number;
    case policy::DESCENDING: return LAST - number;
    case policy::WARPS_SHUFFLED: return b.warp_rank[warp] * WARP_LANES + number % WARP_LANES;
    case policy::ONE_WARP_LAST: return warp == b.last ? LAST + number : shuffled;
    case policy::ONE_LAST: return number == b.last ? LAST : shuffled;
    default: return shuffled;
    }
}

void make_ready(thread &t)
{
    t.wait = waiting::NOT;
    t.home->rank[t.number] = rank_of(*t.home, t.number);
}

/* NULL where every thread waits or has ended. */
static thread *choose(block &b)
{
    auto lowest = std::min_element(b.rank.begin(), b.rank.end());
    return *lowest == WAITS ? nullptr : &b.threads[static_cast<size_t>(lowest - b.rank.begin())];
}

static void enter(thread &t)
{
    thread_now = &t;
    threadIdx = t.index;
    t.home->rank[t.number] = WAITS; /* until it is made ready again */
}

static const char *text_of(waiting wait)
{
    return wait == waiting::AT_BARRIER ? "waits at the barrier" : "waits for its warp";
}

static void report_deadlock(const block &b)
{
    const thread *one = nullptr, *other = nullptr;
    for (const thread &t : b.threads) {
        if (t.wait == waiting::ENDED) continue;
        if (one == nullptr)
            one = &t;
        else if (t.wait != one->wait || t.at.line != one->at.line)
            other = &t;
    }
    std::string text = "divergence: block " + std::to_string(b.index.x) +
                       " goes no further: thread " + std::to_string(one->number) + " " +
                       text_of(one->wait) + " at " + name_of(one->at);
    if (other != nullptr)
        text += ", thread " + std::to_string(other->number) + " " + text_of(other->wait) + " at " +
                name_of(other->at);
    report("deadlock " + name_of(one->at), text);
}

void abandon()
{
    thread *me = thread_now;
    me->home->in->is_abandoned = true;
    fiber_switch(me->context, me->home->outside);
    __builtin_unreachable();
}

void go_on()
{
    thread *me = thread_now;
    block &b = *me->home;
    maybe_pass_turn(*b.in);
    if (b.in->is_abandoned) abandon();
    if (++b.n_switches > SWITCHES_MOST) {
        report("livelock", "livelock: " + name_of_thread() +
                               " and others run on and on without a "
                               "barrier, a shuffle or an end");
        abandon();
    }
    thread *next = choose(b);
    if (next == nullptr) {
        if (b.n_live > 0) report_deadlock(b);
        if (b.n_live > 0) b.in->is_abandoned = true;
        fiber_switch(me->context, b.outside);
        return;
    }
    enter(*next);
    if (next != me) fiber_switch(me->context, next->context);
}

void give_way()
{
    thread &me = *thread_now;
    me.home->rank[me.number] = GAVE_WAY + me.home->in->drawn.below(LAST);
    go_on();
}

uint64_t clock_now()
{
    give_way();
    return thread_now->home->clock += CYCLES_OF_A_LOOK;
}

/* ---- barriers ---- */

bool is_left_out(place at)
{
    const thread &me = *thread_now;
    const settings &set = me.home->in->set;
    if (!set.without.empty() && set.without == name_of(at)) return true;
    if (set.diverge.empty() || set.diverge != name_of(at)) return false;
    return me.number == set.seed % me.home->threads.size();
}

static void check_barrier(const block &b, const thread &first)
{
    for (const thread &t : b.threads) {
        if (t.wait == waiting::ENDED)
            report("ended " + name_of(first.at),
                   "divergence: thread " + std::to_string(t.number) + " has ended, thread " +
                       std::to_string(first.number) + " waits at the barrier at " +
                       name_of(first.at));
        else if (name_of(t.at) != name_of(first.at))
            report("places " + name_of(first.at) + name_of(t.at),
                   "divergence: thread " + std::to_string(first.number) +
                       " waits at the barrier at " + name_of(first.at) + ", thread " +
                       std::to_string(t.number) + " at that at " + name_of(t.at));
    }
}

static bool is_same(place a, place b) { return a.line == b.line && a.file == b.file; }

/* All live threads have arrived. */
static void open_barrier(block &b)
{
    std::vector<thread *> arrived;
    bool is_uniform = true;
    for (thread &t : b.threads) {
        if (t.wait == waiting::AT_BARRIER) arrived.push_back(&t);
        is_uniform = is_uniform && is_same(t.at, b.threads[0].at) && t.wait == b.threads[0].wait;
    }
    if (!is_uniform) check_barrier(b, *arrived[0]);
    note_barrier(arrived[0]->at);
    watch_join(arrived.data(), arrived.size());
    b.n_at_barrier = 0;
    b.n_switches = 0;
    draw_order(b);
    for (thread *t : arrived) make_ready(*t);
}

void barrier(place at)
{
    thread &me = *thread_now;
    block &b = *me.home;
    if (is_left_out(at)) {
        give_way();
        return;
    }
    me.at = at;
    me.wait = waiting::AT_BARRIER;
    if (++b.n_at_barrier == b.n_live) open_barrier(b);
    go_on();
}

/* ---- a block's life ---- */

static void run_thread()
{
    block &b = *thread_now->home;
    b.in->call->call();
    thread_now->wait = waiting::ENDED;
    b.n_live--;
    b.n_switches = 0;
    if (b.n_live > 0 && b.n_at_barrier == b.n_live) open_barrier(b);
    go_on();
}

static void set_indices(block &b)
{
    const dim3 &size = b.in->config.blockDim;
    blockIdx = b.index;
    blockDim = size;
    gridDim = b.in->config.gridDim;
    for (thread &t : b.threads)
        t.index = {t.number % size.x, t.number / size.x % size.y, t.number / size.x / size.y};
}

void block_make(block &b, launch &in, uint32_t n_threads, size_t resident)
{
    b.in = &in;
    b.resident = resident;
    b.threads.resize(n_threads);
    b.rank.resize(n_threads);
    b.warp_rank.resize((n_threads + WARP_LANES - 1) / WARP_LANES);
    for (uint32_t i = 0; i < n_threads; i++) {
        b.threads[i].home = &b;
        b.threads[i].number = i;
        fiber_make(b.threads[i].context);
    }
}

void block_drop(block &b)
{
    for (thread &t : b.threads) fiber_drop(t.context);
}

void block_run(block &b, uint3 index, uint32_t first_slot)
{
    size_t shared_bytes = b.in->config.dynamicSmemBytes;
    b.index = index;
    b.n_live = static_cast<uint32_t>(b.threads.size());
    b.n_at_barrier = 0;
    b.n_switches = 0;
    b.order = static_cast<policy>(b.in->drawn.below(static_cast<uint64_t>(policy::N)));
    draw_order(b);
    set_indices(b);
    for (thread &t : b.threads) t.slot = first_slot + t.number;
    shared_poison(shared_bytes);
    watch_block(b, shared_bytes);
    for (thread &t : b.threads) {
        fiber_begin(t.context, run_thread);
        make_ready(t);
    }
    thread *first = choose(b);
    enter(*first);
    fiber_switch(b.outside, first->context);
    thread_now = nullptr;
    shared_check_end(shared_bytes);
}

} // namespace emulator
