# Writes a file as a C array. Called at build time:
#   cmake -D INPUT=FILE -D OUTPUT=FILE.c -D SYMBOL=NAME -P EmbedFile.cmake
# OUTPUT defines `const unsigned char NAME[]` and `const size_t NAME_size`.
cmake_minimum_required(VERSION 3.20)

file(READ "${INPUT}" hex HEX)
file(SIZE "${INPUT}" size)
string(REPEAT "[0-9a-f]" 32 line_of_16)
string(REGEX REPLACE "(${line_of_16})" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")

get_filename_component(input_name "${INPUT}" NAME)
file(WRITE "${OUTPUT}"
"/* Made from ${input_name} by EmbedFile.cmake. */
#include <stddef.h>

extern const unsigned char ${SYMBOL}[];
extern const size_t ${SYMBOL}_size;

const unsigned char ${SYMBOL}[${size}] = {
${bytes}
};
const size_t ${SYMBOL}_size = ${size};
")
