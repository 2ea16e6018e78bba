/*
 * Every size that comes from outside has its limit here: one sentence each,
 * and one hostile test each (tests/hostile/).
 */
#ifndef SHEAF_BASE_LIMITS_H
#define SHEAF_BASE_LIMITS_H

/* clang-format off */
#define KIB ((size_t)1024)
#define MIB (KIB * KIB)
#define GIB (MIB * KIB)

/* --- names and texts --- */
#define LIMIT_SOURCE_NAME_BYTES  ((size_t)64)  /* a source's name in the configuration */
#define LIMIT_URL_BYTES          (32 * KIB)    /* a request URL with its token */
#define LIMIT_TOKEN_BYTES        (16 * KIB)    /* a resumptionToken, before encoding */
#define LIMIT_IDENTIFIER_BYTES   (2 * KIB)     /* a record's identifier, as a key of an index; longer ones are rejected */
#define LIMIT_PREFIX_BYTES       ((size_t)100) /* a metadataPrefix that is chosen among those offered */
#define LIMIT_FORMAT_TRIES       ((size_t)8)   /* formats that are offered and not given, before one run gives up */
#define LIMIT_SETSPEC_BYTES      (1 * KIB)     /* a setSpec */
#define LIMIT_DATESTAMP_BYTES    ((size_t)256)     /* a datestamp; a record with a longer one is rejected */
#define LIMIT_HEADER_BYTES       (64 * KIB)    /* all response headers of one answer */

/* --- configuration --- */
#define LIMIT_CONFIG_LINE_BYTES  (16 * KIB)    /* one line, or one value with the lines it goes on in */
#define LIMIT_CONFIG_FILE_BYTES  (64 * MIB)    /* one configuration file */
#define LIMIT_KEEP_BYTES         (4 * KIB)     /* what keep selects of a source, as text */
#define LIMIT_KEEP_TERMS         ((size_t)256) /* terms of it */
#define LIMIT_COVERS_BYTES       (4 * KIB)     /* what a source covers, as text */
#define LIMIT_COVERS_TERMS       ((size_t)256) /* terms of it */

/* --- vocabularies --- */
#define LIMIT_TABLE_FILES        ((size_t)256)     /* tables of one directory */
#define LIMIT_TABLE_BYTES        (16 * MIB)        /* one table's file */
#define LIMIT_TABLE_LINE_BYTES   (16 * KIB)        /* one line of a table */
#define LIMIT_TABLE_ROWS         ((size_t)200000)  /* rows of all tables together */
#define LIMIT_RULES_BYTES        (64 * MIB)        /* the tables compiled */
#define LIMIT_UNMAPPED_TERMS     ((size_t)250000)  /* different terms without a code that sheafctl unmapped counts */

/* --- crosswalks --- */
#define LIMIT_CROSSWALK_FILES    ((size_t)256)     /* crosswalks of one directory */
#define LIMIT_CROSSWALK_BYTES    (1 * MIB)         /* one crosswalk's file */
#define LIMIT_CROSSWALK_LINE     (16 * KIB)        /* bytes of one of its lines */
#define LIMIT_CROSSWALK_RULES    ((size_t)4096)    /* rules of one crosswalk, with those that it includes */
#define LIMIT_CROSSWALK_STEPS    ((size_t)16384)   /* steps of the paths of one crosswalk */
#define LIMIT_CROSSWALK_DEPTH    ((size_t)32)      /* steps of one path */
#define LIMIT_CROSSWALK_WORDS    ((size_t)64)      /* values of one predicate, sources or functions of one expression, words of one function or directive */
#define LIMIT_CROSSWALK_WAYS     ((size_t)256)     /* paths that one with groups stands for */
#define LIMIT_CROSSWALK_NAMES    ((size_t)256)     /* namespaces of all crosswalks */
#define LIMIT_CROSSWALK_OPEN     ((size_t)1024)    /* rules whose elements are open at once; the others are passed over, with a warning */
#define LIMIT_CROSSWALK_WORK     ((size_t)50000000) /* comparisons of steps and attributes for one record; what comes behind is passed over, with a warning */
#define LIMIT_CROSSWALK_TEXT     (32 * MIB)        /* text that the rules of one record hold; the same */

/* --- bodies --- */
#define LIMIT_BODY_DEFAULT       (1 * GIB)     /* max_body: decoded bytes of one page */
#define LIMIT_ERROR_BODY         (1 * MIB)     /* kept of the body of an answer with status 400 and above */
#define LIMIT_REDIRECT_BODY      (64 * KIB)    /* read of the body of a redirect, so that its connection can be used again */
#define LIMIT_SECRET_BYTES       (4 * MIB)     /* a password, token, CA bundle or client certificate file */
#define LIMIT_BODY_MEMORY        (4 * MIB)     /* a larger body spools to an unlinked file */
#define LIMIT_IN_FLIGHT          (48 * MIB)    /* bodies in memory between fetch and store, all sources */
#define LIMIT_BIG_PAGE           (8 * MIB)     /* a larger page is stored alone, streamed */
#define LIMIT_STATIC_FILE_BYTES  (64 * MIB)    /* a static repository's file on disk, which sheafd reads in one go */
#define LIMIT_DECODE_RATIO       ((size_t)400) /* decoded bytes for each byte received, beyond 1 MiB */

/* --- XML --- */
#define LIMIT_XML_DEPTH          ((size_t)256)     /* nested elements */
#define LIMIT_XML_ATTRIBUTES     ((size_t)512)     /* attributes of one element */
#define LIMIT_XML_ELEMENTS       ((size_t)250000)  /* elements of one record */
#define LIMIT_XML_MARKUP_BYTES   (1 * MIB)         /* one start tag, comment or PI */
#define LIMIT_ENTITIES           ((size_t)256)     /* entities that a feed declares; more are not known */
#define LIMIT_ENTITY_BYTES       (4 * KIB)         /* what one of them stands for, references resolved; a larger one is not known */
#define LIMIT_RECORD_BYTES       (16 * MIB)        /* one record element; larger ones are rejected */
#define LIMIT_RECORDS_PER_PAGE   ((size_t)2000000) /* records of one page */
#define LIMIT_REPAIRS_MAPPED     ((size_t)65536)   /* repairs of a page whose offsets stay exact */
#define LIMIT_QUARANTINE_ROWS    ((size_t)10000)   /* rejected records that are kept of a source; the oldest go first */
#define LIMIT_QUARANTINE_BYTES   (64 * MIB)        /* their raw bytes together */
#define LIMIT_REJECT_RAW_BYTES   (1 * MIB)         /* raw bytes kept of a rejected record */

/* --- record model --- */
#define LIMIT_VALUE_BYTES        (1 * MIB)         /* one text value; longer ones are cut, with a warning */
#define LIMIT_VALUES_PER_FIELD   ((size_t)4096)    /* values of one field; more are dropped, with a warning */
#define LIMIT_VALUES_COMPARED    ((size_t)16000000) /* comparisons of one record's values with those that it has; then values come twice */
#define LIMIT_VALUE_PARTS        ((size_t)65536)   /* parts of one record that stand in one value with others; more are left out, with a warning */
#define LIMIT_AGENT_IDS          ((size_t)16)      /* what a record gives as an agent's identifiers; more are not looked at */
#define LIMIT_MARKS              ((size_t)64)      /* combining marks on one letter; more are left out */
#define LIMIT_SUBJECTS_MAPPED    ((size_t)256)     /* subjects of one record that are looked up in the vocabularies; also its titles */
#define LIMIT_SUBJECT_PARTS      ((unsigned)16)    /* parts of one of them, such as "Water -- Kenya" */
#define LIMIT_CODES_PER_FIELD    ((size_t)32)      /* sectors (SDGs, countries) that are mapped; what is declared counts beyond */
#define LIMIT_SECTORS_BY_RULE    ((size_t)3)       /* sectors of one record that keywords give */
#define LIMIT_TEXTS_DETECTED     ((size_t)64)      /* titles (abstracts) of one record whose language is looked for */
#define LIMIT_MATCH_READ         (4 * KIB)         /* bytes of one title, name or venue that are read for record.match */
#define LIMIT_MATCH_TITLE_BYTES  (2 * KIB)         /* one title of record.match; what is longer ends at a word */
#define LIMIT_MATCH_TITLES       ((size_t)2)       /* other titles of record.match */
#define LIMIT_MATCH_NAMES        ((size_t)24)      /* names of record.match */
#define LIMIT_MATCH_NAME_BYTES   ((size_t)256)     /* one of them */
#define LIMIT_MATCH_VENUE_BYTES  ((size_t)512)     /* the venue of record.match */
#define LIMIT_WARNINGS           ((size_t)64)      /* warnings on one record */
#define LIMIT_DOC_BYTES          (8 * MIB)         /* one encoded record */
#define LIMIT_OFFERS             ((size_t)64)      /* feeds that an HTML page offers; more are passed over */
#define LIMIT_HTML_BYTES         (1 * MIB)         /* of an HTML page, where its feeds are looked for */
#define LIMIT_FEED_IDS           ((size_t)262144)  /* items of one feed whose ids are compared with each other */
#define LIMIT_FEED_HEAD_BYTES    (32 * KIB)        /* what is kept of a feed's head with its items; with a larger one they cannot be renormalised */
#define LIMIT_FEED_HEADS_BYTES   (512 * KIB)       /* the same for all items of a page, where they differ; those behind have none */
#define LIMIT_SETS_PER_RECORD    ((size_t)4096)    /* setSpecs of one record */

/* --- matching --- */
#define LIMIT_PROFILE_WORDS      ((size_t)64)      /* words of one title that are compared; also words of all names together */
#define LIMIT_PROFILE_VENUE_WORDS ((size_t)32)     /* words of a venue */
#define LIMIT_PROFILE_IDS        ((size_t)32)      /* identifiers of one record */
#define LIMIT_PROFILE_ID_BYTES   ((size_t)1000)    /* of an identifier; a longer one is not compared */
#define LIMIT_PROFILE_CODE_BYTES ((size_t)256)     /* a kind's code, or languages */
#define LIMIT_PROFILE_BYTES      (64 * KIB)        /* one encoded profile */

/* --- resolve: model, candidates --- */
#define LIMIT_MODEL_COUNTS       ((size_t)1572864) /* counts that a model holds; where there are more, the floor below which none are kept rises */
#define LIMIT_MODEL_PART         (1 * MIB)         /* one part of a model's counts as bytes */
#define LIMIT_MODEL_ALIASES      ((size_t)65536)   /* aliases of a model; no more are learned */
#define LIMIT_MODEL_SOURCES      ((size_t)1000000) /* sources of a model */
#define LIMIT_MODEL_NAME         (1 * KIB)         /* a name in an alias; a longer one has none */
#define LIMIT_LEARN_MEMORY       (160 * MIB)       /* what learning takes, however many the records */
#define LIMIT_LEARN_RANGE        ((size_t)3000000) /* records whose longer keys are counted in one go */
#define LIMIT_LEARN_MATCHES      ((size_t)1000000) /* matches of the sample that are held; where there are more, the sample is halved */
#define LIMIT_LEARN_SAMPLE       ((size_t)12000)   /* records whose pairs aliases and curated sources are learned from */
#define LIMIT_POSTINGS           ((size_t)1024)    /* records of one key that are read; a longer list is skipped; a model is outgrown where a hundredth of its records has no other */

#define LIMIT_RESOLVE_PROFILES   (32 * MIB)        /* encoded profiles of one batch; where they are more, half as many records are taken */
#define LIMIT_RESOLVE_POSTINGS   ((size_t)4000000) /* keys of records that are in memory while everything is scored again; where there are more, it goes by blocks */
#define LIMIT_RESOLVE_SHELF      (64 * MIB)        /* encoded profiles of these records; the same */
#define LIMIT_RESOLVE_SPOOL_BATCH (1 * MIB)        /* keys and profiles that are read at a time, and compared with those */
#define LIMIT_RESOLVE_KEYS_SPARE (64 * MIB)        /* the table of keys is made again when it is twice as large as it was, and so much more */
#define LIMIT_RESOLVE_KEYS_HELD  ((size_t)1500000) /* of them, those that wait to be written in their order */
#define LIMIT_COMPOSED_RECORDS   ((size_t)1000)    /* records that an entry is composed of; of more, the most trusted and newest */
#define LIMIT_COMPOSED_BYTES     (32 * MIB)        /* encoded content of the records of an entry; the same */
#define LIMIT_COMPOSED_VALUES    ((size_t)1000)    /* values of a list of an entry; of more, those of the most trusted and fullest records */
#define LIMIT_COMPOSED_CODES     ((size_t)300)     /* codes of an axis of an entry; the same */
#define LIMIT_WEIGH_EXAMPLES     500u              /* merges, and splits, of a proposed version that are kept to be shown; the rest is counted */
#define LIMIT_RESOLVE_COMPONENT  ((size_t)8000)    /* records whose pairs and profiles are in memory to be clustered; where more are connected, it goes by pieces (LIMIT_CLUSTER_RECORDS) */
#define LIMIT_RESOLVE_GROUPED    ((size_t)4000)    /* records that are clustered at a time, where no component has more */

/* --- processes --- */
#define LIMIT_MESSAGE_BYTES      (128 * KIB)       /* one message between roles */
#define LIMIT_MESSAGE_FDS        ((size_t)4)       /* descriptors of one message */
#define LIMIT_CHANNEL_QUEUE      (16 * MIB)        /* bytes waiting on one channel */
#define LIMIT_PARSE_MEMORY       (192 * MIB)       /* address space of a parser beyond what it began with */
#define LIMIT_PARSE_CPU_S        ((unsigned)600)   /* CPU seconds for one page */
#define LIMIT_PARSE_FILES        ((unsigned)16)    /* descriptors of a parser: those of its pages that it may keep among them */
#define LIMIT_PARSE_KEPT_CPU_S   ((unsigned)10)    /* CPU seconds after which a parser gets no further page of its run; a page has LIMIT_PARSE_CPU_S less these at least */
#define LIMIT_PARSE_KEPT_HEAP    (2 * MIB)         /* memory that a parser may hold more than it began with and still get one */
#define LIMIT_PARSE_KEPT_MS      ((unsigned)2000)  /* it waits for that */
#define LIMIT_PARSE_KEPT         ((size_t)64)      /* parsers that wait; the longest waiting one ends */
#define LIMIT_PARSE_WALL_MS      ((unsigned)900000) /* deadline of one page */

/* --- runs --- */
#define LIMIT_PAGES_PER_RUN      ((size_t)1000000) /* pages of one run */
#define LIMIT_FEED_PAGES         ((size_t)10000)   /* pages and archives of one feed that one harvest follows */
#define LIMIT_FEED_URL_BYTES     (4 * KIB)         /* an address that a feed or a web page leads to */
#define LIMIT_VALIDATOR_BYTES    (1 * KIB)         /* an ETag or Last-Modified; a longer one is not sent back */
#define LIMIT_REDIRECTS          ((unsigned)5)     /* redirects of one request */

/* --- decisions --- */
#define LIMIT_DECISION_LINE      (4 * MIB)         /* one line of a table of decisions that is imported */

/* --- clusters --- */
#define LIMIT_CLUSTER_RECORDS    ((size_t)1024)    /* records that pairs connect and that are judged together; more are cut at higher scores */
#define LIMIT_CLUSTER_ROUNDS     ((unsigned)64)    /* points that the threshold is raised by to cut them; what is larger then is not joined */
#define LIMIT_CLUSTER_RARE_IDS   ((size_t)16)      /* rare identifiers of one record that joining looks at */
#define LIMIT_CLUSTER_TWINS      ((size_t)36)      /* pairs of one curated source that are looked at as twins; clusters with more are not joined */

/* clang-format on */

#endif
