/*
 * Prints the table of configuration keys, one a line, with tabs between:
 * section, name, type, default, words, meaning.  "-" stands for a default that
 * must be given.  For tests/meta/options, which compares the table with the
 * manual and the sample.
 */
#include <stdio.h>
#include <string.h>

#include "config/config.h"

/* The documents name the place that Debian has; a build may have another. */
static const char *
as_documented(const struct conf_key *key)
{
	if (!key->fallback)
		return "-";
	if (strcmp(key->name, "pg_bindir") == 0)
		return "/usr/lib/postgresql/15/bin";
	return key->fallback;
}

int
main(void)
{
	size_t count;
	const struct conf_key *keys = config_keys(&count);

	for (size_t i = 0; i < count; i++)
		printf("%s\t%s\t%s\t%s\t%s\t%s\n", keys[i].section,
		    keys[i].name, conf_type_name(keys[i].type),
		    as_documented(&keys[i]), keys[i].words ? keys[i].words : "",
		    keys[i].meaning);
	return fflush(stdout) == 0 ? 0 : 1;
}
