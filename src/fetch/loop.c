/* See fetch/loop.h. */
#include "fetch/loop.h"

#include <event2/event.h>
#include <stdlib.h>

#include "base/alloc.h"

struct loop {
	CURLM *multi;
	struct event_base *base;
	struct event *timer;
	loop_done_fn *done;
	void *arg;
};

struct watch { /* one socket that libcurl wants watched */
	struct event *event;
	short what;
};

static void
collect(struct loop *l)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(l->multi, &left)) != NULL) {
		CURL *easy = m->easy_handle;
		CURLcode code = m->data.result; /* m dies with the removal */

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_multi_remove_handle(l->multi, easy);
		l->done(l->arg, easy, code);
	}
}

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;
	int running;

	curl_multi_socket_action(l->multi, fd,
	    (what & EV_READ ? CURL_CSELECT_IN : 0) |
		(what & EV_WRITE ? CURL_CSELECT_OUT : 0),
	    &running);
	collect(l);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(l->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(l);
}

/* libcurl names a deadline; -1 takes it back.  It must not be called back
 * from in here, so even "now" goes through the loop. */
static int
set_timer(CURLM *multi, long ms, void *arg)
{
	struct loop *l = arg;
	struct timeval tv = {ms / 1000, (ms % 1000) * 1000};

	(void)multi;
	if (ms < 0)
		evtimer_del(l->timer);
	else
		evtimer_add(l->timer, &tv);
	return 0;
}

static void
watch_free(struct loop *l, curl_socket_t fd, struct watch *w)
{
	event_free(w->event);
	free(w);
	curl_multi_assign(l->multi, fd, NULL);
}

static int
set_socket(CURL *easy, curl_socket_t fd, int poll, void *arg, void *known)
{
	struct loop *l = arg;
	struct watch *w = known;
	short what = EV_PERSIST;

	(void)easy;
	if (poll == CURL_POLL_REMOVE) {
		if (w != NULL)
			watch_free(l, fd, w);
		return 0;
	}
	if (poll & CURL_POLL_IN)
		what |= EV_READ;
	if (poll & CURL_POLL_OUT)
		what |= EV_WRITE;
	if (w != NULL && w->what == what)
		return 0;
	if (w == NULL) {
		w = xcalloc(1, sizeof(*w));
		curl_multi_assign(l->multi, fd, w);
	} else {
		event_free(w->event);
	}
	w->what = what;
	w->event = event_new(l->base, fd, what, on_event, l);
	if (w->event == NULL || event_add(w->event, NULL) != 0)
		abort(); /* no memory */
	return 0;
}

struct loop *
loop_new(struct event_base *base, loop_done_fn *done, void *arg, struct err *e)
{
	struct loop *l = xcalloc(1, sizeof(*l));

	l->base = base;
	l->done = done;
	l->arg = arg;
	l->multi = curl_multi_init();
	l->timer = evtimer_new(base, on_timer, l);
	if (l->multi == NULL || l->timer == NULL) {
		err_set(e, ERR_SYSTEM, 0, "libcurl cannot be set up");
		loop_free(l);
		return NULL;
	}
	curl_multi_setopt(l->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(l->multi, CURLMOPT_SOCKETDATA, l);
	curl_multi_setopt(l->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(l->multi, CURLMOPT_TIMERDATA, l);
	return l;
}

/* libcurl takes its sockets back one by one while it closes connections, so
 * the timer and the base must still be there. */
void
loop_free(struct loop *l)
{
	if (l->multi != NULL)
		curl_multi_cleanup(l->multi);
	if (l->timer != NULL)
		event_free(l->timer);
	free(l);
}

void
loop_add(struct loop *l, CURL *easy)
{
	if (curl_multi_add_handle(l->multi, easy) != CURLM_OK)
		abort(); /* no memory, or a handle twice */
}

void
loop_remove(struct loop *l, CURL *easy)
{
	curl_multi_remove_handle(l->multi, easy);
}

void
loop_keep_connections(struct loop *l, long max)
{
	curl_multi_setopt(l->multi, CURLMOPT_MAXCONNECTS, max);
}
