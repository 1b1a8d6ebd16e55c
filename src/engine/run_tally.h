/* Mean and SD of the headline metric while runs arrive. */
#ifndef SVI_RUN_TALLY_H
#define SVI_RUN_TALLY_H

#include "engine/engine.h"
#include "stats/moments.h"

/* Of one arm with one numerics; {0} at the start. */
typedef struct svi_run_tally {
    bool has_run;
    uint32_t arm, numerics;
    int metric; /* while moments.n > 0 */
    svi_moments moments;
} svi_run_tally;

/* Adds the runs of a launch; those of another arm or numerics than before begin anew. */
void svi_run_tally_add(svi_run_tally *tally, const svi_launch_record *record);
void svi_run_tally_tell(const svi_run_tally *tally, const svi_study_spec *spec,
                        sv_progress *progress);

#endif
