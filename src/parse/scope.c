/* A stack of namespace declarations. */
#include "parse/scope.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "parse/xml.h"

void
scope_release(struct scope *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->items[i].prefix);
		free(s->items[i].uri);
	}
	free(s->items);
	memset(s, 0, sizeof(*s));
}

void
scope_add(struct scope *s, size_t depth, const char *prefix, const char *uri)
{
	GROW(s->items, s->cap, s->count + 1);
	s->items[s->count++] = (struct scope_item){
	    .prefix = xstrdup(prefix), .uri = xstrdup(uri), .depth = depth};
	s->version++;
}

void
scope_leave(struct scope *s, size_t depth)
{
	while (s->count > 0 && s->items[s->count - 1].depth > depth) {
		s->count--;
		free(s->items[s->count].prefix);
		free(s->items[s->count].uri);
		s->version++;
	}
}

void
scope_declare(struct buf *out, const char *prefix, const char *uri)
{
	buf_adds(out, *prefix ? " xmlns:" : " xmlns");
	buf_adds(out, prefix);
	buf_adds(out, "=\"");
	xml_escape(out, uri, strlen(uri), true);
	buf_addc(out, '"');
}

static bool
is_hidden(const struct scope *s, size_t i, const char *const *without)
{
	for (size_t k = i + 1; k < s->count; k++)
		if (strcmp(s->items[k].prefix, s->items[i].prefix) == 0)
			return true;
	for (; without != NULL && *without != NULL; without++)
		if (strcmp(*without, s->items[i].prefix) == 0)
			return true;
	return false;
}

void
scope_text(const struct scope *s, const char *const *without, struct buf *out)
{
	for (size_t i = 0; i < s->count; i++)
		if (!is_hidden(s, i, without))
			scope_declare(out, s->items[i].prefix, s->items[i].uri);
}
