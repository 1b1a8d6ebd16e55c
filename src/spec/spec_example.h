#ifndef SVI_SPEC_EXAMPLE_H
#define SVI_SPEC_EXAMPLE_H

#include <jansson.h>

#include "spec/spec_keys.h"

/* The example of a key as JSON. SV_ERR_STUDY: it is no YAML. */
sv_status svi_key_example_json(const svi_key *key, json_t **json, sv_error *error);

#endif
