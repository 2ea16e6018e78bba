/*
 * Cells of CSV as RFC 4180 has them, that a spreadsheet may open.
 *
 * Texts come from strangers, and a spreadsheet takes a cell that begins with
 * =, +, - or @ for a formula, which may run programs or send the sheet away.
 * Such a text gets an apostrophe before it.  Which character parts cells is the
 * spreadsheet's own setting, and one that takes ";" sees no quotes where we
 * wrote them: there, too, a sign behind ";" gets its apostrophe, and line
 * breaks, tabs and other controls become spaces.  So a text may differ from
 * what is in the registry; JSON never does.
 */
#ifndef SHEAF_QUERY_CSV_H
#define SHEAF_QUERY_CSV_H

#include "base/buf.h"

/* Appends a text as one cell; "" where it is empty. */
void csv_text(struct buf *out, const char *text);

#endif
