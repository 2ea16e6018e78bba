# What systemd is made of.
