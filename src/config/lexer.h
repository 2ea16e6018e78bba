/*
 * INI, as sheaf.conf(5) has it, cut into sections and keys.
 *
 *	# a comment; also with ; in front
 *	[source wb-okr]
 *	url = https://example.org/oai    # a comment after white space
 *	licence = "with # inside"        # quoted: \" and \\ are escapes
 *	sets = one two
 *	    three                        # deeper indented: goes on
 *
 * A value ends at a blank line or at the next line that is not indented more
 * than its key.  The lexer knows nothing of which sections and keys there are.
 */
#ifndef SHEAF_CONFIG_LEXER_H
#define SHEAF_CONFIG_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

enum lex_kind {
	LEX_SECTION, /* words[0] is its kind, the others its arguments */
	LEX_KEY, /* key and value */
	LEX_WRONG, /* a line that is neither: `value` says why */
	LEX_END
};

enum { LEX_WORDS = 3 }; /* more words in a section's brackets are wrong */

struct lex_item { /* texts live in the arena */
	enum lex_kind kind;
	unsigned line; /* where it begins, from 1 */
	const char *words[LEX_WORDS];
	size_t word_count;
	const char *key, *value;
};

struct lexer {
	struct arena *arena;
	const char *at, *end;
	unsigned line; /* of `at`, from 1 */
};

/* data must outlive the lexer.  A byte order mark is skipped. */
void
lexer_init(struct lexer *l, struct arena *arena, const char *data, size_t n);
/* Goes on after what is wrong, so that all mistakes are found in one go. */
void lexer_next(struct lexer *l, struct lex_item *item);

#endif
