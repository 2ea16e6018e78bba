-- What the operators of duplicates need beside.
select 1;
