/* Which taps of a convolution stand on which pixels, along one side of an image. A tap outside the
 * image is left out. */
#ifndef SVK_CONV_TAPS_H
#define SVK_CONV_TAPS_H

#include "net.h"

/* Taps begin, begin + step, ... below end along one side of the kernel; the first stands on
 * pixel `at`. */
typedef struct svk_taps {
    int begin, end, at;
} svk_taps;

/* Outputs along one side on which a tap stands inside the image: begin .. end - 1. */
typedef struct svk_reach {
    int begin, end;
} svk_reach;

/* Of output o, on inputs: taps and pixels ascend by one. side: of the image that comes in. */
SVK_FN svk_taps svk_taps_of_output(const svk_layer *layer, int side, int o)
{
    int first = o * layer->stride - layer->padding, left = side - first;
    svk_taps t;
    t.begin = first < 0 ? -first : 0;
    t.end = left < layer->kernel ? left : layer->kernel;
    t.at = first + t.begin;
    return t;
}

/* Of input i, on outputs: tap k stands on output (i + padding - k) / stride where that is one of
 * the n outputs; taps are `stride` apart and their outputs descend by one. */
SVK_FN svk_taps svk_taps_of_input(const svk_layer *layer, int n_outputs, int i)
{
    int last = i + layer->padding, least = last - layer->stride * (n_outputs - 1);
    svk_taps t;
    t.begin = last % layer->stride;
    if (least > t.begin) t.begin = least;
    t.end = last < layer->kernel ? last + 1 : layer->kernel;
    t.at = (last - t.begin) / layer->stride;
    return t;
}

SVK_FN svk_reach svk_reach_of_tap(const svk_layer *layer, int side, int n_outputs, int tap)
{
    int before = layer->padding - tap; /* pixels that output 0 lies outside */
    int begin = before > 0 ? (before + layer->stride - 1) / layer->stride : 0;
    int end = side + before <= 0 ? 0 : (side + before - 1) / layer->stride + 1;
    svk_reach r;
    r.begin = begin < n_outputs ? begin : n_outputs;
    r.end = end < n_outputs ? end : n_outputs;
    r.end = r.end > r.begin ? r.end : r.begin;
    return r;
}

#endif
