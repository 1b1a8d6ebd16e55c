#ifndef SVI_CLOCK_H
#define SVI_CLOCK_H

#include <stdint.h>

/* Monotonic time in nanoseconds, for durations. */
int64_t svi_clock_ns(void);
/* Wall time in milliseconds since 1970-01-01 UTC, for records. */
int64_t svi_clock_unix_ms(void);

#endif
