/* What no single key can know: what belongs together, what excludes each
 * other, what must exist elsewhere.  Also what is computed from several keys
 * (host, User-Agent). */
#include "config/build.h"

#include <config.h> /* PACKAGE_VERSION, of the build; not ours */
#include <string.h>

#include "base/date.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/url.h"

/* Text is NULL where its own mistake was told already. */
static bool
given(const char *text)
{
	return text && *text;
}

static struct conf_place
key_place(
    const struct conf_build *b, const struct conf_source *s, const char *key)
{
	size_t row = (size_t)(s - b->config->sources), index;
	struct conf_place place = s->place;

	if (conf_key_find("source", key, &index) &&
	    b->source_lines[row * b->key_count + index])
		place.line = b->source_lines[row * b->key_count + index];
	return place;
}

static struct conf_place
single_place(const struct conf_build *b, const char *section, const char *key,
    struct conf_place fallback)
{
	size_t index;

	if (!fallback.line)
		fallback.file = b->config->path;
	if (conf_key_find(section, key, &index) && b->single[index])
		fallback.line = b->single[index];
	return fallback;
}

/* [a-z0-9][a-z0-9._-]{0,63}: names become parts of paths, SQL and logs. */
static bool
name_is_good(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= LIMIT_SOURCE_NAME_BYTES && !strchr("._-", *s) &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static void
check_name(struct conf_build *b, const char *what, const char *name,
    struct conf_place place)
{
	if (!name_is_good(name))
		conf_mistake(b, place,
		    "[%s %s] has a bad name; expected small letters, digits, "
		    "and . _ - after the first, at most 64",
		    what, name);
}

/* --- [daemon] and [database] -----------------------------------------------
 */

static void
make_user_agent(struct config *c)
{
	if (given(c->user_agent) || !given(c->contact))
		return;
	c->user_agent =
	    arena_printf(&c->arena, "Sheaf/%s (+%s%s)", PACKAGE_VERSION,
		strchr(c->contact, '@') && !url_is_http(c->contact) ? "mailto:"
								    : "",
		c->contact);
}

/* A role has one password, whatever it is called for. */
static void
check_passwords(struct conf_build *b)
{
	const struct config *c = b->config;
	const struct {
		const char *user, *key, *file;
	} roles[] = {
	    {c->store_user, "store_password_file", c->store_password_file},
	    {c->resolve_user, "resolve_password_file",
		c->resolve_password_file},
	    {c->serve_user, "serve_password_file", c->serve_password_file},
	    {c->reader_user, "reader_password_file", c->reader_password_file},
	    {c->operator_user, "operator_password_file",
		c->operator_password_file},
	};

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		for (size_t j = 0; j < i; j++)
			if (given(roles[i].file) && given(roles[j].file) &&
			    given(roles[i].user) && given(roles[j].user) &&
			    strcmp(roles[i].user, roles[j].user) == 0 &&
			    strcmp(roles[i].file, roles[j].file) != 0)
				conf_mistake(b,
				    single_place(b, "database", roles[i].key,
					b->database),
				    "%s is another file than %s, though both "
				    "are for the role %s; expected one of them",
				    roles[i].key, roles[j].key, roles[i].user);
}

static void
check_database(struct conf_build *b)
{
	struct config *c = b->config;

	if (c->embedded && given(c->connection))
		conf_mistake(b,
		    single_place(b, "database", "connection", b->database),
		    "connection and embedded = yes exclude each other; "
		    "expected one of them");
	else if (!c->embedded && !given(c->connection))
		conf_mistake(b,
		    single_place(b, "database", "embedded", b->database),
		    "[database] names no database; expected connection = … or "
		    "embedded = yes");
	check_passwords(b);
}

/* --- [agency] --------------------------------------------------------------
 */

static void
check_agencies(struct conf_build *b)
{
	struct config *c = b->config;

	for (size_t i = 0; i < c->agency_count; i++) {
		const struct conf_agency *x = i ? c->by_code[i - 1] : NULL;
		const struct conf_agency *y = c->by_code[i];

		check_name(b, "agency", y->code, y->place);
		if (!x || strcmp(x->code, y->code) != 0)
			continue;
		/* The one that was read later is the mistake. */
		if (x > y) {
			y = x;
			x = c->by_code[i];
		}
		conf_mistake(b, y->place,
		    "[agency %s] is there a second time; expected it once, as "
		    "at %s:%u",
		    y->code, x->place.file, x->place.line);
	}
}

static void
check_agency_known(
    struct conf_build *b, const char *code, struct conf_place place)
{
	struct config *c = b->config;
	struct str_guess g = str_guess(code);

	if (config_agency(c, code))
		return;
	for (size_t i = 0; i < c->agency_count; i++)
		str_guess_try(&g, c->agencies[i].code);
	conf_mistake(b, place, "agency = %s is not known; %s%s%s", code,
	    g.found ? "did you mean " : "expected a section [agency ",
	    g.found ? g.found : code, g.found ? "?" : "]");
}

/* --- [source] --------------------------------------------------------------
 */

static const char *
source_nearest(const struct config *c, const char *name)
{
	struct str_guess g = str_guess(name);

	for (size_t i = 0; i < c->source_count; i++)
		str_guess_try(&g, c->sources[i].name);
	return g.found;
}

/* People paste the URL that they tried in a browser. */
static bool
has_oai_arguments(const char *query)
{
	for (const char *p = query; p; p = strchr(p, '&')) {
		p += *p == '&';
		if (str_starts(p, "verb=") || str_starts(p, "metadataPrefix="))
			return true;
	}
	return false;
}

static void
check_web_url(
    struct conf_build *b, struct conf_source *s, struct conf_place place)
{
	struct arena *a = &b->config->arena;
	struct url url;
	struct err e;

	if (url_parse(&url, a, s->url, &e) != 0) {
		conf_mistake(b, place,
		    "url = %s is not understood; expected one that begins "
		    "with https:// or http://%s",
		    s->url,
		    s->protocol == PROTOCOL_OAI_STATIC
			? ", or a file: file:///path"
			: "");
		return;
	}
	s->host = url_authority(a, &url);
	if (url.user)
		conf_mistake(b, place,
		    "url has a user or password in it; the configuration is "
		    "no place for secrets: expected user and password_file "
		    "instead");
	if (url.fragment)
		conf_mistake(
		    b, place, "url has a #fragment; expected it without");
	if (s->protocol == PROTOCOL_OAI_PMH && has_oai_arguments(url.query))
		conf_mistake(b, place,
		    "url has the arguments of a request (verb=…); expected "
		    "the base URL without them");
	if (strlen(s->url) > LIMIT_URL_BYTES / 2)
		conf_mistake(b, place,
		    "url is too long; expected at most %zu bytes",
		    LIMIT_URL_BYTES / 2);
}

static void
check_url(struct conf_build *b, struct conf_source *s)
{
	struct conf_place place = key_place(b, s, "url");
	const char *path;

	s->host = s->file = "";
	if (!s->url)
		return;
	if (!*s->url) {
		if (s->protocol != PROTOCOL_NONE)
			conf_mistake(b, s->place,
			    "[source %s] has no url; expected url = https://…",
			    s->name);
	} else if (s->protocol == PROTOCOL_OAI_STATIC &&
		   (path = url_file_path(&b->config->arena, s->url))) {
		s->host = "file:";
		s->file = path;
	} else {
		check_web_url(b, s, place);
	}
}

static void
check_spans(struct conf_build *b, const struct conf_source *s)
{
	int64_t from, until;
	enum granularity g;

	if (given(s->from) && given(s->until) &&
	    date_parse(s->from, &from, &g) == 0 &&
	    date_parse(s->until, &until, &g) == 0 && from > until)
		conf_mistake(b, key_place(b, s, "until"),
		    "until = %s is before from = %s; expected it after",
		    s->until, s->from);
	if (given(s->from) && given(s->until) &&
	    strlen(s->from) != strlen(s->until))
		conf_mistake(b, key_place(b, s, "until"),
		    "from = %s and until = %s differ in form; expected both "
		    "as days or both with a time",
		    s->from, s->until);
	if (s->retry_after_min_ms > s->retry_after_max_ms)
		conf_mistake(b, key_place(b, s, "retry_after_min"),
		    "retry_after_min is more than retry_after_max; expected "
		    "it less");
	if (s->connect_timeout_ms > s->timeout_ms)
		conf_mistake(b, key_place(b, s, "timeout"),
		    "timeout is less than connect_timeout; expected it more");
}

static void
check_credentials(struct conf_build *b, const struct conf_source *s)
{
	if (given(s->user) && !given(s->password_file))
		conf_mistake(b, key_place(b, s, "user"),
		    "user stands alone; expected password_file beside it");
	if (given(s->password_file) && !given(s->user))
		conf_mistake(b, key_place(b, s, "password_file"),
		    "password_file stands alone; expected user beside it");
	if (given(s->token_file) && given(s->user))
		conf_mistake(b, key_place(b, s, "token_file"),
		    "token_file and user exclude each other; expected one of "
		    "them");
}

static void
check_setspecs(struct conf_build *b, const struct conf_source *s)
{
	struct conf_place place = key_place(b, s, "sets");

	for (const char **set = s->sets; set && *set; set++) {
		if (strlen(*set) > LIMIT_SETSPEC_BYTES)
			conf_mistake(b, place,
			    "a setSpec in sets is too long; expected at most "
			    "%zu bytes",
			    LIMIT_SETSPEC_BYTES);
		for (const char **other = s->sets; other != set; other++)
			if (strcmp(*set, *other) == 0)
				conf_mistake(b, place,
				    "sets has %s twice; expected it once",
				    *set);
	}
}

/* Whether there are such languages and sectors the vocabularies know, and such
 * a crosswalk the crosswalks, which are read later: they are told at these
 * lines as well. */
static void
place_names(struct conf_build *b, struct conf_source *s)
{
	s->keep_place = key_place(b, s, "keep");
	s->crosswalk_place = key_place(b, s, "crosswalk");
	s->covers_place = key_place(b, s, "covers");
}

static void
check_was(struct conf_build *b, const struct conf_source *s)
{
	struct config *c = b->config;

	if (!given(s->was))
		return;
	if (config_source(c, s->was))
		conf_mistake(b, key_place(b, s, "was"),
		    "was = %s is the name of a source that is still there; "
		    "expected a former name",
		    s->was);
	for (const struct conf_source *o = c->sources; o != s; o++)
		if (given(o->was) && strcmp(o->was, s->was) == 0)
			conf_mistake(b, key_place(b, s, "was"),
			    "was = %s is also said by [source %s]; expected "
			    "it in one of them",
			    s->was, o->name);
}

static void
check_sources(struct conf_build *b)
{
	struct config *c = b->config;

	for (size_t i = 1; i < c->source_count; i++) {
		const struct conf_source *x = c->by_name[i - 1];
		const struct conf_source *y = c->by_name[i];

		if (strcmp(x->name, y->name) != 0)
			continue;
		/* The one that was read later is the mistake. */
		if (x > y) {
			y = x;
			x = c->by_name[i];
		}
		conf_mistake(b, y->place,
		    "[source %s] is there a second time; expected it once, as "
		    "at %s:%u",
		    y->name, x->place.file, x->place.line);
	}
	for (size_t i = 0; i < c->source_count; i++) {
		struct conf_source *s = &c->sources[i];

		check_name(b, "source", s->name, s->place);
		if (given(s->agency))
			check_agency_known(
			    b, s->agency, key_place(b, s, "agency"));
		check_url(b, s);
		check_spans(b, s);
		check_credentials(b, s);
		check_setspecs(b, s);
		check_was(b, s);
		place_names(b, s);
	}
}

/* --- [set] -----------------------------------------------------------------
 */

static void
check_sets(struct conf_build *b)
{
	struct config *c = b->config;

	for (size_t i = 0; i < c->set_count; i++) {
		const struct conf_set *s = &c->sets[i];

		if (!config_source(c, s->source)) {
			const char *near_ = source_nearest(c, s->source);

			conf_mistake(b, s->place,
			    "[set %s %s] is about a source that is not known; "
			    "%s%s%s",
			    s->source, s->spec,
			    near_ ? "did you mean "
				  : "expected a section [source ",
			    near_ ? near_ : s->source, near_ ? "?" : "]");
		}
		if (given(s->agency))
			check_agency_known(b, s->agency, s->place);
		for (size_t j = 0; j < i; j++)
			if (strcmp(c->sets[j].spec, s->spec) == 0 &&
			    strcmp(c->sets[j].source, s->source) == 0)
				conf_mistake(b, s->place,
				    "[set %s %s] is there a second time; "
				    "expected it once, as at %s:%u",
				    s->source, s->spec, c->sets[j].place.file,
				    c->sets[j].place.line);
	}
}

void
conf_check(struct conf_build *b)
{
	make_user_agent(b->config);
	/* A file that cannot be read says nothing about what it lacks. */
	if (b->mistake_count == 0 || b->database.line)
		check_database(b);
	check_agencies(b);
	check_sources(b);
	check_sets(b);
}
