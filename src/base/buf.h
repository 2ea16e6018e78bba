/*
 * A byte buffer with a ceiling given at birth.
 *
 * Invariant: data[len] is NUL once anything was added; len <= max.  Reaching
 * the ceiling is sticky: the add returns -1, `full` is set, nothing is
 * partially added, and every later add fails too, so that a caller may check
 * once at the end.
 *
 *	struct buf b;
 *	buf_init(&b, LIMIT_URL_BYTES);
 *	buf_printf(&b, "%s?verb=Identify", base);
 *	if (b.full)
 *		...
 *	buf_release(&b);
 */
#ifndef SHEAF_BASE_BUF_H
#define SHEAF_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data; /* owned; NULL until the first add */
	size_t len;
	size_t cap;
	size_t max;
	bool full;
};

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b); /* frees; the buffer may be init'ed again */
void buf_clear(struct buf *b); /* empty again, keeps memory, resets full */
/* All adds return 0, or -1 when the ceiling was or had been reached. */
int buf_add(struct buf *b, const void *p, size_t n);
int buf_adds(struct buf *b, const char *s);
int buf_addc(struct buf *b, char c);
int buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int buf_vprintf(struct buf *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
/* Room for n more bytes at data + len (then buf_added); NULL at the ceiling. */
char *buf_reserve(struct buf *b, size_t n);
void buf_added(struct buf *b, size_t n);
/* Drops the first n bytes. */
void buf_consume(struct buf *b, size_t n);
/* The text, "" when empty.  Valid until the next add. */
const char *buf_str(const struct buf *b);
/* Hands the memory over as a NUL-terminated string and re-inits. */
char *buf_detach(struct buf *b);

#endif
