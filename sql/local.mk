# What sql is made of.
