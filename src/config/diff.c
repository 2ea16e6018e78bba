/* What a reload changes, found by walking the table of keys. */
#include "config/config.h"

#include <string.h>

static bool
same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool
same_list(const char **a, const char **b)
{
	for (; *a && *b; a++, b++)
		if (strcmp(*a, *b) != 0)
			return false;
	return !*a && !*b;
}

static bool
same_value(const struct conf_key *key, const void *a, const void *b)
{
	const void *x = (const char *)a + key->offset;
	const void *y = (const char *)b + key->offset;

	switch (key->type) {
	case CONF_BOOL:
		return *(const bool *)x == *(const bool *)y;
	case CONF_UINT:
	case CONF_DAYS:
	case CONF_CHOICE:
		return *(const unsigned *)x == *(const unsigned *)y;
	case CONF_DURATION:
		return *(const int64_t *)x == *(const int64_t *)y;
	case CONF_BYTES:
		return *(const uint64_t *)x == *(const uint64_t *)y;
	case CONF_SHARE:
		return memcmp(x, y, sizeof(double)) == 0;
	case CONF_LIST:
		return same_list(
		    *(const char **const *)x, *(const char **const *)y);
	case CONF_STRING:
	case CONF_FILE:
	case CONF_PATH:
	case CONF_URL:
	case CONF_WORD:
		return same_text(
		    *(const char *const *)x, *(const char *const *)y);
	}
	return false;
}

/* Keys that say what is in the list, not how it is asked for. */
static bool
names_the_list(const char *key)
{
	static const char *const names[] = {
	    "protocol",
	    "url",
	    "format",
	    "sets",
	    "from",
	    "until",
	    "keep",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(key, names[i]) == 0)
			return true;
	return false;
}

enum conf_change
config_source_change(
    const struct conf_source *old, const struct conf_source *new_)
{
	enum conf_change change = CONF_SAME;
	const struct conf_key *keys;
	size_t count;

	if (!old || !new_)
		return old ? CONF_REMOVED : new_ ? CONF_ADDED : CONF_SAME;
	keys = config_keys(&count);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(keys[i].section, "source") != 0 ||
		    same_value(&keys[i], old, new_))
			continue;
		if (names_the_list(keys[i].name))
			return CONF_RELIST;
		change = CONF_CHANGED;
	}
	return change;
}

bool
config_needs_restart(
    const struct config *old, const struct config *new_, struct buf *why)
{
	const struct conf_key *keys;
	size_t count;

	keys = config_keys(&count);
	for (size_t i = 0; i < count; i++) {
		const struct conf_key *k = &keys[i];

		if (strcmp(k->section, "daemon") != 0 &&
		    strcmp(k->section, "database") != 0)
			continue;
		if (k->live || same_value(k, old, new_))
			continue;
		buf_printf(why,
		    "%s in [%s] changed, which takes effect when the daemon "
		    "is started again",
		    k->name, k->section);
		return true;
	}
	return false;
}
