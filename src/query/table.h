/*
 * Rows for people and for programs: aligned columns, with JSON one object a
 * line, or CSV (query/csv.h).  Text is escaped and cut by what a terminal
 *shows, not by bytes.
 *
 *	struct table *t = table_new(columns, 3);
 *	table_cell(t, "wb-okr");
 *	table_cell_i64(t, 42);
 *	table_cell(t, NULL);            // nothing known
 *	table_print(t, stdout, TABLE_PEOPLE);
 *	table_free(t);
 */
#ifndef SHEAF_QUERY_TABLE_H
#define SHEAF_QUERY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum table_form { TABLE_PEOPLE, TABLE_JSON, TABLE_CSV };

enum table_kind {
	TABLE_TEXT,
	TABLE_NUMBER,
	TABLE_BOOL,
	TABLE_BAR, /* a number as a bar, for people alone */
	TABLE_VALUE, /* JSON already */
};

/* Added to a kind.  JSON is always whole. */
enum {
	TABLE_KINDS = 7,
	/* People are not shown the column while every row has nothing or 0 in
	 * it; where lines are too long, it stands under its row. */
	TABLE_SPARING = 8,
	TABLE_JSON_ONLY = 16, /* people are not shown it at all */
	/* A sentence: under its row, whole, where lines are too long. */
	TABLE_BELOW = 32,
	TABLE_PEOPLE_ONLY = 64, /* a sentence made of what programs get whole */
};
enum { TABLE_BAR_WIDTH = 20 };
/* Terminal columns of a line where the output is no terminal and COLUMNS does
 * not say it. */
enum { TABLE_WIDTH = 100 };

struct table_column {
	const char *title; /* heading */
	const char *key; /* in JSON, and the heading in CSV */
	unsigned kind; /* enum table_kind; numbers are set to the right */
	unsigned width; /* most terminal columns for it, fewer where lines are
			 * too long; 0: any, and never cut */
};

struct table;

/* `columns` must outlive the table. */
struct table *table_new(const struct table_column *columns, size_t count);
void table_free(struct table *t);
/* Cells in order, row by row.  NULL and "" are an empty cell, left out in
 * JSON.  The text is copied. */
void table_cell(struct table *t, const char *text);
void table_cell_i64(struct table *t, int64_t v);
size_t table_rows(const struct table *t);
/* Writes heading and rows, no line longer than the terminal is wide if it can
 * be; as JSON the rows alone, as CSV the keys and the
 * rows.  An unfinished last row is a bug. */
void table_print(const struct table *t, FILE *out, enum table_form form);

#endif
