-- Sectors, kinds, countries and agencies: what is there, what is wanted, who does the same.
select 1;
