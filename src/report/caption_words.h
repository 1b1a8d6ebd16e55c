/* What captions are put together from. */
#ifndef SVI_CAPTION_WORDS_H
#define SVI_CAPTION_WORDS_H

#include "report/chart.h"

/* Of the findings' array (which has n elements with a member subject) the first about the headline
 * without a reason against it; NULL where there is none. */
#define SVI_FIRST_ABOUT_HEADLINE(findings, array, n, found)                                        \
    do {                                                                                           \
        (found) = NULL;                                                                            \
        for (size_t i_ = (n); i_-- > 0;)                                                           \
            if ((array)[i_].subject.metric == (findings)->headline &&                              \
                (array)[i_].reason[0] == '\0')                                                     \
                (found) = &(array)[i_];                                                            \
    } while (0)

/* A value in the headline's unit, with digits that show a difference of `scale`. */
void svi_add_value(const sv_findings *findings, double value, double scale, svi_text *text);
void svi_add_count(uint64_t count, svi_text *text);
/* "41%" */
void svi_add_percent(double share, svi_text *text);
/* As svi_write_share. */
void svi_add_share(double share, svi_interval interval, svi_text *text);
/* "In arm base, with serial fp32, " as far as there are several; whether there are. */
bool svi_add_subject(const sv_findings *findings, svi_subject subject, svi_text *text);
/* "test_accuracy", "test_accuracy (percent)" */
void svi_add_headline(const sv_findings *findings, svi_text *text);
/* "the runs", "the runs of relu": arm and numerics as far as there are several. */
void svi_add_series(const sv_findings *findings, svi_subject subject, svi_text *text);

#endif
