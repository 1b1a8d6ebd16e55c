#include <cmath>

#include "cublas_stand_in.h"
#include "device_memory.h"
#include "rounding.h"
#include "watch.h"

namespace emulator
{

bool matrix_batch::is_sound(int n) const
{
    return ld >= n_rows && stride >= 0 && device_holds(at, size_bytes(n));
}

static float operand(bool is_tf32, float x) { return is_tf32 ? svk_round_tf32(x) : x; }

static float dot(const matrix_batch &a, const matrix_batch &b, int i, int row, int column,
                 int first, int end, bool is_tf32)
{
    float sum = 0.0f;
    for (int l = first; l < end; l++)
        sum = fmaf(operand(is_tf32, a.value(i, row, l)), operand(is_tf32, b.value(i, l, column)),
                   sum);
    return sum;
}

bool multiply_batch(const matrix_batch &a, const matrix_batch &b, const matrix_batch &c, int k,
                    int n_parts, bool is_tf32, int n_products)
{
    bool is_apart = static_cast<size_t>(c.stride) >= c.size();
    if (!a.is_sound(n_products) || !b.is_sound(n_products) || !c.is_sound(n_products) || !is_apart)
        return false;
    float *to = const_cast<float *>(c.at);
    device_open(true);
    for (int i = 0; i < n_products; i++)
        for (int column = 0; column < c.n_columns; column++)
            for (int row = 0; row < c.n_rows; row++) {
                float sum = dot(a, b, i, row, column, 0, k / n_parts, is_tf32);
                for (int p = 1; p < n_parts; p++)
                    sum +=
                        dot(a, b, i, row, column, p * k / n_parts, (p + 1) * k / n_parts, is_tf32);
                to[i * c.stride + static_cast<long long>(column) * c.ld + row] = sum;
            }
    device_open(false);
    watch_fetched(a.at, a.size_bytes(n_products));
    watch_fetched(b.at, b.size_bytes(n_products));
    watch_filled(to, c.size_bytes(n_products));
    return true;
}

} // namespace emulator
