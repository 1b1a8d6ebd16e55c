/* The parts of a fingerprint's suite. Each adds its subjects in a fixed order, the same on every
 * machine. */
#ifndef SVI_FINGERPRINT_H
#define SVI_FINGERPRINT_H

#include "backend/backend.h"
#include "fingerprint/subject.h"

sv_status svi_add_host_subjects(svi_subjects *subjects, sv_error *error);

/* sdot of the BLAS libraries that the loader finds. */
sv_status svi_add_blas_subjects(svi_subjects *subjects, sv_error *error);

/* Sums that training makes: their trees, and their bits over fixed vectors. */
sv_status svi_add_sum_subjects(svi_subjects *subjects, svi_backend *backend, sv_error *error);

/* Short trainings of every model, path and precision, each more than once. */
sv_status svi_add_training_subjects(svi_subjects *subjects, svi_backend *backend, sv_error *error);

#endif
