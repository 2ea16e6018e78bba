/* The table of fields: RECORD.md in C.  What each field means is said there;
 * what is done with the table, in codec.c, check.c and json.c. */
#include "record/fields.h"

#include "base/limits.h"
#include "record/facts.h"
#include "record/record.h"
#include "record/words.h"

#define COUNT(fields) (sizeof(fields) / sizeof((fields)[0]))
#define SHAPE(type, fields)                                                    \
	{                                                                      \
		sizeof(type), COUNT(fields), fields                            \
	}
#define AT(type, member) .offset = offsetof(type, member)

/* clang-format off */
#define TEXT(tag_, type_, member) \
	{#member, tag_, FIELD_TEXT, AT(type_, member)}
#define WORD(tag_, type_, member, list) \
	{#member, tag_, FIELD_TEXT, AT(type_, member), .words = list}
#define RULED(tag_, type_, member, rule_) \
	{#member, tag_, FIELD_TEXT, .rule = rule_, AT(type_, member)}
#define STRUCT(tag_, type_, member, shape_) \
	{#member, tag_, FIELD_STRUCT, AT(type_, member), .shape = &shape_}
#define LIST(tag_, type_, member, shape_) \
	{#member, tag_, FIELD_LIST, AT(type_, member), .shape = &shape_}
#define BOOL(tag_, type_, member) \
	{#member, tag_, FIELD_BOOL, AT(type_, member)}
#define U64(tag_, type_, member) \
	{#member, tag_, FIELD_U64, AT(type_, member)}
#define COUNTED(tag_, type_, member) \
	{#member, tag_, FIELD_COUNT, AT(type_, member)}

static const struct field title_fields[] = {
	TEXT(1, struct rec_text, text),
	RULED(2, struct rec_text, lang, RULE_CODE),
	WORD(3, struct rec_text, lang_basis, words_basis),
	WORD(4, struct rec_text, role, words_title_role),
};
static const struct shape shape_title = SHAPE(struct rec_text, title_fields);

static const struct field abstract_fields[] = {
	TEXT(1, struct rec_text, text),
	RULED(2, struct rec_text, lang, RULE_CODE),
	WORD(3, struct rec_text, lang_basis, words_basis),
};
static const struct shape shape_abstract =
	SHAPE(struct rec_text, abstract_fields);

static const struct field code_fields[] = {
	RULED(1, struct rec_code, code, RULE_CODE),
	WORD(3, struct rec_code, basis, words_basis),
	TEXT(4, struct rec_code, term),
	TEXT(5, struct rec_code, scheme),
};
static const struct shape shape_code = SHAPE(struct rec_code, code_fields);

static const struct field country_fields[] = {
	RULED(1, struct rec_code, code, RULE_CODE),
	WORD(2, struct rec_code, role, words_country_role),
	WORD(3, struct rec_code, basis, words_basis),
	TEXT(4, struct rec_code, term),
	TEXT(5, struct rec_code, scheme),
};
static const struct shape shape_country =
	SHAPE(struct rec_code, country_fields);

static const struct field type_fields[] = {
	TEXT(1, struct rec_type, text),
	TEXT(2, struct rec_type, scheme),
	TEXT(3, struct rec_type, code),
};
static const struct shape shape_type = SHAPE(struct rec_type, type_fields);

static const struct field identifier_fields[] = {
	WORD(1, struct rec_id, scheme, words_identifier_scheme),
	TEXT(2, struct rec_id, value),
	TEXT(3, struct rec_id, given),
};
static const struct shape shape_identifier =
	SHAPE(struct rec_id, identifier_fields);

static const struct field agent_id_fields[] = {
	WORD(1, struct rec_id, scheme, words_agent_scheme),
	TEXT(2, struct rec_id, value),
	TEXT(3, struct rec_id, given),
};
static const struct shape shape_agent_id =
	SHAPE(struct rec_id, agent_id_fields);

static const struct field agent_fields[] = {
	TEXT(1, struct rec_agent, name),
	WORD(2, struct rec_agent, role, words_agent_role),
	TEXT(3, struct rec_agent, role_term),
	LIST(4, struct rec_agent, ids, shape_agent_id),
	TEXT(5, struct rec_agent, affiliation),
	WORD(6, struct rec_agent, kind, words_agent_kind),
};
static const struct shape shape_agent = SHAPE(struct rec_agent, agent_fields);

static const struct field date_fields[] = {
	WORD(1, struct rec_date, role, words_date_role),
	RULED(2, struct rec_date, value, RULE_DATE),
	RULED(3, struct rec_date, until, RULE_DATE),
	WORD(4, struct rec_date, precision, words_precision),
	BOOL(5, struct rec_date, approximate),
	TEXT(6, struct rec_date, text),
	TEXT(7, struct rec_date, offset),
};
static const struct shape shape_date = SHAPE(struct rec_date, date_fields);

static const struct field container_fields[] = {
	TEXT(1, struct rec_container, title),
	TEXT(2, struct rec_container, issn),
	TEXT(3, struct rec_container, isbn),
	TEXT(4, struct rec_container, volume),
	TEXT(5, struct rec_container, issue),
	TEXT(6, struct rec_container, pages),
	TEXT(7, struct rec_container, number),
};
static const struct shape shape_container =
	SHAPE(struct rec_container, container_fields);

static const struct field relation_fields[] = {
	WORD(1, struct rec_relation, type, words_relation_type),
	WORD(2, struct rec_relation, scheme, words_relation_scheme),
	TEXT(3, struct rec_relation, value),
	TEXT(4, struct rec_relation, text),
};
static const struct shape shape_relation =
	SHAPE(struct rec_relation, relation_fields);

static const struct field link_fields[] = {
	WORD(1, struct rec_link, role, words_link_role),
	RULED(2, struct rec_link, url, RULE_URL),
	RULED(3, struct rec_link, lang, RULE_CODE),
	TEXT(4, struct rec_link, media_type),
};
static const struct shape shape_link = SHAPE(struct rec_link, link_fields);

static const struct field subject_fields[] = {
	TEXT(1, struct rec_subject, text),
	TEXT(2, struct rec_subject, scheme),
	TEXT(3, struct rec_subject, code),
	RULED(4, struct rec_subject, lang, RULE_CODE),
};
static const struct shape shape_subject =
	SHAPE(struct rec_subject, subject_fields);

static const struct field rights_fields[] = {
	TEXT(1, struct rec_rights, text),
	RULED(2, struct rec_rights, url, RULE_URL),
	{"code", 3, FIELD_TEXT, RULE_CODE, NOT_SHOWN,
	 AT(struct rec_rights, code)},
};
static const struct shape shape_rights =
	SHAPE(struct rec_rights, rights_fields);

static const struct field origin_fields[] = {
	TEXT(1, struct rec_origin, base_url),
	TEXT(2, struct rec_origin, identifier),
	TEXT(3, struct rec_origin, datestamp),
	TEXT(4, struct rec_origin, format),
};
static const struct shape shape_origin =
	SHAPE(struct rec_origin, origin_fields);

static const struct field warning_fields[] = {
	TEXT(1, struct rec_warning, code),
	TEXT(2, struct rec_warning, text),
};
const struct shape shape_warning = SHAPE(struct rec_warning, warning_fields);

#define SHORT(tag_, type_, member, limit_) \
	{#member, tag_, FIELD_TEXT, AT(type_, member), .limit = limit_}

static const struct field match_name_fields[] = {
	SHORT(1, struct rec_match_name, text, LIMIT_MATCH_NAME_BYTES),
	WORD(2, struct rec_match_name, kind, words_agent_kind),
};
static const struct shape shape_match_name =
	SHAPE(struct rec_match_name, match_name_fields);

static const struct field match_fields[] = {
	SHORT(1, struct rec_match, title, LIMIT_MATCH_TITLE_BYTES),
	{"other_titles", 2, FIELD_TEXTS, AT(struct rec_match, other_titles),
	 .limit = LIMIT_MATCH_TITLES, .text_limit = LIMIT_MATCH_TITLE_BYTES},
	BOOL(3, struct rec_match, is_cut),
	RULED(4, struct rec_match, lang, RULE_CODE),
	{"names", 5, FIELD_LIST, AT(struct rec_match, names),
	 .shape = &shape_match_name, .limit = LIMIT_MATCH_NAMES},
	SHORT(6, struct rec_match, venue, LIMIT_MATCH_VENUE_BYTES),
	WORD(7, struct rec_match, venue_kind, words_venue_kind),
	RULED(8, struct rec_match, year, RULE_DATE),
	RULED(9, struct rec_match, day, RULE_DATE),
};
static const struct shape shape_match = SHAPE(struct rec_match, match_fields);

/* trl_min and trl_max are one object in JSON and in the encoding. */
struct trl {
	const char *min, *max;
};
_Static_assert(offsetof(struct record, trl_max) ==
	offsetof(struct record, trl_min) + offsetof(struct trl, max),
	"trl_max follows trl_min");
static const struct field trl_fields[] = {
	{"min", 1, FIELD_TEXT, RULE_NUMBER, AS_NUMBER, AT(struct trl, min)},
	{"max", 2, FIELD_TEXT, RULE_NUMBER, AS_NUMBER, AT(struct trl, max)},
};
static const struct shape shape_trl = SHAPE(struct trl, trl_fields);

static const struct field record_fields[] = {
	{"identifier", 0, FIELD_TEXT, AT(struct record, identifier),
	 .required = true, .limit = LIMIT_IDENTIFIER_BYTES},
	WORD(0, struct record, identifier_basis, words_identifier_basis),
	{"datestamp", 0, FIELD_TEXT, AT(struct record, datestamp),
	 .limit = LIMIT_DATESTAMP_BYTES},
	{"sets", 0, FIELD_TEXTS, RULE_LINE, AT(struct record, sets),
	 .limit = LIMIT_SETS_PER_RECORD, .text_limit = LIMIT_SETSPEC_BYTES},
	BOOL(0, struct record, deleted),
	STRUCT(1, struct record, kind, shape_code),
	WORD(2, struct record, family, words_family),
	LIST(3, struct record, types, shape_type),
	WORD(4, struct record, status, words_status),
	LIST(5, struct record, titles, shape_title),
	LIST(6, struct record, abstracts, shape_abstract),
	LIST(7, struct record, agents, shape_agent),
	LIST(8, struct record, dates, shape_date),
	LIST(9, struct record, identifiers, shape_identifier),
	STRUCT(10, struct record, container, shape_container),
	LIST(11, struct record, relations, shape_relation),
	LIST(12, struct record, links, shape_link),
	LIST(13, struct record, subjects, shape_subject),
	LIST(14, struct record, languages, shape_code),
	LIST(15, struct record, countries, shape_country),
	{"coverage", 16, FIELD_TEXTS, RULE_NONE, AS_OBJECTS,
	 AT(struct record, coverage)},
	LIST(17, struct record, sectors, shape_code),
	LIST(18, struct record, sdgs, shape_code),
	{"trl", 19, FIELD_STRUCT, AT(struct record, trl_min),
	 .shape = &shape_trl},
	TEXT(20, struct record, ip_status),
	TEXT(21, struct record, access),
	LIST(22, struct record, rights, shape_rights),
	STRUCT(23, struct record, origin, shape_origin),
	{"match", 25, FIELD_STRUCT, RULE_NONE, NOT_SHOWN,
	 AT(struct record, match), .shape = &shape_match},
	{"warnings", 24, FIELD_LIST, AT(struct record, warnings),
	 .shape = &shape_warning, .limit = LIMIT_WARNINGS},
};
const struct shape shape_record = SHAPE(struct record, record_fields);

static const struct field facts_error_fields[] = {
	TEXT(1, struct facts_error, code),
	TEXT(2, struct facts_error, text),
};
const struct shape shape_facts_error =
	SHAPE(struct facts_error, facts_error_fields);

static const struct field facts_format_fields[] = {
	TEXT(1, struct facts_format, prefix),
	TEXT(2, struct facts_format, schema),
	{"namespace", 3, FIELD_TEXT, AT(struct facts_format, ns)},
};
const struct shape shape_facts_format =
	SHAPE(struct facts_format, facts_format_fields);

static const struct field facts_set_fields[] = {
	TEXT(1, struct facts_set, spec),
	TEXT(2, struct facts_set, name),
};
const struct shape shape_facts_set =
	SHAPE(struct facts_set, facts_set_fields);

static const struct field facts_offer_fields[] = {
	TEXT(1, struct facts_offer, url),
	TEXT(2, struct facts_offer, type),
	TEXT(3, struct facts_offer, title),
};
const struct shape shape_facts_offer =
	SHAPE(struct facts_offer, facts_offer_fields);

static const struct field facts_feed_fields[] = {
	TEXT(1, struct facts_feed, title),
	TEXT(2, struct facts_feed, link),
	TEXT(3, struct facts_feed, description),
	RULED(4, struct facts_feed, language, RULE_CODE),
	RULED(5, struct facts_feed, updated, RULE_DATE),
	{"ttl_minutes", 6, FIELD_TEXT, RULE_NUMBER, AS_NUMBER,
	 AT(struct facts_feed, ttl_minutes)},
	TEXT(7, struct facts_feed, self),
	TEXT(8, struct facts_feed, next),
	TEXT(9, struct facts_feed, prev_archive),
	TEXT(10, struct facts_feed, current),
	BOOL(11, struct facts_feed, complete),
	BOOL(12, struct facts_feed, archive),
	TEXT(13, struct facts_feed, hub),
	{"update_minutes", 14, FIELD_TEXT, RULE_NUMBER, AS_NUMBER,
	 AT(struct facts_feed, update_minutes)},
	RULED(15, struct facts_feed, update_base, RULE_DATE),
	{"skip_hours", 16, FIELD_TEXTS, RULE_NUMBER, AS_NUMBER,
	 AT(struct facts_feed, skip_hours), .limit = 24},
	{"skip_days", 17, FIELD_TEXTS, RULE_CODE, AS_IS,
	 AT(struct facts_feed, skip_days), .limit = 7},
	TEXT(18, struct facts_feed, previous),
	TEXT(19, struct facts_feed, first),
	TEXT(20, struct facts_feed, last),
	TEXT(21, struct facts_feed, next_archive),
	TEXT(22, struct facts_feed, cloud),
	U64(23, struct facts_feed, items_without_id),
	U64(24, struct facts_feed, items_with_link),
	U64(25, struct facts_feed, ids_repeated),
	U64(26, struct facts_feed, links_repeated),
	TEXT(27, struct facts_feed, generator),
};
const struct shape shape_facts_feed =
	SHAPE(struct facts_feed, facts_feed_fields);

static const struct field facts_fields[] = {
	TEXT(1, struct page_facts, protocol),
	TEXT(2, struct page_facts, format),
	TEXT(3, struct page_facts, verb),
	TEXT(4, struct page_facts, response_date),
	{"body", 5, FIELD_ENUM, AT(struct page_facts, body),
	 .limit = BODY_CLASS_COUNT},
	TEXT(6, struct page_facts, title),
	{"err_class", 7, FIELD_ENUM, AT(struct page_facts, err_class),
	 .limit = ERR_CLASS_COUNT},
	TEXT(8, struct page_facts, err_text),
	BOOL(9, struct page_facts, has_token),
	{"token", 10, FIELD_TEXT, AT(struct page_facts, token),
	 .limit = LIMIT_TOKEN_BYTES},
	TEXT(11, struct page_facts, token_expires),
	COUNTED(12, struct page_facts, cursor),
	COUNTED(13, struct page_facts, list_size),
	LIST(14, struct page_facts, errors, shape_facts_error),
	TEXT(15, struct page_facts, repository_name),
	TEXT(16, struct page_facts, base_url),
	TEXT(17, struct page_facts, protocol_version),
	TEXT(18, struct page_facts, earliest_datestamp),
	TEXT(19, struct page_facts, deleted_record),
	TEXT(20, struct page_facts, granularity),
	TEXT(21, struct page_facts, compression),
	TEXT(22, struct page_facts, admin_email),
	LIST(23, struct page_facts, formats, shape_facts_format),
	LIST(24, struct page_facts, sets, shape_facts_set),
	U64(25, struct page_facts, records),
	U64(26, struct page_facts, deleted),
	U64(27, struct page_facts, rejected),
	U64(28, struct page_facts, outside_window),
	U64(29, struct page_facts, outside_set),
	TEXT(30, struct page_facts, min_datestamp),
	TEXT(31, struct page_facts, max_datestamp),
	{"ids_hash", 32, FIELD_HASH, AT(struct page_facts, ids_hash)},
	TEXT(33, struct page_facts, encoding),
	BOOL(34, struct page_facts, recovered),
	U64(35, struct page_facts, repairs),
	{"warnings", 36, FIELD_LIST, AT(struct page_facts, warnings),
	 .shape = &shape_warning, .limit = LIMIT_WARNINGS},
	STRUCT(37, struct page_facts, feed, shape_facts_feed),
	LIST(38, struct page_facts, offers, shape_facts_offer),
	U64(39, struct page_facts, filtered),
};
const struct shape shape_facts = SHAPE(struct page_facts, facts_fields);
/* clang-format on */

size_t
field_text_limit(const struct field *f)
{
	size_t limit = f->type == FIELD_TEXT ? f->limit : f->text_limit;

	return limit ? limit : LIMIT_VALUE_BYTES;
}

size_t
field_list_limit(const struct field *f)
{
	return f->limit ? f->limit : LIMIT_VALUES_PER_FIELD;
}
