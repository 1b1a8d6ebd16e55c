#include "stats/sample.h"

#include <math.h>

sv_status svi_sample_check(const double *values, size_t n, size_t n_min, const char *what,
                           sv_error *error)
{
    if (n < n_min) {
        return svi_fail(error, SV_ERR_DATA,
                        "%s: %zu values where at least %zu are needed; run more seeds", what, n,
                        n_min);
    }
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i])) {
            return svi_fail(error, SV_ERR_DATA,
                            "%s: value %zu is %g; leave out what is not finite and count it apart",
                            what, i, values[i]);
        }
    }
    return SV_OK;
}

sv_status svi_level_check(double level, sv_error *error)
{
    if (level > 0 && level < 1) return SV_OK;
    return svi_fail(error, SV_ERR_USAGE,
                    "level %g of an interval: give one between 0 and 1, as 0.95", level);
}
