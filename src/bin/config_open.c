#include "bin/config_open.h"

#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "bin/crosswalk_dir.h"
#include "bin/vocab_dir.h"
#include "crosswalk/rules.h"
#include "record/covers.h"
#include "record/keep.h"

/* A language whose name looks like that, or NULL. */
static const char *
nearest(const struct rules *r, const char *text)
{
	/* Languages' names are many and short: fewer slips are forgiven. */
	struct str_guess g = {text, strlen(text) < 6 ? 2 : 3, NULL};
	const char *found = NULL;
	struct rules_thing t;
	struct rules_name n;

	for (size_t i = 0; i < rules_count(r, RULES_LANGUAGE); i++) {
		rules_thing(r, RULES_LANGUAGE, i, &t);
		for (size_t k = 0; k < t.name_count; k++) {
			rules_name(r, t.name_first + k, &n);
			if (str_guess_try(&g, n.text))
				found = t.code;
		}
	}
	return found;
}

/* The code that stands for it: of another list ("eng"), a name, or nearly so.
 */
static const char *
meant(const struct rules *r, const char *text)
{
	static const char *const schemes[] = {"iso639", rules_label};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		const char *code =
		    rules_code(r, RULES_LANGUAGE, schemes[i], text);

		if (code != NULL)
			return code;
	}
	return nearest(r, text);
}

static void
check_language(const struct conf_source *s, const char *value,
    const struct rules *r, struct buf *mistakes)
{
	char code[16];
	struct rules_thing t;
	const char *near_;

	/* Of "pt-BR" the tables know the language alone. */
	str_copy(code, sizeof(code), value);
	code[strcspn(code, "-")] = '\0';
	if (rules_thing_find(r, RULES_LANGUAGE, code, &t))
		return;
	near_ = meant(r, code);
	buf_printf(mistakes,
	    "%s:%u: keep is not understood: the language \"%s\" is not known; "
	    "%s%s%sexpected none or a code of languages.tsv, such as en or "
	    "fr\n",
	    s->keep_place.file, s->keep_place.line, value,
	    near_ ? "did you mean " : "", near_ ? near_ : "",
	    near_ ? "? " : "");
}

static void
check_keep(const struct conf_source *s, const struct rules *r,
    struct arena *scratch, struct buf *mistakes)
{
	struct keep keep;
	struct err e;

	if (keep_read(&keep, scratch, s->keep, &e) < 0)
		return;
	for (size_t i = 0; i < keep.terms.count; i++)
		if (keep.terms.items[i].field == KEEP_LANGUAGE &&
		    keep.terms.items[i].value != NULL)
			check_language(
			    s, keep.terms.items[i].value, r, mistakes);
	arena_clear(scratch);
}

static void
check_covers(const struct conf_source *s, const struct rules *r,
    struct arena *scratch, struct buf *mistakes)
{
	struct covers covers;
	struct rules_thing t;
	struct err e;

	if (covers_read(&covers, scratch, s->covers, &e) < 0)
		return;
	for (size_t i = 0; i < covers.terms.count; i++) {
		const struct covers_term *c = &covers.terms.items[i];
		bool is_country = c->axis == COVERS_COUNTRY;

		if ((c->axis != COVERS_SECTOR && !is_country) ||
		    rules_thing_find(r,
			is_country ? RULES_COUNTRY : RULES_SECTOR, c->code, &t))
			continue;
		buf_printf(mistakes,
		    "%s:%u: covers is not understood: the %s \"%.60s\" is not "
		    "known; expected a code of %s\n",
		    s->covers_place.file, s->covers_place.line,
		    is_country ? "country" : "sector", c->code,
		    is_country
			? "countries.tsv or regions.tsv, such as KEN or 002"
			: "sectors.tsv, such as water");
	}
	arena_clear(scratch);
}

/* 0, or -1 after a mistake. */
static int
check_with_rules(const struct config *c, int rules_fd, struct buf *mistakes)
{
	size_t before = mistakes->len;
	const struct rules *r = NULL;
	struct arena scratch;
	struct err e;

	arena_init(&scratch, 0);
	for (size_t i = 0; i < c->source_count; i++) {
		if (*c->sources[i].keep == '\0' &&
		    *c->sources[i].covers == '\0')
			continue;
		if (r == NULL)
			r = vocab_dir_map(rules_fd, &e);
		if (r == NULL) {
			buf_printf(mistakes, "%s: %s\n",
			    vocab_dir(c->vocab_dir), e.text);
			break;
		}
		check_keep(&c->sources[i], r, &scratch, mistakes);
		check_covers(&c->sources[i], r, &scratch, mistakes);
	}
	arena_release(&scratch);
	vocab_dir_unmap(r);
	return mistakes->len > before ? -1 : 0;
}

static int
check_crosswalks(
    const struct config *c, const struct xwalk_set *walks, struct buf *mistakes)
{
	size_t before = mistakes->len;

	for (size_t i = 0; i < c->source_count; i++) {
		const struct conf_source *s = &c->sources[i];
		const char *near_;

		if (*s->crosswalk == '\0' || xwalk_has(walks, s->crosswalk))
			continue;
		near_ = xwalk_nearest(walks, s->crosswalk);
		buf_printf(mistakes,
		    "%s:%u: there is no crosswalk %s; expected the name of a "
		    "file in %s, without .crosswalk%s%s%s\n",
		    s->crosswalk_place.file, s->crosswalk_place.line,
		    s->crosswalk, crosswalk_dir(c->crosswalk_dir),
		    near_ ? "; did you mean " : "", near_ ? near_ : "",
		    near_ ? "?" : "");
	}
	return mistakes->len > before ? -1 : 0;
}

int
config_open_tables(const struct config *c, const char *preview,
    int rules_fds[2], struct buf *mistakes)
{
	struct xwalk_set *walks = NULL;
	int vocab = vocab_dir_open(vocab_dir(c->vocab_dir), mistakes);
	int crosswalks = crosswalk_dir_open(
	    crosswalk_dir(c->crosswalk_dir), preview, &walks, mistakes);
	bool is_bad = vocab < 0 || crosswalks < 0;

	if (vocab >= 0 && check_with_rules(c, vocab, mistakes) < 0)
		is_bad = true;
	if (crosswalks >= 0 && check_crosswalks(c, walks, mistakes) < 0)
		is_bad = true;
	xwalk_free(walks);
	if (!is_bad) {
		rules_fds[0] = vocab;
		rules_fds[1] = crosswalks;
		return 0;
	}
	if (vocab >= 0)
		close(vocab);
	if (crosswalks >= 0)
		close(crosswalks);
	return -1;
}

struct config *
config_open(const char *path, int rules_fds[2], struct buf *mistakes)
{
	struct config *c = config_read(path, mistakes);

	if (c != NULL && config_open_tables(c, NULL, rules_fds, mistakes) < 0) {
		config_free(c);
		c = NULL;
	}
	return c;
}
