#include "crosswalk/table.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/utf8.h"

struct reading {
	const struct table_layout *layouts;
	size_t layout_count;
	table_row_fn row;
	void *arg;
	struct table_log *log;
	struct table_place place;
	size_t rows, max_rows;
	/* of the header */
	const struct table_layout *layout;
	size_t columns; /* of the layout */
	size_t at[TABLE_COLUMNS]; /* cell → column of the layout */
	size_t cells;
	bool is_hopeless; /* without a header nothing can be read */
};

/* A text that a mistake shows the beginning of may be cut within a
 * character. */
static void
drop_halves(struct buf *b, size_t from)
{
	const char *p = b->data + from;
	size_t n = b->len - from, to = from;

	while (n > 0) {
		size_t good = utf8_valid_prefix(p, n);

		memmove(b->data + to, p, good);
		to += good;
		good += good < n;
		p += good;
		n -= good;
	}
	b->len = to;
}

void
table_mistake(
    struct table_log *log, struct table_place place, const char *fmt, ...)
{
	va_list ap;
	size_t from;

	if (log->count++ > TABLE_MISTAKES)
		return;
	if (place.line > 0)
		buf_printf(log->text, "%s:%u: ", place.file, place.line);
	else
		buf_printf(log->text, "%s: ", place.file);
	if (log->count > TABLE_MISTAKES) {
		buf_adds(log->text, "and more mistakes, not shown\n");
		return;
	}
	from = log->text->len;
	va_start(ap, fmt);
	buf_vprintf(log->text, fmt, ap);
	va_end(ap);
	drop_halves(log->text, from);
	buf_addc(log->text, '\n');
}

/* Splits at tabs and trims, in place; how many there are, which may be more
 * than `max` were written. */
static size_t
split(char *line, char **cells, size_t max)
{
	size_t n = 0;
	char *next = line;

	while ((line = next) != NULL) {
		next = strchr(line, '\t');
		if (next != NULL)
			*next++ = '\0';
		if (n < max)
			cells[n] = str_trim(line);
		n++;
	}
	return n;
}

static size_t
column_find(const struct table_layout *layout, const char *name)
{
	size_t i = 0;

	while (
	    layout->columns[i] != NULL && strcmp(layout->columns[i], name) != 0)
		i++;
	return i;
}

/* The layout of which most columns are named. */
static const struct table_layout *
layout_find(const struct reading *t, char *const *cells, size_t n)
{
	const struct table_layout *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < t->layout_count; i++) {
		size_t known = 0;

		for (size_t k = 0; k < n; k++)
			known += t->layouts[i].columns[column_find(
				     &t->layouts[i], cells[k])] != NULL;
		if (known > most) {
			most = known;
			best = &t->layouts[i];
		}
	}
	return best;
}

static void
add_names(struct buf *out, const struct table_layout *layout)
{
	for (size_t i = 0; layout->columns[i] != NULL; i++)
		buf_printf(out, "%s%s", i > 0 ? " " : "", layout->columns[i]);
}

static void
refuse_header(struct reading *t)
{
	struct buf names;

	buf_init(&names, 1024);
	for (size_t i = 0; i < t->layout_count; i++) {
		if (i > 0)
			buf_adds(&names, ", or ");
		add_names(&names, &t->layouts[i]);
	}
	table_mistake(t->log, t->place,
	    "this is no line of column names; expected, between tabs: %s",
	    buf_str(&names));
	buf_release(&names);
	t->is_hopeless = true;
}

static void
read_header(struct reading *t, char *line)
{
	char *cells[TABLE_COLUMNS];
	bool is_there[TABLE_COLUMNS + 1] = {false};
	size_t n = split(line, cells, TABLE_COLUMNS);

	t->cells = n < TABLE_COLUMNS ? n : TABLE_COLUMNS;
	t->layout = layout_find(t, cells, t->cells);
	if (t->layout == NULL || n > TABLE_COLUMNS) {
		refuse_header(t);
		return;
	}
	while (t->layout->columns[t->columns] != NULL)
		t->columns++;
	for (size_t i = 0; i < t->cells; i++) {
		size_t at = column_find(t->layout, cells[i]);

		if (at == t->columns || is_there[at]) {
			table_mistake(t->log, t->place,
			    "there is %s %s; expected columns of this table",
			    at == t->columns ? "no column" : "twice a column",
			    *cells[i] ? cells[i] : "without a name");
			t->is_hopeless = true;
		}
		is_there[at] = true;
		t->at[i] = at;
	}
	for (size_t i = 0; i < t->layout->required; i++)
		if (!is_there[i]) {
			table_mistake(t->log, t->place,
			    "the column %s is missing; expected it here",
			    t->layout->columns[i]);
			t->is_hopeless = true;
		}
}

static void
read_row(struct reading *t, char *line)
{
	char *cells[TABLE_COLUMNS];
	const char *values[TABLE_COLUMNS];
	size_t n = split(line, cells, TABLE_COLUMNS);

	if (n > t->cells) {
		table_mistake(t->log, t->place,
		    "there are %zu cells; expected %zu, as there are names of "
		    "columns",
		    n, t->cells);
		return;
	}
	if (++t->rows > t->max_rows) {
		table_mistake(t->log, t->place,
		    "the tables have too many rows; expected %zu at most",
		    t->max_rows);
		t->is_hopeless = true;
		return;
	}
	for (size_t i = 0; i < t->columns; i++)
		values[i] = "";
	for (size_t i = 0; i < n; i++)
		values[t->at[i]] = cells[i];
	for (size_t i = 0; i < t->layout->required; i++)
		if (*values[i] == '\0') {
			table_mistake(t->log, t->place,
			    "%s is empty; expected a value",
			    t->layout->columns[i]);
			return;
		}
	t->row(t->arg, t->layout, values, t->place);
}

static void
read_line(struct reading *t, char *line, size_t n)
{
	if (strlen(line) != n || !utf8_valid(line, n)) {
		table_mistake(t->log, t->place,
		    "there are bytes that are no text; expected UTF-8");
		return;
	}
	if (n > 0 && line[n - 1] == '\r')
		line[n - 1] = '\0';
	if (*line == '#' || line[strspn(line, " \t")] == '\0')
		return;
	if (t->layout == NULL)
		read_header(t, line);
	else
		read_row(t, line);
}

void
table_read(const char *file, const char *data, size_t n,
    const struct table_layout *layouts, size_t layout_count, size_t max_rows,
    table_row_fn row, void *arg, struct table_log *log)
{
	struct reading t = {.layouts = layouts,
	    .layout_count = layout_count,
	    .row = row,
	    .arg = arg,
	    .log = log,
	    .place = {.file = file},
	    .max_rows = max_rows};
	const char *end = data + n;
	char *line = xmalloc(LIMIT_TABLE_LINE_BYTES + 1);

	while (data < end && !t.is_hopeless) {
		const char *feed = memchr(data, '\n', (size_t)(end - data));
		size_t len = (size_t)((feed ? feed : end) - data);

		t.place.line++;
		if (len > LIMIT_TABLE_LINE_BYTES)
			table_mistake(log, t.place,
			    "the line has %zu bytes; expected %zu at most", len,
			    LIMIT_TABLE_LINE_BYTES);
		else {
			memcpy(line, data, len);
			line[len] = '\0';
			read_line(&t, line, len);
		}
		data += len + 1;
	}
	free(line);
}
