/*
 * The body of one answer on its way to a descriptor that nobody can change.
 *
 * Bytes gather in a buffer of 64 KiB; a body that fits becomes a memfd in one
 * write.  A longer one is written to its memfd as it comes and beyond
 * LIMIT_BODY_MEMORY moves to an unlinked file in spool_dir, so that memory
 * stays bounded whatever the servers send.  What is handed over is a memfd
 * sealed against every change, or a read-only descriptor of a file that has
 * no name and no permission to write.
 *
 * Not here: how long the body of an answer may be (fetch/transfer.c knows).
 */
#ifndef SHEAF_BASE_BODY_H
#define SHEAF_BASE_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"

struct body {
	char *buf; /* owned, kept from one body to the next */
	size_t used;
	uint64_t bytes; /* all that were added */
	int fd; /* written to; -1 while everything is in buf */
	int reader; /* read-only twin when fd is a file, else -1 */
	struct hash128_state *hash;
	const char *spool_dir; /* not owned */
};

void body_init(struct body *b, const char *spool_dir);
void body_clear(struct body *b); /* drops what was added */
void body_release(struct body *b);
int body_add(struct body *b, const void *p, size_t n, struct err *e);
/* Ends the body: its descriptor (the caller's, position 0) and its hash.  An
 * empty body has no descriptor: *fd is -1.  The body is empty afterwards. */
int
body_seal(struct body *b, int *fd, uint8_t hash[HASH128_BYTES], struct err *e);

/* A file of ours as a body: a copy, so that nobody changes it while it is read.
 * At most `max` bytes, and LIMIT_STATIC_FILE_BYTES, since the caller does
 * nothing else meanwhile.  0 with *fd (the caller's), its length and hash; -1
 * with class LIMIT for a larger one, SYSTEM when it cannot be read, is no
 * regular file, is empty, or changed meanwhile.  No waiting for FIFOs. */
int body_of_file(const char *path, const char *spool_dir, uint64_t max, int *fd,
    uint64_t *bytes, uint8_t hash[HASH128_BYTES], struct err *e);

#endif
