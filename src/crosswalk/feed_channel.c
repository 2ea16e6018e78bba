/* What a feed says of itself: facts for the schedule, defaults for its
 * items. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "crosswalk/feed_date.h"
#include "crosswalk/feed_item.h"
#include "crosswalk/text.h"
#include "crosswalk/vocab.h"

static const char *
format_of(const struct feed_node *root, struct arena *a)
{
	const char *version = feed_attr(root, "version");
	const struct feed_node *c = root->child;

	if (strcmp(root->name, "feed") == 0 || strcmp(root->name, "entry") == 0)
		return (version != NULL && str_starts(version, "0.")) ||
			       strstr(root->uri, "purl.org/atom/ns") != NULL
			   ? "atom-0.3"
			   : "atom-1.0";
	if (strcmp(root->name, "rdf") == 0) {
		for (; c != NULL; c = c->next)
			if (strstr(c->uri, "my.netscape.com/rdf") != NULL)
				return "rss-0.90";
		return "rss-1.0";
	}
	if (strcmp(root->name, "channel") == 0)
		return feed_attr(root, "href") ||
			       strcmp(root->local, "CHANNEL") == 0
			   ? "cdf"
			   : "rss";
	if (version == NULL || strlen(version) > 8 || version[0] == '\0')
		return "rss";
	return arena_printf(
	    a, "rss-%s", text_line(a, version, strlen(version)));
}

static const char *
day_or_instant(struct crosswalk *x, const struct feed_node *n)
{
	const char *s = feed_line(x, n);
	struct when w;

	return s != NULL && feed_date_read(&w, s) && w.until[0] == '\0'
		   ? arena_strdup(x->a, w.value)
		   : NULL;
}

/* sy:updatePeriod and its frequency. */
static const char *
sy_minutes(struct arena *a, const struct feed_node *channel)
{
	static const struct {
		const char *name;
		long minutes;
	} periods[] = {{"hourly", 60}, {"daily", 1440}, {"weekly", 10080},
	    {"monthly", 43200}, {"yearly", 525600}};
	const struct feed_node *p = feed_child(channel, "sy", "updateperiod");
	const struct feed_node *f =
	    feed_child(channel, "sy", "updatefrequency");
	long times = f ? strtol(f->text, NULL, 10) : 1;

	for (size_t i = 0; p && i < sizeof(periods) / sizeof(*periods); i++)
		if (strcasecmp(
			text_line(a, p->text, p->len), periods[i].name) == 0)
			return arena_printf(a, "%ld",
			    periods[i].minutes / (times > 0 ? times : 1));
	return NULL;
}

static void
take_link(struct crosswalk *x, const struct feed_node *n, struct facts_feed *f)
{
	const char *rel = feed_attr(n, "rel"), *href = feed_attr(n, "href");
	const char *url = feed_url(x, n, href ? href : n->text);

	if (url == NULL)
		return;
	if (rel == NULL || *rel == '\0' || strcasecmp(rel, "alternate") == 0) {
		if (f->link == NULL)
			f->link = url;
	} else if (strcasecmp(rel, "self") == 0)
		f->self = url;
	else if (strcasecmp(rel, "next") == 0)
		f->next = url;
	else if (strcasecmp(rel, "prev-archive") == 0)
		f->prev_archive = url;
	else if (strcasecmp(rel, "current") == 0)
		f->current = url;
	else if (strcasecmp(rel, "hub") == 0)
		f->hub = url;
}

static void
set(const char **field, const char *value)
{
	if (*field == NULL)
		*field = value;
}

static void
take_time(struct crosswalk *x, const struct feed_node *n, struct facts_feed *f)
{
	const char *s;
	long minutes;

	if (strcmp(n->name, "ttl") == 0) {
		minutes = strtol(n->text, NULL, 10);
		if (minutes > 0 && minutes < 10000000)
			f->ttl_minutes = arena_printf(x->a, "%ld", minutes);
	} else if (strcmp(n->name, "updated") == 0 ||
		   strcmp(n->name, "modified") == 0 ||
		   strcmp(n->name, "lastbuilddate") == 0) {
		s = day_or_instant(x, n);
		f->updated = s ? s : f->updated;
	} else if (strcmp(n->name, "pubdate") == 0 ||
		   (strcmp(n->name, "date") == 0 && strcmp(n->ns, "dc") == 0))
		set(&f->updated, day_or_instant(x, n));
}

static void
take(struct crosswalk *x, const struct feed_node *n, struct facts_feed *f)
{
	bool is_core = *n->ns == '\0', is_dc = strcmp(n->ns, "dc") == 0;
	const char *name = n->name;

	if (strcmp(n->ns, "fh") == 0) {
		f->complete |= strcmp(name, "complete") == 0;
		f->archive |= strcmp(name, "archive") == 0;
		return;
	}
	if (strcmp(name, "link") == 0 && is_core)
		take_link(x, n, f);
	else if (strcmp(name, "title") == 0 && (is_core || is_dc))
		set(&f->title, feed_line(x, n));
	else if ((is_core || is_dc) && (strcmp(name, "description") == 0 ||
					   strcmp(name, "subtitle") == 0 ||
					   strcmp(name, "tagline") == 0 ||
					   strcmp(name, "abstract") == 0))
		set(&f->description, feed_paragraphs(x, n));
	else if (strcmp(name, "language") == 0 && (is_core || is_dc)) {
		const char *s = feed_line(x, n);

		set(&f->language, s ? vocab_language(x->a, s) : NULL);
	} else if (is_core || is_dc)
		take_time(x, n, f);
	if ((is_core && (strcmp(name, "copyright") == 0 ||
			    strcmp(name, "rights") == 0)) ||
	    (is_dc && strcmp(name, "rights") == 0))
		set(&x->feed.rights, feed_line(x, n));
	if (is_dc && strcmp(name, "publisher") == 0)
		set(&x->feed.publisher, feed_person(x, n));
	if (is_core && x->feed.is_atom && strcmp(name, "author") == 0)
		set(&x->feed.author, feed_person(x, n));
}

static void
take_all(
    struct crosswalk *x, const struct feed_node *channel, struct facts_feed *f)
{
	const char *href = feed_attr(channel, "href");

	for (const struct feed_node *n = channel->child; n; n = n->next)
		take(x, n, f);
	if (href != NULL)
		set(&f->link, feed_url(x, channel, href));
	set(&f->ttl_minutes, sy_minutes(x->a, channel));
	set(&f->language, feed_lang(x, channel));
}

void
feed_channel(void *arg, const struct feed_node *root, struct facts_feed *f,
    const char **format, struct arena *a)
{
	struct crosswalk *x = arg;
	const struct feed_node *channel = feed_child(root, "", "channel");
	struct record none = {0}; /* its warnings are of no use */

	x->r = &none;
	x->a = a;
	memset(&x->feed, 0, sizeof(x->feed));
	*format = format_of(root, a);
	x->feed.is_atom = str_starts(*format, "atom");
	take_all(x, channel ? channel : root, f);
	/* Fields that stand beside the channel instead of in it. */
	if (channel != NULL)
		take_all(x, root, f);
	x->feed.lang = f->language;
	x->feed.base = f->link ? f->link : f->self;
	set(&x->feed.publisher, x->feed.author ? x->feed.author : f->title);
	x->r = NULL;
}
