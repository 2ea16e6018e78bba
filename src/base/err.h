/*
 * Errors as values.
 *
 * A function that can fail for a reason the operator should see takes a
 * `struct err *` as its last argument, fills it at the spot where the reason
 * is known, and returns -1 (or NULL).  Callers add context once, with
 * err_prefix(), and hand it up.  A source's error ends in three places: the
 * run's row, one log line, and the backoff rule of its class.
 *
 * Not here: bugs (BUG(), which aborts) and running out of memory (which ends
 * the role; its parent restarts it).
 */
#ifndef SHEAF_BASE_ERR_H
#define SHEAF_BASE_ERR_H

#include <stdarg.h>

/* The classes an operator sees.  Their names are stable: see err_class_name. */
enum err_class {
	ERR_NONE = 0,
	ERR_NET, /* no connection, reset, timed out, name not found */
	ERR_TLS, /* certificate or handshake */
	ERR_HTTP, /* a status that is not success; code is the status */
	ERR_XML, /* the body cannot be read: not XML, truncated, HTML */
	ERR_PROTO, /* the protocol's own error: OAI-PMH code, loop, bad list */
	ERR_LIMIT, /* a named limit of base/limits.h was reached */
	ERR_POLICY, /* we refuse: private address, scheme, held, paused */
	ERR_DB, /* PostgreSQL */
	ERR_CANCEL, /* stopped by the operator or by shutdown */
	ERR_CONFIG, /* configuration: text begins with file:line */
	ERR_SYSTEM, /* the machine: a file, a descriptor, a child */
	ERR_CLASS_COUNT
};

enum { ERR_TEXT_BYTES = 512 };

struct err {
	enum err_class class;
	int code; /* HTTP status, errno, or 0 */
	char text[ERR_TEXT_BYTES];
};

/* Fills *e (which may be NULL) and returns -1.  Text that does not fit is cut
 * at a UTF-8 boundary. */
int err_set(struct err *e, enum err_class class, int code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* As err_set for class ERR_SYSTEM, adding ": strerror(errno)"; code = errno. */
int err_sys(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Puts "fmt: " before the text that is there.  Returns -1. */
int err_prefix(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void err_clear(struct err *e);

/* "NET", "TLS", … ; "NONE" for ERR_NONE.  Never NULL. */
const char *err_class_name(enum err_class class);
/* The class of that name, or -1. */
int err_class_parse(const char *name);

/* A condition that input cannot bring about: says where, and aborts. */
#define BUG_ON(cond)                                                           \
	do {                                                                   \
		if (__builtin_expect(!!(cond), 0))                             \
			bug_abort(__FILE__, __LINE__, #cond);                  \
	} while (0)
_Noreturn void bug_abort(const char *file, int line, const char *what);

#endif
