/* Aligned columns and JSON lines.  Not here: what is in them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "query/table.h"

enum { CELL_BYTES = 64 * 1024, LINE_BYTES = 8 * 1024 * 1024 };

struct table {
	const struct table_column *columns;
	size_t column_count;
	struct arena arena;
	const char **cells; /* row by row */
	size_t count, cap;
};

struct table *
table_new(const struct table_column *columns, size_t count)
{
	struct table *t = xcalloc(1, sizeof(*t));

	t->columns = columns;
	t->column_count = count;
	arena_init(&t->arena, 0);
	return t;
}

void
table_free(struct table *t)
{
	if (t == NULL)
		return;
	arena_release(&t->arena);
	free(t->cells);
	free(t);
}

void
table_cell(struct table *t, const char *text)
{
	GROW(t->cells, t->cap, t->count + 1);
	t->cells[t->count++] =
	    text == NULL ? "" : arena_strdup(&t->arena, text);
}

void
table_cell_i64(struct table *t, int64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, v);
	table_cell(t, text);
}

size_t
table_rows(const struct table *t)
{
	return t->count / t->column_count;
}

/* Cuts to `width` terminal columns, marking what was cut. */
static void
cut_to_width(struct buf *text, unsigned width)
{
	size_t len = text->len;

	if (width == 0 || utf8_width(buf_str(text), text->len) <= width)
		return;
	while (len > 0 && utf8_width(text->data, len) > width - 1)
		len = utf8_cut(text->data, len, len - 1);
	text->len = len;
	text->data[len] = '\0';
	buf_adds(text, "…");
}

static unsigned
kind_of(const struct table_column *column)
{
	return column->kind & ~(unsigned)TABLE_SPARING;
}

static bool
is_shown(const struct table *t, size_t column)
{
	if ((t->columns[column].kind & TABLE_SPARING) == 0)
		return true;
	for (size_t i = column; i < t->count; i += t->column_count) {
		if (t->cells[i][0] != '\0' && strcmp(t->cells[i], "0") != 0)
			return true;
	}
	return false;
}

/* What a terminal is shown for a cell. */
static void
shown(struct buf *out, const struct table *t, size_t column, const char *cell)
{
	buf_clear(out);
	if (cell[0] == '\0')
		buf_adds(out, "-");
	else if (kind_of(&t->columns[column]) == TABLE_BOOL)
		buf_adds(out, cell[0] == 't' ? "yes" : "no");
	else
		str_escape(out, cell, strlen(cell), CELL_BYTES / 4);
	cut_to_width(out, t->columns[column].width);
}

static void
put_cell(struct buf *line, const struct table *t, size_t column,
    const struct buf *text, size_t width)
{
	size_t has = utf8_width(buf_str(text), text->len);
	size_t pad = width > has ? width - has : 0;

	if (line->len > 0)
		buf_adds(line, "  ");
	if (kind_of(&t->columns[column]) == TABLE_NUMBER) {
		buf_printf(line, "%*s%s", (int)pad, "", buf_str(text));
	} else {
		buf_printf(line, "%s%*s", buf_str(text), (int)pad, "");
	}
}

static void
put_line(struct buf *line, FILE *out)
{
	while (line->len > 0 && line->data[line->len - 1] == ' ')
		line->len--;
	fprintf(out, "%.*s\n", (int)line->len, buf_str(line));
	buf_clear(line);
}

static void
print_aligned(const struct table *t, FILE *out)
{
	size_t *widths = xcalloc(t->column_count, sizeof(*widths));
	struct buf text, line;

	buf_init(&text, CELL_BYTES);
	buf_init(&line, LINE_BYTES);
	for (size_t c = 0; c < t->column_count; c++)
		widths[c] = strlen(t->columns[c].title);
	for (size_t i = 0; i < t->count; i++) {
		size_t c = i % t->column_count;
		shown(&text, t, c, t->cells[i]);
		size_t width = utf8_width(buf_str(&text), text.len);
		if (width > widths[c])
			widths[c] = width;
	}
	for (size_t c = 0; c < t->column_count; c++) {
		buf_clear(&text);
		buf_adds(&text, t->columns[c].title);
		if (is_shown(t, c))
			put_cell(&line, t, c, &text, widths[c]);
		else
			widths[c] = 0; /* no title is that short */
	}
	put_line(&line, out);
	for (size_t i = 0; i < t->count; i++) {
		size_t c = i % t->column_count;
		shown(&text, t, c, t->cells[i]);
		if (widths[c] > 0)
			put_cell(&line, t, c, &text, widths[c]);
		if (c + 1 == t->column_count)
			put_line(&line, out);
	}
	buf_release(&text);
	buf_release(&line);
	free(widths);
}

static void
json_cell(struct json *j, const struct table_column *column, const char *cell)
{
	int64_t number;

	if (cell[0] == '\0')
		return;
	json_key(j, column->key);
	if (kind_of(column) == TABLE_BOOL)
		json_bool(j, cell[0] == 't');
	else if (kind_of(column) == TABLE_NUMBER &&
		 str_to_i64(cell, INT64_MIN, INT64_MAX, &number) == 0)
		json_i64(j, number);
	else
		json_str(j, cell);
}

static void
print_json(const struct table *t, FILE *out)
{
	struct buf line;
	struct json j;

	buf_init(&line, LINE_BYTES);
	for (size_t row = 0; row < table_rows(t); row++) {
		buf_clear(&line);
		json_init(&j, &line);
		json_open(&j, '{');
		for (size_t c = 0; c < t->column_count; c++)
			json_cell(&j, &t->columns[c],
			    t->cells[row * t->column_count + c]);
		json_close(&j, '}');
		fprintf(out, "%s\n", buf_str(&line));
	}
	buf_release(&line);
}

void
table_print(const struct table *t, FILE *out, bool json)
{
	BUG_ON(t->count % t->column_count != 0);
	if (json)
		print_json(t, out);
	else
		print_aligned(t, out);
}
