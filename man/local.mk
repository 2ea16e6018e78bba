# What man is made of.
