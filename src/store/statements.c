/* The statements; see store/statements.h.  Parameters come as arrays, one a
 * column; sets as one text, a setSpec a line. */
#include "store/statements.h"

#include "record/context.h"

#define RUNS                                                                   \
	"select r.run_id, r.first, r.page_no "                                 \
	"from unnest($1::bigint[], $2::bigint[], $3::bigint[]) "               \
	"as u (run_id, page_no, epoch) "                                       \
	"join sheaf.run r on r.run_id = u.run_id "                             \
	"where r.page_no = u.page_no "                                         \
	"and r.epoch = u.epoch "                                               \
	"and coalesce(r.closed_at, r.held_at) is null "                        \
	"order by r.run_id"

/* What is known of identifiers; and what waits, for runs with which something
 * does, or since when it is known, where only headers come. */
#define LOOKUP(columns, join)                                                  \
	"select u.n::integer, r.record_id, r.status, r.digest, "               \
	"r.datestamp_given, array_to_string(r.sets, E'\\n'), "                 \
	"r.added_run, " columns                                                \
	" from unnest($1::integer[], $2::text[], $3::bigint[]) "               \
	"with ordinality as u (source_id, identifier, run_id, n) "             \
	"join sheaf.record r on r.source_id = u.source_id "                    \
	"and r.identifier = u.identifier collate \"C\"" join

const char *const store_statements[SQL_COUNT] = {
    [SQL_BEGIN] = "begin",
    [SQL_COMMIT] = "commit",
    [SQL_ROLLBACK] = "rollback",

    /* The rows of runs that still stand where their next page begins.  They
     * stay locked, so that a page's commit cannot find them elsewhere. */
    [SQL_RUNS_LOCK] = RUNS " for update of r",
    [SQL_RUNS_CHECK] = RUNS,

    [SQL_LOOKUP] = LOOKUP("null, null, null, null, null", ""),
    [SQL_LOOKUP_PENDING] = LOOKUP(
	"p.op, p.digest, p.datestamp_given, array_to_string(p.sets, E'\\n'), "
	"coalesce(p.at, r.harvested_at)",
	" left join sheaf.pending p on p.run_id = u.run_id "
	"and p.record_id = r.record_id"),

    [SQL_NUMBERS] = "select nextval('sheaf.number_block') "
		    "from generate_series(1, $1::integer)",

    [SQL_BLOCK] =
	"insert into sheaf.block (block_id, source_id, run_id, page_no, part, "
	"whole, live, total, context, rules, record_ids, data) "
	"values ($1::bigint, $2::integer, $3::bigint, $4::bigint, "
	"$5::integer, $6::boolean, $7::integer, $7::integer, $8::text, "
	"$9::bytea, $10::bigint[], $11::bytea)",

    [SQL_RECORDS] =
	"insert into sheaf.record (record_id, source_id, identifier, "
	"datestamp, datestamp_given, sets, digest, format, kind, title, url, "
	"issued, issued_precision, licence, block_id, raw_offset, raw_length, "
	"doc_length, terms, unmapped, added_run, status, first_seen, "
	"harvested_at, "
	"changed_at, deleted_at) "
	"select u.record_id, u.source_id, u.identifier, u.datestamp, "
	"u.datestamp_given, string_to_array(u.sets, E'\\n'), u.digest, "
	"u.format, u.kind, u.title, u.url, u.issued, u.issued_precision, "
	"u.licence, u.block_id, u.raw_offset, u.raw_length, "
	"u.doc_length, u.terms, u.unmapped, u.run_id, "
	"u.status, now(), now(), now(), "
	"case when u.status = 'deleted' then now() end "
	"from unnest($1::bigint[], $2::integer[], $3::text[], "
	"$4::timestamptz[], $5::text[], $6::text[], $7::bytea[], $8::text[], "
	"$9::text[], $10::text[], $11::text[], $12::date[], $13::text[], "
	"$14::text[], $15::bigint[], $16::integer[], $17::integer[], "
	"$18::integer[], $19::integer[], $20::integer[], $21::bigint[], "
	"$22::text[]) "
	"as u (record_id, source_id, identifier, datestamp, datestamp_given, "
	"sets, digest, format, kind, title, url, issued, issued_precision, "
	"licence, block_id, raw_offset, raw_length, doc_length, "
	"terms, unmapped, run_id, status)",

    /* resolve sees them with the commit, or never. */
    [SQL_UNRESOLVED] = "insert into sheaf.unresolved (record_ids) "
		       "values ($1::bigint[])",

    /* A second change of a record in one run replaces the first, whose bytes
     * are of no use any more; a touch leaves what waits as it is. */
    [SQL_PENDING] =
	"with u as (select * from unnest($1::bigint[], $2::bigint[], "
	"$3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::bytea[], "
	"$8::text[], $9::text[], $10::text[], $11::text[], $12::date[], "
	"$13::text[], $14::text[], $15::bigint[], $16::integer[], "
	"$17::integer[], $18::integer[], $19::integer[], "
	"$20::integer[]) "
	"as u (run_id, record_id, op, datestamp, datestamp_given, sets, "
	"digest, format, kind, title, url, issued, issued_precision, licence, "
	"block_id, raw_offset, raw_length, doc_length, terms, unmapped)), "
	"dead as (update sheaf.block b set live = b.live - d.n "
	"from (select p.block_id, count(*) as n from u "
	"join sheaf.pending p on p.run_id = u.run_id "
	"and p.record_id = u.record_id "
	"where u.op <> 'touched' and p.block_id is not null "
	"group by p.block_id) d where b.block_id = d.block_id) "
	"insert into sheaf.pending as w (run_id, record_id, op, at, datestamp, "
	"datestamp_given, sets, digest, format, kind, title, url, issued, "
	"issued_precision, licence, block_id, raw_offset, raw_length, "
	"doc_length, terms, unmapped) "
	"select u.run_id, u.record_id, u.op, now(), u.datestamp, "
	"u.datestamp_given, string_to_array(u.sets, E'\\n'), u.digest, "
	"u.format, u.kind, u.title, u.url, u.issued, u.issued_precision, "
	"u.licence, u.block_id, u.raw_offset, u.raw_length, "
	"u.doc_length, u.terms, u.unmapped from u "
	"on conflict (run_id, record_id) do update set "
	"op = case when excluded.op = 'touched' then w.op "
	"else excluded.op end, "
	"at = excluded.at, datestamp = excluded.datestamp, "
	"datestamp_given = excluded.datestamp_given, sets = excluded.sets, "
	"digest = case when excluded.op = 'touched' then w.digest "
	"else excluded.digest end, "
	"format = case when excluded.op = 'touched' then w.format "
	"else excluded.format end, "
	"kind = case when excluded.op = 'touched' then w.kind "
	"else excluded.kind end, "
	"title = case when excluded.op = 'touched' then w.title "
	"else excluded.title end, "
	"url = case when excluded.op = 'touched' then w.url "
	"else excluded.url end, "
	"issued = case when excluded.op = 'touched' then w.issued "
	"else excluded.issued end, "
	"issued_precision = case when excluded.op = 'touched' "
	"then w.issued_precision else excluded.issued_precision end, "
	"licence = case when excluded.op = 'touched' then w.licence "
	"else excluded.licence end, "
	"block_id = case when excluded.op = 'touched' then w.block_id "
	"else excluded.block_id end, "
	"raw_offset = case when excluded.op = 'touched' then w.raw_offset "
	"else excluded.raw_offset end, "
	"raw_length = case when excluded.op = 'touched' then w.raw_length "
	"else excluded.raw_length end, "
	"doc_length = case when excluded.op = 'touched' then w.doc_length "
	"else excluded.doc_length end, "
	"terms = case when excluded.op = 'touched' then w.terms "
	"else excluded.terms end, "
	"unmapped = case when excluded.op = 'touched' then w.unmapped "
	"else excluded.unmapped end",

    [SQL_APPLY] = "select sheaf.apply_pending($1::bigint)",

    [SQL_QUARANTINE] =
	"insert into sheaf.quarantine as q (source_id, key, identifier, "
	"reason, first_run, last_run, page_no, url, byte_offset, byte_length, "
	"raw) "
	"select distinct on (u.key) $1::integer, u.key, u.identifier, "
	"u.reason, $2::bigint, $2::bigint, $3::bigint, $4::text, "
	"u.byte_offset, u.byte_length, u.raw "
	"from unnest($5::bytea[], $6::text[], $7::text[], $8::bigint[], "
	"$9::bigint[], $10::bytea[]) "
	"as u (key, identifier, reason, byte_offset, byte_length, raw) "
	"order by u.key "
	"on conflict (source_id, key) do update set "
	"last_run = excluded.last_run, page_no = excluded.page_no, "
	"url = excluded.url, byte_offset = excluded.byte_offset, "
	"last_seen = now(), times = q.times + 1",

    /* One row tells how many are gone; of the last run that lost some it has no
     * identifier, so that no comparison takes what is gone for vanished. */
    [SQL_QUARANTINE_TRIM] =
	"with kept as (select q.quarantine_id, q.last_run, "
	"row_number() over newest as n, "
	"sum(coalesce(octet_length(q.raw), 0)) over newest as bytes "
	"from sheaf.quarantine q "
	"where q.source_id = $1::integer and q.key <> '\\x00' "
	"window newest as (order by q.last_seen desc, q.quarantine_id desc)), "
	"gone as (delete from sheaf.quarantine q using kept k "
	"where q.quarantine_id = k.quarantine_id "
	"and (k.n > $2::bigint or k.bytes > $3::bigint) "
	"returning q.last_run), "
	"before as (select q.last_seen from sheaf.quarantine q "
	"where q.source_id = $1::integer and q.key = '\\x00'), "
	"told as (insert into sheaf.quarantine as q (source_id, key, reason, "
	"first_run, last_run, page_no, url, byte_offset, byte_length, times) "
	"select $1::integer, '\\x00'::bytea, 'so many older rejects were "
	"dropped: "
	"the quarantine of a source is limited', min(g.last_run), "
	"max(g.last_run), 0, '', 0, 0, count(*) from gone g "
	"having count(*) > 0 "
	"on conflict (source_id, key) do update set "
	"last_run = greatest(q.last_run, excluded.last_run), "
	"last_seen = now(), times = q.times + excluded.times) "
	"select s.name, (select count(*) from gone), "
	"coalesce((select b.last_seen < now() - interval '1 hour' "
	"from before b), true) "
	"from sheaf.source s where s.source_id = $1::integer",

    [SQL_WANT_ADD] =
	"insert into sheaf.wanted (run_id, identifier) "
	"select u.run_id, u.identifier "
	"from unnest($1::bigint[], $2::text[]) as u (run_id, identifier) "
	"on conflict do nothing",
    [SQL_WANT_DROP] = "delete from sheaf.wanted "
		      "where run_id = $1::bigint "
		      "and identifier = $2::text collate \"C\"",

    /* $20: the records of all pages, one after the other. */
    [SQL_PAGES] =
	"insert into sheaf.page (run_id, page_no, verb, url, status, bytes, "
	"hash, fetched_at, record_ids, received, added, changed, touched, "
	"unchanged, deleted, rejected, wanted, filtered) "
	"select u.run_id, u.page_no, u.verb, u.url, u.status, u.bytes, "
	"u.hash, u.fetched_at, ($20::bigint[])[u.last - u.ids + 1:u.last], "
	"u.received, u.added, u.changed, u.touched, u.unchanged, u.deleted, "
	"u.rejected, u.wanted, u.filtered "
	"from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], "
	"$5::integer[], $6::bigint[], $7::bytea[], $8::timestamptz[], "
	"$9::integer[], $10::integer[], $11::integer[], $12::integer[], "
	"$13::integer[], $14::integer[], $15::integer[], $16::integer[], "
	"$17::integer[], $18::integer[], $19::integer[]) "
	"as u (run_id, page_no, verb, url, status, bytes, hash, fetched_at, "
	"last, ids, received, added, changed, touched, unchanged, deleted, "
	"rejected, wanted, filtered)",

    [SQL_RUNS_MOVE] =
	"select run_id, why "
	"from sheaf.runs_move($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
	"$12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)",

    [SQL_RUNS_OPEN] =
	"select n, why, detail, retry_ms, run_id, epoch, mode, resumed, "
	"page_no, state, checkpoints, quirks, active, received, wanted, host, "
	"rejudges "
	"from sheaf.runs_open($1, $2, $3, $4, $5, $6, $7, $8)",

    [SQL_RUN_NOTE] =
	"update sheaf.run set "
	"err_class = case when $3::text = 'NONE' then err_class "
	"else $3::text end, "
	"err_code = case when $3::text = 'NONE' then err_code "
	"else $4::integer end, "
	"err_text = case when $3::text = 'NONE' then err_text "
	"else $5::text end, "
	"requests = requests + $6::bigint, retries = retries + $7::bigint, "
	"wire_bytes = wire_bytes + $8::bigint "
	"where run_id = $1::bigint and epoch = $2::bigint "
	"and coalesce(closed_at, held_at) is null",

    [SQL_RUNS_CLOSE] =
	"select n, outcome, detail, received, added, changed, touched, "
	"unchanged, deleted, rejected, missing, pages, active, filtered "
	"from sheaf.runs_close($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
	"$12, $13, $14, $15, $16, $17)",

    [SQL_RUN_REKEY] =
	"select matched, rekeyed from sheaf.run_rekey($1, $2, $3)",

    /* Keys of record/known.h, one after the other. */
    [SQL_KNOWN] =
	"select string_agg(k.key, ''::bytea) from (select "
	"substring(sha256(convert_to(r.identifier, 'UTF8') || r.digest) "
	"for 8) as key from sheaf.record r where r.source_id = $1::integer "
	"and (r.status in ('active', 'missing', 'hidden') "
	"or (r.status = 'filtered' and not $3::boolean)) "
	"and r.digest is not null limit $2::bigint) k",

    [SQL_STORED_PAGE] =
	"select block_id, context, record_id, format, raw_offset, "
	"raw_length, doc_length, data, identifier "
	"from sheaf.stored_page($1, $2, $3, $4, $5)",
    /* The second line of record/context.h. */
    [SQL_STORED_HEADLESS] =
	"select count(*) from sheaf.block b, unnest(b.record_ids) as i (id), "
	"sheaf.record r where b.source_id = $1::integer and not b.whole "
	"and b.rules is distinct from $2::bytea "
	"and position(E'\n" CONTEXT_FEED_MARK " ' in b.context) = 0 "
	"and r.record_id = i.id and r.block_id = b.block_id "
	"and r.status in ('active', 'missing', 'hidden') "
	"and r.raw_length > 0",
    [SQL_RENORMALISED] =
	"select sheaf.renormalised($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
	"$11, $12, $13, $14, $15)",
    [SQL_RENORMALISED_DIGEST] =
	"update sheaf.record r set digest = u.digest "
	"from unnest($1::bigint[], $2::bytea[]) as u (record_id, digest) "
	"where r.record_id = u.record_id",
    [SQL_STORED_MADE] =
	"update sheaf.block b set rules = $3::bytea, live = b.live - u.gone "
	"from unnest($1::bigint[], $2::integer[]) as u (block_id, gone) "
	"where b.block_id = u.block_id",

    [SQL_WANTED] = "select w.identifier "
		   "from sheaf.wanted w where w.run_id = $1::bigint "
		   "and w.identifier > $3::text collate \"C\" "
		   "order by w.identifier limit $2::bigint",

    /* Locked in the order in which runs_open takes them. */
    [SQL_LEASE_RENEW] =
	"with l as (select host from sheaf.host_lease "
	"where host in (select unnest($4::text[])) "
	"and node = $1::text and incarnation = $2::text "
	"order by host for update) "
	"update sheaf.host_lease h set "
	"expires = clock_timestamp() + $3::bigint * interval '1 ms' "
	"from l where h.host = l.host "
	"returning h.host",
    [SQL_LEASE_RELEASE] =
	"with l as (select host from sheaf.host_lease "
	"where node = $1::text and incarnation = $2::text "
	"order by host for update) "
	"update sheaf.host_lease h set expires = clock_timestamp() "
	"from l where h.host = l.host",

    [SQL_AGENCY_SET] =
	"insert into sheaf.agency as a (code, name, homepage, "
	"organisation_id) "
	"values ($1::text, $2::text, nullif($3::text, ''), "
	"nullif($4::text, '')) "
	"on conflict (code) do update set name = excluded.name, "
	"homepage = excluded.homepage, "
	"organisation_id = excluded.organisation_id, configured = true, "
	"changed_at = now() "
	"where (a.name, a.homepage, a.organisation_id, a.configured) "
	"is distinct from (excluded.name, excluded.homepage, "
	"excluded.organisation_id, true)",
    [SQL_VOCABULARY_SET] = "select sheaf.vocabulary_set($1)",
    [SQL_SOURCE_SET] = "select $1::text, sheaf.source_set($1, $2, $3, $4, $5, "
		       "$6, $7, $8, $9, $10, "
		       "$11, $12, $13, $14, $15, $16, $17), "
		       "sheaf.source_says($1, $18, $19)",
    /* NOT IN (SELECT …) is hashed, whatever the planner thinks. */
    [SQL_SOURCES_FREEZE] =
	"with a as (update sheaf.agency set configured = false "
	"where configured and code not in "
	"(select u.code from unnest($2::text[]) as u (code))) "
	"update sheaf.source set configured = false "
	"where configured and name not in "
	"(select u.name from unnest($1::text[]) as u (name))",
    [SQL_SOURCE_STATES] =
	"select s.name, s.source_id, s.state, s.state_reason, s.next_due, "
	"s.failures, s.compared_at, "
	"(select r.mode from sheaf.run r where r.source_id = s.source_id "
	"and r.closed_at is null) "
	"from sheaf.source s where s.configured order by s.source_id",
    [SQL_SOURCE_ACT] = "select ok, state, detail "
		       "from sheaf.source_act($1, $2, $3, $4)",
    [SQL_SWEEP] = "select sheaf.sweep(nullif($1, 0), nullif($2, 0), $5) + "
		  "sheaf.sweep_changes($3, $4, $5 * 50)",
};
