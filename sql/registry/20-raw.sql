-- The record as its source wrote it.

-- What may be an address or a number is left out, wherever it stands: whose it
-- is cannot be told of bytes in any format.  The composer goes by the same
-- forms in names and links, where more is known.
create or replace function sheaf.without_contacts(p_xml text)
returns text
language plpgsql immutable strict
set search_path = pg_catalog, pg_temp
as $$
declare
	at text := '(?:@|&#0*64;|&#[xX]0*40;|%40|&commat;|[ ]*[(\[][ ]*at[ ]*[)\]][ ]*)';
	number text := '[0-9(](?:[ ()./-]{0,3}[0-9]){4,}';
	named text := '(?:[-\w.]+:)?(?:[-\w.]*(?:creator|contributor|author|editor|publisher|provider|contact|name)|'
		'webmaster|affiliation)(?:\s[^<>]*)?>';
	out text := p_xml;
begin
	-- Addresses of mail, but not names of images such as logo@2x.png: these have
	-- a character there meanwhile that XML does not.
	if out ~ ('(?i)' || at) then
		out := regexp_replace(out, '(?i)@([1-9]x\.(?:png|jpe?g|gif|svg|webp))\M', E'\x01\\1', 'g');
		out := regexp_replace(out, '(?i)[^][\s<>"''&;:,()|/\\=@*?!{}]+' || at
			|| '[^][\s<>"''&;:,()|/\\=@*?!{}%#]*\.[[:alpha:]][-[:alnum:]]+(?!\.[[:alpha:]])', '(withheld)', 'g');
		out := replace(out, E'\x01', '@');
	end if;
	if out !~ '[0-9]' then
		return out;
	end if;
	-- Numbers that say what they are: tel:…, "Tel. …", +41 22 …
	out := regexp_replace(out, '(?i)\m(tel|sms|callto|fax|whatsapp)(:(?://)?)[+]?' || number, '\1\2(withheld)', 'g');
	out := regexp_replace(out, '(?i)\m((?:telephone|telefon|phone|mobile|fax|tel|mob|whatsapp|tél|téléphone|teléfono|тел|телефон|ph)'
		'(?:[.: ]|n[or]\M|number\M){1,4})[+]?' || number, '\1(withheld)', 'g');
	out := regexp_replace(out, '(?<![[:alnum:]_+.,])[+](?![0-9]{1,3}\.[0-9]+(?:[^0-9.]|$))' || number || '(?![[:alnum:]_])',
		'(withheld)', 'g');
	-- Elements and attributes that say so.
	out := regexp_replace(out, '(?i)(<(?:[-\w.]+:)?(?:[-\w.]*(?:phone|telefon|fax|voice|mobile)[-\w.]*|tel)(?:\s[^<>]*)?>)([^<>]*[0-9][^<>]*)(</)',
		'\1(withheld)\3', 'g');
	out := regexp_replace(out, '(?i)(\s(?:[-\w.]+:)?(?:[-\w.]*(?:phone|telefon|fax)[-\w.]*|tel)\s*=\s*)(?:"[^"<>]*[0-9]{3}[^"<>]*"|''[^''<>]*[0-9]{3}[^''<>]*'')',
		'\1"(withheld)"', 'g');
	-- In names 9 to 15 digits in groups, as years and identifiers have not.
	if out !~ ('(?i)<' || named || '[^<]*[0-9][ ()./-]+[0-9][^<]*</') then
		return out;
	end if;
	-- One element after the other, however many there are.
	return (
		select string_agg(case
			when p.n > 1 and p.next like '/%' and p.piece ~ ('(?i)^' || named || '[^<]*[0-9][ ()./-]+[0-9]') then
				substring(p.piece from '^[^>]*>') || regexp_replace(substring(p.piece from '^[^>]*>(.*)$'),
					'(?<![[:alnum:]_%+#-])(?=[0-9(]+[ ()./-]{1,3}[0-9(])(?=(?:[^0-9]*[0-9]){9})(?!(?:[ ()./-]*[0-9]){16})' || number
					|| '(?![./-]*[[:alnum:]_])', '(withheld)', 'g')
			else p.piece end, '<' order by p.n)
		from (
			select u.piece, u.n, lead(u.piece) over (order by u.n) as next
			from unnest(string_to_array(out, '<')) with ordinality as u (piece, n)
		) p);
end
$$;
comment on function sheaf.without_contacts(text) is 'An element without what may be an e-mail address or a telephone number.';

create or replace function registry.raw(record_id bigint)
returns text
language plpgsql stable strict
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
	slice text;
	context text;
	may_contact boolean;
	name text;
	tag text;
	declaration text[];
	lacking text := '';
begin
	-- Behind the first line stands what a feed says for its items.
	select convert_from(substring(b.data from r.raw_offset + 1 for r.raw_length), 'UTF8'),
		split_part(b.context, E'\n', 1), s.contacts
	into slice, context, may_contact
	from sheaf.record r
	join sheaf.block b on b.block_id = r.block_id
	join sheaf.source s on s.source_id = r.source_id
	where r.record_id = raw.record_id
	and r.status <> 'rejected'
	and sheaf.is_told(r.status, r.withheld);
	if not may_contact and not sheaf.sees_all() then
		slice := sheaf.without_contacts(slice);
	end if;
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
comment on function registry.raw is 'The record as a well-formed element: its source''s own bytes, with the namespaces in scope declared; null when there are none, and of what is hidden. Unless its source says contacts = yes, "(withheld)" stands where an e-mail address or a telephone number is, or what looks like one.';
