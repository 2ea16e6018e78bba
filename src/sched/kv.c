/* "key=value" lines. */
#include "sched/kv.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

enum { CLEAN_BYTES = 512 };

void
kv_release(struct kv *kv)
{
	for (size_t i = 0; i < kv->count; i++) {
		free(kv->pairs[i].key);
		free(kv->pairs[i].value);
	}
	free(kv->pairs);
	*kv = (struct kv){0};
}

static struct kv_pair *
find(const struct kv *kv, const char *key)
{
	for (size_t i = 0; i < kv->count; i++)
		if (strcmp(kv->pairs[i].key, key) == 0)
			return &kv->pairs[i];
	return NULL;
}

const char *
kv_get(const struct kv *kv, const char *key)
{
	const struct kv_pair *p = find(kv, key);

	return p != NULL ? p->value : "";
}

/* Takes value over. */
static void
set_owned(struct kv *kv, const char *key, char *value)
{
	struct kv_pair *p = find(kv, key);

	if (value[0] == '\0') {
		free(value);
		if (p == NULL)
			return;
		free(p->key);
		free(p->value);
		kv->count--;
		memmove(
		    p, p + 1, (size_t)(kv->pairs + kv->count - p) * sizeof(*p));
		return;
	}
	if (p == NULL) {
		GROW(kv->pairs, kv->cap, kv->count + 1);
		p = &kv->pairs[kv->count++];
		*p = (struct kv_pair){xstrdup(key), NULL};
	}
	free(p->value);
	p->value = value;
}

void
kv_set(struct kv *kv, const char *key, const char *value)
{
	set_owned(kv, key, xstrdup(value != NULL ? value : ""));
}

void
kv_set_clean(struct kv *kv, const char *key, const char *value)
{
	char out[CLEAN_BYTES];
	size_t n = 0;
	char *copy;
	bool space = false;

	copy = xstrdup(value != NULL ? value : "");
	for (const char *s = copy; *s != '\0'; s++) {
		bool blank = (unsigned char)*s <= ' ' || *s == 0x7f;

		if (!blank || !space)
			copy[n++] = blank ? ' ' : *s;
		space = blank;
	}
	copy[n] = '\0';
	str_copy(out, sizeof(out), str_trim(copy));
	free(copy);
	kv_set(kv, key, out);
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char *
decode(const char *s, size_t n)
{
	char *out = xcalloc(1, n + 1);
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '%' && n - i > 2 && hex(s[i + 1]) >= 0 &&
		    hex(s[i + 2]) >= 0) {
			out[len++] = (char)(hex(s[i + 1]) * 16 + hex(s[i + 2]));
			i += 2;
		} else {
			out[len++] = s[i];
		}
	}
	return out;
}

void
kv_read(struct kv *kv, const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		const char *eq = memchr(text, '=', n);

		if (eq != NULL && eq > text) {
			char *key = xstrndup(text, (size_t)(eq - text));

			set_owned(kv, key,
			    decode(eq + 1, n - (size_t)(eq + 1 - text)));
			free(key);
		}
		text += n + (text[n] == '\n');
	}
}

void
kv_line(struct buf *out, const char *key, const char *value)
{
	size_t plain = 0;

	if (value == NULL || value[0] == '\0')
		return;
	buf_adds(out, key);
	buf_addc(out, '=');
	for (; value[0] != '\0'; value += plain + 1) {
		for (plain = 0; (unsigned char)value[plain] >= ' ' &&
				value[plain] != '%' && value[plain] != 0x7f;
		     plain++)
			;
		buf_add(out, value, plain);
		if (value[plain] == '\0')
			break;
		buf_printf(out, "%%%02X", (unsigned char)value[plain]);
	}
	buf_addc(out, '\n');
}

void
kv_write(const struct kv *kv, struct buf *out)
{
	for (size_t i = 0; i < kv->count; i++)
		kv_line(out, kv->pairs[i].key, kv->pairs[i].value);
}
