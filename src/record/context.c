/* What stood around a slice; see record/context.h. */
#include "record/context.h"

#include <string.h>

#include "base/str.h"

/* No element of any feed, since its end tag would end an item. */
#define PLACE_NAME "sheaf-context"

void
context_write(struct buf *out, const struct context *c)
{
	buf_adds(out, c->namespaces);
	if (c->form == CONTEXT_FEED)
		buf_printf(out, "\n" CONTEXT_FEED_MARK " %s\n%s\n%s",
		    c->base_url, c->place, c->head);
}

/* The text up to the next line feed, which is passed over; "" at the end. */
static const char *
line(struct arena *a, const char **at)
{
	size_t n = strcspn(*at, "\n");
	const char *text = arena_strndup(a, *at, n);

	*at += n + ((*at)[n] == '\n');
	return text;
}

void
context_read(struct context *c, struct arena *a, const char *text)
{
	const char *mark;

	*c = (struct context){.namespaces = line(a, &text)};
	c->base_url = c->place = c->head = "";
	if (*text == '\0')
		return;
	c->form = CONTEXT_OTHER;
	mark = line(a, &text);
	if (!str_starts(mark, CONTEXT_FEED_MARK " "))
		return;
	c->form = CONTEXT_FEED;
	c->base_url = mark + strlen(CONTEXT_FEED_MARK " ");
	c->place = line(a, &text);
	c->head = arena_strdup(a, text);
}

void
context_open(const struct context *c, struct buf *page)
{
	if (c->form == CONTEXT_FEED)
		buf_printf(page, "%s<" PLACE_NAME " %s%s>", c->head,
		    c->namespaces, c->place);
	else
		buf_printf(page, "<OAI-PMH %s><ListRecords>", c->namespaces);
}

void
context_close(const struct context *c, struct buf *page)
{
	const char *root = *c->head == '<' ? c->head + 1 : "";

	if (c->form == CONTEXT_FEED)
		buf_printf(page, "</" PLACE_NAME "></%.*s>",
		    (int)strcspn(root, " \t\r\n/>"), root);
	else
		buf_adds(page, "</ListRecords></OAI-PMH>");
}
