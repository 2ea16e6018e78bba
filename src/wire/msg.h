/*
 * Messages between roles: structs, codec and checks, all made from the table
 * in wire/messages.h.
 *
 * On the wire a message is one datagram of a SOCK_SEQPACKET socket: u16 type,
 * then the fields in the table's order, little-endian; a text or blob is u32
 * length, the bytes and a NUL.  Decoded texts and blobs point into the
 * datagram and live as long as it; blobs may begin at any address, so what is
 * wider than a byte in them is copied out.
 *
 * A malformed message kills its sender, never its receiver: msg_decode
 * returns -1 and the channel is closed with that reason.
 */
#ifndef SHEAF_WIRE_MSG_H
#define SHEAF_WIRE_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "wire/messages.h"

enum role {
	ROLE_SHEAFD,
	ROLE_FETCH,
	ROLE_PARSE,
	ROLE_STORE,
	ROLE_RESOLVE,
	ROLE_SERVE,
	ROLE_COUNT
};
/* "sheafd", "sheaf-fetch", …: also the program's name in libexec. */
const char *role_name(enum role role);

struct blob {
	const void *data;
	size_t len;
};

#define MSG_TYPE_U32	uint32_t
#define MSG_TYPE_U64	uint64_t
#define MSG_TYPE_I64	int64_t
#define MSG_TYPE_BOOL	bool
#define MSG_TYPE_DOUBLE double
#define MSG_TYPE_STR	const char *
#define MSG_TYPE_BLOB	struct blob

enum msg_type {
	MSG_NONE = 0,
#define M(NAME, name, from, to, fds, text) MSG_##NAME,
	MSG_TABLE(M)
#undef M
	    MSG_TYPE_COUNT
};

#define F(type, field) MSG_TYPE_##type field;
#define M(NAME, name, from, to, fds, text)                                     \
	struct msg_##name {                                                    \
		FIELDS_##name(F)                                               \
	};
MSG_TABLE(M)
#undef M
#undef F

struct msg { /* any message, decoded */
	enum msg_type type;
	union {
#define M(NAME, name, from, to, fds, text) struct msg_##name name;
		MSG_TABLE(M)
#undef M
	};
};

struct msg_info {
	const char *name;
	enum role from, to;
	unsigned max_fds;
	const char *meaning;
};
const struct msg_info *msg_info(enum msg_type type); /* NULL: no such type */

/* Appends the datagram to out.  NULL texts are written as "", bytes of a text
 * that are not UTF-8 as U+FFFD.  0, or -1 when it would exceed
 * LIMIT_MESSAGE_BYTES (out then holds a part of it). */
int msg_encode(struct buf *out, const struct msg *m);
/* Reads a datagram.  Refuses unknown types, one that `from` may not send to
 * `to`, more descriptors than the table allows, texts with a NUL inside,
 * invalid UTF-8 in texts, and bytes left over.  0 or -1. */
int msg_decode(struct msg *m, const void *data, size_t n, enum role from,
    enum role to, size_t nfds, struct err *e);

#endif
