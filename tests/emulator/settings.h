/* The settings of the emulated GPU. */
#ifndef EMULATOR_SETTINGS_H
#define EMULATOR_SETTINGS_H

#include <cstdint>
#include <string>

namespace emulator
{

constexpr uint64_t ANY_DEVICE = UINT64_MAX;

struct settings {
    uint64_t seed = 0;                     /* draws the schedule */
    uint64_t resident = 2;                 /* thread blocks at work at a time */
    uint64_t devices = 1;                  /* GPUs, each with what follows */
    uint64_t processors = 2;               /* multiprocessors of the GPU */
    uint64_t shared = 227 << 10;           /* bytes of shared memory that a block may ask for */
    uint64_t memory = UINT64_C(256) << 20; /* bytes of the GPU */
    uint64_t preempt = 0;     /* watched: a thread gives way at one access in so many; 0: at none */
    uint64_t fault = 0;       /* this call of the runtime fails, counted from 1; 0: none */
    uint64_t at = ANY_DEVICE; /* only calls for this GPU are counted for it */
    uint64_t error = 2;       /* cudaError_t that it fails with */
    uint64_t sass = 1;        /* 0: the program has no code for the GPU, only PTX */
    uint64_t ptx = 1;         /* 0: the program has no PTX */
    uint64_t quiet = 0;       /* 1: reports and faults are not printed to stderr */
    std::string without;      /* FILE:LINE of a barrier or warp operation to be left out */
    std::string diverge;      /* FILE:LINE of a barrier that one drawn thread leaves out */
};

/* Those in force. */
settings &current_settings();

} // namespace emulator

#endif
