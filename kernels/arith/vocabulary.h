/* The words that the program, the kernels and the files share. Each list has its single home here.
 * C17 and C++17 common subset, like everything in this folder. */
#ifndef SVK_VOCABULARY_H
#define SVK_VOCABULARY_H

/* Sources of randomness. The number is the upper half of a Philox subsequence: part of the
 * arithmetic contract. */
#define SVK_SOURCES(X)                                                                             \
    X(INIT, 1, "init", "initial weights, or the starting point")                                   \
    X(ORDER, 2, "order", "order in which training rows are visited")                               \
    X(SPLIT, 3, "split", "which rows train, validate and test")                                    \
    X(DROPOUT, 4, "dropout", "dropped units")                                                      \
    X(NOISE, 5, "noise", "label and input noise")                                                  \
    X(DATA, 6, "data", "synthetic draws")                                                          \
    X(SCHEDULE, 7, "schedule", "order of a summation")

enum {
#define SVK_SOURCE_NUMBER(id, number, name, help) SVK_STREAM_##id = number,
    SVK_SOURCES(SVK_SOURCE_NUMBER)
#undef SVK_SOURCE_NUMBER
};

/* Index of a source in a seed vector: 0..SVK_N_SOURCES-1, in the order of the list. */
enum {
#define SVK_SOURCE_INDEX(id, number, name, help) SVK_SOURCE_##id,
    SVK_SOURCES(SVK_SOURCE_INDEX)
#undef SVK_SOURCE_INDEX
        SVK_N_SOURCES
};

/* Reduction paths: how the S parts of a minibatch gradient are combined. */
#define SVK_PATHS(X)                                                                               \
    X(SERIAL, "serial", "one chain, no parts")                                                     \
    X(TREE, "tree", "fixed pairwise tree over the parts")                                          \
    X(BUTTERFLY, "butterfly", "the shuffle-xor order of a warp over the parts")                    \
    X(COMPENSATED, "compensated", "parts ascending, with Neumaier's compensation")                 \
    X(BINNED, "binned", "binned sum of single products: neither order nor parts matter")           \
    X(FIXED, "fixed", "64-bit fixed-point sum of single products: neither order nor parts matter") \
    X(DRAWN, "drawn",                                                                              \
      "a fresh order of the parts per step and tensor, drawn from the schedule source")            \
    X(ARRIVAL, "arrival", "on a GPU: the order in which the warps arrive, logged for a replay")    \
    X(ATOMIC_SHARED, "atomic-shared", "on a GPU: atomic additions in shared memory")               \
    X(ATOMIC_GLOBAL, "atomic-global", "on a GPU: atomic additions in global memory")               \
    X(CUBLAS, "cublas", "on a GPU: as cuBLAS adds; the path of engine cublas, and of no other")    \
    X(MMA_TF32, "mma-tf32",                                                                        \
      "on a GPU: no parts; as tensor cores add, operands of the gradient rounded to TF32")         \
    X(MMA_BF16, "mma-bf16",                                                                        \
      "on a GPU: no parts; as tensor cores add, operands of the gradient rounded to bfloat16")

enum {
#define SVK_PATH_ID(id, name, help) SVK_PATH_##id,
    SVK_PATHS(SVK_PATH_ID)
#undef SVK_PATH_ID
        SVK_N_PATHS
};

/* The order is the hardware's: nothing in a study fixes it. */
#define SVK_PATH_IS_HARDWARE(path) ((path) >= SVK_PATH_ARRIVAL)
/* Those in which each warp of a GPU adds its parts when it comes to it. */
#define SVK_PATH_IS_BY_WARPS(path) ((path) >= SVK_PATH_ARRIVAL && (path) <= SVK_PATH_ATOMIC_GLOBAL)
#define SVK_PATH_IS_MMA(path) ((path) == SVK_PATH_MMA_TF32 || (path) == SVK_PATH_MMA_BF16)

/* What disturbs a launch on a GPU on purpose. */
#define SVK_STRESSES(X)                                                                            \
    X(NONE, "none", "nothing")                                                                     \
    X(CO_RESIDENT, "co_resident", "other work beside it on every multiprocessor")                  \
    X(DELAYS, "delays", "blocks at their start and warps in every step wait for drawn times")      \
    X(COLD_CACHE, "cold_cache", "caches that hold nothing of it when it begins")                   \
    X(ALL, "all", "all of these")

enum {
#define SVK_STRESS_ID(id, name, help) SVK_STRESS_##id,
    SVK_STRESSES(SVK_STRESS_ID)
#undef SVK_STRESS_ID
        SVK_N_STRESSES
};

#define SVK_STRESS_HAS(stress, id) ((stress) == SVK_STRESS_##id || (stress) == SVK_STRESS_ALL)

/* Who multiplies matrices. */
#define SVK_ENGINES(X)                                                                             \
    X(NATIVE, "native", "this program's kernels: one run a thread block, or a lane of a vector")   \
    X(CUBLAS, "cublas", "NVIDIA's cuBLAS on a GPU: products in batches over the runs")

enum {
#define SVK_ENGINE_ID(id, name, help) SVK_ENGINE_##id,
    SVK_ENGINES(SVK_ENGINE_ID)
#undef SVK_ENGINE_ID
        SVK_N_ENGINES
};

/* Whose exp and tanh the activations and losses take in training. */
#define SVK_MATHS(X)                                                                               \
    X(CONTRACT, "contract", "correctly rounded: the same bits on every machine")                   \
    X(DEVICE, "device", "the C library's on a CPU, CUDA's on a GPU: measured, not promised")

enum {
#define SVK_MATH_ID(id, name, help) SVK_MATH_##id,
    SVK_MATHS(SVK_MATH_ID)
#undef SVK_MATH_ID
        SVK_N_MATHS
};

/* How cuBLAS multiplies. */
#define SVK_MATH_MODES(X)                                                                          \
    X(PEDANTIC, "pedantic", "binary32, in the phases that CUBLAS_PEDANTIC_MATH prescribes")        \
    X(DEFAULT, "default", "binary32, whatever is fastest")                                         \
    X(TF32, "tf32", "operands rounded to TF32, on tensor cores")                                   \
    X(BF16X9, "bf16x9", "binary32 made of nine products in bfloat16; compute capability 10.x")

enum {
#define SVK_MATH_MODE_ID(id, name, help) SVK_MATH_MODE_##id,
    SVK_MATH_MODES(SVK_MATH_MODE_ID)
#undef SVK_MATH_MODE_ID
        SVK_N_MATH_MODES
};

#define SVK_PRECISIONS(X)                                                                          \
    X(FP32, "fp32", "IEEE-754 binary32")                                                           \
    X(FP64, "fp64", "IEEE-754 binary64")                                                           \
    X(TF32, "tf32", "operands of products rounded to TF32, the rest binary32")                     \
    X(BF16, "bf16", "operands rounded to bfloat16; sums and master weights binary32")              \
    X(FP16, "fp16", "operands rounded to binary16, deltas scaled; sums and master weights binary32")

enum {
#define SVK_PRECISION_ID(id, name, help) SVK_PRECISION_##id,
    SVK_PRECISIONS(SVK_PRECISION_ID)
#undef SVK_PRECISION_ID
        SVK_N_PRECISIONS
};

/* SVK_PRECISION_FP32 or SVK_PRECISION_FP64: in what values are kept and added. */
#define SVK_KEPT_PRECISION(precision)                                                              \
    ((precision) == SVK_PRECISION_FP64 ? SVK_PRECISION_FP64 : SVK_PRECISION_FP32)

#define SVK_ACTIVATIONS(X)                                                                         \
    X(RELU, "relu", "z > 0 ? z : 0")                                                               \
    X(TANH, "tanh", "hyperbolic tangent")                                                          \
    X(SIGMOID, "sigmoid", "1 / (1 + exp(-z))")                                                     \
    X(SILU, "silu", "z times the logistic function of z")                                          \
    X(GELU, "gelu", "Gaussian error linear unit, tanh form")

enum {
#define SVK_ACTIVATION_ID(id, name, help) SVK_ACTIVATION_##id,
    SVK_ACTIVATIONS(SVK_ACTIVATION_ID)
#undef SVK_ACTIVATION_ID
        SVK_N_ACTIVATIONS
};

/* Where the kernel of a convolution may stand. */
#define SVK_PADDINGS(X)                                                                            \
    X(SAME, "same", "kernel / 2 pixels beyond each edge; what lies there is left out")             \
    X(VALID, "valid", "inside the image only")

enum {
#define SVK_PADDING_ID(id, name, help) SVK_PADDING_##id,
    SVK_PADDINGS(SVK_PADDING_ID)
#undef SVK_PADDING_ID
        SVK_N_PADDINGS
};

/* How 2 x 2 values become one. */
#define SVK_POOLS(X)                                                                               \
    X(NONE, "none", "they stay")                                                                   \
    X(MAX, "max", "the largest, the first of them row by row")                                     \
    X(AVERAGE, "average", "their mean")

enum {
#define SVK_POOL_ID(id, name, help) SVK_POOL_##id,
    SVK_POOLS(SVK_POOL_ID)
#undef SVK_POOL_ID
        SVK_N_POOLS
};

#define SVK_LOSSES(X)                                                                              \
    X(CROSS_ENTROPY, "cross_entropy", "softmax and cross-entropy over the classes")                \
    X(LOGISTIC, "logistic", "one output, logistic loss for two classes")                           \
    X(SQUARED, "squared", "squared error of one output")

enum {
#define SVK_LOSS_ID(id, name, help) SVK_LOSS_##id,
    SVK_LOSSES(SVK_LOSS_ID)
#undef SVK_LOSS_ID
        SVK_N_LOSSES
};

#define SVK_INITS(X)                                                                               \
    X(KAIMING_UNIFORM, "kaiming_uniform", "uniform on +-sqrt(6/fan_in)")                           \
    X(KAIMING_NORMAL, "kaiming_normal", "normal with SD sqrt(2/fan_in)")                           \
    X(GLOROT_UNIFORM, "glorot_uniform", "uniform on +-sqrt(6/(fan_in+fan_out))")                   \
    X(GLOROT_NORMAL, "glorot_normal", "normal with SD sqrt(2/(fan_in+fan_out))")                   \
    X(NORMAL, "normal", "normal with the SD given as sd")                                          \
    X(UNIFORM, "uniform", "uniform on +-bound")                                                    \
    X(ZERO, "zero", "all zero")

enum {
#define SVK_INIT_ID(id, name, help) SVK_INIT_##id,
    SVK_INITS(SVK_INIT_ID)
#undef SVK_INIT_ID
        SVK_N_INITS
};

/* What a bias vector starts as. */
#define SVK_BIASES(X)                                                                              \
    X(ZERO, "zero", "present, starts at zero")                                                     \
    X(DEFAULT, "default", "present, starts uniform on +-1/sqrt(fan_in)")                           \
    X(NONE, "false", "absent")

enum {
#define SVK_BIAS_ID(id, name, help) SVK_BIAS_##id,
    SVK_BIASES(SVK_BIAS_ID)
#undef SVK_BIAS_ID
        SVK_N_BIASES
};

#define SVK_SAMPLINGS(X)                                                                           \
    X(SHUFFLE, "shuffle", "every epoch visits every training row once, in a fresh order")          \
    X(REPLACEMENT, "replacement", "each row is drawn anew from all training rows")

enum {
#define SVK_SAMPLING_ID(id, name, help) SVK_SAMPLING_##id,
    SVK_SAMPLINGS(SVK_SAMPLING_ID)
#undef SVK_SAMPLING_ID
        SVK_N_SAMPLINGS
};

/* Where k-means starts. */
#define SVK_STARTS(X)                                                                              \
    X(RANDOM, "random", "training rows drawn without replacement")                                 \
    X(PLUS_PLUS, "k-means++", "rows drawn in proportion to the squared distance from those before")

enum {
#define SVK_START_ID(id, name, help) SVK_START_##id,
    SVK_STARTS(SVK_START_ID)
#undef SVK_START_ID
        SVK_N_STARTS
};

/* How a step is made from a gradient. */
#define SVK_OPTIMIZERS(X)                                                                          \
    X(SGD, "sgd", "stochastic gradient descent, with heavy-ball momentum where it is given")       \
    X(MOMENTUM, "momentum", "sgd whose momentum must be given")                                    \
    X(NESTEROV, "nesterov", "momentum with a look ahead")                                          \
    X(ADAM, "adam", "first and second moments; weight decay is part of the gradient")              \
    X(ADAMW, "adamw", "adam with weight decay apart from the gradient")

enum {
#define SVK_OPTIMIZER_ID(id, name, help) SVK_OPTIMIZER_##id,
    SVK_OPTIMIZERS(SVK_OPTIMIZER_ID)
#undef SVK_OPTIMIZER_ID
        SVK_N_OPTIMIZERS
};

/* The learning rate over the steps. */
#define SVK_SCHEDULES(X)                                                                           \
    X(CONSTANT, "constant", "lr, after a warm-up")                                                 \
    X(LINEAR, "linear", "a straight line from lr to final times lr")                               \
    X(COSINE, "cosine", "half a cosine from lr to final times lr")                                 \
    X(ONE_CYCLE, "one_cycle", "a cosine up from lr/25 to lr, another down to lr/250000")

enum {
#define SVK_SCHEDULE_ID(id, name, help) SVK_SCHEDULE_##id,
    SVK_SCHEDULES(SVK_SCHEDULE_ID)
#undef SVK_SCHEDULE_ID
        SVK_N_SCHEDULES
};

/* What became of a run. The number is kept in the store. */
#define SVK_RUN_STATUSES(X)                                                                        \
    X(OK, "ok", "trained to its end")                                                              \
    X(DIVERGED, "diverged", "met a NaN, or ended with a parameter or loss that is not finite")     \
    X(SATURATED, "saturated", "a term of a fixed-point sum lay outside the range of its scale")    \
    X(UNSUPPORTED, "unsupported", "not trained: the device lacks what its numerics ask for")

enum {
#define SVK_RUN_STATUS_ID(id, name, help) SVK_RUN_##id,
    SVK_RUN_STATUSES(SVK_RUN_STATUS_ID)
#undef SVK_RUN_STATUS_ID
        SVK_N_RUN_STATUSES
};

/* Metrics of a finished run: column name, whether more is better (+1), less (-1) or neither (0),
 * help. */
#define SVK_METRICS(X)                                                                             \
    X(TRAIN_LOSS, "train_loss", -1, "mean loss over the training rows")                            \
    X(VAL_LOSS, "val_loss", -1, "mean loss over the validation rows")                              \
    X(TEST_LOSS, "test_loss", -1, "mean loss over the test rows")                                  \
    X(TRAIN_ACCURACY, "train_accuracy", 1, "share of training rows classified rightly")            \
    X(VAL_ACCURACY, "val_accuracy", 1, "share of validation rows classified rightly")              \
    X(TEST_ACCURACY, "test_accuracy", 1, "share of test rows classified rightly")                  \
    X(R2, "r2", 1, "coefficient of determination on the test rows")                                \
    X(MSE, "mse", -1, "mean squared error on the test rows")                                       \
    X(X_END, "x_end", 0, "where gradient descent ended")                                           \
    X(F_END, "f_end", -1, "value of the polynomial there")                                         \
    X(BASIN, "basin", 0, "number of local maxima left of the end point")                           \
    X(DEAD, "dead", -1, "1 if some hidden layer is zero on every training row")                    \
    X(WEIGHT_NORM, "weight_norm", 0, "Euclidean norm of all parameters")                           \
    X(STEPS, "steps", 0, "steps of the optimizer, or moves of the centres")                        \
    X(INERTIA, "inertia", -1, "sum of squared distances of training rows from their centres")      \
    X(TEST_INERTIA, "test_inertia", -1, "the same of the test rows")                               \
    X(EMPTY_CLUSTERS, "empty_clusters", 0, "clusters that were without a training row at some time")

enum {
#define SVK_METRIC_ID(id, name, better, help) SVK_METRIC_##id,
    SVK_METRICS(SVK_METRIC_ID)
#undef SVK_METRIC_ID
        SVK_N_METRICS
};

enum {
    SVK_MAX_HIDDEN = 4,         /* hidden dense layers */
    SVK_MAX_WIDTH = 256,        /* units in a hidden layer, outputs */
    SVK_MAX_CONV = 4,           /* stages of convolution */
    SVK_MAX_CHANNELS = 16,      /* of a convolution */
    SVK_MAX_IMAGE_CHANNELS = 4, /* of the data */
    SVK_MAX_IMAGE_SIDE = 28,
    SVK_MAX_PARTS = 32,    /* S, the parts of a minibatch gradient */
    SVK_MAX_STREAMS = 16,  /* of engine cublas */
    SVK_MAX_DEGREE = 12,   /* of a polynomial */
    SVK_MAX_CLUSTERS = 256 /* of k-means */
};

#endif
