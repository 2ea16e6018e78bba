/*
 * The zygote: a small process whose children read pages, the pages of one run
 * each (child.h).
 *
 * It receives PARSE_SETUP, PARSE_RULES, PARSE_PAGE, PARSE_KILL, PARSE_FORGET
 * from sheafd and answers PARSE_EXIT.  A page goes to the child of its run that
 * waits for one, else to a new one; a child never gets a page of another run,
 * source or format, nor one that is to be read by other rules.  The zygote
 * holds children to their pages' deadlines and reaps them, ends those that wait
 * in vain (PARSE_FORGET, new rules, LIMIT_PARSE_KEPT and the limits beside it),
 * and ends with all of them when its channel ends.  It reads no byte of a page.
 */
#ifndef SHEAF_PARSE_ZYGOTE_H
#define SHEAF_PARSE_ZYGOTE_H

#include "proc/role.h"
#include "sandbox/sandbox.h"

struct zygote_config {
	/* Runs in the child, inside of its sandbox, once for each page: reads
	 * the body, writes the stream, returns the exit code, and leaves
	 * nothing of the page behind; the descriptors are closed for it.
	 * known_fd: the table of what is known (record/known.h), or -1. */
	int (*read_page)(const struct msg_parse_page *m, int body_fd,
	    int stream_fd, int known_fd);
	/* Takes what PARSE_RULES brought, for all children from now on; the
	 * descriptor is closed behind it. */
	void (*take_rules)(const int *fds);
	/* The child's filter; NULL only in sanitized builds without one. */
	const struct sandbox_program *filter;
};

/* Serves ctx->base's channel until it ends; returns the exit code. */
int zygote_run(struct role_ctx *ctx, const struct zygote_config *config);

#endif
