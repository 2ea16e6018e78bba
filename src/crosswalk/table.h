/*
 * Tables as people write them: lines of cells between tabs, in UTF-8.
 *
 * A line that begins with # and an empty one are passed over; the first other
 * line names the columns, in any order, and so tells which layout the table
 * has.  Cells are trimmed; cells at a line's end may be left out.
 *
 * A mistake is `file:line: what is wrong; what was expected`, and reading goes
 * on behind it, so that one reading shows all of them (TABLE_MISTAKES at most).
 */
#ifndef SHEAF_CROSSWALK_TABLE_H
#define SHEAF_CROSSWALK_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { TABLE_COLUMNS = 16, TABLE_MISTAKES = 20 };

struct table_place {
	const char *file;
	unsigned line; /* 0: the whole file */
};

struct table_log {
	struct buf *text; /* a line each */
	size_t count; /* of all, also of those that text does not show */
};

struct table_layout {
	/* By their names, NULL behind the last; the first tells the layout. */
	const char *columns[TABLE_COLUMNS + 1];
	size_t required; /* so many from the first on: in the header, filled */
};

/* values: as many as the layout has columns, "" where there is nothing; they
 * live until it returns. */
typedef void (*table_row_fn)(void *arg, const struct table_layout *layout,
    const char *const *values, struct table_place place);

/* Reads n bytes; place.file is what is kept of `file`, so it must live as long
 * as the places do.  More than `max_rows` rows are a mistake. */
void table_read(const char *file, const char *data, size_t n,
    const struct table_layout *layouts, size_t layout_count, size_t max_rows,
    table_row_fn row, void *arg, struct table_log *log);

void table_mistake(struct table_log *log, struct table_place place,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
