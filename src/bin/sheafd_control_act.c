/* Who waits for which act. */
#include "bin/sheafd_control_act.h"

#include <stdlib.h>
#include <sysexits.h>

#include <event2/event.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/log.h"
#include "bin/sheafd_roles.h"
#include "bin/sheafd_sources.h"

/* What the acts of one call share. */
struct act_call {
	struct control_call *call; /* NULL: the client has left */
	unsigned left; /* acts that have not ended */
	int code;
};

struct act { /* on one source */
	struct control_acts *all;
	struct act_call *of;
	uint64_t request; /* 0: not sent yet */
	char *source, *what, *author, *reason; /* until it is sent */
	struct event *timer; /* until it is sent */
	struct act *prev, *next;
};

static void
act_end(struct act *a, int code)
{
	struct act_call *of = a->of;

	if (code != EX_OK)
		of->code = code;
	if (--of->left == 0) {
		if (of->call != NULL)
			control_end(of->call, of->code);
		free(of);
	}
	DL_DELETE(a->all->list, a);
	if (a->timer != NULL)
		event_free(a->timer);
	free(a->source);
	free(a->what);
	free(a->author);
	free(a->reason);
	free(a);
}

static void
on_patience(int fd, short what, void *arg)
{
	struct act *a = arg;

	(void)fd;
	(void)what;
	control_warn(a->of->call,
	    "%s: nothing was done: the database is not to be had just now",
	    a->source);
	act_end(a, EX_TEMPFAIL);
}

static void
act_send(struct act *a, struct daemon *d)
{
	struct msg m = {.type = MSG_SOURCE_ACT};

	event_del(a->timer);
	a->request = ++a->all->last_request;
	m.source_act.request = a->request;
	m.source_act.source = a->source;
	m.source_act.act = a->what;
	m.source_act.author = a->author;
	m.source_act.reason = a->reason;
	roles_send(d, ROLE_STORE, &m, NULL, 0);
}

static struct act *
act_new(struct control_acts *as, struct daemon *d, struct act_call *of,
    const char *source, char **words)
{
	const struct timeval patience = {ACT_PATIENCE_MS / 1000, 0};
	struct act *a = xcalloc(1, sizeof(*a));

	a->all = as;
	a->of = of;
	a->source = xstrdup(source);
	a->what = xstrdup(words[1]);
	a->author = xstrdup(words[2]);
	a->reason = xstrdup(words[3]);
	a->timer = event_new(d->base, -1, 0, on_patience, a);
	BUG_ON(a->timer == NULL);
	event_add(a->timer, &patience);
	DL_APPEND(as->list, a);
	return a;
}

void
acts_call(struct control_acts *as, struct daemon *d, struct control_call *call,
    size_t count, char **words)
{
	struct act_call *of;

	if (count < 5) {
		control_warn(call, "act needs a word, an author, a reason and "
				   "a source");
		control_end(call, EX_USAGE);
		return;
	}
	of = xcalloc(1, sizeof(*of));
	of->call = call;
	of->left = (unsigned)(count - 4);
	if (!sources_ready(d))
		control_say(call, "waits for the database");
	for (size_t i = 4; i < count; i++)
		act_new(as, d, of, words[i], words);
	acts_ready(as, d);
}

void
acts_ready(struct control_acts *as, struct daemon *d)
{
	struct act *a;

	DL_FOREACH (as->list, a) {
		if (a->request == 0 && sources_ready(d))
			act_send(a, d);
	}
}

void
acts_done(struct control_acts *as, const struct msg_source_acted *m)
{
	struct act *a;
	struct control_call *call;

	DL_SEARCH_SCALAR(as->list, a, request, m->request);
	if (a == NULL || m->request == 0) /* the daemon's own */
		return;
	call = a->of->call;
	if (call != NULL && m->ok) {
		control_say(call, "%s: %s%s%s", m->source, m->state,
		    m->text[0] != '\0' ? ": " : "", m->text);
		control_row(call, 6,
		    (const char *[]){"source", m->source, "state", m->state,
			"text", m->text});
	} else if (call != NULL) {
		control_warn(call, "%s: %s", m->source, m->text);
	}
	act_end(a, m->ok ? EX_OK : EX_UNAVAILABLE);
}

void
acts_lost(struct control_acts *as)
{
	struct act *a, *next;

	DL_FOREACH_SAFE (as->list, a, next) {
		if (a->request == 0)
			continue;
		if (a->of->call != NULL)
			control_warn(a->of->call,
			    "%s: the database went away before it had "
			    "answered: look with sheafctl status, then ask "
			    "again",
			    a->source);
		act_end(a, EX_TEMPFAIL);
	}
}

void
acts_forget(struct control_acts *as, struct control_call *call)
{
	struct act *a, *next;

	DL_FOREACH (as->list, a) {
		if (a->of->call == call)
			a->of->call = NULL;
	}
	DL_FOREACH_SAFE (as->list, a, next) {
		if (a->of->call == NULL && a->request == 0)
			act_end(a, EX_TEMPFAIL);
	}
}

void
acts_end(struct control_acts *as)
{
	acts_lost(as);
	while (as->list != NULL) {
		control_warn(as->list->of->call,
		    "%s: nothing was done: the daemon stops", as->list->source);
		act_end(as->list, EX_TEMPFAIL);
	}
}
