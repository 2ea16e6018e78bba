/*
 * The zygote: a small process that forks a child for each page.
 *
 * It receives PARSE_SETUP, PARSE_RULES, PARSE_PAGE, PARSE_KILL from sheafd and
 * answers PARSE_EXIT; it holds each child to its deadline, reaps it, and ends
 * with all of its children when its channel ends.  It reads no byte of a page.
 */
#ifndef SHEAF_PARSE_ZYGOTE_H
#define SHEAF_PARSE_ZYGOTE_H

#include "proc/role.h"
#include "sandbox/sandbox.h"

struct zygote_config {
	/* Runs in the child, inside of its sandbox: reads the body, writes
	 * the stream, returns the exit code.  known_fd: the table of what is
	 * known (record/known.h), or -1. */
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
