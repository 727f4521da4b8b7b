"""What the search reads: tables of the database's own, kept by triggers.

library_search   one row for each published resource: weighted words, folded title and authors,
                 the numbers of its facets, its place in the page's order
library_facet    the number of each topic, audience, type and organization
library_word     every word of a published resource and its stem, to correct others by
"""

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

# Two ways to read a text: as prose, by stems; as names, word for word. Both without accents
# and without English stop words.
READERS = """
CREATE TEXT SEARCH DICTIONARY library_plain (TEMPLATE = pg_catalog.simple, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION library_names (COPY = pg_catalog.simple);
ALTER TEXT SEARCH CONFIGURATION library_names
    ALTER MAPPING FOR asciiword, word, numword WITH unaccent, library_plain;
CREATE TEXT SEARCH CONFIGURATION library_prose (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION library_prose
    ALTER MAPPING FOR asciiword, word, numword WITH unaccent, english_stem;

-- T-Visa, 2007-47 and e.g./i.e. are read as the words they are made of, as a query is.
CREATE FUNCTION library_words(line text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT translate(line, '!"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~’‘“”–—…', repeat(' ', 39))
$$;

-- WHO is an organization and "who" a stop word: what is written in capitals counts as it is.
-- In a line of nothing but capitals they say nothing.
CREATE FUNCTION library_acronyms(line text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN line ~ '[a-z]' OR line !~ ' '
    THEN (SELECT string_agg(found[1], ' ')
          FROM regexp_matches(line, '\\m([A-Z][A-Z0-9]+|[B-HJ-Z])\\M', 'g') AS found) END
$$;

CREATE FUNCTION library_prose(line text, weight "char") RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT setweight(to_tsvector('library_prose', library_words(line))
        || to_tsvector('simple', coalesce(library_acronyms(library_words(line)), '')), weight)
$$;

CREATE FUNCTION library_names(line text, weight "char") RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT setweight(to_tsvector('library_names', library_words(line))
        || to_tsvector('simple', coalesce(library_acronyms(library_words(line)), '')), weight)
$$;

CREATE FUNCTION library_folded(line text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT lower(unaccent(library_words(line)))
$$;

-- The ways a word of a query can stand in library_search. A stop word in capitals is an acronym.
CREATE FUNCTION library_query(word text) RETURNS tsquery LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN numnode(plainto_tsquery('library_prose', word)) > 0
        THEN plainto_tsquery('library_prose', word) || plainto_tsquery('library_names', word)
        WHEN word = upper(word) THEN plainto_tsquery('simple', word)
        ELSE ''::tsquery END
$$;
"""

TABLES = """
CREATE TABLE library_search (
    resource_id bigint PRIMARY KEY,
    place integer NOT NULL,
    published_at timestamptz,
    facets integer[] NOT NULL,
    names text NOT NULL,
    vector tsvector NOT NULL
);
CREATE INDEX library_search_vector ON library_search USING gin (vector) WITH (fastupdate = off);
CREATE INDEX library_search_facets ON library_search USING gin (facets) WITH (fastupdate = off);
CREATE INDEX library_search_place ON library_search (place, resource_id);

CREATE TABLE library_facet (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    value text NOT NULL,
    label text NOT NULL,
    UNIQUE (kind, value)
);

CREATE TABLE library_word (word text PRIMARY KEY, stem text NOT NULL);
CREATE INDEX library_word_stem ON library_word (stem);
CREATE INDEX library_word_prefix ON library_word (word text_pattern_ops);
CREATE INDEX library_word_close ON library_word USING gin (word gin_trgm_ops);
"""

REINDEX = """
CREATE VIEW library_resource_facet AS
    SELECT resource_id, 'topic' AS kind, t.slug::text AS value, t.name::text AS label
    FROM library_resource_topics JOIN library_topic t ON t.id = topic_id
    UNION ALL
    SELECT resource_id, 'audience', a.slug, a.name
    FROM library_resource_audiences JOIN library_audience a ON a.id = audience_id
    UNION ALL
    SELECT r.id, 'type', each, each
    FROM library_resource r, unnest(array_append(r.also_provides, r.type)) AS each
    UNION ALL
    SELECT r.id, 'organization', each, each
    FROM library_resource r, unnest(r.organizations) AS each;

CREATE FUNCTION library_reindex(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Whoever comes second waits here, and then sees in the next statement what the first wrote.
    PERFORM FROM library_resource WHERE id = ANY(ids) ORDER BY id FOR NO KEY UPDATE;

    DELETE FROM library_search s
    WHERE s.resource_id = ANY(ids) AND NOT EXISTS (
        SELECT FROM library_resource r WHERE r.id = s.resource_id AND r.published);

    INSERT INTO library_facet (kind, value, label)
    SELECT DISTINCT f.kind, f.value, f.label
    FROM library_resource_facet f JOIN library_resource r ON r.id = f.resource_id
    WHERE f.resource_id = ANY(ids) AND r.published AND NOT EXISTS (
        SELECT FROM library_facet known
        WHERE known.kind = f.kind AND known.value = f.value AND known.label = f.label)
    ORDER BY 1, 2
    ON CONFLICT (kind, value) DO UPDATE SET label = EXCLUDED.label;

    INSERT INTO library_search (resource_id, place, published_at, facets, names, vector)
    SELECT r.id,
        CASE r.placement WHEN 'legal' THEN 0 WHEN 'other' THEN 100000 ELSE 200000 END
            + coalesce(r.position, 99999),
        r.published_at,
        ARRAY(
            SELECT DISTINCT known.id FROM library_resource_facet f
            JOIN library_facet known USING (kind, value) WHERE f.resource_id = r.id ORDER BY 1),
        library_folded(r.title || ' ' || array_to_string(r.authors, ' ')),
        library_prose(r.title, 'A')
        || library_names(r.short_name, 'A')
        || library_names(array_to_string(r.authors, ' '), 'B')
        || library_names(array_to_string(r.organizations, ' '), 'B')
        || library_prose(array_to_string(r.organizations, ' '), 'B')
        || library_prose(concat_ws(' ',
            (SELECT string_agg(f.label, ' ') FROM library_resource_facet f
             WHERE f.resource_id = r.id AND f.kind IN ('topic', 'audience')),
            nullif(r.type, 'unknown'), array_to_string(r.also_provides, ' '),
            r.named_part, r.series, r.number, r.edition, r.part_of, r.region), 'C')
        || library_prose(r.summary, 'D')
    FROM library_resource r WHERE r.id = ANY(ids) AND r.published
    ON CONFLICT (resource_id) DO UPDATE SET
        place = EXCLUDED.place, published_at = EXCLUDED.published_at,
        facets = EXCLUDED.facets, names = EXCLUDED.names, vector = EXCLUDED.vector;

    INSERT INTO library_word (word, stem)
    SELECT read.word, coalesce((ts_lexize('english_stem', read.word))[1], read.word)
    FROM library_words_of(ids) AS read
    WHERE NOT EXISTS (SELECT FROM library_word known WHERE known.word = read.word)
    ORDER BY 1
    ON CONFLICT DO NOTHING;
END $$;

CREATE FUNCTION library_words_of(ids bigint[]) RETURNS TABLE (word text) LANGUAGE sql STABLE AS $$
    SELECT DISTINCT read.lexeme
    FROM library_resource r
    CROSS JOIN LATERAL (SELECT library_words(concat_ws(' ',
        r.title, r.short_name, array_to_string(r.authors, ' '),
        array_to_string(r.organizations, ' '), r.named_part, r.series, r.part_of, r.region,
        nullif(r.type, 'unknown'), array_to_string(r.also_provides, ' '), r.summary,
        (SELECT string_agg(f.label, ' ') FROM library_resource_facet f
         WHERE f.resource_id = r.id AND f.kind IN ('topic', 'audience')))) AS line) AS text
    CROSS JOIN LATERAL unnest(to_tsvector('library_names', text.line)
        || to_tsvector('simple', coalesce(library_acronyms(text.line), ''))) AS read
    WHERE r.id = ANY(ids) AND r.published
        AND length(read.lexeme) BETWEEN 2 AND 40 AND read.lexeme !~ '[0-9]'
$$;
"""

TRIGGERS = """
CREATE FUNCTION library_resource_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM library_reindex(ARRAY(SELECT id FROM new_rows));
    ELSIF TG_OP = 'UPDATE' THEN
        -- What the link watcher and reviewers write says nothing to the search.
        PERFORM library_reindex(ARRAY(
            SELECT id FROM new_rows n JOIN old_rows o USING (id) WHERE
            (n.title, n.authors, n.organizations, n.short_name, n.named_part, n.type,
             n.also_provides, n.series, n.number, n.edition, n.part_of, n.region, n.summary,
             n.placement, n.position, n.published, n.published_at)
            IS DISTINCT FROM
            (o.title, o.authors, o.organizations, o.short_name, o.named_part, o.type,
             o.also_provides, o.series, o.number, o.edition, o.part_of, o.region, o.summary,
             o.placement, o.position, o.published, o.published_at)));
    ELSIF TG_OP = 'DELETE' THEN
        DELETE FROM library_search WHERE resource_id IN (SELECT id FROM old_rows);
    ELSE
        DELETE FROM library_search;
        DELETE FROM library_facet;
        DELETE FROM library_word;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION library_resource_sorted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        PERFORM library_reindex(ARRAY(SELECT DISTINCT resource_id FROM new_rows));
    END IF;
    IF TG_OP IN ('DELETE', 'UPDATE') THEN
        PERFORM library_reindex(ARRAY(SELECT DISTINCT resource_id FROM old_rows));
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION library_sort_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ids bigint[];
BEGIN
    EXECUTE format(
        'SELECT array_agg(DISTINCT resource_id) FROM library_resource_%1$ss JOIN new_rows n '
        'ON n.id = %1$s_id JOIN old_rows o ON o.id = n.id '
        'WHERE (n.slug, n.name) IS DISTINCT FROM (o.slug, o.name)', TG_ARGV[0]) INTO ids;
    PERFORM library_reindex(ids);
    RETURN NULL;
END $$;
"""


def _triggers(table: str, function: str, *, truncate: bool = False) -> str:
    made = []
    for event, rows in (
        ("insert", "NEW TABLE AS new_rows"),
        ("update", "NEW TABLE AS new_rows OLD TABLE AS old_rows"),
        ("delete", "OLD TABLE AS old_rows"),
    ):
        made.append(
            f"CREATE TRIGGER search_{event} AFTER {event.upper()} ON {table} REFERENCING {rows} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {function}();"
        )
    if truncate:
        made.append(
            f"CREATE TRIGGER search_truncate AFTER TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {function}();"
        )
    return "\n".join(made)


ALL_TRIGGERS = "\n".join(
    [
        _triggers("library_resource", "library_resource_written", truncate=True),
        _triggers("library_resource_topics", "library_resource_sorted"),
        _triggers("library_resource_audiences", "library_resource_sorted"),
        *(
            f"CREATE TRIGGER search_update AFTER UPDATE ON library_{kind} "
            "REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows "
            f"FOR EACH STATEMENT EXECUTE FUNCTION library_sort_renamed('{kind}');"
            for kind in ("topic", "audience")
        ),
    ]
)

# The limit stands with the function, for it is a setting of a connection otherwise.
CLOSE = """
CREATE FUNCTION library_close_words(typed text) RETURNS TABLE (word text) LANGUAGE sql STABLE
SET pg_trgm.similarity_threshold = 0.3 AS $$
    SELECT w.word FROM library_word w
    WHERE w.word % typed ORDER BY similarity(w.word, typed) DESC, w.word LIMIT 12
$$;

-- Words are only added as resources are written; those out of use go once a day. Whoever is
-- writing a resource has touched library_search first, and may count on what was there.
CREATE FUNCTION library_forget() RETURNS void LANGUAGE sql AS $$
    LOCK TABLE library_search IN SHARE MODE;
    DELETE FROM library_word w WHERE NOT EXISTS (
        SELECT FROM library_search s WHERE s.vector @@ library_query(
            CASE WHEN numnode(library_query(w.word)) > 0 THEN w.word ELSE upper(w.word) END));
    DELETE FROM library_facet f WHERE NOT EXISTS (
        SELECT FROM library_search s WHERE s.facets @> ARRAY[f.id]);
$$;

SELECT library_reindex(ARRAY(SELECT id FROM library_resource));
"""

UNDO = """
DROP FUNCTION library_resource_written, library_resource_sorted, library_sort_renamed CASCADE;
DROP FUNCTION library_forget, library_close_words, library_reindex, library_words_of;
DROP VIEW library_resource_facet;
DROP TABLE library_search, library_facet, library_word;
DROP FUNCTION library_query, library_folded, library_prose, library_names,
    library_acronyms, library_words;
DROP TEXT SEARCH CONFIGURATION library_names, library_prose;
DROP TEXT SEARCH DICTIONARY library_plain;
"""


class Migration(migrations.Migration):
    dependencies = [("library", "0002_curation")]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(
            [(part, None) for part in (READERS, TABLES, REINDEX, TRIGGERS, ALL_TRIGGERS, CLOSE)],
            UNDO,
        ),
    ]
