/* A file's lines: directives, rules, and what is included. */
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "crosswalk/xwalk_build.h"
#include "record/words.h"

static const char *const directives[] = {"crosswalk", "namespace", "matches",
    "formats", "include", "wraps", "kind", "let"};
enum directive {
	CROSSWALK,
	NAMESPACE,
	MATCHES,
	FORMATS,
	INCLUDE,
	WRAPS,
	KIND,
	LET
};
enum { DIRECTIVES = sizeof(directives) / sizeof(*directives) };

static struct xwalk *
walk_of(struct xwalk_file *f)
{
	return &f->b->set->walks[f->b->walk];
}

static bool
is_kind(const char *code)
{
	size_t n = strlen(code), k;

	for (const char *p = WORDS_KIND; *p != '\0'; p += k + (p[k] == ' ')) {
		k = strcspn(p, " ");
		if (k == n && memcmp(p, code, n) == 0)
			return true;
	}
	return false;
}

/* --- directives ----------------------------------------------------------- */

static void
read_crosswalk(struct xwalk_line *l)
{
	struct xwalk_file *f = l->f;
	const char *name = xwalk_word(l);

	if (name == NULL || strcmp(name, f->packed->name) != 0)
		xwalk_refuse(l,
		    "the crosswalk is called %.60s; expected the file's name, "
		    "%.60s",
		    name != NULL ? name : "nothing", f->packed->name);
	else if (f->is_named)
		xwalk_refuse(l, "crosswalk is given twice; expected it once");
	f->is_named = true;
}

static void
read_matches(struct xwalk_line *l)
{
	struct arena *a = &l->f->b->set->arena;
	struct xwalk *w = walk_of(l->f);
	size_t count = 0;

	for (; *l->p != '\0'; xwalk_space(l)) {
		struct xwalk_root root, *at;

		if (!xwalk_qname(l, &root.name, &root.ns))
			return;
		if (*l->p != '\0' && strchr(" \t", *l->p) == NULL) {
			xwalk_refuse(l,
			    "\"%.20s\" stands behind the name of a root; "
			    "expected names of elements alone",
			    l->p);
			return;
		}
		count++;
		if (l->f->includer != NULL)
			continue; /* the includer matches what it says */
		if (w->match_count >= LIMIT_CROSSWALK_WORDS) {
			xwalk_refuse(l,
			    "the crosswalk matches too many roots; expected "
			    "%zu at most",
			    LIMIT_CROSSWALK_WORDS);
			return;
		}
		at = XWALK_PUSH(a, w->matches, w->match_count);
		*at = root;
	}
	if (count == 0)
		xwalk_refuse(
		    l, "matches has no element behind it; expected some");
}

static void
read_formats(struct xwalk_line *l)
{
	struct arena *a = &l->f->b->set->arena;
	struct xwalk *w = walk_of(l->f);
	const char *name, **at;
	size_t count = 0;

	for (; (name = xwalk_word(l)) != NULL; xwalk_space(l), count++) {
		if (l->f->includer != NULL)
			continue;
		if (w->format_count >= LIMIT_CROSSWALK_WORDS) {
			xwalk_refuse(l,
			    "the crosswalk has too many formats; expected %zu "
			    "at most",
			    LIMIT_CROSSWALK_WORDS);
			return;
		}
		at = XWALK_PUSH(a, w->formats, w->format_count);
		*at = name;
	}
	if (count == 0)
		xwalk_refuse(l,
		    "formats has no metadataPrefix behind it; expected some");
}

static void
read_kind(struct xwalk_line *l)
{
	struct xwalk *w = walk_of(l->f);
	const char *code = xwalk_word(l);

	if (code == NULL || !is_kind(code))
		xwalk_refuse(l,
		    "there is no kind %.60s; expected one of sheaf-record(5)",
		    code != NULL ? code : "behind kind");
	else if (l->f->includer == NULL && w->kind != NULL)
		xwalk_refuse(l, "kind is given twice; expected it once");
	else if (w->kind == NULL)
		w->kind = code;
}

static void
read_wraps(struct xwalk_line *l)
{
	uint32_t node = xwalk_path(l, walk_of(l->f)->root, NULL);

	if (node == XWALK_NONE)
		return;
	xwalk_space(l);
	if (*l->p != '\0')
		xwalk_refuse(l,
		    "\"%.20s\" stands behind the path; expected one path",
		    l->p);
	l->f->b->set->nodes[node].is_wrap = true;
}

/* --- what is included ----------------------------------------------------- */

static bool
is_open(const struct xwalk_file *f, const char *name)
{
	for (; f != NULL; f = f->includer)
		if (strcmp(f->packed->name, name) == 0)
			return true;
	return false;
}

/* The crosswalk in the making is the one of that name. */
static bool
is_outermost(const struct xwalk_file *f, const char *name)
{
	while (f->includer != NULL)
		f = f->includer;
	return strcmp(f->packed->name, name) == 0;
}

static bool
is_there_already(struct xwalk_build *b, const char *name)
{
	const char **at;

	for (size_t i = 0; i < b->included_count; i++)
		if (strcmp(b->included[i], name) == 0)
			return true;
	at = XWALK_PUSH(&b->set->arena, b->included, b->included_count);
	*at = name;
	return false;
}

static void
include(struct xwalk_line *l)
{
	struct xwalk_file *f = l->f;
	const char *name = xwalk_word(l);
	struct xwalk_file in = {
	    .b = f->b, .includer = f, .depth = f->depth + 1, .is_silent = true};

	if (name == NULL) {
		xwalk_refuse(
		    l, "include has no name behind it; expected a crosswalk's");
		return;
	}
	in.packed = xwalk_packed_find(f->b, name);
	if (in.packed == NULL) {
		xwalk_refuse(l,
		    "there is no crosswalk %.60s; expected one beside this "
		    "file%s",
		    name, xwalk_hint(f, xwalk_packed_nearest(f->b, name)));
		return;
	}
	/* These are seen only by a file that is read for another one. */
	if (is_open(f, name)) {
		f->is_silent = !is_outermost(f, name);
		xwalk_refuse(l,
		    "%.60s includes itself, or what includes it does; expected "
		    "no circle",
		    name);
		return;
	}
	if (in.depth > LIMIT_CROSSWALK_DEPTH) {
		f->is_silent = false;
		xwalk_refuse(l,
		    "crosswalks include each other too deeply; expected %zu "
		    "levels at most",
		    LIMIT_CROSSWALK_DEPTH);
		return;
	}
	if (!is_there_already(f->b, in.packed->name))
		xwalk_read(&in);
}

/* --- lines ---------------------------------------------------------------- */

static int
directive_of(const char *p)
{
	size_t n = strcspn(p, " \t");

	for (int i = 0; i < DIRECTIVES; i++)
		if (strlen(directives[i]) == n &&
		    memcmp(directives[i], p, n) == 0)
			return i;
	return -1;
}

/* The directive that was probably meant by the first word of a line whose
 * second word is no target; or NULL. */
static const char *
meant(struct xwalk_file *f, const char *line)
{
	struct arena *a = &f->b->set->arena;
	size_t n = strcspn(line, " \t");
	struct str_guess g = str_guess(arena_strndup(a, line, n));

	line += n + strspn(line + n, " \t");
	if (xwalk_target_find(arena_strndup(a, line, strcspn(line, " \t"))))
		return NULL;
	for (int i = 0; i < DIRECTIVES; i++)
		str_guess_try(&g, directives[i]);
	return g.found;
}

/* What names others is read when all namespaces of the file are known. */
static void
defer(struct xwalk_line *l)
{
	struct xwalk_include *at;
	struct arena *a = &l->f->b->set->arena;

	if (l->f->include_count >= LIMIT_CROSSWALK_WORDS) {
		xwalk_refuse(l,
		    "there are too many lines of this kind; expected %zu at "
		    "most",
		    LIMIT_CROSSWALK_WORDS);
		return;
	}
	at = XWALK_PUSH(a, l->f->includes, l->f->include_count);
	at->name = arena_strdup(a, l->p);
	at->line = l->f->place.line;
}

static void
end_header(struct xwalk_file *f)
{
	unsigned line = f->place.line;

	f->has_rules = true;
	if (!f->is_named) {
		f->place.line = 0;
		xwalk_wrong(f,
		    "there is no line crosswalk; expected crosswalk %.60s "
		    "before the first rule",
		    f->packed->name);
	}
	for (size_t i = 0; i < f->include_count; i++) {
		struct xwalk_line l = {.f = f, .p = f->includes[i].name};
		int is = directive_of(l.p);

		f->place.line = f->includes[i].line;
		l.p += strlen(directives[is]);
		xwalk_space(&l);
		if (is == MATCHES)
			read_matches(&l);
		else if (is == WRAPS)
			read_wraps(&l);
		else
			include(&l);
	}
	f->place.line = line;
}

static void
read_directive(struct xwalk_line *l, int is)
{
	if (is == MATCHES || is == INCLUDE || is == WRAPS) {
		defer(l);
		return;
	}
	l->p += strlen(directives[is]);
	xwalk_space(l);
	if (is == CROSSWALK)
		read_crosswalk(l);
	else if (is == NAMESPACE)
		xwalk_namespace(l);
	else if (is == KIND)
		read_kind(l);
	else if (is == LET)
		xwalk_let(l);
	else
		read_formats(l);
}

/* Cuts the comment and the white space at the end. */
static void
cut_comment(char *line)
{
	bool is_quoted = false;
	size_t n;
	char *p;

	for (p = line; *p != '\0'; p++) {
		if (is_quoted && *p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '"')
			is_quoted = !is_quoted;
		else if (*p == '#' && !is_quoted &&
			 (p == line || p[-1] == ' ' || p[-1] == '\t'))
			break;
	}
	*p = '\0';
	for (n = (size_t)(p - line); n > 0 && strchr(" \t\r", line[n - 1]);)
		line[--n] = '\0';
}

static void
read_line(struct xwalk_file *f, char *line)
{
	struct xwalk_line l = {.f = f, .p = line};
	const char *near_;
	int is;

	cut_comment(line);
	if (line[strspn(line, " \t")] == '\0')
		return;
	if (*line == ' ' || *line == '\t') {
		xwalk_space(&l);
		xwalk_part_line(&l);
		return;
	}
	is = directive_of(line);
	if (is >= 0 && !f->has_rules) {
		read_directive(&l, is);
		return;
	}
	if (is >= 0) {
		const char *next = line + strlen(directives[is]);
		size_t n;

		next += strspn(next, " \t");
		n = strcspn(next, " \t");
		if (xwalk_target_find(
			arena_strndup(&f->b->set->arena, next, n)) == NULL) {
			xwalk_wrong(f,
			    "%s stands behind the first rule; expected it "
			    "before",
			    directives[is]);
			f->is_lost = true;
			return;
		}
	}
	if (!f->has_rules && (near_ = meant(f, line)) != NULL) {
		xwalk_wrong(f,
		    "there is no directive %.*s, and no target stands behind "
		    "it as in a rule; did you mean %s?",
		    (int)(strcspn(line, " \t") < 60 ? strcspn(line, " \t")
						    : 60),
		    line, near_);
		f->is_lost = true;
		return;
	}
	if (!f->has_rules)
		end_header(f);
	xwalk_rule_line(&l);
}

void
xwalk_read(struct xwalk_file *f)
{
	const char *p = f->packed->text, *end = p + f->packed->n;

	f->place.file = f->packed->path;
	f->rule = XWALK_NONE;
	if (f->packed->n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	while (p < end) {
		const char *feed = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((feed ? feed : end) - p);

		f->place.line++;
		if (n > LIMIT_CROSSWALK_LINE)
			xwalk_wrong(f,
			    "the line has %zu bytes; expected %zu at most", n,
			    LIMIT_CROSSWALK_LINE);
		else if (memchr(p, '\0', n) != NULL || !utf8_valid(p, n))
			xwalk_wrong(f,
			    "there are bytes that are no text; expected UTF-8");
		else
			read_line(f, arena_strndup(&f->b->set->arena, p, n));
		p += n + 1;
	}
	if (!f->has_rules)
		end_header(f);
}
