/* Files of data/ inside the program, byte for byte; cmake/embed.cmake writes the arrays. */
#ifndef SVI_EMBEDDED_H
#define SVI_EMBEDDED_H

#include <stddef.h>

extern const unsigned char svi_embedded_digits[]; /* data/digits.csv.gz */
extern const size_t svi_embedded_digits_size;
extern const unsigned char svi_embedded_iris[]; /* data/iris.csv */
extern const size_t svi_embedded_iris_size;

#endif
