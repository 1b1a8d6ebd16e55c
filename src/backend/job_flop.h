/* The work of a run, counted. */
#ifndef SVI_JOB_FLOP_H
#define SVI_JOB_FLOP_H

#include "backend/backend.h"

/* Operations of one run, a multiply-add as two. SV_ERR_DATA as svi_job_net. */
typedef struct svi_job_work {
    /* the matrix products of training (of a poly its powers), a tap outside the image not counted;
     * 0 for a closed form and for kmeans */
    double products;
    /* these, a fit or about SVI_EXPECTED_MOVES moves of centres, and the forward passes of all
     * measurements; where a run may stop early all its steps are counted */
    double all;
} svi_job_work;

enum { SVI_EXPECTED_MOVES = 20 }; /* of k-means, where it may move as often */

sv_status svi_job_count(const svi_job *job, svi_job_work *work, sv_error *error);

#endif
