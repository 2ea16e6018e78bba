-- The record as its source wrote it.

create or replace function registry.raw(record_id bigint)
returns text
language plpgsql stable strict
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
	slice text;
	context text;
	name text;
	tag text;
	declaration text[];
	lacking text := '';
begin
	-- Behind the first line stands what a feed says for its items.
	select convert_from(substring(b.data from r.raw_offset + 1 for r.raw_length), 'UTF8'),
		split_part(b.context, E'\n', 1)
	into slice, context
	from sheaf.record r
	join sheaf.block b on b.block_id = r.block_id
	where r.record_id = raw.record_id
	and r.status <> 'rejected';
	if slice is null or context = '' then
		return slice;
	end if;
	name := substring(slice from '^\s*<[^\s/>]+');
	tag := substring(slice from $re$^\s*<(?:"[^"]*"|'[^']*'|[^'">])*>$re$);
	if name is null or tag is null then
		return slice;
	end if;
	for declaration in
		select m from regexp_matches(context, $re$(xmlns(?::[^=\s]+)?)\s*=\s*("[^"]*"|'[^']*')$re$, 'g') as m
	loop
		-- A declaration of its own stands after white space.
		if tag !~ ('\s' || replace(declaration[1], '.', '\.') || '\s*=') then
			lacking := lacking || ' ' || declaration[1] || '=' || declaration[2];
		end if;
	end loop;
	return name || lacking || substr(slice, length(name) + 1);
end
$$;
comment on function registry.raw is 'The record as a well-formed element: its source''s own bytes, with the namespaces in scope declared; null when there are none.';
