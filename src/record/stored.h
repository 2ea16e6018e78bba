/*
 * Stored records that are read again: the page that is made of them for the
 * parser, and what came of it against what there is.
 *
 * The page is what their context (record/context.h) tells: an answer to
 * ListRecords around their slices, which follow each other as they are stored,
 * or a feed with the head that theirs had.  So the records of one page are
 * those of one context and one format.
 */
#ifndef SHEAF_RECORD_STORED_H
#define SHEAF_RECORD_STORED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "record/context.h"
#include "record/record.h"

struct stored_record {
	int64_t record_id;
	uint32_t block; /* of stored_page.blocks */
	int32_t raw_offset; /* in the block */
	uint64_t at, length; /* of its slice in the page's body */
	const void *doc; /* its content; in the arena */
	size_t doc_length;
	const char *identifier; /* NULL: not asked for */
	bool is_read; /* stored_find() has named it */
};

struct stored_outside { /* a record that its block does not have */
	int64_t record_id;
	const char *identifier, *why; /* identifier: NULL: not asked for */
};

struct stored_block {
	int64_t id;
	int32_t gone; /* for the caller: records that leave it */
};

struct stored_page {
	struct buf body;
	struct arena arena; /* contents, and the texts below */
	bool of_feed; /* set by who begins it: only what has a feed's head can
			 be read, and blocks without are passed over */
	const char *context, *format; /* format: NULL until a record has one */
	struct context around; /* that context */
	int64_t last; /* block that was looked at; 0: none */
	struct stored_record *records; /* in the order of the body */
	size_t record_count, record_cap, read_count;
	struct stored_block *blocks;
	size_t block_count, block_cap;
	struct stored_outside *outside; /* to be rejected */
	size_t outside_count, outside_cap;
	const uint8_t *data; /* of the last block, the caller's */
	size_t data_len;
};

/* A row of sheaf.stored_page().  Texts and data are the caller's; data have to
 * live until the first row of another block, or the end. */
struct stored_row {
	int64_t block, record_id; /* record_id 0: the block has none */
	const char *context, *identifier, *format;
	int64_t offset, raw_length, doc_length;
	const void *data; /* NULL but for a block's first row */
	size_t data_len;
};

void stored_page_init(struct stored_page *p);
void stored_page_release(struct stored_page *p);
/* True: taken, or passed over; false: this row begins another page. */
bool stored_page_take(struct stored_page *p, const struct stored_row *row);
/* After the last row, where it has blocks: 0, or -1 and e when the body is too
 * large. */
int stored_page_end(struct stored_page *p, struct err *e);
/* The body in a sealed memfd, or -1 and e. */
int stored_page_seal(const struct stored_page *p, struct err *e);
/* The stream names a slice: it has to be one of the page's, and once.  0, or
 * -1 and e. */
int stored_find(struct stored_page *p, uint64_t offset, uint64_t length,
    uint32_t *index, struct err *e);
/* At the trailer: 0 when all were named, else -1 and e. */
int stored_check(const struct stored_page *p, struct err *e);

/* 0: the encoded contents say the same; 1: they differ; -1: the new one is
 * none.  What was repaired of a page's bytes is told by warnings that a slice,
 * which is repaired already, gives no more; they stay.  So where they differ,
 * `kept` is what is to be stored instead of `now`, if it is not empty. */
int stored_compare(struct buf *kept, const void *was, size_t was_len,
    const void *now, size_t now_len, struct arena *scratch, struct err *e);

/* Without those warnings; their list is another one then, in a. */
void stored_drop_byte_warnings(struct record *r, struct arena *a);

/* Calls for each field of the content that differs, in the order of the model;
 * before and after are JSON, "" where there is no value. */
typedef void stored_differs_fn(
    void *arg, const char *field, const char *before, const char *after);
void stored_differences(const struct record *was, const struct record *now,
    stored_differs_fn *differs, void *arg);

#endif
