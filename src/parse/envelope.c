/* The envelope by SAX events; local names decide, since namespaces are
 * missing or wrong too often (and nothing here is ambiguous without). */
#include "parse/envelope.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "parse/mend.h"

static const char *const verbs[] = {"Identify", "ListMetadataFormats",
    "ListSets", "ListIdentifiers", "ListRecords", "GetRecord", NULL};
enum { LIST_RECORDS = 4 };

static const struct {
	const char *element;
	size_t offset;
} identify_fields[] = {
    {"repositoryName", offsetof(struct page_facts, repository_name)},
    {"baseURL", offsetof(struct page_facts, base_url)},
    {"protocolVersion", offsetof(struct page_facts, protocol_version)},
    {"earliestDatestamp", offsetof(struct page_facts, earliest_datestamp)},
    {"deletedRecord", offsetof(struct page_facts, deleted_record)},
    {"granularity", offsetof(struct page_facts, granularity)},
    {"compression", offsetof(struct page_facts, compression)},
    {"adminEmail", offsetof(struct page_facts, admin_email)},
};

static int
verb_index(const char *name)
{
	for (int i = 0; verbs[i] != NULL; i++)
		if (strcmp(verbs[i], name) == 0)
			return i;
	return -1;
}

static void
collect(struct envelope *v, const char **into)
{
	v->into = into;
	v->into_depth = v->depth;
	buf_clear(&v->text);
}

static const char *
attribute(struct envelope *v, const xmlChar **atts, int n, const char *name)
{
	const char *value;
	size_t len;

	if (!xml_attribute(atts, n, name, &value, &len))
		return NULL;
	return str_trim(arena_strndup(v->arena, value, len));
}

static void
start_token(struct envelope *v, const xmlChar **atts, int n)
{
	struct page_facts *f = v->facts;
	const char *s;

	f->has_token = true;
	v->is_token = true;
	f->token_expires = attribute(v, atts, n, "expirationDate");
	s = attribute(v, atts, n, "cursor");
	if (s != NULL)
		str_to_i64(s, 0, INT64_MAX, &f->cursor);
	s = attribute(v, atts, n, "completeListSize");
	if (s != NULL)
		str_to_i64(s, 0, INT64_MAX, &f->list_size);
	collect(v, &f->token);
}

static void
start_in_verb(struct envelope *v, const char *name, const xmlChar **atts, int n)
{
	struct page_facts *f = v->facts;

	if (strcmp(name, "resumptionToken") == 0) {
		start_token(v, atts, n);
		return;
	}
	if (v->depth != 3)
		return;
	if (v->verb == 0) {
		for (size_t i = 0;
		     i < sizeof(identify_fields) / sizeof(*identify_fields);
		     i++)
			if (strcmp(name, identify_fields[i].element) == 0)
				collect(v,
				    (const char **)((char *)f +
						    identify_fields[i].offset));
	} else if (v->verb == 1 && strcmp(name, "metadataFormat") == 0)
		v->in_group = record_add(v->arena, &f->formats) != NULL;
	else if (v->verb == 2 && strcmp(name, "set") == 0)
		v->in_group = record_add(v->arena, &f->sets) != NULL;
}

static void
start_in_group(struct envelope *v, const char *name)
{
	struct page_facts *f = v->facts;

	if (v->depth != 4)
		return;
	if (v->verb == 1) {
		struct facts_format *m =
		    &f->formats.items[f->formats.count - 1];

		if (strcmp(name, "metadataPrefix") == 0)
			collect(v, &m->prefix);
		else if (strcmp(name, "schema") == 0)
			collect(v, &m->schema);
		else if (strcmp(name, "metadataNamespace") == 0)
			collect(v, &m->ns);
	} else {
		struct facts_set *s = &f->sets.items[f->sets.count - 1];

		if (strcmp(name, "setSpec") == 0)
			collect(v, &s->spec);
		else if (strcmp(name, "setName") == 0)
			collect(v, &s->name);
	}
}

/* Static repositories, 2.3: one for each metadataPrefix.  There may be
 * millions, so none of them is kept. */
static void
start_list(struct envelope *v, const xmlChar **atts, int n)
{
	const char *value;
	size_t len;

	v->lists++;
	buf_clear(&v->list_format);
	if (xml_attribute(atts, n, "metadataPrefix", &value, &len))
		buf_add(&v->list_format, value, len);
}

static void
start_at_top(struct envelope *v, const char *name, const xmlChar **atts, int n)
{
	struct page_facts *f = v->facts;
	int verb = verb_index(name);

	if (verb >= 0) {
		if (v->is_static && verb == LIST_RECORDS)
			start_list(v, atts, n);
		v->verb = verb;
		v->has_verb = true;
		f->verb = verbs[verb];
	} else if (strcmp(name, "responseDate") == 0)
		collect(v, &f->response_date);
	else if (strcmp(name, "request") == 0) {
		if (f->verb == NULL)
			f->verb = attribute(v, atts, n, "verb");
	} else if (strcmp(name, "resumptionToken") == 0)
		start_token(v, atts, n);
	else if (strcmp(name, "error") == 0) {
		struct facts_error *e = record_add(v->arena, &f->errors);

		if (e != NULL) {
			e->code = attribute(v, atts, n, "code");
			if (e->code == NULL)
				e->code = "";
			collect(v, &e->text);
		}
	}
}

static void
on_start(void *arg, const xmlChar *local, const xmlChar *prefix,
    const xmlChar *uri, int ns_count, const xmlChar **ns, int att_count,
    int defaulted, const xmlChar **atts)
{
	struct envelope *v = arg;
	const char *name = (const char *)local;

	(void)prefix;
	(void)uri;
	(void)defaulted;
	v->depth++;
	for (int i = 0; i < ns_count; i++)
		scope_add(&v->scope, v->depth,
		    ns[2 * i] ? (const char *)ns[2 * i] : "",
		    ns[2 * i + 1] ? (const char *)ns[2 * i + 1] : "");
	if (v->into != NULL) /* markup inside of a value: its text counts */
		return;
	if (v->depth == 1) {
		if (strcmp(name, v->is_static ? "Repository" : "OAI-PMH") == 0)
			return;
		/* A verb's element alone. */
		v->depth = 2;
	}
	if (v->depth == 2)
		start_at_top(v, name, atts, att_count);
	else if (v->in_group)
		start_in_group(v, name);
	else if (v->verb >= 0)
		start_in_verb(v, name, atts, att_count);
}

/* A token is opaque, its spaces too; but line feeds around it come from a
 * pretty-printer, and one of white space alone is an empty one. */
static char *
token(char *s)
{
	size_t head = strspn(s, " \t\r\n"), n = strlen(s), tail = 0;

	while (tail < n && strchr(" \t\r\n", s[n - tail - 1]) != NULL)
		tail++;
	if (s[head] == '\0' || memchr(s, '\n', head) != NULL ||
	    memchr(s + n - tail, '\n', tail) != NULL)
		return str_trim(s);
	return s;
}

static void
finish_value(struct envelope *v)
{
	char *copy = arena_strdup(v->arena, buf_str(&v->text));
	const char **into = v->into;

	v->into = NULL;
	if (v->is_token) {
		v->is_token = false;
		*into = token(copy);
		return;
	}
	copy = str_trim(copy);
	/* Repeated elements of Identify (adminEmail, compression): one text;
	 * an empty one never hides the one before. */
	if (*into == NULL || v->verb != 0)
		*into = copy;
	else if (*copy != '\0')
		*into = arena_printf(v->arena, "%s %s", *into, copy);
}

static void
on_end(
    void *arg, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	struct envelope *v = arg;

	(void)local;
	(void)prefix;
	(void)uri;
	if (v->into != NULL && v->depth == v->into_depth)
		finish_value(v);
	if (v->into == NULL) {
		if (v->depth == 3)
			v->in_group = false;
		if (v->depth == 2)
			v->verb = -1;
	}
	v->depth--;
	scope_leave(&v->scope, v->depth);
}

static void
on_text(void *arg, const xmlChar *p, int n)
{
	struct envelope *v = arg;

	if (v->into != NULL && buf_add(&v->text, p, (size_t)n) < 0)
		v->is_too_long = true;
}

void
envelope_init(struct envelope *v, struct page_facts *f, struct arena *a)
{
	static const xmlSAXHandler sax = {
	    .startElementNs = on_start,
	    .endElementNs = on_end,
	    .characters = on_text,
	};

	memset(v, 0, sizeof(*v));
	xml_open(&v->xml, &sax);
	v->facts = f;
	v->arena = a;
	v->verb = -1;
	buf_init(&v->text, LIMIT_TOKEN_BYTES);
	buf_init(&v->list_format, LIMIT_SETSPEC_BYTES);
	buf_init(&v->mended, 8 * LIMIT_XML_MARKUP_BYTES);
}

void
envelope_release(struct envelope *v)
{
	xml_close(&v->xml);
	scope_release(&v->scope);
	buf_release(&v->text);
	buf_release(&v->list_format);
	buf_release(&v->mended);
}

static bool
has_trouble(const struct piece *p)
{
	if (memchr(p->p, '&', p->len) != NULL)
		return true;
	return p->kind == PIECE_TEXT && memmem(p->p, p->len, "]]>", 3) != NULL;
}

int
envelope_feed(struct envelope *v, const struct piece *p, struct err *e)
{
	const char *bytes = p->p;
	size_t n = p->len;

	buf_clear(&v->mended);
	if (p->kind == PIECE_END && p->p == NULL) {
		buf_adds(&v->mended, "</");
		buf_add(&v->mended, p->name, p->name_len);
		buf_addc(&v->mended, '>');
	} else if (n > 0 && p->kind != PIECE_CDATA &&
		   (has_trouble(p) || (n == 1 && *bytes == '<')))
		v->repairs += mend(&v->mended, bytes, n);
	if (v->mended.len > 0) {
		bytes = v->mended.data;
		n = v->mended.len;
	}
	if (v->depth == 0 && p->kind != PIECE_START && p->kind != PIECE_EMPTY)
		return 0; /* before the root */
	if (xml_feed(&v->xml, bytes, n) < 0)
		return err_set(e, ERR_XML, 0,
		    "line %llu: ill-formed XML outside of any record: %s",
		    (unsigned long long)p->line, v->xml.text);
	if (v->scope.count > LIMIT_XML_ATTRIBUTES)
		return err_set(e, ERR_LIMIT, 0,
		    "line %llu: more than %zu namespace declarations are in "
		    "scope",
		    (unsigned long long)p->line, LIMIT_XML_ATTRIBUTES);
	if (v->is_too_long)
		return err_set(e, ERR_LIMIT, 0,
		    "a value outside of any record (a resumptionToken, a "
		    "set's name …) is over %zu bytes",
		    LIMIT_TOKEN_BYTES);
	return 0;
}
