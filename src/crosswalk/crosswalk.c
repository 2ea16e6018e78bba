/* A record through its crosswalk: what begins and ends it, and the first parts
 * of targets as texts.  The way of its elements is in run.c, what a value
 * becomes in the take_*.c files. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/url.h"
#include "crosswalk/detect.h"
#include "crosswalk/keep.h"
#include "crosswalk/key_letter.h"
#include "crosswalk/match_fold.h"
#include "crosswalk/run.h"
#include "crosswalk/match.h"
#include "crosswalk/settle.h"
#include "crosswalk/text.h"
#include "crosswalk/vocab.h"

static void
begin(void *arg, struct record *r, struct arena *a)
{
	struct crosswalk *x = arg;

	x->r = r;
	x->a = a;
	x->compared = x->parts = 0;
	x->is_kind_vague = false;
	x->label = NULL;
	memset(&x->names, 0, sizeof(x->names));
	text_was_double(); /* not of this record */
	memset(&x->late, 0, sizeof(x->late));
	crosswalk_run_ops.begin(x, r, a);
}

static unsigned
start(void *arg, const struct meta_start *s)
{
	return crosswalk_run_ops.start(arg, s);
}

static void
end_element(void *arg, const char *text, size_t len, bool is_cut)
{
	crosswalk_run_ops.end_element(arg, text, len, is_cut);
}

static void
forget(void *arg)
{
	crosswalk_run_ops.forget(arg);
}

/* A citation of the thing itself in dc:source is no container. */
static void
settle_container(struct record *r)
{
	const char *title = r->container.title, *main;
	size_t n;

	if (title == NULL || r->titles.count == 0)
		return;
	main = r->titles.items[0].text;
	n = strlen(main);
	if (n >= 20 && strlen(title) >= n + 20 && strstr(title, main) != NULL)
		r->container.title = NULL;
}

void
crosswalk_finish(struct crosswalk *x)
{
	x->r->filtered = !keep_filter_has(x->keep, x->r);
	if (!x->r->filtered)
		match_make(x->r, x->a);
}

/* What the crosswalk says of all that is in its format holds where a record
 * says nothing of itself, or no more than "Text". */
static void
settle_kind(struct crosswalk *x)
{
	struct rec_code *k = &x->r->kind;

	if (run_kind(x) == NULL || (k->code != NULL && !x->is_kind_vague))
		return;
	*k = (struct rec_code){.code = run_kind(x), .basis = "rule"};
	x->is_kind_vague = false;
}

/* The main title first, wherever it stood. */
static void
settle_titles(struct record *r)
{
	size_t i = 0;
	struct rec_text main;

	while (i < r->titles.count &&
	       (r->titles.items[i].role == NULL ||
		   strcmp(r->titles.items[i].role, "main") != 0))
		i++;
	if (i == 0 || i == r->titles.count)
		return;
	main = r->titles.items[i];
	memmove(&r->titles.items[1], &r->titles.items[0], i * sizeof(main));
	r->titles.items[0] = main;
}

void
crosswalk_settle(struct crosswalk *x)
{
	struct record *r = x->r;

	if (text_was_double())
		record_warn(r, x->a, "double-encoding",
		    "text that had been encoded in UTF-8 twice was repaired");
	settle_names(x);
	run_late(x);
	settle_titles(r);
	settle_dates(x);
	settle_container(r);
	settle_codes(x);
	settle_kind(x);
	if (r->kind.code == NULL && x->config.kind != NULL &&
	    *x->config.kind != '\0') {
		r->kind.code = x->config.kind;
		r->kind.basis = "default";
	}
	if (r->kind.code != NULL)
		r->family = vocab_family(r->kind.code);
	if (r->rights.count == 0 && x->config.licence != NULL &&
	    *x->config.licence != '\0') {
		struct rec_rights *rights = ADD(x, rights);
		bool is_url = url_is_http(x->config.licence);

		if (rights != NULL) {
			rights->url = is_url ? x->config.licence : NULL;
			rights->text = is_url ? NULL : x->config.licence;
		}
	}
	settle_rights(x);
	settle_language(x);
}

static void
end(void *arg)
{
	crosswalk_settle(arg);
	crosswalk_finish(arg);
}

const struct crosswalk_ops crosswalk_ops = {
    .begin = begin,
    .start = start,
    .end_element = end_element,
    .end = end,
    .forget = forget,
};

void
crosswalk_begin(void)
{
	detect_begin();
	key_letter_begin();
	match_fold_begin();
}

struct crosswalk *
crosswalk_new(const struct crosswalk_config *config)
{
	struct crosswalk *x = xcalloc(1, sizeof(*x));

	x->config = *config;
	x->keep = keep_filter_new(config->keep);
	x->run = crosswalk_run_new(config);
	x->no_code = xcalloc(NO_CODE_SLOTS, sizeof(*x->no_code));
	buf_init(&x->html, 2 * LIMIT_VALUE_BYTES);
	return x;
}

void
crosswalk_free(struct crosswalk *x)
{
	if (x == NULL)
		return;
	crosswalk_run_free(x->run);
	free(x->no_code);
	keep_filter_free(x->keep);
	buf_release(&x->html);
	free(x);
}

void *
or_warn(struct crosswalk *x, void *item, const char *list)
{
	if (item == NULL)
		record_warn(x->r, x->a, "too-many-values",
		    "%s: more than %zu values; the rest was left out", list,
		    LIMIT_VALUES_PER_FIELD);
	return item;
}

size_t
searched(struct crosswalk *x, size_t count, const char *text)
{
	if (count >= LIMIT_VALUES_PER_FIELD ||
	    x->compared > LIMIT_VALUES_COMPARED)
		return 0;
	/* long ones may differ at their ends */
	x->compared += count * (1 + strlen(text) / 64);
	return count;
}

bool
may_part(struct crosswalk *x)
{
	if (x->parts++ < LIMIT_VALUE_PARTS)
		return true;
	record_warn(x->r, x->a, "too-many-values",
	    "the values have more than %zu parts; the rest was left out",
	    LIMIT_VALUE_PARTS);
	return false;
}

/* The value's text without HTML: its own memory or x->html. */
static const char *
plain_text(struct crosswalk *x, const struct taken *v, size_t *n)
{
	*n = v->len;
	if (x->config.html_text == NULL ||
	    (memchr(v->text, '<', v->len) == NULL &&
		memchr(v->text, '&', v->len) == NULL))
		return v->text;
	buf_clear(&x->html);
	if (x->config.html_text(&x->html, v->text, v->len) < 0)
		return v->text;
	/* Escaped twice (Zenodo's oai_dc): "&lt;i&gt;…" gave tags. */
	if (memmem(v->text, v->len, "&lt;/", 5) != NULL) {
		const char *once =
		    arena_strndup(x->a, x->html.data, x->html.len);
		size_t len = x->html.len;

		buf_clear(&x->html);
		if (x->config.html_text(&x->html, once, len) < 0) {
			*n = len;
			return once;
		}
	}
	*n = x->html.len;
	return buf_str(&x->html);
}

const char *
taken_line(struct crosswalk *x, const struct taken *v)
{
	size_t n;
	const char *s = plain_text(x, v, &n);

	s = text_line(x->a, s, n);
	if (*s == '\0' && v->resource != NULL)
		s = text_line(x->a, v->resource, strlen(v->resource));
	return text_is_placeholder(s) ? NULL : s;
}

const char *
taken_paragraphs(struct crosswalk *x, const struct taken *v)
{
	size_t n;
	const char *s = plain_text(x, v, &n);

	s = text_paragraphs(x->a, s, n);
	return text_is_placeholder(s) ? NULL : s;
}

const char *
taken_lang(struct crosswalk *x, const struct taken *v)
{
	return v->lang && *v->lang ? vocab_language(x->a, v->lang) : NULL;
}
