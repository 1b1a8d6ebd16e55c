/* Captions of the charts about equal seeds and equal bits; what they say is in the rows. */
#include <string.h>

#include "report/caption_words.h"

static double number(const json_t *row, const char *key)
{
    return json_number_value(json_object_get(row, key));
}

/* The last row of the series that ends farthest away. */
static const json_t *farthest(const json_t *rows)
{
    const json_t *row, *found = NULL;
    size_t i;
    json_array_foreach((json_t *)rows, i, row)
    {
        const json_t *next = json_array_get(rows, i + 1);
        bool is_last = next == NULL || number(next, "step") <= number(row, "step");
        if (is_last && (found == NULL || number(row, "distance") > number(found, "distance")))
            found = row;
    }
    return found;
}

void svi_caption_distance(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    const json_t *row = farthest(rows);
    (void)source;
    if (number(row, "distance") > 0)
        svi_text_add(text,
                     "Runs with the same seeds whose sums are added in another order. The farthest "
                     "apart, %s, ends at a distance of %.3g after %.0f steps, in %.0f%% of the "
                     "parameters; %.3g%% of the test points change their class. ",
                     json_string_value(json_object_get(row, "series")), number(row, "distance"),
                     number(row, "step"), number(row, "parameter_share"), number(row, "churn"));
    else
        svi_text_add(text, "Runs with the same seeds have the same bits at every checkpoint. ");
}

void svi_caption_ulps(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    (void)source;
    (void)rows;
    svi_text_add(text, "By how many units in the last place parameters are off at the end. A hump "
                       "near 1 is rounding that never grew; one far to the right is training that "
                       "carried it on. ");
}

void svi_caption_bits(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    (void)source;
    (void)rows;
    svi_text_add(text, "In how many parameters each bit differs at the end. Rounding stays in the "
                       "last bits; where a line reaches the left end of the fraction (bit 22 of "
                       "binary32), numbers differ in size. ");
}

void svi_caption_probe(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    double most = 0, reseed = 0;
    const json_t *row;
    size_t i;
    (void)source;
    json_array_foreach((json_t *)rows, i, row)
    {
        if (number(row, "churn") > most) most = number(row, "churn");
        if (number(row, "reseed_churn") > reseed) reseed = number(row, "reseed_churn");
    }
    svi_text_add(text,
                 "One parameter is moved by a unit in its last place, once. At most %.3g%% of the "
                 "test points then end in another class",
                 most);
    if (reseed > 0)
        svi_text_add(text, "; another seed moves %.3g%% (dashed): %s", reseed,
                     most < reseed / 10 ? "the smallest change is not like another seed"
                                        : "the smallest change acts like another seed");
    svi_text_add(text, ". ");
}

void svi_caption_atlas(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    const json_t *atlas = json_object_get(source->document, "atlas");
    json_int_t n = json_integer_value(json_object_get(atlas, "forbidden"));
    size_t n_machines = json_array_size(json_object_get(atlas, "machines"));
    (void)rows;
    svi_text_add(
        text, "Kinds of subjects in rows, %zu machine%s in columns; the data name each subject. ",
        n_machines, svi_plural(n_machines));
    if (n == 0)
        svi_text_add(text, "Nothing differs that the contract of the arithmetic fixes: results of "
                           "deterministic paths travel between these machines bit for bit. ");
    else
        svi_text_add(text, "The contract of the arithmetic forbids %lld difference%s found here. ",
                     (long long)n, svi_plural((uint64_t)n));
}
