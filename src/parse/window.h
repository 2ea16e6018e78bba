/*
 * The page as clean UTF-8, through a window that moves forward.
 *
 * Reads the body with pread at offsets of its own (the descriptor is shared;
 * a pipe, by hand, is read as it comes),
 * turns legacy encodings into UTF-8, and repairs what XML cannot hold: broken
 * sequences and noncharacters become U+FFFD, forbidden control characters a
 * space.  Clean input is read straight into the window and not copied again.
 * Every repair is counted, and remembered while it is in the window, so that
 * a place in the window can be told as an offset in the body.
 */
#ifndef SHEAF_PARSE_WINDOW_H
#define SHEAF_PARSE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "parse/encoding.h"

struct window_repair {
	uint64_t start, end; /* in the output, absolute */
	int64_t delta; /* body offset less output offset, after it */
};

struct window {
	/* the window: data[start..end) is clean */
	char *data;
	size_t start, end;
	bool is_eof; /* nothing follows data[end] */
	uint64_t line, column; /* of data[start], from 1; column in bytes */
	uint64_t repairs; /* so far */
	struct encoding_guess guess;
	unsigned char head[512]; /* the body's first bytes, as they are */
	size_t head_len;

	/* private */
	int fd;
	bool is_pipe;
	uint64_t pos; /* where the next read begins */
	uint8_t carry[4]; /* a character of a legacy encoding, cut */
	size_t carry_len;
	size_t raw_end; /* data[end..raw_end): read, a cut sequence */
	size_t cap;
	uint64_t out_base; /* output offset of data[start] */
	uint64_t in_base; /* body offset of data[start], transcoded pages */
	int64_t delta; /* body less output offset, before the first repair */
	struct window_repair *list;
	size_t list_first, list_count, list_cap;
	uint8_t *scratch;
	size_t scratch_len;
};

/* Opens the body; fd is not owned.  0, or -1 when it cannot be read. */
int
window_open(struct window *w, int fd, const char *content_type, struct err *e);
/* The same for a feed: in more encodings, told apart by more of its bytes. */
int window_open_feed(
    struct window *w, int fd, const char *content_type, struct err *e);
void window_release(struct window *w);
/* Appends to the window: 1, 0 at the end of the body, -1.  Pointers into the
 * window die. */
int window_fill(struct window *w, struct err *e);
/* Moves start n bytes on. */
void window_drop(struct window *w, size_t n);
/* The body's offset of data[start + at]. */
uint64_t window_offset(const struct window *w, size_t at);
/* Whether data[start + from .. start + to) is other than the body's own bytes
 * there: something was repaired, or all of it is transcoded. */
bool window_is_changed(const struct window *w, size_t from, size_t to);
/* Line and column (in bytes, both from 1) of data[start + at]. */
void window_place(
    const struct window *w, size_t at, uint64_t *line, uint64_t *column);

/* Length of the clean prefix of p: valid UTF-8 of characters that XML 1.0
 * (2.2) allows.  *bad is how many bytes after it are one broken or forbidden
 * thing, 0 when it ends in a sequence that is merely cut, or at n. */
size_t window_clean_prefix(const uint8_t *p, size_t n, unsigned *bad);

#endif
