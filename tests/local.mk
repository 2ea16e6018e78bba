# What tests is made of.
