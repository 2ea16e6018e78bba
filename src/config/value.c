/* One key's text to its field, with the mistake that an operator can act on.
 * Not here: what depends on other keys (check.c). */
#include "config/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/url.h"

enum { DAY_MS = 24 * 3600 * 1000 };
/* Where systemd puts a service's credentials, for programs that run beside
 * the service and do not have CREDENTIALS_DIRECTORY. */
#define CREDENTIALS_FALLBACK "/run/credentials/sheaf.service"

static int
refuse(struct conf_build *b, const struct conf_key *key, const char *text,
    struct conf_place place, const char *expected)
{
	struct buf shown;

	buf_init(&shown, 512);
	str_escape(&shown, text, strlen(text), 80);
	conf_mistake(b, place, "%s = %s is not understood; expected %s",
	    key->name, buf_str(&shown), expected);
	buf_release(&shown);
	return -1;
}

/* The bounds as they are written: of durations and days as such. */
static void
bound_text(char *out, size_t n, const struct conf_key *key, int64_t bound)
{
	if (key->type == CONF_DURATION && bound)
		str_duration(out, n, bound);
	else if (key->type == CONF_DAYS)
		snprintf(out, n, "%lldd", (long long)bound);
	else if (key->type == CONF_BYTES && bound >= (1 << 30))
		snprintf(out, n, "%lldG", (long long)(bound >> 30));
	else
		snprintf(out, n, "%lld", (long long)bound);
}

static int
check_bounds(struct conf_build *b, const struct conf_key *key, int64_t value,
    const char *text, struct conf_place place)
{
	char low[40], high[40];

	if ((key->min == 0 && key->max == 0) ||
	    (value >= key->min && value <= key->max))
		return 0;
	bound_text(low, sizeof(low), key, key->min);
	bound_text(high, sizeof(high), key, key->max);
	conf_mistake(b, place, "%s = %s is out of bounds; expected %s to %s",
	    key->name, text, low, high);
	return -1;
}

static int
read_number(struct conf_build *b, const struct conf_key *key, void *field,
    const char *text, struct conf_place place)
{
	int64_t value;
	uint64_t bytes;

	switch (key->type) {
	case CONF_UINT:
		if (str_to_i64(text, 0, UINT32_MAX, &value) != 0)
			return refuse(b, key, text, place, "a whole number");
		if (check_bounds(b, key, value, text, place) != 0)
			return -1;
		*(unsigned *)field = (unsigned)value;
		return 0;
	case CONF_BYTES:
		if (str_to_bytes(text, &bytes) != 0 || bytes > INT64_MAX)
			return refuse(
			    b, key, text, place, "a size such as 64M or 1G");
		if (check_bounds(b, key, (int64_t)bytes, text, place) != 0)
			return -1;
		*(uint64_t *)field = bytes;
		return 0;
	case CONF_DAYS:
		if (str_to_duration_ms(text, &value) != 0 || value % DAY_MS)
			return refuse(
			    b, key, text, place, "whole days such as 90d");
		if (check_bounds(b, key, value / DAY_MS, text, place) != 0)
			return -1;
		*(unsigned *)field = (unsigned)(value / DAY_MS);
		return 0;
	default:
		if (str_to_duration_ms(text, &value) != 0)
			return refuse(b, key, text, place,
			    "a duration such as 90s, 15m, 6h or 2d");
		if (check_bounds(b, key, value, text, place) != 0)
			return -1;
		*(int64_t *)field = value;
		return 0;
	}
}

/* The number of `text` among the words; -1 after a mistake. */
static int
read_word(struct conf_build *b, const struct conf_key *key, const char *text,
    struct conf_place place)
{
	const char *p = key->words, *near_ = NULL;
	size_t near_len = 0, n = strlen(text);
	struct str_guess g = str_guess(text);
	int index = 0;

	for (; *p; index++) {
		size_t len = strcspn(p, " ");
		char word[64];

		if (len == n && memcmp(p, text, n) == 0)
			return index;
		snprintf(word, sizeof(word), "%.*s", (int)len, p);
		if (str_guess_try(&g, word)) {
			near_ = p;
			near_len = len;
		}
		p += len;
		p += strspn(p, " ");
	}
	if (near_)
		conf_mistake(b, place,
		    "%s = %s is not known; did you mean %.*s? expected one "
		    "of: %s",
		    key->name, text, (int)near_len, near_, key->words);
	else
		conf_mistake(b, place,
		    "%s = %s is not known; expected one of: %s", key->name,
		    text, key->words);
	return -1;
}

static const char **
split_list(struct arena *a, const char *text)
{
	size_t count = 0, cap = strlen(text) / 2 + 2;
	const char **list = arena_calloc(a, cap, sizeof(*list));

	for (;;) {
		size_t len;

		text += strspn(text, " \t");
		if (!*text)
			return list;
		len = strcspn(text, " \t");
		list[count++] = arena_strndup(a, text, len);
		text += len;
	}
}

/* A secret's file: absolute, or the name of a systemd credential. */
static int
read_file(struct conf_build *b, const struct conf_key *key, const char **field,
    const char *text, struct conf_place place)
{
	struct arena *a = &b->config->arena;
	const char *dir;

	if (!*text || *text == '/') {
		*field = arena_strdup(a, text);
		return 0;
	}
	if (strchr(text, '/') || strcmp(text, "..") == 0 ||
	    strcmp(text, ".") == 0)
		return refuse(b, key, text, place,
		    "an absolute path, or the name of a systemd credential");
	dir = getenv("CREDENTIALS_DIRECTORY");
	*field = arena_printf(
	    a, "%s/%s", dir && *dir == '/' ? dir : CREDENTIALS_FALLBACK, text);
	return 0;
}

static int
read_text(struct conf_build *b, const struct conf_key *key, const char **field,
    const char *text, struct conf_place place)
{
	struct arena *a = &b->config->arena;
	struct url url;
	struct err e;

	if (key->type == CONF_PATH && *text && *text != '/')
		return refuse(b, key, text, place, "an absolute path");
	if (key->type == CONF_URL && *text && url_parse(&url, a, text, &e) != 0)
		return refuse(b, key, text, place,
		    "a URL that begins with https:// or http://");
	if (key->repeat && *field && **field)
		*field = arena_printf(a, "%s\n%s", *field, text);
	else
		*field = arena_strdup(a, text);
	return 0;
}

int
conf_value(struct conf_build *b, const struct conf_key *key, void *object,
    const char *text, struct conf_place place)
{
	void *field = (char *)object + key->offset;
	int word;

	switch (key->type) {
	case CONF_STRING:
	case CONF_PATH:
	case CONF_URL:
		return read_text(b, key, field, text, place);
	case CONF_FILE:
		return read_file(b, key, field, text, place);
	case CONF_BOOL:
		if (str_to_bool(text, field) != 0)
			return refuse(b, key, text, place, "yes or no");
		return 0;
	case CONF_SHARE:
		if (str_to_share(text, field) != 0)
			return refuse(
			    b, key, text, place, "a share such as 10 % or 0.1");
		return 0;
	case CONF_UINT:
	case CONF_DURATION:
	case CONF_DAYS:
	case CONF_BYTES:
		return read_number(b, key, field, text, place);
	case CONF_LIST:
		*(const char ***)field = split_list(&b->config->arena, text);
		return 0;
	case CONF_WORD:
	case CONF_CHOICE:
		word = read_word(b, key, text, place);
		if (word < 0)
			return -1;
		if (key->type == CONF_CHOICE)
			*(unsigned *)field = (unsigned)word;
		else
			*(const char **)field =
			    arena_strdup(&b->config->arena, text);
		return 0;
	}
	return -1;
}
