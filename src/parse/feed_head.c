/* A feed's head, written again without what says nothing of its items. */
#include "parse/feed_head.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "parse/xml.h"
#include "record/context.h"

/* In any namespace that is known.  Not here: what tells of the feed alone. */
static bool
is_for_items(const struct feed_node *n)
{
	static const char *const names[] = {"title", "link", "language",
	    "copyright", "rights", "license", "author", "creator", "publisher",
	    "managingeditor", "category"};
	const char *rel = feed_attr(n, "rel");
	size_t i = 0;

	while (i < sizeof(names) / sizeof(*names) &&
	       strcmp(n->name, names[i]) != 0)
		i++;
	if (i == sizeof(names) / sizeof(*names) || strcmp(n->ns, "other") == 0)
		return false;
	/* Links to other pages differ from page to page. */
	return strcmp(n->name, "link") != 0 || rel == NULL ||
	       strcasecmp(rel, "alternate") == 0 ||
	       strcasecmp(rel, "self") == 0;
}

static void
put_attribute(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, " %s=\"", name);
	xml_escape(out, value, strlen(value), true);
	buf_addc(out, '"');
}

/* A prefix that was never declared stays one. */
static void
put_name(struct buf *out, const struct feed_node *n)
{
	if (*n->uri == '\0' && *n->ns != '\0')
		buf_printf(out, "%s:", n->ns);
	buf_adds(out, n->local);
}

/* Where `uri` is the namespace of what it stands in. */
static void
put_start(struct buf *out, const struct feed_node *n, const char *uri)
{
	buf_addc(out, '<');
	put_name(out, n);
	if ((*n->uri != '\0' || *n->ns == '\0') && strcmp(n->uri, uri) != 0)
		put_attribute(out, "xmlns", n->uri);
	for (size_t i = 0; i < n->attr_count; i++) {
		const struct feed_attr *a = &n->attrs[i];

		/* CDF's time of the last change */
		if (*a->ns == '\0' && strcmp(a->name, "lastmod") != 0)
			put_attribute(out, a->name, a->value);
		else if (strcmp(a->ns, "xml") == 0 &&
			 strcmp(a->name, "lang") == 0)
			put_attribute(out, "xml:lang", a->value);
		else if (strcmp(a->ns, "xml") == 0 &&
			 strcmp(a->name, "base") == 0)
			put_attribute(out, "xml:base", a->value);
	}
	buf_addc(out, '>');
}

static void
put_end(struct buf *out, const struct feed_node *n)
{
	buf_adds(out, "</");
	put_name(out, n);
	buf_addc(out, '>');
}

static void
put_whole(struct buf *out, const struct feed_node *n, const char *uri)
{
	put_start(out, n, uri);
	if (n->has_markup)
		buf_add(out, n->text, n->len);
	else
		xml_escape(out, n->text, n->len, false);
	for (const struct feed_node *c = n->child; c != NULL; c = c->next)
		if (strcmp(c->ns, "other") != 0)
			put_whole(out, c, n->uri);
	put_end(out, n);
}

static void
put_for_items(struct buf *out, const struct feed_node *n)
{
	for (const struct feed_node *c = n->child; c != NULL; c = c->next)
		if (is_for_items(c))
			put_whole(out, c, n->uri);
}

void
feed_head_init(struct feed_head *h)
{
	memset(h, 0, sizeof(*h));
	buf_init(&h->xml, LIMIT_FEED_HEAD_BYTES);
	buf_init(&h->last, LIMIT_FEED_HEADS_BYTES);
}

void
feed_head_release(struct feed_head *h)
{
	buf_release(&h->xml);
	buf_release(&h->last);
}

void
feed_head_take(struct feed_head *h, const struct feed_node *root)
{
	const struct feed_node *channel;

	buf_clear(&h->xml);
	h->has_namespace = false;
	h->lang = h->base = NULL;
	if (root == NULL) {
		buf_adds(&h->xml, "<rss>");
		return;
	}
	h->has_namespace = *root->uri != '\0';
	h->lang = root->lang;
	h->base = root->base;
	put_start(&h->xml, root, "");
	channel = feed_child(root, "", "channel");
	if (channel != NULL) {
		put_start(&h->xml, channel, root->uri);
		put_for_items(&h->xml, channel);
		put_end(&h->xml, channel);
	}
	put_for_items(&h->xml, root);
}

static bool
is_same(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static void
put_place(struct buf *out, const struct feed_head *h, const char *namespaces,
    const struct feed_node *parent)
{
	/* What the root is in is not in scope of what has a prefix there. */
	if (h->has_namespace && strstr(namespaces, "xmlns=") == NULL)
		put_attribute(out, "xmlns", "");
	if (parent != NULL && !is_same(parent->lang, h->lang))
		put_attribute(out, "xml:lang", parent->lang);
	if (parent != NULL && !is_same(parent->base, h->base))
		put_attribute(out, "xml:base", parent->base);
}

/* What is as the one before is not said again (record/stream.h), but it stands
 * in each block.  A small page must not become a large stream by its head. */
static bool
may_say(struct feed_head *h, const struct buf *context)
{
	bool is_last = context->len == h->last.len && context->len > 0 &&
		       memcmp(context->data, h->last.data, context->len) == 0;
	size_t n = is_last ? context->len / CONTEXT_RECORDS : context->len;

	bool may = !context->full && n <= LIMIT_FEED_HEADS_BYTES - h->said;

	if (!is_last || !may)
		buf_clear(&h->last);
	if (!may)
		return false;
	h->said += n;
	if (!is_last)
		buf_add(&h->last, context->data, context->len);
	return true;
}

void
feed_head_context(struct feed_head *h, struct buf *out, const char *namespaces,
    const char *base_url, const struct feed_node *item)
{
	struct context c = {.form = CONTEXT_FEED,
	    .namespaces = namespaces ? namespaces : "",
	    .base_url = base_url ? base_url : "",
	    .head = buf_str(&h->xml)};
	struct buf place;

	buf_init(&place, LIMIT_FEED_HEAD_BYTES);
	put_place(&place, h, c.namespaces, item->parent);
	c.place = buf_str(&place);
	if (h->xml.full || place.full || strchr(c.base_url, '\n') != NULL)
		c.form = CONTEXT_PLAIN;
	buf_clear(out);
	context_write(out, &c);
	if (c.form == CONTEXT_FEED && !may_say(h, out)) {
		c.form = CONTEXT_PLAIN;
		buf_clear(out);
		context_write(out, &c);
	}
	buf_release(&place);
}
