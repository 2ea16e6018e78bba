# What src/bin is made of.
