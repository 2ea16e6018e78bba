/* Why what the matrix says is not known: reasons as a sentence. */
#ifndef SHEAF_QUERY_REASONS_H
#define SHEAF_QUERY_REASONS_H

/* SQL: a text of c.reasons, [{source, agency, why, since}, …]; null for none.
 */
#define REASONS_TEXT                                                           \
	"(select string_agg(concat_ws(' ', coalesce(w.r ->> 'source', "        \
	"w.r ->> 'agency') || ':', case w.r ->> 'why' when 'undeclared' "      \
	"then 'no source is declared to have any' else w.r ->> 'why' end, "    \
	"'since ' || left(w.r ->> 'since', 10)), '; ' order by w.n) "          \
	"from jsonb_array_elements(case jsonb_typeof(c.reasons) "              \
	"when 'array' then c.reasons else '[]' end) "                          \
	"with ordinality w (r, n))"

/* SQL: c.why, but where the row above says the same; "order" is that of the
 * rows. */
#define REASONS_ONCE(order)                                                    \
	"nullif(c.why, lag(c.why) over (order by " order "))"

/* Their columns in a table: WHY is REASONS_TEXT, REASONS the data. */
#define REASONS_COLUMNS                                                        \
	{"WHY", "why",                                                         \
	    TABLE_TEXT | TABLE_BELOW | TABLE_SPARING | TABLE_PEOPLE_ONLY, 0},  \
	{                                                                      \
		"REASONS", "reasons", TABLE_VALUE | TABLE_JSON_ONLY, 0         \
	}

#endif
