/* What store does with a parser's stream, for the fuzz targets of pages. */
#ifndef SHEAF_TESTS_CHECK_STREAM_H
#define SHEAF_TESTS_CHECK_STREAM_H

#include <stddef.h>

/* Reads the stream in fd, of a body of that size, as store would; ends the
 * program where store would not take it. */
void check_stream(int fd, size_t body_bytes);

#endif
