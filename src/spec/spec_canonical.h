/* A study as canonical JSON, and other views of the table of keys. */
#ifndef SVI_SPEC_CANONICAL_H
#define SVI_SPEC_CANONICAL_H

#include "spec/study_spec.h"

/* Every value that decides what is run; the study's name does not. */
sv_status svi_spec_canonical(const svi_study_spec *spec, char **json, sv_error *error);

#endif
