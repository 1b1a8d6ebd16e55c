/* Where the random words of this folder come from: Philox under one fixed key, a stream for each
 * use. A change here changes every Monte Carlo figure. */
#ifndef SVI_DRAW_STREAMS_H
#define SVI_DRAW_STREAMS_H

#include "philox.h"

#define SVI_STATS_KEY UINT64_C(0x0073656564766172) /* "seedvar" */

enum {
    SVI_STREAM_PIVOT = 101,  /* part: stratum */
    SVI_STREAM_LEVEL = 102,  /* part: resample; element: place of the level */
    SVI_STREAM_SEED_A = 103, /* part: imagined paper; element: its seeds in turn */
    SVI_STREAM_SEED_B = 104,
    SVI_STREAM_ROW = 105,         /* part: resample; element: place of the row */
    SVI_STREAM_PERMUTATION = 106, /* part: permutation; element: step of the shuffle */
    SVI_STREAM_RESAMPLE_A = 107,  /* part: resample; element: place in the arm */
    SVI_STREAM_RESAMPLE_B = 108,
    SVI_STREAM_NULL = 109, /* part: imagined study; element: seeds an arm << 32 | draw */
    SVI_STREAM_POWER_A = 110,
    SVI_STREAM_POWER_B = 111
};

#endif
