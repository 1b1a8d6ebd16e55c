/* Kernels with one fault each, and a few without. */
#ifndef KNOWN_FAULTS_H
#define KNOWN_FAULTS_H

#ifdef __cplusplus
extern "C" {
#endif

/* Kernel; how its report begins; whether it is found only where every access is watched. The line
 * at fault bears the kernel's name in a comment; a livelock has none. */
#define KNOWN_FAULTS(X)                                                                            \
    X(missing_barrier, "race", 1)                                                                  \
    X(missing_barrier_static, "race", 1)                                                           \
    X(missing_fence, "race", 1)                                                                    \
    X(two_blocks_one_word, "race", 1)                                                              \
    X(barrier_left_out, "divergence", 0)                                                           \
    X(barriers_of_two_places, "divergence", 0)                                                     \
    X(lane_outside_mask, "divergence", 0)                                                          \
    X(lane_ended, "divergence", 0)                                                                 \
    X(endless, "livelock", 0)                                                                      \
    X(shared_read_behind_end, "out of bounds", 1)                                                  \
    X(shared_written_behind_end, "out of bounds", 0)                                               \
    X(global_read_behind_end, "out of bounds", 1)                                                  \
    X(global_written_behind_end, "out of bounds", 0)                                               \
    X(global_far_away, "out of bounds", 0)                                                         \
    X(shared_never_written, "never written", 1)                                                    \
    X(global_never_written, "never written", 1)                                                    \
    X(half_a_pair, "misaligned", 1)                                                                \
    X(memory_of_host, "not the GPU's", 1)

/* Kernels in which nothing is wrong. */
#define SOUND_KERNELS(X) X(barrier_between) X(fence_between) X(atomics_together) X(lanes_in_step)

enum { FAULT_THREADS = 64, FAULT_BLOCKS = 2 };

/* Launches a kernel of the tables on words of global memory, one for each thread, and waits for it.
 * Returns the cudaError_t. */
#define DECLARE_FAULT(name, says, needs_watch) int run_##name(unsigned *words);
#define DECLARE_SOUND(name) int run_##name(unsigned *words);
KNOWN_FAULTS(DECLARE_FAULT)
SOUND_KERNELS(DECLARE_SOUND)
#undef DECLARE_FAULT
#undef DECLARE_SOUND

#ifdef __cplusplus
}
#endif

#endif
