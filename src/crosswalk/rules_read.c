/* The tables' rows, and the files that they stand in. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/str.h"
#include "crosswalk/rules_build.h"

enum { SCHEME, CODE, PARENT, LABEL, LANGUAGE, ALTERNATIVE };
enum { TO_VOCABULARY, TO_SCHEME, TO_TERM, TO_CODE };

static const struct table_layout layouts[] = {
    {{"scheme", "code", "parent", "label", "language", "alternative"}, 2},
    {{"vocabulary", "scheme", "term", "code"}, 4},
};

struct rules_build *
rules_build_new(struct buf *mistakes)
{
	struct rules_build *b = xcalloc(1, sizeof(*b));

	arena_init(&b->arena, 0);
	buf_init(&b->pool, LIMIT_RULES_BYTES);
	b->log.text = mistakes;
	return b;
}

void
rules_build_free(struct rules_build *b)
{
	free(b->things);
	free(b->names);
	free(b->lines);
	free(b->terms);
	free(b->term_file);
	rules_map_free(&b->by_code);
	rules_map_free(&b->by_key);
	rules_map_free(&b->by_text);
	rules_map_free(&b->by_list);
	buf_release(&b->pool);
	arena_release(&b->arena);
	free(b);
}

void
build_each(struct rules_build *b, const char *texts,
    void (*each)(void *arg, const char *part), void *arg)
{
	while (*texts != '\0') {
		size_t n = strcspn(texts, "|");
		char *part = str_trim(arena_strndup(&b->arena, texts, n));

		if (*part != '\0')
			each(arg, part);
		texts += n + (texts[n] == '|');
	}
}

struct build_thing *
build_find(struct rules_build *b, const char *scheme, const char *code)
{
	char key[2 * RULES_KEY_BYTES];
	const uint32_t *at;
	int n = snprintf(key, sizeof(key), "%s %s", scheme, code);

	if (n < 0 || (size_t)n >= sizeof(key))
		return NULL;
	at = rules_map_get(&b->by_code, key);
	return at != NULL ? &b->things[*at] : NULL;
}

static bool
is_scheme(const char *name)
{
	return strlen(name) <= RULES_SCHEME_BYTES &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-._")] ==
		   '\0';
}

static bool
check_scheme(struct rules_build *b, const char *name, struct table_place place)
{
	if (is_scheme(name))
		return true;
	table_mistake(&b->log, place,
	    "%.60s is no name of a scheme; expected at most %d small letters, "
	    "digits, - . _",
	    name, RULES_SCHEME_BYTES);
	return false;
}

static struct build_thing *
thing_of(struct rules_build *b, const char *const *v, struct table_place place)
{
	char *key = arena_printf(&b->arena, "%s %s", v[SCHEME], v[CODE]);
	uint32_t *at = rules_map_put(&b->by_code, key);
	struct build_thing *t;

	if (*at != UINT32_MAX)
		return &b->things[*at];
	*at = (uint32_t)b->thing_count;
	GROW(b->things, b->thing_cap, b->thing_count + 1);
	t = &b->things[b->thing_count++];
	*t = (struct build_thing){.vocab = rules_vocab_parse(v[SCHEME]),
	    .scheme = arena_strdup(&b->arena, v[SCHEME]),
	    .code = arena_strdup(&b->arena, v[CODE]),
	    .name_first = UINT32_MAX,
	    .name_last = UINT32_MAX,
	    .place = place};
	return t;
}

struct naming {
	struct rules_build *b;
	struct build_thing *thing;
	const char *lang;
	bool is_alternative;
};

static void
add_name(void *arg, const char *text)
{
	struct naming *n = arg;
	struct rules_build *b = n->b;
	uint32_t at = (uint32_t)b->name_count;

	GROW(b->names, b->name_cap, b->name_count + 1);
	b->names[b->name_count++] =
	    (struct build_name){.text = arena_strdup(&b->arena, text),
		.lang = arena_strdup(&b->arena, n->lang),
		.is_alternative = n->is_alternative,
		.next = UINT32_MAX};
	if (n->thing->name_first == UINT32_MAX)
		n->thing->name_first = at;
	else
		b->names[n->thing->name_last].next = at;
	n->thing->name_last = at;
}

static void
add_thing(struct rules_build *b, const char *const *v, struct table_place place)
{
	struct naming naming = {.b = b, .lang = v[LANGUAGE]};

	if (!check_scheme(b, v[SCHEME], place))
		return;
	if (strlen(v[CODE]) >= RULES_KEY_BYTES || strchr(v[CODE], '|')) {
		table_mistake(&b->log, place,
		    "%.60s is no code; expected less than %d bytes without |",
		    v[CODE], RULES_KEY_BYTES);
		return;
	}
	naming.thing = thing_of(b, v, place);
	if (*v[PARENT] != '\0') {
		if (naming.thing->parents == NULL)
			naming.thing->parents =
			    arena_strdup(&b->arena, v[PARENT]);
		else if (strcmp(naming.thing->parents, v[PARENT]) != 0)
			table_mistake(&b->log, place,
			    "%s has the parent %s in line %u; expected the "
			    "same, or nothing",
			    v[CODE], naming.thing->parents,
			    naming.thing->place.line);
	}
	if (*v[LABEL] != '\0')
		add_name(&naming, v[LABEL]);
	naming.is_alternative = true;
	build_each(b, v[ALTERNATIVE], add_name, &naming);
}

static void
add_line(struct rules_build *b, const char *const *v, struct table_place place)
{
	int vocab = rules_vocab_parse(v[TO_VOCABULARY]);

	if (vocab < 0) {
		table_mistake(&b->log, place,
		    "there is no vocabulary %.60s; expected kind, sector, "
		    "country, language, sdg, licence, access, role or scheme",
		    v[TO_VOCABULARY]);
		return;
	}
	if (!check_scheme(b, v[TO_SCHEME], place))
		return;
	GROW(b->lines, b->line_cap, b->line_count + 1);
	b->lines[b->line_count++] =
	    (struct build_line){.vocab = (enum rules_vocab)vocab,
		.scheme = arena_strdup(&b->arena, v[TO_SCHEME]),
		.term = arena_strdup(&b->arena, v[TO_TERM]),
		.codes = arena_strdup(&b->arena, v[TO_CODE]),
		.place = place};
}

static void
on_row(void *arg, const struct table_layout *layout, const char *const *values,
    struct table_place place)
{
	struct rules_build *b = arg;

	b->rows++;
	if (layout == &layouts[0])
		add_thing(b, values, place);
	else
		add_line(b, values, place);
}

void
rules_build_table(
    struct rules_build *b, const char *file, const char *data, size_t n)
{
	b->files++;
	table_read(arena_strdup(&b->arena, file), data, n, layouts,
	    sizeof(layouts) / sizeof(*layouts), LIMIT_TABLE_ROWS - b->rows,
	    on_row, b, &b->log);
}

/* --- files ---------------------------------------------------------------- */

static void
read_file(struct rules_build *b, const char *path)
{
	struct table_place place = {.file = path};
	struct stat st;
	char *data;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0) {
		table_mistake(&b->log, place, "%s; expected a readable table",
		    strerror(errno));
	} else if (!S_ISREG(st.st_mode) ||
		   (uint64_t)st.st_size > LIMIT_TABLE_BYTES) {
		table_mistake(&b->log, place,
		    "is no file of at most %zu bytes; expected a table",
		    LIMIT_TABLE_BYTES);
	} else {
		data = xmalloc((size_t)st.st_size + 1);
		n = read(fd, data, (size_t)st.st_size);
		if (n == st.st_size)
			rules_build_table(b, path, data, (size_t)n);
		else
			table_mistake(&b->log, place,
			    "could not be read to its end; expected %lld bytes",
			    (long long)st.st_size);
		free(data);
	}
	if (fd >= 0)
		close(fd);
}

static int
is_table(const struct dirent *d)
{
	return d->d_name[0] != '.' && str_ends(d->d_name, ".tsv");
}

void
rules_build_dir(struct rules_build *b, const char *dir)
{
	struct table_place place = {.file = dir};
	struct dirent **list;
	int n = scandir(dir, &list, is_table, alphasort);

	if (n <= 0 || (size_t)n > LIMIT_TABLE_FILES)
		table_mistake(&b->log, place,
		    "%s; expected a directory with the vocabularies, 1 to %zu "
		    "files *.tsv",
		    n < 0 ? strerror(errno)
		    : n	  ? "too many files"
			  : "no table",
		    LIMIT_TABLE_FILES);
	for (int i = 0; i < n; i++) {
		if ((size_t)n <= LIMIT_TABLE_FILES)
			read_file(b, arena_printf(&b->arena, "%s/%s", dir,
					 list[i]->d_name));
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}
