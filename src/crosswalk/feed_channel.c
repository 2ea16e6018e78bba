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

const char *
feed_instant(struct crosswalk *x, const struct feed_node *n)
{
	const char *s = feed_line(x, n);
	struct when w;

	return s != NULL && feed_date_read(&w, s) && w.until[0] == '\0'
		   ? arena_strdup(x->a, w.value)
		   : NULL;
}

static void
channel_link(
    struct crosswalk *x, const struct feed_node *n, struct facts_feed *f)
{
	const char *rel = feed_attr(n, "rel"), *href = feed_attr(n, "href");
	const char *url = feed_url(x, n, href ? href : n->text);
	const struct {
		const char *rel, **field;
	} rels[] = {{"alternate", &f->link}, {"self", &f->self},
	    {"hub", &f->hub}, {"next", &f->next}, {"previous", &f->previous},
	    {"prev", &f->previous}, {"first", &f->first}, {"last", &f->last},
	    {"prev-archive", &f->prev_archive},
	    {"next-archive", &f->next_archive}, {"current", &f->current}};

	if (url == NULL)
		return;
	if (rel != NULL && str_case_starts(rel, "http://www.iana.org/"))
		rel = strrchr(rel, '/') + 1;
	if (rel == NULL || *rel == '\0')
		rel = "alternate";
	for (size_t i = 0; i < sizeof(rels) / sizeof(*rels); i++)
		if (strcasecmp(rel, rels[i].rel) == 0 && *rels[i].field == NULL)
			*rels[i].field = url;
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

	if (strcmp(n->name, "updated") == 0 ||
	    strcmp(n->name, "modified") == 0 ||
	    strcmp(n->name, "lastbuilddate") == 0) {
		s = feed_instant(x, n);
		f->updated = s ? s : f->updated;
	} else if (strcmp(n->name, "pubdate") == 0 ||
		   (strcmp(n->name, "issued") == 0 && *n->ns != '\0') ||
		   (strcmp(n->name, "date") == 0 && *n->ns != '\0'))
		set(&f->updated, feed_instant(x, n));
}

/* RFC 4287 4.2.4: a name, and its version beside it. */
static void
take_generator(
    struct crosswalk *x, const struct feed_node *n, struct facts_feed *f)
{
	const char *name = feed_line(x, n), *version = feed_attr(n, "version");

	if (name != NULL && version != NULL && strlen(version) <= 40)
		name = arena_printf(x->a, "%s %s", name,
		    text_line(x->a, version, strlen(version)));
	set(&f->generator, name);
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
		channel_link(x, n, f);
	else if (strcmp(name, "title") == 0 && (is_core || is_dc))
		set(&f->title, feed_line(x, n));
	else if ((is_core || is_dc) && (strcmp(name, "description") == 0 ||
					   strcmp(name, "subtitle") == 0 ||
					   strcmp(name, "tagline") == 0 ||
					   strcmp(name, "abstract") == 0))
		set(&f->description, feed_paragraphs(x, n));
	else if (strcmp(name, "generator") == 0 && is_core)
		take_generator(x, n, f);
	else if (strcmp(name, "language") == 0 && (is_core || is_dc)) {
		const char *s = feed_line(x, n);

		set(&f->language, s ? vocab_language(x->a, s) : NULL);
	} else if (is_core || is_dc || strcmp(n->ns, "dcterms") == 0)
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

/* Podcasts' words for what RSS has elements of its own for. */
static void
take_podcast(
    struct crosswalk *x, const struct feed_node *channel, struct facts_feed *f)
{
	static const struct {
		const char *ns, *name;
	} names[] = {{"itunes", "summary"}, {"googleplay", "description"},
	    {"itunes", "subtitle"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct feed_node *n =
		    feed_child(channel, names[i].ns, names[i].name);

		if (n != NULL && f->description == NULL)
			f->description = feed_paragraphs(x, n);
	}
}

static void
take_all(
    struct crosswalk *x, const struct feed_node *channel, struct facts_feed *f)
{
	const char *href = feed_attr(channel, "href");
	const char *lastmod = feed_attr(channel, "lastmod");

	for (const struct feed_node *n = channel->child; n; n = n->next)
		take(x, n, f);
	/* CDF says by attributes what others say by elements. */
	if (href != NULL)
		set(&f->link, feed_url(x, channel, href));
	if (lastmod != NULL) {
		struct feed_node copy = *channel;

		copy.text = lastmod;
		copy.len = strlen(lastmod);
		set(&f->updated, feed_instant(x, &copy));
	}
	take_podcast(x, channel, f);
	feed_schedule(x, channel, f);
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
