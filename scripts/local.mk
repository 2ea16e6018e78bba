# What scripts is made of.
