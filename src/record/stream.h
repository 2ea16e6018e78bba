/*
 * The record stream: what sheaf-parse writes on its standard output, and what
 * sheaf-store and sheafctl read.
 *
 * A stream is the magic "SHEAFREC\x01", then frames: u32 length of what
 * follows, u8 type, payload; little-endian.  Exactly one trailer (type PAGE)
 * ends it; a stream without one, or with bytes after it, is broken and
 * nothing of it is used.  The writer is the sandboxed parser, so the reader
 * trusts nothing: lengths, types, UTF-8 and counts are checked.
 */
#ifndef SHEAF_RECORD_STREAM_H
#define SHEAF_RECORD_STREAM_H

#include "record/facts.h"
#include "record/record.h"

enum frame_type { FRAME_RECORD = 1, FRAME_REJECT = 2, FRAME_PAGE = 3 };

/* --- writing: to a descriptor, buffered; blocks as the pipe does --- */
struct stream_writer;
struct stream_writer *stream_writer_new(int fd); /* fd not owned */
/* 0, or -1 with errno: EMSGSIZE when the record or reject is too large for a
 * frame (the stream stays whole without it), else what write(2) said (the
 * stream is lost).  The words and limits of record_check() are the caller's to
 * keep: the reader refuses the whole stream for one record that breaks them. */
int stream_write_record(struct stream_writer *w, const struct record *r);
int stream_write_reject(struct stream_writer *w, const struct reject *r);
/* Writes the trailer and flushes.  records, deleted, rejected and filtered are
 * the writer's own counts, whatever f says. */
int stream_write_page(struct stream_writer *w, const struct page_facts *f);
void stream_writer_free(struct stream_writer *w);

/* --- reading: pushed with bytes as they come --- */
/* A record frame opened only as far as the store needs for what is unchanged:
 * texts point into the frame.  `doc` is decoded with record_decode_doc when
 * the record turns out new or changed. */
struct record_head {
	const char *identifier, *identifier_basis, *datestamp;
	const char *sets; /* one a line */
	bool deleted, header_only, is_known, filtered;
	uint64_t offset, length;
	const uint8_t *digest; /* DIGEST_BYTES */
	const char *context; /* lives until the next record */
	bool has_same_context; /* as the record before it */
	const void *element;
	size_t element_len;
	const void *doc;
	size_t doc_len;
};

struct stream_ops {
	/* Each returns 0, or -1 to stop with e.  What is passed lives until
	 * the call returns. */
	int (*on_record)(void *arg, const struct record_head *h, struct err *e);
	int (*on_reject)(void *arg, const struct reject *r, struct err *e);
	int (*on_page)(void *arg, const struct page_facts *f, struct err *e);
};

struct stream_reader;
/* max_bytes: ceiling of the whole stream; body_bytes: of the page, against
 * which offsets and lengths are checked. */
struct stream_reader *stream_reader_new(const struct stream_ops *ops, void *arg,
    uint64_t max_bytes, uint64_t body_bytes);
/* 0, or -1 when the stream is broken (class ERR_PROTO or ERR_LIMIT). */
int stream_reader_push(
    struct stream_reader *r, const void *p, size_t n, struct err *e);
/* At end of file: 0 when the trailer was seen and nothing came after it. */
int stream_reader_end(struct stream_reader *r, struct err *e);
bool stream_reader_has_trailer(const struct stream_reader *r);
void stream_reader_free(struct stream_reader *r);

/* The whole record (head and doc) for JSON. */
int record_from_head(struct record *r, struct arena *a,
    const struct record_head *h, struct err *e);

#endif
