/* Groups of a rule's path: (a|b/c)/d is two paths, a/d and b/c/d. */
#include <string.h>

#include "crosswalk/xwalk_build.h"

/* Behind a text in quotes, or behind one character. */
static const char *
step(const char *p)
{
	if (*p++ != '"')
		return p;
	while (*p != '\0' && *p != '"')
		p += *p == '\\' && p[1] != '\0' ? 2 : 1;
	return *p == '"' ? p + 1 : p;
}

static const char *
find_open(const char *p)
{
	while (*p != '\0' && *p != '(')
		p = step(p);
	return *p == '(' ? p : NULL;
}

/* The | or ) that ends an alternative, or NULL. */
static const char *
end_of(const char *p)
{
	for (size_t depth = 0; *p != '\0'; p = step(p)) {
		if (depth == 0 && (*p == '|' || *p == ')'))
			return p;
		depth += *p == '(';
		depth -= *p == ')';
	}
	return NULL;
}

/* What let calls by this name, or the text itself. */
static const char *
meaning(struct xwalk_file *f, const char *text, size_t n)
{
	struct arena *a = &f->b->set->arena;

	for (size_t i = 0; i < f->let_count; i++)
		if (strlen(f->lets[i].name) == n &&
		    memcmp(f->lets[i].name, text, n) == 0)
			return arena_printf(a, "(%s)", f->lets[i].text);
	return arena_strndup(a, text, n);
}

static bool
expand(struct xwalk_line *l, struct xwalk_ways *ways, const char *path,
    size_t depth)
{
	struct arena *a = &l->f->b->set->arena;
	const char *open = find_open(path), *from, *close, **at;

	if (open == NULL) {
		if (ways->count >= LIMIT_CROSSWALK_WAYS) {
			xwalk_refuse(l,
			    "the groups of the path stand for too many paths; "
			    "expected %zu at most",
			    LIMIT_CROSSWALK_WAYS);
			return false;
		}
		at = XWALK_PUSH(a, ways->paths, ways->count);
		*at = path;
		return true;
	}
	for (close = open; close != NULL && *close != ')';)
		close = end_of(close + 1);
	if (close == NULL || depth > LIMIT_CROSSWALK_DEPTH) {
		xwalk_refuse(l,
		    close == NULL
			? "a group is not closed at \"%.20s\"; expected )"
			: "groups stand in each other too deeply at \"%.20s\"; "
			  "expected fewer",
		    open);
		return false;
	}
	if ((open > path && open[-1] != '/') ||
	    (close[1] != '/' && close[1] != '\0')) {
		xwalk_refuse(l,
		    "a group is no step of its own at \"%.20s\"; expected / "
		    "beside it",
		    open);
		return false;
	}
	for (from = open; *from != ')';) {
		const char *to = end_of(from + 1);
		const char *way =
		    arena_printf(a, "%.*s%s%s", (int)(open - path), path,
			meaning(l->f, from + 1, (size_t)(to - from - 1)),
			close + 1);

		ways->bytes += strlen(way);
		if (ways->bytes > LIMIT_CROSSWALK_BYTES) {
			xwalk_refuse(l,
			    "the groups of the path stand for too long paths; "
			    "expected %zu bytes in all at most",
			    LIMIT_CROSSWALK_BYTES);
			return false;
		}
		if (!expand(l, ways, way, depth + 1))
			return false;
		from = to;
	}
	return true;
}

/* White space that is not within a predicate; a predicate that is never closed
 * ends there as well, so that it is told of. */
static const char *
end_of_path(const char *path)
{
	const char *space = NULL, *p;
	bool is_within = false;

	for (p = path; *p != '\0'; p = step(p)) {
		if (*p == '[')
			is_within = true;
		else if (*p == ']')
			is_within = false;
		if (*p != ' ' && *p != '\t')
			continue;
		if (!is_within)
			return p;
		if (space == NULL)
			space = p;
	}
	return is_within && space != NULL ? space : p;
}

/* A text in quotes that takes the rest of the line. */
static bool
is_unclosed(const char *p)
{
	const char *quote = NULL;

	while (*p != '\0') {
		quote = *p == '"' ? p : NULL;
		p = step(p);
	}
	return quote != NULL && (p[-1] != '"' || p - 1 == quote);
}

bool
xwalk_ways(struct xwalk_line *l, struct xwalk_ways *ways)
{
	const char *p = end_of_path(l->p);
	const char *path;

	if (is_unclosed(l->p)) {
		xwalk_refuse(l, "a quoted text is not closed; expected \"");
		return false;
	}
	path = arena_strndup(&l->f->b->set->arena, l->p, (size_t)(p - l->p));
	l->p = p;
	*ways = (struct xwalk_ways){0};
	return expand(l, ways, path, 0);
}

void
xwalk_let(struct xwalk_line *l)
{
	struct xwalk_file *f = l->f;
	const char *name = xwalk_name(l);
	struct xwalk_let *at;

	xwalk_space(l);
	if (name == NULL || *l->p == '\0') {
		xwalk_refuse(l,
		    "let has no name and paths behind it; expected let NAME "
		    "PATH|PATH");
		return;
	}
	if (f->let_count >= LIMIT_CROSSWALK_WORDS) {
		xwalk_refuse(l,
		    "there are too many lines of this kind; expected %zu at "
		    "most",
		    LIMIT_CROSSWALK_WORDS);
		return;
	}
	for (size_t i = 0; i < f->let_count; i++)
		if (strcmp(f->lets[i].name, name) == 0) {
			xwalk_refuse(
			    l, "%.60s is given twice; expected it once", name);
			return;
		}
	at = XWALK_PUSH(&f->b->set->arena, f->lets, f->let_count);
	at->name = name;
	at->text = arena_strdup(&f->b->set->arena, l->p);
}
