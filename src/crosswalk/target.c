/* What crosswalks can make of an element, and of which parts. */
#include <stddef.h>
#include <string.h>

#include "base/str.h"
#include "crosswalk/internal.h"
#include "crosswalk/xwalk_build.h"
#include "record/words.h"

#define FIRST(name)                                                            \
	{                                                                      \
		name, 0, NULL                                                  \
	}
#define PART(name, field)                                                      \
	{                                                                      \
		name, offsetof(struct taken, field), NULL                      \
	}
#define WORD(name, field, words)                                               \
	{                                                                      \
		name, offsetof(struct taken, field), words                     \
	}
#define COUNT(list) offsetof(struct record, list.count)

/* clang-format off */
const struct xwalk_target xwalk_targets[] = {
	{"title", take_title, COUNT(titles), .parts = {
		FIRST("text"), PART("lang", lang),
		WORD("role", role, words_title_role)}},
	{"abstract", take_abstract, COUNT(abstracts), .parts = {
		FIRST("text"), PART("lang", lang)}},
	{"agent", take_agent, COUNT(agents), .parts = {
		FIRST("name"), WORD("role", role, words_agent_role),
		PART("role_term", role_term),
		WORD("kind", kind, words_agent_kind), PART("id", ids),
		PART("affiliation", affiliation)}},
	{"date", take_date, COUNT(dates), .parts = {
		FIRST("value"), PART("until", until),
		WORD("role", role, words_date_role)}},
	{"identifier", take_identifier, COUNT(identifiers), .parts = {
		FIRST("value"), PART("scheme", scheme)}},
	{"relation", take_relation, COUNT(relations), .is_loose = true,
	 .parts = {
		FIRST("value"), WORD("type", type, words_relation_type),
		PART("scheme", scheme), PART("text", words)}},
	{"source", take_source, 0, .parts = {
		FIRST("text"), WORD("type", type, words_relation_type)}},
	{"container", take_container, 0, .is_loose = true, .is_fields = true,
	 .parts = {
		FIRST("title"), PART("issn", issn), PART("isbn", isbn),
		PART("volume", volume), PART("issue", issue),
		PART("pages", pages), PART("number", number)}},
	{"link", take_link, COUNT(links), .parts = {
		FIRST("url"), WORD("role", role, words_link_role),
		PART("lang", lang), PART("media_type", media_type)}},
	{"subject", take_subject, COUNT(subjects), .is_loose = true, .parts = {
		FIRST("text"), PART("scheme", scheme), PART("code", code),
		PART("lang", lang)}},
	{"type", take_type, COUNT(types), .is_loose = true, .parts = {
		FIRST("text"), PART("scheme", scheme), PART("code", code)}},
	{"language", take_language, COUNT(languages), .parts = {
		FIRST("text")}},
	{"country", take_country, COUNT(countries), .parts = {
		FIRST("text"), WORD("role", role, words_country_role),
		PART("scheme", scheme)}},
	{"coverage", take_coverage, COUNT(coverage), .parts = {
		FIRST("text"), WORD("role", role, words_country_role)}},
	{"sector", take_sector, COUNT(sectors), .parts = {
		FIRST("text"), PART("scheme", scheme)}},
	{"sdg", take_sdg, COUNT(sdgs), .parts = {
		FIRST("text")}},
	{"rights", take_rights, COUNT(rights), .is_loose = true, .parts = {
		FIRST("text"), PART("url", url)}},
	{"access", take_access, 0, .parts = {
		{"text", 0, words_access}}},
	{"trl", take_trl, 0, .is_loose = true, .parts = {
		FIRST("min"), PART("max", max)}},
	{"ip_status", take_ip_status, 0, .parts = {
		FIRST("text")}},
	{"status", take_status, 0, .parts = {
		{"text", 0, words_status}}},
	{"name", take_name, 0, .parts = {
		FIRST("text"), PART("key", key)}},
	{NULL, NULL, 0, .parts = {{NULL, 0, NULL}}},
};
/* clang-format on */

const struct xwalk_target *
xwalk_target_find(const char *name)
{
	for (const struct xwalk_target *t = xwalk_targets; t->name; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

int
xwalk_part_find(const struct xwalk_target *t, const char *name)
{
	for (int i = 0; i < XWALK_PARTS && t->parts[i].name != NULL; i++)
		if (strcmp(t->parts[i].name, name) == 0)
			return i;
	return -1;
}

const char **
xwalk_part_at(struct taken *v, const struct xwalk_part *part)
{
	return (const char **)((char *)v + part->at);
}

bool
xwalk_part_is_list(const struct xwalk_part *part)
{
	return part->at == offsetof(struct taken, ids);
}

const char *
xwalk_target_nearest(const char *name)
{
	struct str_guess g = str_guess(name);

	for (const struct xwalk_target *t = xwalk_targets; t->name; t++)
		str_guess_try(&g, t->name);
	return g.found;
}

const char *
xwalk_part_nearest(const struct xwalk_target *t, const char *name)
{
	struct str_guess g = str_guess(name);

	for (int i = 0; i < XWALK_PARTS && t->parts[i].name != NULL; i++)
		str_guess_try(&g, t->parts[i].name);
	return g.found;
}
