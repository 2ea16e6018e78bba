/* One question at a time through sheaf-fetch and sheaf-parse; see the header.
 * Not here: what is asked, and what the answers mean (doctor.c). */
#include "control/doctor_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/body.h"
#include "base/limits.h"
#include "proc/chan.h"
#include "proc/role.h"
#include "record/stream.h"

enum { READ_BYTES = 64 * 1024 };

struct doctor_role {
	struct doctor_asker *asker;
	enum role role;
	pid_t pid;
	struct chan *chan;
};

struct doctor_asker {
	struct event_base *base;
	struct doctor_role fetch, parse;
	struct doctor_answer *out; /* of the question at hand */
	int body_fd;
	uint64_t count; /* questions so far; numbers jobs and pages */
	bool fetched, exited;
	uint32_t exit_status, exit_signal;
	struct err broken; /* why a role is gone */
};

static void
keep_fetched(struct doctor_answer *out, const struct msg_fetch_done *m)
{
	struct arena *a = &out->arena;

	out->err_class = m->err_class;
	out->err_text = arena_strdup(a, m->err_text);
	out->status = m->status;
	out->content_type = arena_strdup(a, m->content_type);
	out->retry_after = arena_strdup(a, m->retry_after);
	out->moved_url = arena_strdup(a, m->moved_url);
	out->server = arena_strdup(a, m->server);
	out->peer = arena_strdup(a, m->peer);
	out->url = arena_strdup(a, m->effective_url);
	out->etag = arena_strdup(a, m->etag);
	out->last_modified = arena_strdup(a, m->last_modified);
	out->cache_control = arena_strdup(a, m->cache_control);
	out->expires = arena_strdup(a, m->expires);
	if (m->body_hash.len == sizeof(out->body_hash))
		memcpy(out->body_hash, m->body_hash.data, m->body_hash.len);
	out->redirects = m->redirects;
	out->http_version = m->http_version;
	out->connect_ms = m->connect_ms;
	out->total_ms = m->total_ms;
	out->body_bytes = m->body_bytes;
	out->wire_bytes = m->wire_bytes;
}

static void
on_msg(void *arg, const struct msg *m, int *fds, size_t nfds)
{
	struct doctor_role *r = arg;
	struct doctor_asker *a = r->asker;

	if (m->type == MSG_FETCH_DONE && m->fetch_done.job == a->count) {
		keep_fetched(a->out, &m->fetch_done);
		if (nfds > 0) {
			a->body_fd = fds[0];
			fds[0] = -1;
		}
		a->fetched = true;
	} else if (m->type == MSG_PARSE_EXIT &&
		   m->parse_exit.page == a->count) {
		a->exit_status = m->parse_exit.status;
		a->exit_signal = m->parse_exit.signal;
		a->exited = true;
	}
	event_base_loopbreak(a->base);
}

static void
on_close(void *arg, const struct err *why)
{
	struct doctor_role *r = arg;

	err_set(&r->asker->broken, ERR_SYSTEM, 0, "%s ended: %s",
	    role_name(r->role), why->text);
	event_base_loopbreak(r->asker->base);
}

static const struct chan_ops role_ops = {on_msg, on_close};

static int
start_role(struct doctor_asker *a, struct doctor_role *r, enum role role,
    struct err *e)
{
	char *path = xasprintf("%s/%s", proc_libexec(), role_name(role));
	int fd;

	r->asker = a;
	r->role = role;
	r->pid = proc_spawn_role(path, role, &fd, e);
	free(path);
	if (r->pid < 0)
		return -1;
	r->chan = chan_new(a->base, fd, ROLE_SHEAFD, role, &role_ops, r);
	return 0;
}

static void
end_role(struct doctor_role *r)
{
	if (r->chan != NULL)
		chan_free(r->chan);
	if (r->pid > 0)
		while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
			;
}

struct doctor_asker *
doctor_asker_new(const char *user_agent, const char *spool_dir,
    const int rules_fds[2], struct err *e)
{
	struct doctor_asker *a = xcalloc(1, sizeof(*a));
	struct msg m = {.type = MSG_FETCH_SETUP};
	struct msg p = {.type = MSG_PARSE_SETUP};
	struct msg r = {.type = MSG_PARSE_RULES};

	a->body_fd = -1;
	a->base = event_base_new();
	BUG_ON(a->base == NULL);
	if (start_role(a, &a->fetch, ROLE_FETCH, e) != 0 ||
	    start_role(a, &a->parse, ROLE_PARSE, e) != 0) {
		doctor_asker_free(a);
		return NULL;
	}
	m.fetch_setup.user_agent = user_agent;
	m.fetch_setup.max_transfers = 1;
	m.fetch_setup.spool_dir = spool_dir;
	chan_send(a->fetch.chan, &m, NULL, 0);
	p.parse_setup.max_children = 1;
	chan_send(a->parse.chan, &p, NULL, 0);
	if (rules_fds != NULL)
		chan_send(a->parse.chan, &r, rules_fds, 2);
	return a;
}

void
doctor_asker_free(struct doctor_asker *a)
{
	if (a == NULL)
		return;
	end_role(&a->fetch);
	end_role(&a->parse);
	event_base_free(a->base);
	free(a);
}

/* Runs the loop until *done or a role is gone. */
static int
wait_until(struct doctor_asker *a, const bool *done, struct err *e)
{
	while (!*done && a->broken.class == ERR_NONE)
		event_base_loop(a->base, EVLOOP_ONCE);
	if (*done)
		return 0;
	*e = a->broken;
	return -1;
}

/* A file of the operator's is read here, as sheafd does it. */
static int
read_file(struct doctor_asker *a, const struct conf_source *s)
{
	struct doctor_answer *out = a->out;
	struct err why = {0};

	out->content_type = out->retry_after = out->moved_url = out->server =
	    out->peer = out->url = out->etag = out->last_modified =
		out->cache_control = out->expires = out->err_text = "";
	if (body_of_file(s->file, "/var/tmp", s->max_body, &a->body_fd,
		&out->body_bytes, out->body_hash, &why) != 0) {
		out->err_class = why.class;
		out->err_text = arena_strdup(&out->arena, why.text);
	}
	out->status = 200;
	out->wire_bytes = out->body_bytes;
	return 0;
}

static int
fetch(struct doctor_asker *a, const struct doctor_question *q, struct err *e)
{
	struct msg m = {.type = MSG_FETCH_START};
	struct msg_fetch_start *f = &m.fetch_start;
	const struct conf_source *s = q->source;

	if (s->file[0] != '\0')
		return read_file(a, s);
	f->job = a->count;
	f->source = s->name;
	f->url = q->url;
	f->etag = q->etag;
	f->last_modified = q->last_modified;
	f->allow_private = s->allow_private;
	f->connect_ms = (uint32_t)s->connect_timeout_ms;
	f->stall_ms = (uint32_t)s->stall_timeout_ms;
	f->total_ms = (uint32_t)s->timeout_ms;
	f->max_body = s->max_body;
	f->headers = s->headers;
	f->proxy = s->proxy;
	f->user = s->user;
	f->ua_suffix = s->user_agent_suffix;
	f->fds = q->secret_bits;
	a->fetched = false;
	if (chan_send(a->fetch.chan, &m, q->secrets, q->secret_count) != 0)
		return err_set(e, ERR_SYSTEM, 0, "sheaf-fetch is gone");
	return wait_until(a, &a->fetched, e);
}

static int
on_record(void *arg, const struct record_head *h, struct err *e)
{
	struct doctor_answer *out = arg;
	struct record *r;

	if (out->records.count >= DOCTOR_RECORDS)
		return 0;
	r = record_add(&out->arena, &out->records);
	/* More than a list may hold are only counted, by the trailer. */
	return r == NULL ? 0 : record_from_head(r, &out->arena, h, e);
}

static int
on_reject(void *arg, const struct reject *j, struct err *e)
{
	struct doctor_answer *out = arg;
	struct reject *mine = record_add(&out->arena, &out->rejects);

	(void)e;
	if (mine == NULL)
		return 0;
	*mine = *j;
	mine->reason = arena_strdup(&out->arena, j->reason);
	if (j->identifier != NULL)
		mine->identifier = arena_strdup(&out->arena, j->identifier);
	return 0;
}

/* The facts outlive the frame they came in: through their own encoding. */
static int
on_page(void *arg, const struct page_facts *f, struct err *e)
{
	struct doctor_answer *out = arg;
	struct buf copy;
	int r;

	buf_init(&copy, LIMIT_DOC_BYTES);
	r = facts_encode(&copy, f);
	if (r == 0)
		r = facts_decode(
		    &out->facts, &out->arena, copy.data, copy.len, e);
	buf_release(&copy);
	return r;
}

static const struct stream_ops stream_ops = {on_record, on_reject, on_page};

/* Reads the whole stream; the parser writes at its own pace. */
static int
read_stream(struct doctor_answer *out, int fd, struct err *e)
{
	struct stream_reader *reader = stream_reader_new(
	    &stream_ops, out, 4 * out->body_bytes + MIB, out->body_bytes);
	char buf[READ_BYTES];
	ssize_t n;
	int r = 0;

	while (r == 0 && (n = read(fd, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		r = n < 0 ? err_sys(e, "cannot read the record stream")
			  : stream_reader_push(reader, buf, (size_t)n, e);
	}
	if (r == 0)
		r = stream_reader_end(reader, e);
	stream_reader_free(reader);
	return r;
}

static int
parse(struct doctor_asker *a, const struct doctor_question *q, struct err *e)
{
	struct msg m = {.type = MSG_PARSE_PAGE};
	struct msg_parse_page *p = &m.parse_page;
	struct err stream_err = {0};
	int pair[2], whole;

	p->page = a->count;
	p->source = q->source->name;
	p->protocol = protocol_name(q->protocol);
	p->format = q->format;
	/* A feed's links are relative to where it was got from. */
	p->base_url =
	    q->source->file[0] != '\0' ? ""
	    : protocol_is_polled(q->protocol) && a->out->url[0] != '\0'
		? a->out->url
		: q->source->url;
	p->content_type = a->out->content_type;
	p->kind = q->source->kind;
	p->licence = q->source->licence;
	p->crosswalk = q->source->crosswalk;
	p->from = q->from;
	p->until = q->until;
	p->set = q->set;
	p->body_bytes = a->out->body_bytes;
	p->deadline_ms = LIMIT_PARSE_WALL_MS;
	if (pipe2(pair, O_CLOEXEC) != 0)
		return err_sys(e, "cannot make a pipe");
	a->exited = false;
	int fds[2] = {a->body_fd, pair[1]};
	int sent = chan_send(a->parse.chan, &m, fds, 2);
	close(pair[1]);
	if (sent != 0) {
		close(pair[0]);
		return err_set(e, ERR_SYSTEM, 0, "sheaf-parse is gone");
	}
	/* What the socket did not take at once leaves with the loop. */
	while (chan_queued(a->parse.chan) > 0 && a->broken.class == ERR_NONE)
		event_base_loop(a->base, EVLOOP_ONCE);
	whole = read_stream(a->out, pair[0], &stream_err);
	close(pair[0]);
	if (wait_until(a, &a->exited, e) != 0)
		return -1;
	a->out->parsed = whole == 0 && a->exit_signal == 0;
	if (!a->out->parsed) {
		a->out->err_class = ERR_XML;
		a->out->err_text =
		    a->exit_signal != 0
			? arena_printf(&a->out->arena,
			      "the parser was killed by signal %u",
			      a->exit_signal)
			: arena_strdup(&a->out->arena, stream_err.text);
	}
	return 0;
}

int
doctor_ask(struct doctor_asker *a, const struct doctor_question *q,
    struct doctor_answer *out, struct err *e)
{
	int r;

	memset(out, 0, sizeof(*out));
	arena_init(&out->arena, 0);
	a->out = out;
	a->count++;
	r = fetch(a, q, e);
	if (r == 0 && a->body_fd >= 0 && out->err_class == ERR_NONE)
		r = parse(a, q, e);
	if (a->body_fd >= 0)
		close(a->body_fd);
	a->body_fd = -1;
	a->out = NULL;
	return r;
}

void
doctor_answer_release(struct doctor_answer *a)
{
	arena_release(&a->arena);
}
