/*
 * How often a feed is asked: the rule that the driver goes by, and that the
 * endpoint doctor tells of.  Pure.
 */
#ifndef SHEAF_SCHED_FEED_WAIT_H
#define SHEAF_SCHED_FEED_WAIT_H

#include <stdint.h>

#include "config/config.h"

/* Freshness by Cache-Control and Expires (RFC 9111 4.2.1), in milliseconds; 0
 * where they say nothing. */
int64_t
feed_fresh_ms(const char *cache_control, const char *expires, int64_t now_us);

struct feed_wish { /* milliseconds; 0: not known, not said */
	int64_t rhythm; /* between two items */
	int64_t ttl; /* what the feed asks for */
	int64_t fresh; /* what its server asks for */
};
/* The wait between two polls, in milliseconds, without jitter and without
 * regard to skipped hours: half the rhythm, else an hour; as long as feed and
 * server ask for; within interval_min and interval. */
int64_t
feed_interval_ms(const struct conf_source *s, const struct feed_wish *w);

#endif
