/* sheafd's side of a conversation with the zygote: pages go there, PARSE_EXIT
 * comes back. */
#ifndef TESTS_UNIT_ZYGOTE_TALK_H
#define TESTS_UNIT_ZYGOTE_TALK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proc/role.h"

enum { WAIT_S = 20 };

/* The conversation of the test that runs. */
extern struct zygote_talk {
	struct event_base *base;
	struct chan *chan;
	pid_t pid;
	struct msg_parse_exit exits[2048];
	unsigned count, wanted;
	bool is_closed;
} z;

/* Begins one with the zygote at the other end of fd; it is told that so many
 * pages at a time may come. */
void talk_begin(pid_t pid, int fd, unsigned max_children);
/* The zygote has ended with 0, once its channel is closed, which is done here
 * where the test has not. */
void talk_end(void);
/* Until so many pages are answered. */
void talk_wait(unsigned exits);
/* Lets the zygote do what it does for so long. */
void talk_idle(unsigned ms);
void talk_send(const struct msg *m, const int *fds, size_t nfds);
/* What is not set of the page is as in most: its texts are empty. */
void talk_page(const struct msg_parse_page *page, int body, int stream);
int talk_body(const char *text);

#endif
