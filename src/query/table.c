/* Aligned columns and JSON lines.  Not here: what is in them. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "query/csv.h"
#include "query/table.h"

enum {
	CELL_BYTES = 64 * 1024,
	LINE_BYTES = 8 * 1024 * 1024,
	GAP = 2, /* between columns */
	INDENT = 4, /* of what stands under a row */
	SHRUNK = 12, /* no text is cut to less */
};

struct table {
	const struct table_column *columns;
	size_t column_count;
	struct arena arena;
	const char **cells; /* row by row */
	size_t count, cap;
	double most; /* in its columns of bars */
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
	if (text != NULL &&
	    (t->columns[t->count % t->column_count].kind & TABLE_KINDS) ==
		TABLE_BAR &&
	    strtod(text, NULL) > t->most)
		t->most = strtod(text, NULL);
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

static unsigned
kind_of(const struct table_column *column)
{
	return column->kind & TABLE_KINDS;
}

static bool
is_nothing(const char *cell)
{
	return cell[0] == '\0' || strcmp(cell, "0") == 0;
}

static bool
is_shown(const struct table *t, size_t column)
{
	unsigned kind = t->columns[column].kind;

	if ((kind & TABLE_JSON_ONLY) != 0)
		return false;
	if ((kind & TABLE_SPARING) == 0)
		return true;
	for (size_t i = column; i < t->count; i += t->column_count) {
		if (!is_nothing(t->cells[i]))
			return true;
	}
	return false;
}

/* --- for people ------------------------------------------------------------
 */
struct layout {
	unsigned limit; /* terminal columns of a line */
	size_t *widths; /* 0: not in the line */
	bool *below; /* it stands under its row */
};

/* A terminal's own width; COLUMNS, or a page of paper, where there is none. */
static unsigned
columns_of(FILE *out)
{
	const char *told = getenv("COLUMNS");
	struct winsize size;
	int64_t n;

	if (isatty(fileno(out)) && ioctl(fileno(out), TIOCGWINSZ, &size) == 0 &&
	    size.ws_col > 0)
		return size.ws_col;
	if (told != NULL && str_to_i64(told, 1, 10000, &n) == 0)
		return (unsigned)n;
	return TABLE_WIDTH;
}

/* In eighths of a character; what is there at all is seen. */
static void
put_bar(struct buf *out, double n, double most)
{
	int eighths = n > 0 ? (int)(n / most * TABLE_BAR_WIDTH * 8 + 0.5) : 0;

	if (n > 0 && eighths == 0)
		eighths = 1;
	for (; eighths >= 8; eighths -= 8)
		buf_adds(out, "\u2588");
	if (eighths > 0)
		buf_printf(out, "\xe2\x96%c", 0x88 + 8 - eighths);
}

/* What a terminal is shown for a cell. */
static void
shown(struct buf *out, const struct table *t, size_t column, const char *cell)
{
	buf_clear(out);
	if (kind_of(&t->columns[column]) == TABLE_BAR)
		put_bar(out, strtod(cell, NULL), t->most);
	else if (cell[0] == '\0')
		buf_adds(out, "-");
	else if (kind_of(&t->columns[column]) == TABLE_BOOL)
		buf_adds(out, cell[0] == 't' ? "yes" : "no");
	else
		str_escape(out, cell, strlen(cell), CELL_BYTES / 4);
}

static void
layout_init(struct layout *l, const struct table *t, struct buf *text)
{
	l->widths = xcalloc(t->column_count, sizeof(*l->widths));
	l->below = xcalloc(t->column_count, sizeof(*l->below));
	for (size_t c = 0; c < t->column_count; c++) {
		l->widths[c] = is_shown(t, c) ? strlen(t->columns[c].title) : 0;
		if (kind_of(&t->columns[c]) == TABLE_BAR && t->most > 0)
			l->widths[c] = TABLE_BAR_WIDTH;
	}
	for (size_t i = 0; i < t->count; i++) {
		size_t c = i % t->column_count, width;
		unsigned most = t->columns[c].width;

		if (l->widths[c] == 0)
			continue;
		shown(text, t, c, t->cells[i]);
		width = utf8_width(buf_str(text), text->len);
		if (most > 0 && width > most)
			width = most;
		if (width > l->widths[c])
			l->widths[c] = width;
	}
}

static bool
too_wide(const struct layout *l, const struct table *t)
{
	size_t sum = 0;

	for (size_t c = 0; c < t->column_count; c++)
		sum += l->widths[c] > 0 ? l->widths[c] + GAP : 0;
	return sum > l->limit + GAP;
}

static bool
shrink_widest(struct layout *l, const struct table *t)
{
	size_t *widest = NULL;

	for (size_t c = 0; c < t->column_count; c++) {
		size_t *w = &l->widths[c];
		if (t->columns[c].width > 0 && *w > SHRUNK &&
		    *w > strlen(t->columns[c].title) &&
		    (widest == NULL || *w >= *widest))
			widest = w;
	}
	if (widest == NULL)
		return false;
	--*widest;
	return true;
}

static bool
move_below(struct layout *l, const struct table *t, unsigned flag)
{
	for (size_t c = t->column_count; c-- > 0;) {
		if (l->widths[c] > 0 && (t->columns[c].kind & flag) != 0) {
			l->widths[c] = 0;
			l->below[c] = true;
			return true;
		}
	}
	return false;
}

static void
drop_bars(struct layout *l, const struct table *t)
{
	for (size_t c = 0; c < t->column_count; c++) {
		if (kind_of(&t->columns[c]) == TABLE_BAR)
			l->widths[c] = 0;
	}
}

/* Sentences first, for they are the widest and lose nothing under their row;
 * then bars go, whose numbers stay; then texts are cut; then counters leave the
 * line from the right. */
static void
layout_fit(struct layout *l, const struct table *t)
{
	while (too_wide(l, t) && move_below(l, t, TABLE_BELOW))
		;
	if (too_wide(l, t))
		drop_bars(l, t);
	while (too_wide(l, t) && shrink_widest(l, t))
		;
	while (too_wide(l, t) && move_below(l, t, TABLE_SPARING))
		;
}

static void
put_cell(struct buf *line, const struct table *t, size_t column,
    const struct buf *text, size_t width)
{
	size_t has = utf8_width(buf_str(text), text->len);
	size_t pad = width > has ? width - has : 0;

	if (line->len > 0)
		buf_printf(line, "%*s", GAP, "");
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

/* Indented, broken at spaces; a longer word (a URL) stays whole. */
static void
put_wrapped(
    struct buf *line, const struct layout *l, const char *text, FILE *out)
{
	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		if (line->len > INDENT && utf8_width(line->data, line->len) +
						  1 + utf8_width(text, n) >
					      l->limit)
			put_line(line, out);
		buf_printf(line, "%*s%.*s", line->len == 0 ? INDENT : 1, "",
		    (int)n, text);
		text += n + (text[n] == ' ');
	}
	put_line(line, out);
}

/* Counters on a line together, with their names; then sentences. */
static void
put_below(struct buf *line, struct buf *text, const struct table *t,
    const struct layout *l, const char *const *cells, FILE *out)
{
	buf_clear(text);
	for (size_t c = 0; c < t->column_count; c++) {
		if (!l->below[c] || is_nothing(cells[c]) ||
		    kind_of(&t->columns[c]) != TABLE_NUMBER)
			continue;
		buf_printf(text, "%s%s ", text->len > 0 ? ", " : "", cells[c]);
		for (const char *s = t->columns[c].title; *s != '\0'; s++)
			buf_addc(text, (char)tolower((unsigned char)*s));
	}
	if (text->len > 0)
		put_wrapped(line, l, buf_str(text), out);
	for (size_t c = 0; c < t->column_count; c++) {
		if (!l->below[c] || is_nothing(cells[c]) ||
		    kind_of(&t->columns[c]) == TABLE_NUMBER)
			continue;
		shown(text, t, c, cells[c]);
		put_wrapped(line, l, buf_str(text), out);
	}
}

static void
print_aligned(const struct table *t, FILE *out)
{
	struct layout l = {.limit = columns_of(out)};
	struct buf text, line;

	buf_init(&text, CELL_BYTES);
	buf_init(&line, LINE_BYTES);
	layout_init(&l, t, &text);
	layout_fit(&l, t);
	for (size_t c = 0; c < t->column_count; c++) {
		buf_clear(&text);
		buf_adds(&text, t->columns[c].title);
		if (l.widths[c] > 0)
			put_cell(&line, t, c, &text, l.widths[c]);
	}
	put_line(&line, out);
	for (size_t i = 0; i < t->count; i++) {
		size_t c = i % t->column_count;
		if (l.widths[c] > 0) {
			shown(&text, t, c, t->cells[i]);
			str_fit(&text, l.widths[c]);
			put_cell(&line, t, c, &text, l.widths[c]);
		}
		if (c + 1 == t->column_count) {
			put_line(&line, out);
			put_below(&line, &text, t, &l, &t->cells[i - c], out);
		}
	}
	buf_release(&text);
	buf_release(&line);
	free(l.widths);
	free(l.below);
}

/* --- for programs ----------------------------------------------------------
 */
static bool
is_number(const char *s)
{
	size_t n;

	s += *s == '-';
	n = strspn(s, "0123456789");
	if (n == 0 || (n > 1 && *s == '0'))
		return false;
	s += n;
	if (*s != '.')
		return *s == '\0';
	n = strspn(++s, "0123456789");
	return n > 0 && s[n] == '\0';
}

static bool
is_for_people(const struct table_column *column)
{
	return kind_of(column) == TABLE_BAR ||
	       (column->kind & TABLE_PEOPLE_ONLY) != 0;
}

static void
json_cell(struct json *j, const struct table_column *column, const char *cell)
{
	if (cell[0] == '\0' || is_for_people(column))
		return;
	json_key(j, column->key);
	if (kind_of(column) == TABLE_BOOL)
		json_bool(j, cell[0] == 't');
	else if (kind_of(column) == TABLE_VALUE ||
		 (kind_of(column) == TABLE_NUMBER && is_number(cell)))
		json_raw(j, cell);
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

static void
csv_cell(struct buf *line, const struct table_column *column, const char *cell)
{
	if (cell[0] != '\0' && kind_of(column) == TABLE_BOOL)
		buf_adds(line, cell[0] == 't' ? "true" : "false");
	else if (kind_of(column) == TABLE_NUMBER && is_number(cell))
		buf_adds(line, cell);
	else
		csv_text(line, cell);
}

/* A line of `cells`, or of the keys where it is NULL.  RFC 4180: lines end
 * with CR LF. */
static void
csv_line(struct buf *line, const struct table *t, const char *const *cells,
    FILE *out)
{
	bool first = true;

	buf_clear(line);
	for (size_t c = 0; c < t->column_count; c++) {
		if (is_for_people(&t->columns[c]))
			continue;
		if (!first)
			buf_addc(line, ',');
		first = false;
		if (cells == NULL)
			buf_adds(line, t->columns[c].key);
		else
			csv_cell(line, &t->columns[c], cells[c]);
	}
	fprintf(out, "%s\r\n", buf_str(line));
}

static void
print_csv(const struct table *t, FILE *out)
{
	struct buf line;

	buf_init(&line, LINE_BYTES);
	csv_line(&line, t, NULL, out);
	for (size_t i = 0; i < t->count; i += t->column_count)
		csv_line(&line, t, &t->cells[i], out);
	buf_release(&line);
}

void
table_print(const struct table *t, FILE *out, enum table_form form)
{
	BUG_ON(t->count % t->column_count != 0);
	switch (form) {
	case TABLE_PEOPLE:
		print_aligned(t, out);
		break;
	case TABLE_JSON:
		print_json(t, out);
		break;
	case TABLE_CSV:
		print_csv(t, out);
		break;
	}
}
