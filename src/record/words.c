/* The words themselves; their meaning is RECORD.md's. */
#include "record/words.h"

#include <stddef.h>
#include <string.h>

#include "base/str.h"

/* clang-format off */
const char *const words_identifier_basis[] = {
	"oai", "guid", "link", "hash", NULL};
const char *const words_identity[] = {"guid", "link", "digest", NULL};
const char *const words_weekday[] = {
	"monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
	"sunday", NULL};
const char *const words_basis[] = {
	"declared", "mapped", "default", "rule", "detected", NULL};
const char *const words_family[] = {
	"offer", "need", "knowledge", "actor", "activity", NULL};
const char *const words_access[] = {
	"open", "embargoed", "restricted", "closed", NULL};
const char *const words_status[] = {
	"open", "closed", "fulfilled", "planned", "active", "ended", NULL};
const char *const words_title_role[] = {
	"main", "alternative", "translated", NULL};
const char *const words_agent_role[] = {
	"author", "contributor", "editor", "publisher", "provider", "seeker",
	"funder", "implementer", "contact", NULL};
const char *const words_agent_kind[] = {
	"person", "organisation", NULL};
const char *const words_agent_scheme[] = {
	"orcid", "ror", "isni", NULL};
const char *const words_date_role[] = {
	"issued", "modified", "created", "accepted", "available", "deposited",
	"embargo", "start", "end", "deadline", "valid-from", "valid-until", NULL};
const char *const words_precision[] = {
	"year", "month", "day", "minute", "second", NULL};
const char *const words_identifier_scheme[] = {
	"doi", "handle", "isbn", "un-symbol", "iati", "patent", "arxiv", "pmid",
	"urn", "oai", "url", "local", NULL};
const char *const words_relation_scheme[] = {
	"doi", "handle", "isbn", "un-symbol", "iati", "patent", "arxiv", "pmid",
	"urn", "oai", "url", "local", "issn", NULL};
const char *const words_relation_type[] = {
	"part-of", "has-part", "version-of", "translation-of", "references",
	"replaces", "about", "responds-to", "related", NULL};
const char *const words_link_role[] = {
	"landing", "full-text", "image", "feed", "related", NULL};
const char *const words_venue_kind[] = {
	"thesis", "conf", "journal", "report", NULL};
const char *const words_country_role[] = {
	"about", "origin", "deployed", "target", "available", NULL};
/* clang-format on */

bool
word_known(const char *const *list, const char *word)
{
	for (; *list; list++)
		if (**list == *word && strcmp(*list, word) == 0)
			return true;
	return false;
}

bool
word_is_kind(const char *code, char near_[WORD_BYTES])
{
	struct str_guess g = str_guess(code);

	*near_ = '\0';
	for (const char *p = WORDS_KIND; *p != '\0';) {
		size_t n = strcspn(p, " ");
		char word[WORD_BYTES];

		memcpy(word, p, n);
		word[n] = '\0';
		if (strcmp(word, code) == 0)
			return true;
		if (str_guess_try(&g, word))
			str_copy(near_, WORD_BYTES, word);
		p += n;
		p += strspn(p, " ");
	}
	return false;
}
