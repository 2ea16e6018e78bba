/* The words of a line. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "crosswalk/xwalk_build.h"

static void tell(struct xwalk_file *f, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
static void
tell(struct xwalk_file *f, const char *fmt, va_list ap)
{
	char text[1024];

	if (f->is_silent)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	table_mistake(&f->b->log, f->place, "%s", text);
}

void
xwalk_wrong(struct xwalk_file *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(f, fmt, ap);
	va_end(ap);
}

void
xwalk_refuse(struct xwalk_line *l, const char *fmt, ...)
{
	va_list ap;

	if (l->is_wrong)
		return;
	l->is_wrong = true;
	va_start(ap, fmt);
	tell(l->f, fmt, ap);
	va_end(ap);
}

const char *
xwalk_hint(struct xwalk_file *f, const char *nearest)
{
	return nearest != NULL ? arena_printf(&f->b->set->arena,
				     "; did you mean %s?", nearest)
			       : "";
}

void
xwalk_space(struct xwalk_line *l)
{
	l->p += strspn(l->p, " \t");
}

static const char *
take(struct xwalk_line *l, size_t n)
{
	const char *text;

	if (n == 0)
		return NULL;
	text = arena_strndup(&l->f->b->set->arena, l->p, n);
	l->p += n;
	return text;
}

const char *
xwalk_word(struct xwalk_line *l)
{
	return take(l, strcspn(l->p, " \t"));
}

const char *
xwalk_name(struct xwalk_line *l)
{
	return take(l, strcspn(l->p, " \t/[]@=~!,|\"():*"));
}

const char *
xwalk_quoted(struct xwalk_line *l)
{
	const char *p = l->p + 1;
	char *out, *o;

	out = o = arena_alloc(&l->f->b->set->arena, strlen(p) + 1);
	for (; *p != '"'; p++) {
		if (*p == '\0') {
			xwalk_refuse(
			    l, "a quoted text is not closed; expected \"");
			return NULL;
		}
		if (*p != '\\') {
			*o++ = *p;
			continue;
		}
		p++;
		if (*p != '"' && *p != '\\' && *p != 'n' && *p != 't') {
			xwalk_refuse(l,
			    "in quotes \\ stands before \", \\, n or t; "
			    "expected one of them");
			return NULL;
		}
		*o++ = *p == 'n' ? '\n' : *p == 't' ? '\t' : *p;
	}
	*o = '\0';
	l->p = p + 1;
	return out;
}

void *
xwalk_push(struct arena *a, void **items, size_t *count, size_t size)
{
	void *item;

	if (*count == 0 || (*count >= 4 && (*count & (*count - 1)) == 0)) {
		size_t cap = *count ? 2 * *count : 4;
		void *grown = arena_alloc(a, cap * size);

		if (*count > 0)
			memcpy(grown, *items, *count * size);
		*items = grown;
	}
	item = (char *)*items + (*count)++ * size;
	memset(item, 0, size);
	return item;
}
