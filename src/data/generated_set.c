#include "data/generated_set.h"

static const struct {
    svi_set set;
    int kind;
} generators[] = {
#define GENERATOR(id, name) {SVI_SET_##id, SVK_GENERATOR_##id},
    SVK_GENERATORS(GENERATOR)
#undef GENERATOR
};

bool svi_is_generator(svi_set set)
{
    for (size_t i = 0; i < sizeof generators / sizeof *generators; i++)
        if (generators[i].set == set) return true;
    return false;
}

static void shape(const svi_data_spec *spec, svk_generator *g)
{
    g->n_classes = (uint32_t)spec->n_classes;
    g->n_features = (uint32_t)spec->n_features;
    switch (g->kind) {
    case SVK_GENERATOR_MOONS:
        g->n_classes = 2;
        g->n_features = 2;
        break;
    case SVK_GENERATOR_CIRCLES:
    case SVK_GENERATOR_SPIRALS: g->n_features = 2; break;
    case SVK_GENERATOR_LINEAR: g->n_classes = 0; break;
    case SVK_GENERATOR_PARITY: g->n_classes = 2; break;
    case SVK_GENERATOR_MODULAR_ADDITION:
        g->n_classes = (uint32_t)spec->modulus;
        g->n_features = 2 * g->n_classes;
        break;
    case SVK_GENERATOR_STROKE_DIGITS:
        g->n_classes = SVK_STROKE_CLASSES;
        g->n_features = g->size * g->size;
        break;
    default: break;
    }
}

svk_generator svi_generator_of(const svi_data_spec *spec)
{
    svk_generator g = {.n_points = spec->n_points,
                       .n_relevant = (uint32_t)spec->n_relevant,
                       .size = (uint32_t)spec->image_size,
                       .noise = spec->noise,
                       .turns = spec->turns,
                       .distortion = spec->distortion};
    for (size_t i = 0; i < sizeof generators / sizeof *generators; i++)
        if (generators[i].set == spec->set) g.kind = generators[i].kind;
    shape(spec, &g);
    return g;
}

const char *svi_generator_name(const svk_generator *generator)
{
    static const char *const names[] = {
#define NAME(id, name) name,
        SVK_GENERATORS(NAME)
#undef NAME
    };
    return names[generator->kind];
}
