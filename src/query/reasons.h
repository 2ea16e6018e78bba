/* Why what the matrix says is not known: reasons as a sentence. */
#ifndef SHEAF_QUERY_REASONS_H
#define SHEAF_QUERY_REASONS_H

/* SQL: a text of the jsonb that the expression `x` gives,
 * [{source, agency, why, since}, …]; null for none. */
#define REASONS_TEXT(x)                                                        \
	"(select string_agg(concat_ws(' ', coalesce(w.r ->> 'source', "        \
	"w.r ->> 'agency'), w.r ->> 'why', "                                   \
	"'since ' || left(w.r ->> 'since', 10)), '; ' order by w.n) "          \
	"from jsonb_array_elements(case jsonb_typeof(" x                       \
	") when 'array' then " x " else '[]' end) with ordinality w (r, n))"

#endif
