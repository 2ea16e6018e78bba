# What conf is made of.
