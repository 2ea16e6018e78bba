/* What the zygote's files share: its children.
 *
 * A child reads strangers' bytes: what it says is believed of the page that it
 * was given alone, and one that says anything else is killed.
 */
#ifndef SHEAF_PARSE_ZYGOTE_PRIV_H
#define SHEAF_PARSE_ZYGOTE_PRIV_H

#include <event2/event.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/limits.h"
#include "parse/zygote.h"

enum { BUSY_MAX = 256, CHILDREN_MAX = BUSY_MAX + LIMIT_PARSE_KEPT };

struct child {
	uint64_t page; /* in hand, or the last one */
	uint64_t run; /* 0: it ends with its page */
	uint8_t kin[HASH128_BYTES]; /* of what its pages have in common */
	uint64_t format; /* that it has read, 0: none yet */
	uint64_t cpu_us; /* used for the pages before this one */
	int64_t deadline_ms; /* by the monotonic clock */
	pid_t pid;
	bool is_waiting; /* for a page; until the deadline */
	bool is_late;
	int fd; /* to it, or -1 */
	struct event *said; /* NULL where fd is -1 */
};

struct zygote {
	struct role_ctx *ctx;
	const struct zygote_config *config;
	int signal_fd; /* tells SIGCHLD */
	struct event *ended, *late;
	int64_t next_ms; /* when `late` is due, or INT64_MAX */
	struct buf text; /* what is sent to children */
	size_t count, waiting, max; /* max: of those that have a page */
	/* The order is none: the last one moves where one is dropped. */
	struct child children[CHILDREN_MAX];
};

/* zygote.c */
void zygote_answer(struct zygote *z, const struct msg_parse_exit *m);

/* zygote_pages.c: gives a page to a child, or answers why not. */
void zygote_page(struct zygote *z, const struct msg_parse_page *m,
    const int *fds, size_t nfds);

/* zygote_ends.c */
/* Watches for ends and deadlines; exits 71 when it cannot. */
void zygote_watch(struct zygote *z);
/* Watches for what a child says on its fd. */
void zygote_listen(struct zygote *z, struct child *c);
/* The child has until then from now on. */
void zygote_deadline(struct zygote *z, struct child *c, uint32_t ms);
/* Kills one whose end is no news, and forgets it. */
void zygote_retire(struct zygote *z, struct child *c);
/* Nobody waits for a page any more, of this run or (0) of any; who has one
 * ends with it. */
void zygote_forget(struct zygote *z, uint64_t run);
void zygote_end_all(struct zygote *z);

#endif
