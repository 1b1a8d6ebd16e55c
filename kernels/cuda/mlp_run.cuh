/* A whole run: training and scoring. The barriers between the phases are all here. Each says what
 * it separates. */
#ifndef SVK_MLP_RUN_CUH
#define SVK_MLP_RUN_CUH

#include "mlp_fit.cuh"
#include "mlp_mma.cuh"
#include "mlp_parts.cuh"
#include "mlp_score.cuh"
#include "mlp_update.cuh"

template <class FORM> SVK_DEVICE void forward(block<FORM> &b, const chunk &c)
{
    for (int l = 0; l < b.net->n_layers; l++) {
        forward_any(b, c, l);
        __syncthreads(); /* layer l + 1 reads what other threads have written */
    }
}

/* The chunk's share of the gradient of layer l. */
template <class FORM> SVK_DEVICE void gradient(block<FORM> &b, const chunk &c, const step &s, int l)
{
    if constexpr (FORM::HAS_TENSOR_CORES) {
        gradient_mma(b, c, s, l);
        return;
    }
    if constexpr (FORM::IS_GENERAL) {
        int path = b.training->path;
        if (path == SVK_PATH_BINNED || path == SVK_PATH_FIXED) {
            gradient_terms(b, c, l);
            return;
        }
        if (path != SVK_PATH_SERIAL) {
            gradient_parts(b, c, l);
            return;
        }
    }
    if constexpr (FORM::HAS_IMAGES)
        if (l < b.net->n_image_layers) {
            gradient_conv(b, c, s, l);
            return;
        }
    gradient_layer(b, c, s, l);
}

/* One chunk of a batch, from its rows to its share of the gradient. No barrier at the end: what
 * follows writes only b.row, which nobody reads any more, and then waits. */
template <class FORM> SVK_DEVICE void train_chunk(block<FORM> &b, const chunk &c, const step &s)
{
    load_rows(b, c);
    __syncthreads(); /* the first layer reads the values; and the weights of the step before */
    forward(b, c);
    output_delta(b, c);
    __syncthreads(); /* everything below reads the deltas */
    for (int l = b.net->n_layers - 1; l > 0; l--) {
        backward_any(b, c, l);
        __syncthreads(); /* the layer below and the gradient read its deltas; the update writes its
                            weights */
    }
    if constexpr (FORM::IS_GENERAL)
        if (SVK_PATH_IS_BY_WARPS(b.training->path)) {
            gradient_by_warps(b, c, s);
            return;
        }
    if constexpr (FORM::IS_GENERAL)
        delay(b, s.number, b.thread / WARP_LANES, DELAY_BEFORE_PART, DELAY_OF_WARP);
    for (int l = 0; l < b.net->n_layers; l++) gradient(b, c, s, l);
}

/* The general form's, after the last chunk of a batch. */
template <class FORM> SVK_DEVICE void update_batch(block<FORM> &b, const step &s)
{
    const bool is_arrival = b.training->path == SVK_PATH_ARRIVAL;
    if (is_shared(b))
        meet_after_batch(b);
    else
        __syncthreads(); /* the update reads gradients that other threads have summed, and tickets
                          */
    if (is_arrival) combine_arrivals(b, s.n);
    if (is_arrival && b.thread == 0) log_arrivals(b);
    if (b.training->clip_norm > 0) {
        if (is_arrival) __syncthreads(); /* a chain reads gradients that others have combined */
        sum_gradient_squares(b, s);
        __syncthreads(); /* the norm needs all chains */
    }
    update_all(b, s);
    if (is_shared(b)) turn_sums(b);
}

/* n samples from this place of the epoch, in step `number`. */
template <class FORM>
SVK_DEVICE void train_batch(block<FORM> &b, uint64_t number, uint32_t epoch, uint32_t place,
                            uint32_t n)
{
    step s;
    s.n = n;
    s.number = number;
    s.rate = static_cast<float>(b.training->learning_rate);
    s.momentum = static_cast<float>(b.training->momentum);
    s.rate_over_n = s.rate / static_cast<float>(n);
    s.inverse_n = 1.0f / static_cast<float>(n);
    if constexpr (FORM::IS_GENERAL) {
        if (b.thread == 0) make_scalars(b, number);
        draw_part_orders(b, number);
    }
    uint32_t begin = 0, end = n;
    if (is_shared(b)) {
        begin = svk_part_begin(own_parts(b).begin, n, b.training->n_parts);
        end = svk_part_begin(own_parts(b).end, n, b.training->n_parts);
    }
    for (uint32_t first = begin; first < end; first += b.layout->chunk) {
        uint32_t left = end - first;
        chunk c = {first, left < b.layout->chunk ? left : b.layout->chunk, b.row, 0,
                   number * b.training->batch_size + first};
        s.is_first = first == begin;
        s.is_last = left <= b.layout->chunk;
        find_rows(b, epoch, place + first, c.n);
        __syncthreads(); /* the rows are read; and the values of the chunk before, which are now
                            overwritten */
        train_chunk(b, c, s);
    }
    if constexpr (FORM::IS_GENERAL) update_batch(b, s);
}

/* Sums over the rows of a part of the data, 32 chains in the state. */
template <class FORM> SVK_DEVICE void score_rows(block<FORM> &b, tally &y)
{
    if (b.net->loss == SVK_LOSS_SQUARED) {
        sum_targets(b, y);
        __syncthreads(); /* the mean of the targets needs all chains */
        y.mean = svk_sum_chains(b.state->chain[CHAINS_TARGET], 1) / static_cast<double>(y.n_rows);
    }
    for (uint32_t first = 0; first < y.n_rows; first += b.layout->chunk) {
        uint32_t left = y.n_rows - first;
        chunk c = {first, left < b.layout->chunk ? left : b.layout->chunk, nullptr,
                   y.first_row + first, 0};
        load_rows(b, c);
        __syncthreads(); /* the first layer reads the values; the outputs of the chunk before are
                            tallied */
        forward(b, c);
        tally_chunk(b, c, y);
    }
    tally_store(b, y);
    __syncthreads(); /* the result needs all chains */
}

/* After n_steps steps. Returns whether the run is over. */
template <class FORM> SVK_DEVICE bool stop_check(block<FORM> &b, uint64_t n_steps, patience &p)
{
    const svk_training &t = *b.training;
    if (n_steps % t.n_steps_apart != 0 && n_steps != t.n_steps) return false;
    uint32_t watched = b.watched;
    tally y = tally_of(b, 1, nullptr);
    b.watched = FLAGS_NONE;
    __syncthreads(); /* scoring reads all weights and overwrites the values */
    score_rows(b, y);
    b.watched = watched;
    return stop_decide(b, p);
}

template <class FORM>
SVK_DEVICE void score_part(block<FORM> &b, int part, uint8_t *predictions, svk_result *result)
{
    tally y = tally_of(b, part, predictions);
    if (y.n_rows == 0) return;
    score_rows(b, y);
    if (b.thread == 0) tally_result(b, y, part, result);
}

template <class FORM> SVK_DEVICE void fit_closed_form(const block<FORM> &b)
{
    fit f = fit_of(b);
    double *scale = &b.state->chain[CHAINS_NORM][0];
    fit_load(b, f);
    __syncthreads(); /* a column is read whole */
    for (uint32_t c = 0; c < f.n_columns; c++) {
        if (b.thread == 0) *scale = fit_reflect(f, c);
        __syncthreads(); /* the other columns read the reflection */
        if (f.coefficient[c] != 0.0) fit_apply(b, f, c, *scale);
        __syncthreads(); /* the next column is read whole, and the scale overwritten */
    }
    if (b.thread == 0) fit_substitute(f);
    __syncthreads(); /* every thread reads coefficients; and all weights are at their start */
    fit_store(b, f);
}

/* Where a run stands among those of its wave, and the checkpoint that comes next. */
struct record {
    const svk_cuda_wave *wave;
    uint64_t run, n_parameters, n_test, next;
};

/* What is to be told, and where it goes; result is NULL where nothing is. */
struct due {
    svk_result *result;
    uint8_t *predictions;
    double *parameters;
};

template <class VALUE> SVK_DEVICE VALUE *place_of(VALUE *values, uint64_t at)
{
    return values == nullptr ? nullptr : values + at;
}

/* Before this step: at the end, or at a checkpoint. */
SVK_DEVICE due due_at(record &r, uint64_t step, bool is_over)
{
    const svk_cuda_wave &w = *r.wave;
    if (is_over)
        return due{w.results + r.run, place_of(w.predictions, r.run * r.n_test),
                   place_of(w.parameters, r.run * r.n_parameters)};
    if (r.next == w.n_checkpoints || w.checkpoint[r.next] != step) return due{};
    const uint64_t at = r.run * w.n_checkpoints + r.next++;
    return due{w.curves + at, place_of(w.kept_predictions, at * r.n_test),
               place_of(w.kept, at * r.n_parameters)};
}

/* Everything that there is to say of a run after n_steps steps; changes nothing that later steps
 * read. */
template <class FORM> SVK_DEVICE void measure(block<FORM> &b, uint64_t n_steps, const due &d)
{
    const uint32_t watched = b.watched;
    b.flags &= FLAG_NAN | FLAG_SATURATED;
    if (b.thread == 0) *d.result = svk_result{};
    clear_findings(b);
    __syncthreads(); /* scoring overwrites the values that the last update reads */
    for (int part = 0; part < 3; part++) {
        b.watched = part == 0 ? FLAGS_ALIVE : FLAGS_NONE;
        score_part(b, part, d.predictions, d.result);
    }
    b.watched = watched;
    clear_unused(b, d.predictions);
    digest_parameters(b, d.parameters);
    sum_squares(b);
    __syncthreads(); /* the result needs all chains, words and flags; what comes next overwrites the
                        weights */
    if (b.thread == 0) finish_result(b, n_steps, d.result);
}

/* The probe's parameter moves up, and with it the rounded copy. What is infinite or NaN stays. */
template <class FORM> SVK_DEVICE void move_probed(const block<FORM> &b)
{
    __syncthreads(); /* another thread may have updated the parameter */
    if (b.thread == 0) {
        typename FORM::real &w =
            parameter_at(b, b.masters, static_cast<uint32_t>(b.training->probe_parameter));
        if (svk_is_finite_f64(static_cast<double>(w)))
            w = real_of<typename FORM::real>::above(w, b.training->probe_ulps);
    }
    if (!b.layout->has_master) return;
    __syncthreads(); /* the parameter is read */
    round_weights(b);
}

/* Measuring stands in one place, as its code is long. What was trained elsewhere is at its end. */
template <class FORM> SVK_DEVICE void train(block<FORM> &b, record &r)
{
    const svk_training &t = *b.training;
    uint32_t epoch = 0, batch = 0;
    patience p = {svk_from_bits_f64(UINT64_C(0x7ff) << 52), 0};
    const uint64_t first = FORM::IS_GENERAL && b.given != nullptr ? t.n_steps : 0;
    bool is_over = t.n_steps == first;
    for (uint64_t i = first;; i++) {
        if constexpr (FORM::IS_GENERAL)
            if (is_over && t.patience > 0) stop_end(b, p);
        if constexpr (FORM::IS_GENERAL)
            if (!is_over && svk_is_probed(&t, b.seed_init, i)) move_probed(b);
        const due d = due_at(r, i, is_over);
        if (d.result != nullptr && keeps_record(b))
            measure(b, i, d);
        else if (is_over)
            __syncthreads(); /* the next run overwrites the scalars that the last update reads */
        if (is_over) break;
        uint32_t place = batch * t.batch_size, left = t.n_train - place;
        if (batch == 0 && t.sampling == SVK_SAMPLING_SHUFFLE) {
            begin_epoch(b, epoch);
            __syncthreads(); /* every thread reads the epoch's order */
        }
        train_batch(b, i, epoch, place, left < t.batch_size ? left : t.batch_size);
        batch = batch + 1 < t.n_steps_per_epoch ? batch + 1 : 0;
        epoch += batch == 0;
        is_over = i + 1 == t.n_steps;
        if constexpr (FORM::IS_GENERAL)
            if (t.patience > 0) is_over |= stop_check(b, i + 1, p);
    }
}

template <class FORM> SVK_DEVICE void run(block<FORM> &b, bool is_fitted, record &r)
{
    if constexpr (FORM::IS_GENERAL) delay(b, 0, b.rank, DELAY_AT_START, DELAY_OF_BLOCK);
    start(b);
    if constexpr (FORM::IS_GENERAL) {
        if (is_fitted) fit_closed_form(b);
        if (b.given != nullptr) take_given(b);
        if (b.layout->has_master) round_weights(b);
    }
    b.watched = FLAG_NAN;
    train(b, r);
    if (b.thread != 0 || !keeps_record(b)) return; /* a run that has ended stays what it is */
    const svk_cuda_wave &w = *r.wave;
    for (; r.next < w.n_checkpoints; r.next++)
        w.curves[r.run * w.n_checkpoints + r.next] = w.results[r.run];
}

/* What every kernel does: its blocks, or as many as share a run together, take runs in turn. */
template <class FORM> SVK_DEVICE void train_runs(const svk_cuda_mlp &job)
{
    const svk_cuda_wave &w = job.wave;
    block<FORM> b;
    block_begin(b, job);
    uint64_t n_parameters = svk_net_n_parameters(&job.net), n_test = job.training.n_test;
    uint32_t first = blockIdx.x, apart = gridDim.x;
    if (is_shared(b)) {
        begin_sharing(b);
        first /= static_cast<uint32_t>(job.layout.n_blocks);
        apart /= static_cast<uint32_t>(job.layout.n_blocks);
    }
    for (uint64_t i = first; i < w.n_runs; i += apart) {
        block_take_run(b, job, i);
        uint32_t *arrivals = w.arrivals == nullptr ? nullptr : w.arrivals + i * w.n_arrival_words;
        b.arrivals = svk_bit_stream{arrivals, 0, 0};
        record r = {&w, i, n_parameters, n_test, 0};
        run(b, job.is_fitted != 0, r);
        if constexpr (FORM::IS_GENERAL)
            if (b.thread == 0) end_arrivals(b, arrivals + w.n_arrival_words);
    }
}

typedef void (*mlp_kernel)(svk_cuda_mlp);
/* The general form, and that with images, also on tensor cores and with the device's mathematical
 * library: in sources of their names. */
mlp_kernel svk_mlp_general_fp32();
mlp_kernel svk_mlp_general_fp64();
mlp_kernel svk_cnn_fp32();
mlp_kernel svk_cnn_fp64();
mlp_kernel svk_mlp_mma();
mlp_kernel svk_cnn_mma();
mlp_kernel svk_mlp_device_math_fp32();
mlp_kernel svk_mlp_device_math_fp64();
mlp_kernel svk_cnn_device_math_fp32();
mlp_kernel svk_cnn_device_math_fp64();

#endif
