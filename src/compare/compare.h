/* Two fingerprints, or two stores, held side by side. */
#ifndef SVI_COMPARE_H
#define SVI_COMPARE_H

#include "base/error.h"

/* Both fill *text on SV_OK and on SV_DIFFERENT: a difference that the contract forbids. */
sv_status svi_compare_fingerprints(const char *path_a, const char *path_b, bool as_json,
                                   char **text, sv_error *error);
sv_status svi_compare_stores(const char *path_a, const char *path_b,
                             const sv_analysis_options *options, bool as_json, char **text,
                             sv_error *error);

#endif
