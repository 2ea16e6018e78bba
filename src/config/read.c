/*
 * Files to a tree: sheaf.conf, then sources.d, section by section.
 *
 * A tree is built in vectors that grow and is moved into the arena at the
 * end.  Not here: one key's value (value.c), what several keys say together
 * (check.c).
 */
#include "config/build.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/str.h"
#include "config/lexer.h"

const char *
config_default_path(void)
{
	return SHEAF_SYSCONFDIR "/sheaf.conf";
}

void
conf_mistake(
    struct conf_build *b, struct conf_place place, const char *fmt, ...)
{
	va_list ap;

	b->mistake_count++;
	if (place.line)
		buf_printf(b->mistakes, "%s:%u: ", place.file, place.line);
	else
		buf_printf(b->mistakes, "%s: ", place.file);
	va_start(ap, fmt);
	buf_vprintf(b->mistakes, fmt, ap);
	va_end(ap);
	buf_addc(b->mistakes, '\n');
}

/* --- sections --------------------------------------------------------------
 */

struct section {
	const char *kind; /* NULL: unknown, its keys are passed over */
	void *object; /* what its keys fill */
	struct conf_place place;
};

/* Keeps where the section's keys stand, for the checks to come. */
static void
keep_lines(struct conf_build *b, const struct section *s)
{
	size_t n = b->key_count;

	if (strcmp(s->kind, "source") == 0) {
		size_t row = b->config->source_count - 1;

		GROW(b->source_lines, b->source_lines_cap, (row + 1) * n);
		memcpy(
		    b->source_lines + row * n, b->seen, n * sizeof(*b->seen));
		return;
	}
	if (s->object != b->config)
		return;
	for (size_t i = 0; i < n; i++)
		if (b->seen[i])
			b->single[i] = b->seen[i];
}

/* Ends a section: gives every key that was not given its default. */
static void
end_section(struct conf_build *b, const struct section *s)
{
	const struct conf_key *keys;
	size_t count;

	if (!s->kind)
		return;
	keep_lines(b, s);
	keys = config_keys(&count);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(keys[i].section, s->kind) != 0 || b->seen[i])
			continue;
		if (keys[i].fallback) {
			/* An empty path or URL is no value to be checked. */
			if (*keys[i].fallback || keys[i].type == CONF_LIST)
				conf_value(b, &keys[i], s->object,
				    keys[i].fallback, s->place);
			else
				*(const char **)((char *)s->object +
						 keys[i].offset) = "";
		} else {
			conf_mistake(b, s->place,
			    "[%s] has no %s; expected %s = … (%s)", s->kind,
			    keys[i].name, keys[i].name, keys[i].meaning);
		}
	}
}

static void *
add_agency(struct conf_build *b, const char *code, struct conf_place place)
{
	struct config *c = b->config;
	struct conf_agency *a;

	GROW(b->agencies, b->agency_cap, c->agency_count + 1);
	a = &b->agencies[c->agency_count++];
	memset(a, 0, sizeof(*a));
	a->code = code;
	a->place = place;
	return a;
}

static void *
add_source(struct conf_build *b, const char *name, struct conf_place place)
{
	struct config *c = b->config;
	struct conf_source *s;

	GROW(b->sources, b->source_cap, c->source_count + 1);
	s = &b->sources[c->source_count++];
	memset(s, 0, sizeof(*s));
	s->name = name;
	s->place = place;
	return s;
}

static void *
add_set(struct conf_build *b, const char *source, const char *spec,
    struct conf_place place)
{
	struct config *c = b->config;
	struct conf_set *s;

	GROW(b->sets, b->set_cap, c->set_count + 1);
	s = &b->sets[c->set_count++];
	memset(s, 0, sizeof(*s));
	s->source = source;
	s->spec = spec;
	s->place = place;
	return s;
}

/* [daemon] and [database]: once, and in the first file only. */
static void *
begin_single(struct conf_build *b, const char *kind, struct conf_place *first,
    struct conf_place place)
{
	if (strcmp(place.file, b->config->path) != 0) {
		conf_mistake(b, place,
		    "[%s] does not belong here; expected it in %s", kind,
		    b->config->path);
		return NULL;
	}
	if (first->line) {
		conf_mistake(b, place,
		    "[%s] is there a second time; expected all its keys in "
		    "the one at line %u",
		    kind, first->line);
		return NULL;
	}
	*first = place;
	return b->config;
}

/* How many words a section's brackets hold, and how that is written. */
static int
check_words(
    struct conf_build *b, const struct lex_item *item, struct conf_place place)
{
	static const struct {
		const char *kind, *form;
		size_t words;
	} forms[] = {
	    {"daemon", "[daemon]", 1},
	    {"database", "[database]", 1},
	    {"agency", "[agency CODE]", 2},
	    {"source", "[source NAME]", 2},
	    {"set", "[set SOURCE SPEC]", 3},
	};
	const char *kind = item->words[0], *near_;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (strcmp(forms[i].kind, kind) != 0)
			continue;
		if (item->word_count == forms[i].words)
			return 0;
		conf_mistake(b, place, "[%s] has %zu words; expected %s", kind,
		    item->word_count, forms[i].form);
		return -1;
	}
	near_ = conf_section_nearest(kind);
	if (near_)
		conf_mistake(b, place,
		    "there is no section [%s]; did you mean [%s]?", kind,
		    near_);
	else
		conf_mistake(b, place,
		    "there is no section [%s]; expected daemon, database, "
		    "agency, source or set",
		    kind);
	return -1;
}

static void
begin_section(struct conf_build *b, struct section *s,
    const struct lex_item *item, struct conf_place place)
{
	const char *kind = item->words[0];

	memset(s, 0, sizeof(*s));
	s->place = place;
	memset(b->seen, 0, b->key_count * sizeof(*b->seen));
	if (check_words(b, item, place) != 0)
		return;
	if (strcmp(kind, "daemon") == 0)
		s->object = begin_single(b, kind, &b->daemon, place);
	else if (strcmp(kind, "database") == 0)
		s->object = begin_single(b, kind, &b->database, place);
	else if (strcmp(kind, "agency") == 0)
		s->object = add_agency(b, item->words[1], place);
	else if (strcmp(kind, "source") == 0)
		s->object = add_source(b, item->words[1], place);
	else
		s->object = add_set(b, item->words[1], item->words[2], place);
	s->kind = s->object ? kind : NULL;
}

static void
take_key(struct conf_build *b, const struct section *s,
    const struct lex_item *item, struct conf_place place)
{
	const struct conf_key *key;
	const char *near_;
	size_t index;

	if (!s->place.line) {
		conf_mistake(b, place,
		    "%s stands before any section; expected [daemon] or the "
		    "like above it",
		    item->key);
		return;
	}
	if (!s->kind)
		return; /* its section was answered already */
	key = conf_key_find(s->kind, item->key, &index);
	if (!key) {
		near_ = conf_key_nearest(s->kind, item->key);
		conf_mistake(b, place, "[%s] knows no key %s%s%s%s", s->kind,
		    item->key,
		    near_ ? "; did you mean " : "; see sheaf.conf(5)",
		    near_ ? near_ : "", near_ ? "?" : "");
		return;
	}
	if (b->seen[index] && !key->repeat) {
		conf_mistake(b, place,
		    "%s is there a second time; expected it once, as at line "
		    "%u",
		    item->key, b->seen[index]);
		return;
	}
	b->seen[index] = place.line;
	if (conf_check_value(b, key, item->value, place))
		conf_value(b, key, s->object, item->value, place);
}

static void
read_items(struct conf_build *b, const char *file, const char *data, size_t n)
{
	struct section section = {0};
	struct lex_item item;
	struct lexer lexer;

	lexer_init(&lexer, &b->config->arena, data, n);
	for (;;) {
		struct conf_place place = {file, 0};

		lexer_next(&lexer, &item);
		place.line = item.line;
		if (item.kind == LEX_END || item.kind == LEX_SECTION)
			end_section(b, &section);
		if (item.kind == LEX_END)
			return;
		if (item.kind == LEX_WRONG)
			conf_mistake(b, place, "%s", item.value);
		else if (item.kind == LEX_SECTION)
			begin_section(b, &section, &item, place);
		else
			take_key(b, &section, &item, place);
	}
}

/* --- files -----------------------------------------------------------------
 */

static void
cannot_read(struct conf_build *b, const char *file, const char *why)
{
	struct conf_place place = {file, 0};

	conf_mistake(b, place, "cannot be read: %s", why);
}

static void
read_file(struct conf_build *b, const char *file)
{
	struct stat st;
	char *data;
	size_t n = 0;
	ssize_t got = 0;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		cannot_read(b, file, strerror(errno));
		return;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size > LIMIT_CONFIG_FILE_BYTES) {
		cannot_read(
		    b, file, "expected a regular file of at most 64 MiB");
		close(fd);
		return;
	}
	data = xmalloc((size_t)st.st_size + 1);
	while (n < (size_t)st.st_size &&
	       (got = read(fd, data + n, (size_t)st.st_size - n)) > 0)
		n += (size_t)got;
	if (got < 0)
		cannot_read(b, file, strerror(errno));
	else
		read_items(b, file, data, n);
	free(data);
	close(fd);
}

static int
is_conf(const struct dirent *d)
{
	return d->d_name[0] != '.' && str_ends(d->d_name, ".conf");
}

/* By bytes: the order must not depend on the locale. */
static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
read_directory(struct conf_build *b)
{
	struct arena *a = &b->config->arena;
	const char *slash = strrchr(b->config->path, '/');
	struct dirent **names;
	const char *dir;
	int n;

	dir = slash ? arena_printf(a, "%.*s/sources.d",
			  (int)(slash - b->config->path), b->config->path)
		    : "sources.d";
	n = scandir(dir, &names, is_conf, by_bytes);
	if (n < 0) {
		if (errno != ENOENT)
			cannot_read(b, dir, strerror(errno));
		return;
	}
	for (int i = 0; i < n; i++) {
		read_file(b, arena_printf(a, "%s/%s", dir, names[i]->d_name));
		free(names[i]);
	}
	free(names);
}

/* --- the tree --------------------------------------------------------------
 */

static int
source_by_name(const void *a, const void *b)
{
	return strcmp((*(const struct conf_source *const *)a)->name,
	    (*(const struct conf_source *const *)b)->name);
}

static int
agency_by_code(const void *a, const void *b)
{
	return strcmp((*(const struct conf_agency *const *)a)->code,
	    (*(const struct conf_agency *const *)b)->code);
}

static void *
move_in(struct arena *a, void *items, size_t count, size_t size)
{
	void *copy = arena_calloc(a, count + 1, size);

	if (count)
		memcpy(copy, items, count * size);
	free(items);
	return copy;
}

static void
settle(struct conf_build *b)
{
	struct config *c = b->config;
	struct arena *a = &c->arena;

	c->agencies =
	    move_in(a, b->agencies, c->agency_count, sizeof(*c->agencies));
	c->sources =
	    move_in(a, b->sources, c->source_count, sizeof(*c->sources));
	c->sets = move_in(a, b->sets, c->set_count, sizeof(*c->sets));
	c->by_code = arena_calloc(a, c->agency_count + 1, sizeof(*c->by_code));
	for (size_t i = 0; i < c->agency_count; i++)
		c->by_code[i] = &c->agencies[i];
	qsort(c->by_code, c->agency_count, sizeof(*c->by_code), agency_by_code);
	c->by_name = arena_calloc(a, c->source_count + 1, sizeof(*c->by_name));
	for (size_t i = 0; i < c->source_count; i++)
		c->by_name[i] = &c->sources[i];
	qsort(c->by_name, c->source_count, sizeof(*c->by_name), source_by_name);
}

/* The defaults of a section that is not there at all. */
static void
default_single(
    struct conf_build *b, const char *kind, const struct conf_place *first)
{
	struct section s = {kind, b->config, {b->config->path, 0}};

	if (first->line)
		return;
	memset(b->seen, 0, b->key_count * sizeof(*b->seen));
	end_section(b, &s);
}

struct config *
config_read(const char *path, struct buf *mistakes)
{
	struct conf_build b = {.mistakes = mistakes};

	b.config = xcalloc(1, sizeof(*b.config));
	arena_init(&b.config->arena, 0);
	b.config->path = arena_strdup(&b.config->arena, path);
	config_keys(&b.key_count);
	b.seen = xcalloc(b.key_count, sizeof(*b.seen));
	b.single = xcalloc(b.key_count, sizeof(*b.single));
	read_file(&b, b.config->path);
	if (b.mistake_count == 0 || b.daemon.line || b.database.line) {
		default_single(&b, "daemon", &b.daemon);
		default_single(&b, "database", &b.database);
	}
	read_directory(&b);
	settle(&b);
	conf_check(&b);
	free(b.seen);
	free(b.single);
	free(b.source_lines);
	if (b.mistake_count) {
		config_free(b.config);
		return NULL;
	}
	return b.config;
}

void
config_free(struct config *c)
{
	if (!c)
		return;
	arena_release(&c->arena);
	free(c);
}

const struct conf_source *
config_source(const struct config *c, const char *name)
{
	struct conf_source wanted = {.name = name};
	const struct conf_source *key = &wanted, **found;

	found = bsearch(&key, c->by_name, c->source_count, sizeof(*c->by_name),
	    source_by_name);
	return found ? *found : NULL;
}

const struct conf_agency *
config_agency(const struct config *c, const char *code)
{
	struct conf_agency wanted = {.code = code};
	const struct conf_agency *key = &wanted, **found;

	found = bsearch(&key, c->by_code, c->agency_count, sizeof(*c->by_code),
	    agency_by_code);
	return found ? *found : NULL;
}
