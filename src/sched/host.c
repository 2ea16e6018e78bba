/* The hosts, each with a heap of its jobs, in a heap of the time at which
 * each may start its next one. */
#include "sched/host.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/alloc.h"
#include "base/err.h"

enum { CONCURRENCY_DEFAULT = 2 };

struct host {
	UT_hash_handle hh;
	struct heap_node ready; /* in hosts.ready while a job may start */
	struct heap jobs; /* waiting, by not-before */
	unsigned running;
	unsigned concurrency; /* 0: nobody said */
	int64_t delay_ms;
	int64_t next_ms; /* by delay_ms */
	int64_t blocked_ms; /* by Retry-After */
	char authority[];
};

struct hosts {
	struct host *all;
	struct heap ready;
	size_t running, waiting, max_running;
};

static struct host *
host_find(const struct hosts *h, const char *authority)
{
	struct host *host;

	HASH_FIND_STR(h->all, authority, host);
	return host;
}

static struct host *
host_get(struct hosts *h, const char *authority)
{
	struct host *host = host_find(h, authority);
	size_t n = strlen(authority) + 1;

	if (host != NULL)
		return host;
	host = xcalloc(1, sizeof(*host) + n);
	memcpy(host->authority, authority, n);
	HASH_ADD_KEYPTR(hh, h->all, host->authority, n - 1, host);
	return host;
}

/* Puts the host where its next start belongs, or out of the heap. */
static void
host_place(struct hosts *h, struct host *host)
{
	unsigned concurrency =
	    host->concurrency ? host->concurrency : CONCURRENCY_DEFAULT;
	struct heap_node *first = heap_min(&host->jobs);
	int64_t at;

	if (first == NULL || host->running >= concurrency) {
		heap_remove(&h->ready, &host->ready);
		return;
	}
	at = first->key;
	if (at < host->next_ms)
		at = host->next_ms;
	if (at < host->blocked_ms)
		at = host->blocked_ms;
	/* Moving an unchanged one would send it to the end of its turn. */
	if (host->ready.place == 0 || host->ready.key != at)
		heap_set(&h->ready, &host->ready, at);
}

struct hosts *
hosts_new(size_t max_running)
{
	struct hosts *h = xcalloc(1, sizeof(*h));

	h->max_running = max_running;
	return h;
}

void
hosts_free(struct hosts *h)
{
	struct host *host, *next;

	if (h == NULL)
		return;
	HASH_ITER (hh, h->all, host, next) {
		HASH_DEL(h->all, host);
		heap_release(&host->jobs);
		free(host);
	}
	heap_release(&h->ready);
	free(h);
}

void
hosts_limit(struct hosts *h, const char *authority, unsigned concurrency,
    int64_t delay_ms)
{
	struct host *host = host_get(h, authority);

	if (concurrency > 0 &&
	    (host->concurrency == 0 || concurrency < host->concurrency))
		host->concurrency = concurrency;
	if (delay_ms > host->delay_ms)
		host->delay_ms = delay_ms;
	host_place(h, host);
}

void
hosts_forget_limits(struct hosts *h)
{
	struct host *host, *next;

	HASH_ITER (hh, h->all, host, next) {
		host->concurrency = 0;
		host->delay_ms = 0;
		host_place(h, host);
	}
}

void
hosts_add(struct hosts *h, const char *authority, struct host_job *job,
    int64_t not_before_ms)
{
	struct host *host = host_get(h, authority);

	BUG_ON(job->host != NULL);
	job->host = host;
	job->running = false;
	heap_set(&host->jobs, &job->node, not_before_ms);
	h->waiting++;
	host_place(h, host);
}

struct host_job *
hosts_next(struct hosts *h, int64_t now_ms)
{
	struct heap_node *first = heap_min(&h->ready);
	struct host *host;
	struct host_job *job;

	if (first == NULL || first->key > now_ms ||
	    (h->max_running > 0 && h->running >= h->max_running))
		return NULL;
	host = HEAP_OWNER(first, struct host, ready);
	job = HEAP_OWNER(heap_min(&host->jobs), struct host_job, node);
	heap_remove(&host->jobs, &job->node);
	job->running = true;
	host->running++;
	h->running++;
	h->waiting--;
	host->next_ms = now_ms + host->delay_ms;
	/* Its turn is over: behind the others that may start as well. */
	heap_remove(&h->ready, &host->ready);
	host_place(h, host);
	return job;
}

int64_t
hosts_wake_ms(const struct hosts *h)
{
	const struct heap_node *first = heap_min(&h->ready);

	if (first == NULL ||
	    (h->max_running > 0 && h->running >= h->max_running))
		return INT64_MAX;
	return first->key;
}

void
hosts_done(struct hosts *h, struct host_job *job, int64_t now_ms)
{
	struct host *host = job->host;

	if (host == NULL)
		return;
	if (job->running) {
		host->running--;
		h->running--;
		/* The delay is a pause between requests, not their rhythm. */
		if (host->delay_ms > 0 &&
		    host->next_ms < now_ms + host->delay_ms)
			host->next_ms = now_ms + host->delay_ms;
	} else {
		heap_remove(&host->jobs, &job->node);
		h->waiting--;
	}
	*job = (struct host_job){0};
	host_place(h, host);
}

void
hosts_block(struct hosts *h, const char *authority, int64_t until_ms)
{
	struct host *host = host_get(h, authority);

	if (until_ms > host->blocked_ms)
		host->blocked_ms = until_ms;
	host_place(h, host);
}

int64_t
hosts_blocked_ms(const struct hosts *h, const char *authority, int64_t now_ms)
{
	const struct host *host = host_find(h, authority);

	return host != NULL && host->blocked_ms > now_ms ? host->blocked_ms : 0;
}

size_t
hosts_running(const struct hosts *h)
{
	return h->running;
}

size_t
hosts_waiting(const struct hosts *h)
{
	return h->waiting;
}
