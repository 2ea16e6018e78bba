/* Decisions in a file; see query/decision_table.h. */
#include "query/decision_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "query/ask.h"

enum column {
	COL_KIND,
	COL_SOURCE_A,
	COL_IDENTIFIER_A,
	COL_SOURCE_B,
	COL_IDENTIFIER_B,
	COL_FIELD,
	COL_VALUE,
	COL_AUTHOR,
	COL_REASON,
	COL_AT,
	COL_UNDONE_AT,
	COL_UNDONE_BY,
	COL_UNDONE_REASON,
	COLUMNS,
	COL_NONE = COLUMNS
};

static const struct {
	const char *name;
	bool is_needed;
} columns[COLUMNS] = {
    [COL_KIND] = {"kind", true},
    [COL_SOURCE_A] = {"source_a", true},
    [COL_IDENTIFIER_A] = {"identifier_a", true},
    [COL_SOURCE_B] = {"source_b", false},
    [COL_IDENTIFIER_B] = {"identifier_b", false},
    [COL_FIELD] = {"field", false},
    [COL_VALUE] = {"value", false},
    [COL_AUTHOR] = {"author", true},
    [COL_REASON] = {"reason", true},
    [COL_AT] = {"at", true},
    [COL_UNDONE_AT] = {"undone_at", false},
    [COL_UNDONE_BY] = {"undone_by", false},
    [COL_UNDONE_REASON] = {"undone_reason", false},
};

#define INSTANT(column)                                                        \
	"to_char(" column                                                      \
	" at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"

/* --- out --- */
static const char export_sql[] =
    "select d.kind, d.source_a, d.identifier_a, d.source_b, d.identifier_b, "
    "d.field, d.value, d.author, d.reason, " INSTANT("d.at") ", " INSTANT(
	"d.undone_at") ", d.undone_by, d.undone_reason "
		       "from sheaf.decision d order by d.at, d.decision_id";

/* The letter that stands for a byte that cannot stand in a cell; 0: it can. */
static char
letter_of(char c)
{
	return c == '\t'   ? 't'
	       : c == '\n' ? 'n'
	       : c == '\r' ? 'r'
	       : c == '\\' ? '\\'
			   : 0;
}

static void
write_cell(FILE *out, const char *s)
{
	for (; s != NULL && *s != '\0'; s++) {
		char letter = letter_of(*s);
		if (letter != 0)
			fputc('\\', out);
		fputc(letter != 0 ? letter : *s, out);
	}
}

static int
write_table(FILE *out, const struct db_rows *rows)
{
	for (int c = 0; c < COLUMNS; c++)
		fprintf(out, "%s%s", c > 0 ? "\t" : "", columns[c].name);
	fputc('\n', out);
	for (int r = 0; r < db_rows_count(rows); r++) {
		for (int c = 0; c < COLUMNS; c++) {
			if (c > 0)
				fputc('\t', out);
			write_cell(out, db_rows_get(rows, r, c));
		}
		fputc('\n', out);
	}
	return fflush(out) != 0 || ferror(out) ? -1 : 0;
}

int
decision_table_export(const struct verb_ctx *ctx, const char *path)
{
	struct db_rows *rows = ask_rows(ctx, export_sql, 0, NULL);
	bool is_stdout = strcmp(path, "-") == 0;
	FILE *out;
	int code = EX_OK;

	if (rows == NULL)
		return EX_UNAVAILABLE;
	out = is_stdout ? stdout : fopen(path, "wxe");
	if (out == NULL && errno == EEXIST)
		verb_complain("name another file, or remove it",
		    "%s is there already", path);
	else if (out == NULL)
		verb_complain(NULL, "%s: %s", path, strerror(errno));
	if (out == NULL)
		code = EX_CANTCREAT;
	else if (write_table(out, rows) != 0) {
		verb_complain(
		    NULL, "%s cannot be written: %s", path, strerror(errno));
		code = EX_IOERR;
	}
	if (out != NULL && !is_stdout && fclose(out) != 0 && code == EX_OK) {
		verb_complain(
		    NULL, "%s cannot be written: %s", path, strerror(errno));
		code = EX_IOERR;
	}
	if (code == EX_OK && !is_stdout && !ctx->json)
		printf("%d decisions in %s\n", db_rows_count(rows), path);
	db_rows_free(rows);
	return code;
}

/* --- in --- */
struct reading {
	const struct verb_ctx *ctx;
	const char *path;
	size_t line; /* from 1 */
	enum column order[COLUMNS]; /* column of the file → column */
	size_t given; /* columns of the file */
	size_t mistakes;
	long long added, known;
};
enum { MISTAKES_TOLD = 20 };

static void __attribute__((format(printf, 2, 3)))
mistake(struct reading *r, const char *fmt, ...)
{
	struct buf text;
	va_list ap;

	if (++r->mistakes > MISTAKES_TOLD)
		return;
	buf_init(&text, 64 * KIB);
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s:%zu: %s\n", r->path, r->line, buf_str(&text));
	buf_release(&text);
}

/* Cuts off what comes before the next tab; \t and the like in place. */
static char *
next_cell(char **at)
{
	char *cell = *at, *to = cell, *from = cell;

	if (cell == NULL)
		return NULL;
	for (; *from != '\0' && *from != '\t'; from++) {
		if (*from == '\\' && from[1] != '\0') {
			from++;
			*to++ = *from == 't'   ? '\t'
				: *from == 'n' ? '\n'
				: *from == 'r' ? '\r'
					       : *from;
		} else {
			*to++ = *from;
		}
	}
	*at = *from == '\t' ? from + 1 : NULL;
	*to = '\0';
	return cell;
}

static int
read_head(struct reading *r, char *line)
{
	bool seen[COLUMNS] = {false};
	char *cell;

	while ((cell = next_cell(&line)) != NULL) {
		enum column c = COL_KIND;
		while (c < COLUMNS && strcmp(columns[c].name, cell) != 0)
			c++;
		if (c == COL_NONE || seen[c] || r->given == COLUMNS) {
			mistake(r, "\"%.80s\" is %s", cell,
			    c == COL_NONE ? "no column of decisions; the first "
					    "line names the columns"
					  : "there twice");
			return -1;
		}
		seen[c] = true;
		r->order[r->given++] = c;
	}
	for (int c = 0; c < COLUMNS; c++) {
		if (!columns[c].is_needed || seen[c])
			continue;
		mistake(r, "the column %s is missing", columns[c].name);
		return -1;
	}
	return 0;
}

static const char *
or_null(const char *s)
{
	return s != NULL && *s != '\0' ? s : NULL;
}

static const char import_sql[] =
    "select i.added, i.refusal from sheaf.decision_import($1, $2, $3, $4, $5, "
    "$6, $7, $8, $9, $10::timestamptz, $11::timestamptz, $12, $13) i";

/* PostgreSQL reads "yesterday" as well, which no table may say. */
static bool
is_instant(const char *s)
{
	return s == NULL || strspn(s, "0123456789") >= 4;
}

/* 0, or -1 when the transaction cannot go on. */
static int
enter(struct reading *r, const char *const *cells)
{
	const char *params[COLUMNS];
	struct err e = {0};
	struct db_rows *rows;

	for (int c = 0; c < COLUMNS; c++)
		params[c] = or_null(cells[c]);
	/* A field that is set to nothing. */
	if (params[COL_FIELD] != NULL && params[COL_VALUE] == NULL)
		params[COL_VALUE] = "";
	rows = db_query_sync(r->ctx->db, import_sql, COLUMNS, params, &e);
	if (rows == NULL) {
		mistake(r, "%s", e.text);
		return -1;
	}
	if (db_rows_get(rows, 0, 1) != NULL)
		mistake(r, "%s", db_rows_get(rows, 0, 1));
	else if (strcmp(db_rows_get(rows, 0, 0), "t") == 0)
		r->added++;
	else
		r->known++;
	db_rows_free(rows);
	return 0;
}

static int
read_row(struct reading *r, char *line)
{
	const char *cells[COLUMNS] = {NULL};
	char *cell;
	size_t n = 0;

	while ((cell = next_cell(&line)) != NULL) {
		if (n == r->given) {
			mistake(r, "there are more than %zu columns", r->given);
			return 0;
		}
		cells[r->order[n++]] = cell;
	}
	for (int c = 0; c < COLUMNS; c++) {
		if (!columns[c].is_needed || or_null(cells[c]) != NULL)
			continue;
		mistake(r, "%s is empty", columns[c].name);
		return 0;
	}
	for (int c = 0; c < COLUMNS; c++) {
		if ((c != COL_AT && c != COL_UNDONE_AT) ||
		    is_instant(or_null(cells[c])))
			continue;
		mistake(r,
		    "%s: \"%.80s\" is no instant; expected such as "
		    "2024-05-01T10:00:00Z",
		    columns[c].name, cells[c]);
		return 0;
	}
	return enter(r, cells);
}

static int
read_line(struct reading *r, char *line, size_t n)
{
	if (n > 0 && line[n - 1] == '\r')
		line[--n] = '\0';
	r->line++;
	if (strlen(line) != n || !utf8_valid(line, n)) {
		mistake(r, "that is not UTF-8 text");
		return r->line == 1 ? -1 : 0;
	}
	if (n == 0)
		return 0;
	return r->line == 1 ? read_head(r, line) : read_row(r, line);
}

static int
read_lines(struct reading *r, FILE *in)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = getline(&line, &cap, in)) >= 0) {
		if ((size_t)n > LIMIT_DECISION_LINE) {
			r->line++;
			mistake(r, "the line has more than %zu bytes",
			    LIMIT_DECISION_LINE);
			rc = -1;
			break;
		}
		if (n > 0 && line[n - 1] == '\n')
			line[--n] = '\0';
		rc = read_line(r, line, (size_t)n);
	}
	if (rc == 0 && ferror(in)) {
		mistake(r, "%s", strerror(errno));
		rc = -1;
	}
	if (rc == 0 && r->line == 0)
		mistake(r, "there is nothing in it");
	free(line);
	return rc;
}

static int
close_import(struct reading *r)
{
	struct err e = {0};
	bool good = r->mistakes == 0;

	if (db_exec_sync(r->ctx->db, good ? "commit" : "rollback", &e) != 0) {
		verb_complain(NULL, "the database refuses: %s", e.text);
		return EX_UNAVAILABLE;
	}
	if (!good) {
		if (r->mistakes > MISTAKES_TOLD)
			fprintf(stderr, "%s: and %zu mistakes more\n", r->path,
			    r->mistakes - MISTAKES_TOLD);
		verb_complain("mend the table and import it again",
		    "nothing of %s was imported", r->path);
		return EX_DATAERR;
	}
	if (r->ctx->json)
		printf("{\"added\":%lld,\"known\":%lld}\n", r->added, r->known);
	else
		printf("%lld decisions were entered, %lld were there already\n",
		    r->added, r->known);
	return EX_OK;
}

int
decision_table_import(const struct verb_ctx *ctx, const char *path)
{
	struct reading r = {.ctx = ctx, .path = path};
	struct err e = {0};
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");

	if (in == NULL) {
		verb_complain(NULL, "%s: %s", path, strerror(errno));
		return EX_NOINPUT;
	}
	if (db_exec_sync(ctx->db, "begin", &e) != 0) {
		verb_complain(NULL, "the database refuses: %s", e.text);
		if (in != stdin)
			fclose(in);
		return EX_UNAVAILABLE;
	}
	if (read_lines(&r, in) != 0 && r.mistakes == 0)
		r.mistakes++;
	if (in != stdin)
		fclose(in);
	return close_import(&r);
}
