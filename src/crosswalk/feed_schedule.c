/* When a feed wants to be read: ttl and skip lists (RSS 2.0), cloud, the
 * syndication module, CDF's schedule. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "crosswalk/feed_item.h"
#include "crosswalk/text.h"
#include "record/words.h"

enum { MINUTES_MAX = 9999999, DAY_MINUTES = 1440 };

static const char *
minutes_text(struct crosswalk *x, long minutes)
{
	return minutes > 0 && minutes <= MINUTES_MAX
		   ? arena_printf(x->a, "%ld", minutes)
		   : NULL;
}

/* Hours of 0 to 23; 24, which RSS 0.91 has, is 0. */
static void
take_hours(struct crosswalk *x, const struct feed_node *n, struct facts_feed *f)
{
	bool is_skipped[24] = {false};

	for (const struct feed_node *c = n->child; c != NULL; c = c->next) {
		const char *s = text_line(x->a, c->text, c->len);
		char *end;
		long hour = strtol(s, &end, 10);

		if (strcmp(c->name, "hour") == 0 &&
		    isdigit((unsigned char)*s) && *end == '\0' && hour <= 24)
			is_skipped[hour % 24] = true;
	}
	f->skip_hours.count = 0;
	for (int i = 0; i < 24; i++) {
		const char **slot =
		    is_skipped[i] ? record_add(x->a, &f->skip_hours) : NULL;

		if (slot != NULL)
			*slot = arena_printf(x->a, "%d", i);
	}
}

static void
take_days(struct crosswalk *x, const struct feed_node *n, struct facts_feed *f)
{
	bool is_skipped[7] = {false};

	for (const struct feed_node *c = n->child; c != NULL; c = c->next) {
		const char *s = text_line(x->a, c->text, c->len);

		for (int i = 0; i < 7; i++)
			if (strcmp(c->name, "day") == 0 && strlen(s) >= 3 &&
			    strncasecmp(s, words_weekday[i], strlen(s)) == 0)
				is_skipped[i] = true;
	}
	f->skip_days.count = 0;
	for (int i = 0; i < 7; i++) {
		const char **slot =
		    is_skipped[i] ? record_add(x->a, &f->skip_days) : NULL;

		if (slot != NULL)
			*slot = words_weekday[i];
	}
}

static long
attr_number(const struct feed_node *n, const char *name)
{
	const char *s = feed_attr(n, name);
	long v = s ? strtol(s, NULL, 10) : 0;

	return v > 0 && v < 10000 ? v : 0;
}

/* CDF: <Schedule><IntervalTime DAY="1"/></Schedule>. */
static void
take_interval(
    struct crosswalk *x, const struct feed_node *n, struct facts_feed *f)
{
	const struct feed_node *i = feed_child(n, "", "intervaltime");

	if (i != NULL)
		f->update_minutes = minutes_text(
		    x, attr_number(i, "day") * DAY_MINUTES +
			   attr_number(i, "hour") * 60 + attr_number(i, "min"));
}

static void
take_cloud(struct crosswalk *x, const struct feed_node *n, struct facts_feed *f)
{
	const char *domain = feed_attr(n, "domain");
	const char *port = feed_attr(n, "port"), *path = feed_attr(n, "path");
	const char *protocol = feed_attr(n, "protocol");

	if (domain == NULL || *domain == '\0')
		return;
	f->cloud = arena_printf(x->a, "%s://%s:%s%s%s",
	    protocol ? protocol : "xml-rpc", domain, port ? port : "80",
	    path && *path == '/' ? "" : "/", path ? path : "");
	f->cloud = strlen(f->cloud) <= LIMIT_URL_BYTES
		       ? text_line(x->a, f->cloud, strlen(f->cloud))
		       : NULL;
}

/* updatePeriod (daily, when it is not given) by updateFrequency (1). */
static const char *
sy_minutes(struct crosswalk *x, const struct feed_node *channel)
{
	static const struct {
		const char *name;
		long minutes;
	} periods[] = {{"daily", DAY_MINUTES}, {"hourly", 60},
	    {"weekly", 7 * DAY_MINUTES}, {"monthly", 30 * DAY_MINUTES},
	    {"yearly", 365 * DAY_MINUTES}};
	const struct feed_node *p = feed_child(channel, "sy", "updateperiod");
	const struct feed_node *f =
	    feed_child(channel, "sy", "updatefrequency");
	const char *period = p ? text_line(x->a, p->text, p->len) : "daily";
	long times = f ? strtol(f->text, NULL, 10) : 1;

	if (p == NULL && f == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(periods) / sizeof(*periods); i++)
		if (strcasecmp(period, periods[i].name) == 0) {
			long m = periods[i].minutes / (times > 0 ? times : 1);

			return minutes_text(x, m > 0 ? m : 1);
		}
	return NULL;
}

void
feed_schedule(
    struct crosswalk *x, const struct feed_node *channel, struct facts_feed *f)
{
	const char *sy;

	for (const struct feed_node *n = channel->child; n; n = n->next) {
		if (strcmp(n->ns, "sy") == 0 &&
		    strcmp(n->name, "updatebase") == 0)
			f->update_base = feed_instant(x, n);
		if (*n->ns != '\0')
			continue;
		if (strcmp(n->name, "ttl") == 0) {
			const char *ttl =
			    minutes_text(x, strtol(n->text, NULL, 10));

			f->ttl_minutes = ttl ? ttl : f->ttl_minutes;
		} else if (strcmp(n->name, "skiphours") == 0)
			take_hours(x, n, f);
		else if (strcmp(n->name, "skipdays") == 0)
			take_days(x, n, f);
		else if (strcmp(n->name, "cloud") == 0)
			take_cloud(x, n, f);
		else if (strcmp(n->name, "schedule") == 0)
			take_interval(x, n, f);
	}
	sy = sy_minutes(x, channel);
	if (sy != NULL)
		f->update_minutes = sy;
	if (f->ttl_minutes == NULL)
		f->ttl_minutes = f->update_minutes;
}
