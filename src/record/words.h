/*
 * The controlled lists of RECORD.md: each is an array of words that ends in
 * NULL.  The crosswalks write only these words, record_check() refuses others.
 */
#ifndef SHEAF_RECORD_WORDS_H
#define SHEAF_RECORD_WORDS_H

#include <stdbool.h>

/* oai, guid, link, hash */
extern const char *const words_identifier_basis[];
/* What a feed's records are told apart by, as PARSE_PAGE's identity: guid,
 * link, digest */
extern const char *const words_identity[];
/* monday … sunday */
extern const char *const words_weekday[];
/* declared, mapped, default, rule, detected */
extern const char *const words_basis[];
/* offer, need, knowledge, actor, activity */
extern const char *const words_family[];
/* open, embargoed, restricted, closed */
extern const char *const words_access[];
/* open, closed, fulfilled, planned, active, ended */
extern const char *const words_status[];
/* Codes of kinds (vocab/kinds.tsv), in one text, as a table of keys wants them.
 * Their families are the crosswalks'. */
#define WORDS_KIND                                                             \
	"technology-offer technology-need business-offer business-need "       \
	"technical-assistance policy-advice needs-assessment "                 \
	"capacity-building research-demonstration matchmaking-networking "     \
	"finance ip-licensing standards-regulation data-information "          \
	"publication event news expert organisation project mechanism "        \
	"platform call dataset"
/* main, alternative, translated */
extern const char *const words_title_role[];
/* author, contributor, editor, publisher, provider, seeker, funder,
 * implementer, contact */
extern const char *const words_agent_role[];
/* person, organisation */
extern const char *const words_agent_kind[];
/* orcid, ror, isni */
extern const char *const words_agent_scheme[];
/* issued, modified, created, accepted, available, deposited, embargo, start,
 * end, deadline, valid-from, valid-until */
extern const char *const words_date_role[];
/* year, month, day, minute, second */
extern const char *const words_precision[];
/* doi, handle, isbn, un-symbol, iati, patent, arxiv, pmid, urn, oai, url,
 * local */
extern const char *const words_identifier_scheme[];
/* the same and issn, which names containers and series */
extern const char *const words_relation_scheme[];
/* part-of, has-part, version-of, translation-of, references, replaces, about,
 * responds-to, related */
extern const char *const words_relation_type[];
/* landing, full-text, image, feed, related */
extern const char *const words_link_role[];
/* thesis, conf, journal, report: of record.match */
extern const char *const words_venue_kind[];
/* about, origin, deployed, target, available */
extern const char *const words_country_role[];

bool word_known(const char *const *list, const char *word);
/* Whether WORDS_KIND has it; where not, the nearest one is in near_, "" where
 * none is near. */
enum { WORD_BYTES = 64 };
bool word_is_kind(const char *code, char near_[WORD_BYTES]);

#endif
