/*
 * Politeness: how many requests a host gets at a time, how far apart, and
 * when it wants to be left alone.  A host is scheme://host[:port].
 *
 * Pure: time is handed in (milliseconds of a monotonic clock), nothing is
 * sent.  Jobs of one host start in the order in which they may start; hosts
 * take turns by how long they have waited.  Every operation costs O(log n) in
 * hosts or in jobs of the host.
 */
#ifndef SHEAF_SCHED_HOST_H
#define SHEAF_SCHED_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sched/heap.h"

struct hosts;
struct host;

/* A request that waits or runs; lives inside the caller's struct.  Zeroed
 * memory is an idle job. */
struct host_job {
	struct heap_node node;
	struct host *host; /* NULL when idle */
	bool running;
};

/* max_running: of all hosts together. */
struct hosts *hosts_new(size_t max_running);
/* No job may be waiting or running any more. */
void hosts_free(struct hosts *h);

/* What a source asks for its host; of several sources the strictest holds
 * until hosts_forget_limits() (before a reload says them all again). */
void hosts_limit(struct hosts *h, const char *authority, unsigned concurrency,
    int64_t delay_ms);
void hosts_forget_limits(struct hosts *h);

/* Queues an idle job; it starts not before not_before_ms. */
void hosts_add(struct hosts *h, const char *authority, struct host_job *job,
    int64_t not_before_ms);
/* A job that may start now, and from here on runs; NULL when there is none. */
struct host_job *hosts_next(struct hosts *h, int64_t now_ms);
/* When hosts_next() may have something again: INT64_MAX when only the end of
 * a running job can bring it. */
int64_t hosts_wake_ms(const struct hosts *h);
/* The job's request ended, or it is no longer wanted: it is idle again. */
void hosts_done(struct hosts *h, struct host_job *job, int64_t now_ms);
/* Retry-After: nobody asks this host for anything before until_ms. */
void hosts_block(struct hosts *h, const char *authority, int64_t until_ms);
/* Until when it is blocked; 0 when it is not. */
int64_t
hosts_blocked_ms(const struct hosts *h, const char *authority, int64_t now_ms);

size_t hosts_running(const struct hosts *h);
size_t hosts_waiting(const struct hosts *h);

#endif
