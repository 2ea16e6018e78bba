/* A list of blocks with a bump pointer each.  The newest block is at the head;
 * a big allocation gets a block of its own behind it, so that the rest of the
 * head is not wasted. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(max_align_t) char data[];
};

enum {
	ARENA_FIRST = 8 * 1024,
	ARENA_LARGEST = 256 * 1024, /* blocks double up to this */
	ARENA_ALIGN = _Alignof(max_align_t),
};

void
arena_init(struct arena *a, size_t max)
{
	*a = (struct arena){.max = max};
}

static void
free_blocks(struct arena_block *b)
{
	while (b) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
}

void
arena_clear(struct arena *a)
{
	if (a->head) {
		free_blocks(a->head->next);
		a->head->next = NULL;
		a->head->used = 0;
		if (a->head->size > ARENA_LARGEST) {
			free(a->head);
			a->head = NULL;
		}
	}
	a->used = 0;
	a->full = false;
}

void
arena_release(struct arena *a)
{
	free_blocks(a->head);
	a->head = NULL;
	a->used = 0;
	a->full = false;
}

static struct arena_block *
block_new(size_t size)
{
	struct arena_block *b = xmalloc(sizeof(*b) + size);

	b->size = size;
	b->used = 0;
	b->next = NULL;
	return b;
}

static void *
alloc_slow(struct arena *a, size_t n)
{
	struct arena_block *b;
	size_t size;

	if (a->head && n > ARENA_LARGEST / 4) {
		b = block_new(n);
		b->used = n;
		b->next = a->head->next;
		a->head->next = b;
		return b->data;
	}
	size = a->head ? a->head->size * 2 : ARENA_FIRST;
	if (size > ARENA_LARGEST)
		size = ARENA_LARGEST;
	if (size < n)
		size = n;
	b = block_new(size);
	b->used = n;
	b->next = a->head;
	a->head = b;
	return b->data;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	struct arena_block *b = a->head;
	size_t need;

	if (n > SIZE_MAX - ARENA_LARGEST) {
		/* No machine has this: with no ceiling it is a bug. */
		BUG_ON(!a->max);
		a->full = true;
		return NULL;
	}
	need = (n + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (a->max && (need > a->max || a->used > a->max - need)) {
		a->full = true;
		return NULL;
	}
	a->used += need;
	if (b && b->size - b->used >= need) {
		void *p = b->data + b->used;

		b->used += need;
		return p;
	}
	return alloc_slow(a, need);
}

void *
arena_calloc(struct arena *a, size_t n, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(n, size, &bytes))
		bytes = SIZE_MAX;
	p = arena_alloc(a, bytes);
	if (p)
		memset(p, 0, bytes);
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = n < SIZE_MAX ? arena_alloc(a, n + 1) : NULL;

	if (!p)
		return NULL;
	if (n)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	p = arena_alloc(a, (size_t)n + 1);
	if (!p)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}
