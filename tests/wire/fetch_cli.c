/*
 * Stands in for sheafd before a real sheaf-fetch, for tests and measurements:
 *
 *	fetch_cli spool=DIR max=8 window=4 \
 *	    : url=http://… allow_private=1 stall_ms=500 out=FILE \
 *	    : url=http://… repeat=100
 *
 * Groups are separated by ":", the first one is for all.  At most `window`
 * requests are under way at a time (0: all).  Prints each FETCH_DONE as a line
 * of JSON, in the order they come, and at the end the CPU time of the role.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/limits.h"
#include "proc/role.h"

enum { GROUPS_MAX = 256, FDS_MAX = 4 };

struct group {
	struct msg_fetch_start ask;
	const char *files[FDS_MAX]; /* password, token, ca, cert */
	const char *out;
	uint64_t repeat;
	uint32_t cancel_ms; /* 0: not */
};

struct cli {
	struct event_base *base;
	struct chan *chan;
	struct group groups[GROUPS_MAX];
	size_t count, at; /* at: the group that is sent from */
	uint64_t sent_of; /* requests of it that were sent */
	uint64_t next_job; /* job / 1000000 is the group */
	unsigned window, flying;
	bool quiet, failed;
};

static const char *
argument(const char *arg, const char *key)
{
	size_t n = strlen(key);

	return strncmp(arg, key, n) == 0 && arg[n] == '=' ? arg + n + 1 : NULL;
}

static void
read_setup(struct cli *c, struct msg_fetch_setup *m, const char *arg)
{
	const char *v;

	if ((v = argument(arg, "spool")))
		m->spool_dir = v;
	else if ((v = argument(arg, "max")))
		m->max_transfers = (uint32_t)atoi(v);
	else if ((v = argument(arg, "ua")))
		m->user_agent = v;
	else if ((v = argument(arg, "window")))
		c->window = (unsigned)atoi(v);
	else if ((v = argument(arg, "quiet")))
		c->quiet = true;
	else
		exit(64);
}

static void
read_request(struct group *g, const char *arg)
{
	static const char *const files[FDS_MAX] = {
	    "password", "token", "ca", "cert"};
	struct msg_fetch_start *m = &g->ask;
	const struct {
		const char *key;
		const char **text;
		uint32_t *number;
	} keys[] = {
	    {"url", &m->url, NULL},
	    {"headers", &m->headers, NULL},
	    {"etag", &m->etag, NULL},
	    {"last_modified", &m->last_modified, NULL},
	    {"proxy", &m->proxy, NULL},
	    {"user", &m->user, NULL},
	    {"ua_suffix", &m->ua_suffix, NULL},
	    {"out", &g->out, NULL},
	    {"connect_ms", NULL, &m->connect_ms},
	    {"stall_ms", NULL, &m->stall_ms},
	    {"total_ms", NULL, &m->total_ms},
	    {"cancel_ms", NULL, &g->cancel_ms},
	};
	const char *v;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		v = argument(arg, keys[i].key);
		if (v != NULL && keys[i].text != NULL)
			*keys[i].text = v;
		else if (v != NULL)
			*keys[i].number = (uint32_t)strtoul(v, NULL, 10);
		if (v != NULL)
			return;
	}
	for (unsigned i = 0; i < FDS_MAX; i++) {
		if ((v = argument(arg, files[i])) != NULL) {
			g->files[i] = v;
			m->fds |= 1u << i;
			return;
		}
	}
	if ((v = argument(arg, "allow_private")))
		m->allow_private = atoi(v) != 0;
	else if ((v = argument(arg, "max_body")))
		m->max_body = strtoull(v, NULL, 10);
	else if ((v = argument(arg, "repeat")))
		g->repeat = strtoull(v, NULL, 10);
	else
		exit(64);
}

struct cancel {
	struct cli *cli;
	uint64_t job;
};

static void
on_cancel(evutil_socket_t fd, short what, void *arg)
{
	struct cancel *cancel = arg;
	struct msg m = {.type = MSG_FETCH_CANCEL};

	(void)fd;
	(void)what;
	m.fetch_cancel.job = cancel->job;
	chan_send(cancel->cli->chan, &m, NULL, 0);
	free(cancel);
}

static void
send_one(struct cli *c, size_t group)
{
	struct group *g = &c->groups[group];
	struct msg m = {.type = MSG_FETCH_START, .fetch_start = g->ask};
	int fds[FDS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < FDS_MAX; i++) {
		if (g->files[i] == NULL)
			continue;
		fds[n] = open(g->files[i], O_RDONLY | O_CLOEXEC);
		if (fds[n++] < 0)
			exit(66);
	}
	m.fetch_start.job = c->next_job++;
	m.fetch_start.source = "test";
	if (chan_send(c->chan, &m, fds, n) != 0)
		c->failed = true;
	while (n > 0)
		close(fds[--n]);
	c->flying++;
	if (g->cancel_ms > 0) {
		struct timeval tv = {
		    g->cancel_ms / 1000, g->cancel_ms % 1000 * 1000};
		struct cancel *cancel = xcalloc(1, sizeof(*cancel));

		*cancel = (struct cancel){c, m.fetch_start.job};
		event_base_once(
		    c->base, -1, EV_TIMEOUT, on_cancel, cancel, &tv);
	}
}

static void
send_more(struct cli *c)
{
	while (c->at < c->count && (!c->window || c->flying < c->window)) {
		if (c->sent_of < c->groups[c->at].repeat) {
			c->sent_of++;
			send_one(c, c->at);
		} else {
			c->at++;
			c->sent_of = 0;
			c->next_job = c->at * 1000000;
		}
	}
	if (c->flying == 0)
		event_base_loopbreak(c->base);
}

/* Whether the descriptor can be changed in any way that we know of. */
static bool
can_write(int fd)
{
	char self[64];
	int again;
	bool can = write(fd, "x", 1) > 0 || ftruncate(fd, 0) == 0;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	again = open(self, O_RDWR);
	if (again >= 0) {
		can |= write(again, "x", 1) > 0;
		close(again);
	}
	return can;
}

static void
print_body(
    struct json *j, const struct msg_fetch_done *m, int fd, const char *out)
{
	char chunk[65536];
	uint8_t hash[HASH128_BYTES];
	struct hash128_state *h = hash128_new();
	FILE *to = out == NULL ? NULL : fopen(out, "w");
	int64_t total = 0;
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		hash128_add(h, chunk, (size_t)n);
		total += n;
		if (to != NULL)
			fwrite(chunk, 1, (size_t)n, to);
	}
	hash128_end(h, hash);
	hash128_free(h);
	if (to != NULL)
		fclose(to);
	json_key(j, "read_bytes");
	json_i64(j, total);
	json_key(j, "hash_ok");
	json_bool(j, m->body_hash.len == sizeof(hash) &&
			 memcmp(m->body_hash.data, hash, sizeof(hash)) == 0);
	json_key(j, "sealed");
	json_i64(j, fcntl(fd, F_GET_SEALS));
	json_key(j, "writable");
	json_bool(j, can_write(fd));
}

static void
print_done(struct cli *c, const struct msg_fetch_done *m, int fd)
{
	struct buf b;
	struct json j;

	buf_init(&b, MIB);
	json_init(&j, &b);
	json_open(&j, '{');
#define PRINT_STR(f)   json_key(&j, #f), json_str(&j, m->f);
#define PRINT_U32(f)   json_key(&j, #f), json_i64(&j, m->f);
#define PRINT_U64(f)   json_key(&j, #f), json_i64(&j, (int64_t)m->f);
#define PRINT_BLOB(f)  json_key(&j, #f), json_i64(&j, (int64_t)m->f.len);
#define PRINT(type, f) PRINT_##type(f)
	FIELDS_fetch_done(PRINT) json_key(&j, "class");
	json_str(&j, err_class_name((enum err_class)m->err_class));
	json_key(&j, "has_body");
	json_bool(&j, fd >= 0);
	if (fd >= 0)
		print_body(&j, m, fd, c->groups[m->job / 1000000].out);
	json_close(&j, '}');
	puts(buf_str(&b));
	buf_release(&b);
}

static void
on_msg(void *arg, const struct msg *m, int *fds, size_t nfds)
{
	struct cli *c = arg;

	if (!c->quiet)
		print_done(c, &m->fetch_done, nfds > 0 ? fds[0] : -1);
	c->failed |= c->quiet && m->fetch_done.err_class != ERR_NONE;
	c->flying--;
	send_more(c);
}

static void
on_close(void *arg, const struct err *why)
{
	struct cli *c = arg;

	fprintf(stderr, "the channel ended: %s\n", why ? why->text : "");
	c->failed = true;
	event_base_loopbreak(c->base);
}

static void
read_arguments(struct cli *c, struct msg *setup, int argc, char **argv)
{
	struct group *g = NULL;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], ":") == 0) {
			if (c->count == GROUPS_MAX)
				exit(64);
			g = &c->groups[c->count++];
			g->repeat = 1;
		} else if (g == NULL) {
			read_setup(c, &setup->fetch_setup, argv[i]);
		} else {
			read_request(g, argv[i]);
		}
	}
}

int
main(int argc, char **argv)
{
	static const struct chan_ops ops = {on_msg, on_close};
	static struct cli c;
	struct msg setup = {.type = MSG_FETCH_SETUP};
	struct rusage used;
	struct err e;
	char *path;
	pid_t pid;
	int fd, status = 0;

	setup.fetch_setup.user_agent = "sheaf-test (mailto:test@example.org)";
	setup.fetch_setup.spool_dir = "/tmp";
	read_arguments(&c, &setup, argc, argv);
	path = xasprintf("%s/sheaf-fetch", proc_libexec());
	pid = proc_spawn_role(path, ROLE_FETCH, &fd, &e);
	if (pid < 0) {
		fprintf(stderr, "%s\n", e.text);
		return 71;
	}
	c.base = event_base_new();
	c.chan = chan_new(c.base, fd, ROLE_SHEAFD, ROLE_FETCH, &ops, &c);
	chan_send(c.chan, &setup, NULL, 0);
	send_more(&c);
	if (c.flying > 0)
		event_base_dispatch(c.base);
	chan_free(c.chan);
	waitpid(pid, &status, 0);
	getrusage(RUSAGE_CHILDREN, &used);
	printf("{\"exit\":%d,\"cpu_us\":%" PRIu64 ",\"max_rss_kb\":%ld}\n",
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
	    (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
		(uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec),
	    used.ru_maxrss);
	event_base_free(c.base);
	free(path);
	return c.failed;
}
