/* Sets drawn from the `data` source: from the study's keys to the generator in
 * kernels/arith/generators.h. */
#ifndef SVI_GENERATED_SET_H
#define SVI_GENERATED_SET_H

#include "generators.h"
#include "spec/study_spec.h"

/* False for a set that is read. */
bool svi_is_generator(svi_set set);
svk_generator svi_generator_of(const svi_data_spec *spec);
const char *svi_generator_name(const svk_generator *generator);

#endif
