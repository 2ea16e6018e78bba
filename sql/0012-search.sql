-- What entries are found by.
select 1;
