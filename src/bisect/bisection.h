/* Where two runs part. */
#ifndef SVI_BISECTION_H
#define SVI_BISECTION_H

#include <jansson.h>

#include "base/text.h"
#include "bisect/bisected_run.h"
#include "bisect/parting.h"

typedef struct svi_bisection {
    bool is_equal;         /* digests and status in the stores; nothing was trained */
    bool has_run;          /* a and b are known: not where two stores are equal in all runs */
    svi_bisected_run a, b; /* as found by the last training */
    bool is_reproduced[2];
    uint64_t n_trainings; /* of each */
    uint64_t n_steps;     /* that both take */
    bool is_parted;       /* within them: when trained again, bits differ after some step */
    uint64_t step;        /* the first after which they do */
    svi_parting parting;  /* after it */
} svi_bisection;

/* Trains a and b, which are chosen, until their parting is known. */
sv_status svi_bisection_search(svi_bisection *bisection, sv_error *error);

/* "They are equal after step 99 and differ ...", and the parameters; of a JSON object the like. */
void svi_bisection_add_parting(svi_text *out, const svi_bisection *found);
json_t *svi_bisection_parting_json(const svi_bisection *found);
/* "NAME, trained again, does not come to the bits that its store holds ...", where it does not. */
void svi_bisection_add_reproduction(svi_text *out, const char *name, const svi_bisected_run *run,
                                    bool is_reproduced);

sv_status svi_bisection_text(const svi_bisection *found, char **text, sv_error *error);
sv_status svi_bisection_json(const svi_bisection *found, char **json, sv_error *error);

#endif
