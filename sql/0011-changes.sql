-- The order in which entries changed, and what they said before.
select 1;
