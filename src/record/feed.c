/* Looking into an element of a feed. */
#include "record/feed.h"

#include <string.h>

const char *
feed_attr_ns(const struct feed_node *n, const char *ns, const char *name)
{
	for (size_t i = 0; i < n->attr_count; i++)
		if (strcmp(n->attrs[i].name, name) == 0 &&
		    strcmp(n->attrs[i].ns, ns) == 0)
			return n->attrs[i].value;
	return NULL;
}

const char *
feed_attr(const struct feed_node *n, const char *name)
{
	return feed_attr_ns(n, "", name);
}

const struct feed_node *
feed_child(const struct feed_node *n, const char *ns, const char *name)
{
	const struct feed_node *c = n->child;

	while (
	    c != NULL && (strcmp(c->name, name) != 0 || strcmp(c->ns, ns) != 0))
		c = c->next;
	return c;
}
