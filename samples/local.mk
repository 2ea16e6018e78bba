# The sample agencies that the quickstart harvests, and the provider they and
# the integration tests are made of.
EXTRA_DIST += samples/agencies.py samples/agency_feeds.py samples/agency_formats.py samples/feedserver.py samples/oaiserver.py \
	samples/staticrepo.py samples/registrycsv.py samples/follow_changes.py
