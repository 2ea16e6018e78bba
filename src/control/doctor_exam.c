/* The tools of an examination; see the header.  Not here: what is asked. */
#include "control/doctor_exam.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/str.h"
#include "base/url.h"

enum { PREVIEWS = 3 };

const char *
doctor_level_name(enum doctor_level level)
{
	static const char *const names[DOCTOR_LEVELS] = {
	    "ok", "note", "advice", "problem"};

	return names[level];
}

enum doctor_level
doctor_worst(const struct doctor_report *report)
{
	enum doctor_level worst = DOCTOR_OK;

	for (size_t i = 0; i < report->findings.count; i++)
		if (report->findings.items[i].level > worst)
			worst = report->findings.items[i].level;
	return worst;
}

void
doctor_report_release(struct doctor_report *report)
{
	arena_release(&report->arena);
}

static char *
text_v(struct exam *x, const char *fmt, va_list ap)
{
	struct buf b;
	char *s;

	buf_init(&b, 4 * KIB);
	buf_vprintf(&b, fmt, ap);
	s = arena_strdup(&x->report->arena, buf_str(&b));
	buf_release(&b);
	return s;
}

void
exam_say(struct exam *x, enum doctor_level level, const char *topic,
    const char *fmt, ...)
{
	struct doctor_finding *f =
	    record_add(&x->report->arena, &x->report->findings);
	va_list ap;

	if (f == NULL)
		return;
	va_start(ap, fmt);
	*f = (struct doctor_finding){level, topic, text_v(x, fmt, ap)};
	va_end(ap);
}

void
exam_advise(
    struct exam *x, const char *key, const char *value, const char *fmt, ...)
{
	struct doctor_report *r = x->report;
	struct doctor_setting *s = NULL;
	va_list ap;

	for (size_t i = 0; i < r->settings.count; i++)
		if (strcmp(r->settings.items[i].key, key) == 0)
			s = &r->settings.items[i];
	if (s == NULL)
		s = record_add(&r->arena, &r->settings);
	if (s == NULL)
		return;
	va_start(ap, fmt);
	s->key = key;
	s->value = arena_strdup(&x->report->arena, value);
	s->why = text_v(x, fmt, ap);
	va_end(ap);
}

static void
configured(struct exam *x, const char *key, const char *value)
{
	if (value != NULL && value[0] != '\0')
		exam_advise(x, key, value, "as it is configured");
}

void
exam_configured(struct exam *x)
{
	const struct conf_source *s = x->source;
	struct buf sets;

	buf_init(&sets, LIMIT_CONFIG_LINE_BYTES);
	for (size_t i = 0; s->sets != NULL && s->sets[i] != NULL; i++)
		buf_printf(&sets, "%s%s", i > 0 ? " " : "", s->sets[i]);
	configured(x, "sets", buf_str(&sets));
	buf_release(&sets);
	configured(x, "keep", s->keep);
	configured(x, "crosswalk", s->crosswalk);
	configured(x, "kind", s->kind);
	configured(x, "licence", s->licence);
}

void
exam_figure(struct exam *x, const char *group, const char *name, int64_t value)
{
	struct doctor_figure *f =
	    record_add(&x->report->arena, &x->report->figures);

	if (f != NULL)
		*f = (struct doctor_figure){group, name, value};
}

void
exam_tls(struct exam *x, const char *url)
{
	if (str_case_starts(url, "http:"))
		exam_say(x, DOCTOR_NOTE, "TLS",
		    "plain http: what is harvested can be changed on the way");
	else
		exam_say(x, DOCTOR_OK, "TLS", "the certificate was verified");
}

void
exam_previews(struct exam *x, const struct doctor_answer *a)
{
	unsigned shown = 0;

	for (size_t i = 0; i < a->records.count && shown < PREVIEWS; i++) {
		if (a->records.items[i].deleted)
			continue;
		exam_preview(x, &a->records.items[i]);
		shown++;
	}
}

static bool
ask(struct exam *x, struct doctor_answer *out, const char *url)
{
	x->question.url = url;
	x->report->requests++;
	if (doctor_ask(x->asker, &x->question, out, x->e) != 0)
		x->broken = true;
	return !x->broken;
}

bool
exam_ask(struct exam *x, struct doctor_answer *out, const char *verb, ...)
{
	const char *name, *value;
	va_list ap;

	memset(out, 0, sizeof(*out));
	if (x->broken)
		return false;
	buf_clear(&x->url);
	buf_printf(&x->url, "%s%sverb=%s", x->source->url,
	    strchr(x->source->url, '?') != NULL ? "&" : "?", verb);
	va_start(ap, verb);
	while ((name = va_arg(ap, const char *)) != NULL) {
		value = va_arg(ap, const char *);
		if (value == NULL || *value == '\0')
			continue;
		buf_printf(&x->url, "&%s=", name);
		url_encode(&x->url, value, strlen(value));
	}
	va_end(ap);
	return ask(x, out, buf_str(&x->url));
}

bool
exam_get(struct exam *x, struct doctor_answer *out, const char *url)
{
	memset(out, 0, sizeof(*out));
	return !x->broken && ask(x, out, url);
}

const char *
exam_error(const struct doctor_answer *a)
{
	return a->parsed && a->facts.errors.count > 0
		   ? a->facts.errors.items[0].code
		   : "";
}

/* To the reader of OAI-PMH a feed is XML like any other. */
static bool
is_feed_root(const struct page_facts *f)
{
	const char *root = f->title != NULL ? f->title : "";

	return f->body == BODY_FEED ||
	       (f->body == BODY_XML &&
		   (strcmp(root, "rss") == 0 || strcmp(root, "feed") == 0 ||
		       strcasecmp(root, "rdf:rdf") == 0));
}

const char *
exam_trouble(struct exam *x, const struct doctor_answer *a)
{
	struct arena *m = &x->report->arena;

	if (a->err_class != ERR_NONE)
		return arena_printf(
		    m, "%s: %s", err_class_name(a->err_class), a->err_text);
	if (a->parsed && is_feed_root(&a->facts))
		return "it is a feed: set protocol = feed";
	if (a->parsed && a->facts.body == BODY_STATIC)
		return "it is a static repository: set protocol = oai-static";
	if (a->parsed && a->facts.err_class != ERR_NONE)
		return arena_printf(
		    m, "status %u, %s", a->status, a->facts.err_text);
	if (a->parsed && a->facts.body == BODY_OAI)
		return NULL;
	return arena_printf(m,
	    a->body_bytes == 0 ? "status %u and an empty answer"
			       : "status %u without an OAI-PMH answer",
	    a->status);
}
