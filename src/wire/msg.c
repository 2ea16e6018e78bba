/*
 * The codec of wire/messages.h.  Encoder and decoder of each type of field
 * stand side by side; those of each message are made from the table.
 *
 * Not here: sockets and descriptors (proc/chan.c).
 */
#include "wire/msg.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

static const char *const role_names[ROLE_COUNT] = {
    [ROLE_SHEAFD] = "sheafd",
    [ROLE_FETCH] = "sheaf-fetch",
    [ROLE_PARSE] = "sheaf-parse",
    [ROLE_STORE] = "sheaf-store",
    [ROLE_RESOLVE] = "sheaf-resolve",
    [ROLE_SERVE] = "sheaf-serve",
};

const char *
role_name(enum role role)
{
	BUG_ON((unsigned)role >= ROLE_COUNT);
	return role_names[role];
}

static const struct msg_info infos[MSG_TYPE_COUNT] = {
#define M(NAME, name, from, to, fds, text)                                     \
	[MSG_##NAME] = {#NAME, ROLE_##from, ROLE_##to, fds, text},
    MSG_TABLE(M)
#undef M
};

const struct msg_info *
msg_info(enum msg_type type)
{
	if (type <= MSG_NONE || type >= MSG_TYPE_COUNT)
		return NULL;
	return &infos[type];
}

/* A reader of one datagram; `bad` says what the first fault was. */
struct cursor {
	const unsigned char *p, *end;
	const char *bad;
};

static const unsigned char *
take(struct cursor *c, size_t n)
{
	const unsigned char *p = c->p;

	if (c->bad)
		return NULL;
	if ((size_t)(c->end - p) < n) {
		c->bad = "it is cut off";
		return NULL;
	}
	c->p += n;
	return p;
}

/* --- numbers ----------------------------------------------------------- */
static void
put_le(struct buf *out, uint64_t v, size_t n)
{
	unsigned char b[8];

	for (size_t i = 0; i < n; i++)
		b[i] = (unsigned char)(v >> (8 * i));
	buf_add(out, b, n);
}

static uint64_t
take_le(struct cursor *c, size_t n)
{
	const unsigned char *p = take(c, n);
	uint64_t v = 0;

	for (size_t i = 0; p && i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static void
put_U32(struct buf *out, uint32_t v)
{
	put_le(out, v, 4);
}

static uint32_t
take_U32(struct cursor *c)
{
	return (uint32_t)take_le(c, 4);
}

static void
put_U64(struct buf *out, uint64_t v)
{
	put_le(out, v, 8);
}

static uint64_t
take_U64(struct cursor *c)
{
	return take_le(c, 8);
}

static void
put_I64(struct buf *out, int64_t v)
{
	put_le(out, (uint64_t)v, 8);
}

static int64_t
take_I64(struct cursor *c)
{
	return (int64_t)take_le(c, 8);
}

static void
put_DOUBLE(struct buf *out, double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	put_le(out, bits, 8);
}

static double
take_DOUBLE(struct cursor *c)
{
	uint64_t bits = take_le(c, 8);
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

static void
put_BOOL(struct buf *out, bool v)
{
	buf_addc(out, v ? 1 : 0);
}

static bool
take_BOOL(struct cursor *c)
{
	const unsigned char *p = take(c, 1);

	if (p && *p > 1)
		c->bad = "a truth value is neither 0 nor 1";
	return p && *p == 1;
}

/* --- texts and blobs --------------------------------------------------- */
static void
put_BLOB(struct buf *out, struct blob v)
{
	if (v.len > LIMIT_MESSAGE_BYTES) {
		out->full = true;
		return;
	}
	put_le(out, v.len, 4);
	if (v.len > 0)
		buf_add(out, v.data, v.len);
	buf_addc(out, '\0');
}

static struct blob
take_BLOB(struct cursor *c)
{
	struct blob v = {"", 0};
	uint32_t n = take_U32(c);
	const unsigned char *p = take(c, (size_t)n + 1);

	if (!p)
		return v;
	if (p[n] != '\0') {
		c->bad = "a text does not end in NUL";
		return v;
	}
	v.data = p;
	v.len = n;
	return v;
}

/* Strangers' headers come in any bytes; the receiver takes only UTF-8, so
 * each bad byte becomes U+FFFD here. */
static void
put_STR_repaired(struct buf *out, const char *s, size_t n)
{
	size_t at = out->len, len, good;

	put_le(out, 0, 4);
	while (n > 0) {
		good = utf8_valid_prefix(s, n);
		buf_add(out, s, good);
		s += good;
		n -= good;
		if (n > 0) {
			buf_adds(out, "\xef\xbf\xbd");
			s++;
			n--;
		}
	}
	if (out->full)
		return;
	len = out->len - at - 4;
	for (size_t i = 0; i < 4; i++)
		out->data[at + i] = (char)(len >> (8 * i));
	buf_addc(out, '\0');
}

static void
put_STR(struct buf *out, const char *s)
{
	size_t n = s ? strlen(s) : 0;

	if (n <= LIMIT_MESSAGE_BYTES && n > 0 && !utf8_valid(s, n))
		put_STR_repaired(out, s, n);
	else
		put_BLOB(out, (struct blob){s, n});
}

static const char *
take_STR(struct cursor *c)
{
	struct blob v = take_BLOB(c);

	if (c->bad)
		return "";
	if (memchr(v.data, '\0', v.len))
		c->bad = "a text has a NUL inside";
	else if (!utf8_valid(v.data, v.len))
		c->bad = "a text is not UTF-8";
	return v.data;
}

/* --- one pair of functions a message ----------------------------------- */
#define F(type, field) put_##type(out, v->field);
#define M(NAME, name, from, to, fds, text)                                     \
	static void encode_##name(struct buf *out, const struct msg_##name *v) \
	{                                                                      \
		FIELDS_##name(F)                                               \
	}
MSG_TABLE(M)
#undef M
#undef F

#define F(type, field) v->field = take_##type(c);
#define M(NAME, name, from, to, fds, text)                                     \
	static void decode_##name(struct cursor *c, struct msg_##name *v)      \
	{                                                                      \
		FIELDS_##name(F)                                               \
	}
MSG_TABLE(M)
#undef M
#undef F

int
msg_encode(struct buf *out, const struct msg *m)
{
	size_t begin = out->len;

	BUG_ON(!msg_info(m->type));
	put_le(out, (uint64_t)m->type, 2);
	switch (m->type) {
#define M(NAME, name, from, to, fds, text)                                     \
	case MSG_##NAME:                                                       \
		encode_##name(out, &m->name);                                  \
		break;
		MSG_TABLE(M)
#undef M
	case MSG_NONE:
	case MSG_TYPE_COUNT:
		break;
	}
	return out->full || out->len - begin > LIMIT_MESSAGE_BYTES ? -1 : 0;
}

static void
decode_fields(struct cursor *c, struct msg *m)
{
	switch (m->type) {
#define M(NAME, name, from, to, fds, text)                                     \
	case MSG_##NAME:                                                       \
		decode_##name(c, &m->name);                                    \
		break;
		MSG_TABLE(M)
#undef M
	case MSG_NONE:
	case MSG_TYPE_COUNT:
		break;
	}
}

int
msg_decode(struct msg *m, const void *data, size_t n, enum role from,
    enum role to, size_t nfds, struct err *e)
{
	struct cursor c = {data, (const unsigned char *)data + n, NULL};
	unsigned type = (unsigned)take_le(&c, 2);
	const struct msg_info *info;

	m->type = MSG_NONE;
	info = type < MSG_TYPE_COUNT ? msg_info((enum msg_type)type) : NULL;
	if (!info)
		return err_set(e, ERR_SYSTEM, 0,
		    "%s sent a message of unknown type %u", role_name(from),
		    type);
	if (info->from != from || info->to != to)
		return err_set(e, ERR_SYSTEM, 0,
		    "%s sent %s, which it may not send to %s", role_name(from),
		    info->name, role_name(to));
	if (nfds > info->max_fds)
		return err_set(e, ERR_SYSTEM, 0,
		    "%s sent %s with %zu descriptors, at most %u are allowed",
		    role_name(from), info->name, nfds, info->max_fds);
	m->type = (enum msg_type)type;
	decode_fields(&c, m);
	if (!c.bad && c.p != c.end)
		c.bad = "bytes are left over";
	if (c.bad) {
		m->type = MSG_NONE;
		return err_set(e, ERR_SYSTEM, 0, "%s sent a malformed %s: %s",
		    role_name(from), info->name, c.bad);
	}
	return 0;
}
