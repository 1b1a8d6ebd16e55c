/* What one thread of a launch does for k-means. */
#ifndef SVI_CPU_KMEANS_H
#define SVI_CPU_KMEANS_H

#include "backend/cpu_work.h"

typedef struct svi_kmeans_crew svi_kmeans_crew;

/* *crew is NULL after a failure. */
sv_status svi_kmeans_crew_open(svi_cpu_launch *launch, svi_kmeans_crew **crew, sv_error *error);
/* Clusters runs first .. first + n - 1 of the launch. */
sv_status svi_kmeans_crew_cluster(svi_kmeans_crew *crew, size_t first, size_t n, sv_error *error);
/* What one thread takes, with the rows of n_tables splits and draws as far as it keeps them. */
uint64_t svi_kmeans_crew_bytes(const svi_cpu_launch *launch, uint64_t n_tables);
void svi_kmeans_crew_close(svi_kmeans_crew *crew); /* NULL is allowed */

#endif
