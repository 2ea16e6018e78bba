/*
 * How long to wait: between two tries of a request, before the next run of a
 * source that failed, and when not to blame the sources at all.
 *
 * Pure; the caller hands in the time and the seed.  Durations are
 * milliseconds, instants microseconds (base/date.h).
 */
#ifndef SHEAF_SCHED_BACKOFF_H
#define SHEAF_SCHED_BACKOFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* One request within a run. */
struct backoff_policy {
	unsigned tries; /* the first included */
	int64_t first_ms; /* longest wait before the second try */
	int64_t max_ms; /* no wait of ours is longer */
	double factor; /* growth from one wait to the next */
	double scale; /* of first_ms and max_ms; 1 in the daemon, small in
			 tests */
};
/* 4 tries; waits up to 5 s, 30 s, 2 min. */
extern const struct backoff_policy backoff_default;
/* Shorter waits for `sheafd --once`, where somebody is waiting too. */
extern const struct backoff_policy backoff_once;

/* A pseudo-random number (splitmix64); *state moves on. */
uint64_t backoff_random(uint64_t *state);

/* The wait after `failed` tries (1: the first one failed), with full jitter:
 * anything from 1 ms to first_ms * factor^(failed - 1), at most max_ms. */
int64_t backoff_wait_ms(
    const struct backoff_policy *p, unsigned failed, uint64_t *random);

/* Retry-After (RFC 9110 10.2.3) in seconds or as an HTTP-date, in
 * milliseconds from now; never negative.  -1 when it is neither. */
int64_t backoff_retry_after_ms(const char *value, int64_t now_us);
/* The same within the source's floor and ceiling (0: none); -1
 * when there is none that can be read. */
int64_t backoff_retry_after_bounded(
    const char *value, int64_t now_us, int64_t min_ms, int64_t max_ms);

/* When a source is due again after its nth failed run in a row: failures²
 * times a unit of the error's class (a minute for our own machine and
 * database, five for the network, a quarter of an hour for statuses, an hour
 * for what seldom heals by itself), at most its interval and at most a day,
 * and jittered downwards by up to a tenth. */
int64_t backoff_next_run_ms(enum err_class class, unsigned failures,
    int64_t interval_ms, uint64_t *random);

/*
 * "When most sources fail at once the fault is local" (our network, our
 * resolver): then nobody's failures are counted.
 */
enum { FAULT_WATCH_ENDS = 256 };
struct fault_end {
	int64_t at_us;
	uint64_t host; /* hash of its authority */
	bool failed; /* for want of a connection: class NET */
};
struct fault_watch {
	struct fault_end ends[FAULT_WATCH_ENDS]; /* a ring */
	size_t count, next;
	int64_t window_us;
};
/* True when, of at least five hosts, three quarters or more failed. */
bool fault_is_local(unsigned failed, unsigned total);
void fault_watch_init(struct fault_watch *w, int64_t window_ms);
/* Notes how a run with this host ended; only a host's last end counts. */
void fault_watch_note(
    struct fault_watch *w, const char *host, bool failed, int64_t now_us);
bool fault_watch_is_local(const struct fault_watch *w, int64_t now_us);

#endif
