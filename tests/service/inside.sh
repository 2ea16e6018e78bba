#!/bin/bash
# What sheaf.service must do; run by tests/service/run inside its container.
passed=0 failed=0
step() { # NAME COMMAND...
	local name=$1
	shift
	if "$@" >/tmp/step.log 2>&1; then
		passed=$((passed + 1)) && echo "ok    $name"
	else
		failed=$((failed + 1)) && echo "FAIL  $name" && sed 's/^/      /' /tmp/step.log | tail -30
	fi
}
within() { # SECONDS COMMAND...: until it succeeds
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}
show() { systemctl show -P "$1" sheaf; }
journal() { journalctl -q -b -u sheaf -o cat "$@"; }
said() { journal --since "@$since" | grep -qE "$1"; }
unsaid() { ! journal | grep -iE "$1"; }
said_at() { journal -p "$1..$1" | grep -q "$2"; }
mark() { since=$(date +%s); }
pg_pid() { head -1 /var/lib/sheaf/pg/postmaster.pid 2>/dev/null; }
records() { sheafctl status --json | grep -o '"records":[0-9]*' | awk -F: '{n += $2} END {print n + 0}'; }
all_have_ended() { # a run of each source, and none is under way
	local status
	status=$(sheafctl status --json) && ! grep -q '"state":"running"' <<<"$status" &&
		[ "$(grep -o '"outcome":"' <<<"$status" | wc -l)" = 15 ]
}
has_records() { equal "$(records)" "$1"; }
gone() { ! kill -0 "$1" 2>/dev/null; }
equal() { [ "$1" = "$2" ] || { echo "$1 is not $2"; return 1; }; }
no_processes() { ! pgrep_user sheaf; }
pgrep_user() { # USER: the processes it has, by their names; false when there are none
	local found=1 p
	for p in /proc/[0-9]*; do
		[ "$(stat -c %U "$p" 2>/dev/null)" = "$1" ] || continue
		cat "$p/comm" && found=0
	done
	return $found
}
owned_by_sheaf() { equal "$(stat -c %U "/proc/$(show MainPID)")" sheaf && pgrep_user sheaf | grep -q postgres; }

systemd-sysusers && systemd-tmpfiles --create
python3 -B /srv/sheaf/samples/agencies.py --port 8642 --conf /etc/sheaf/sources.d --ready /tmp/ready >/tmp/agencies.log 2>&1 &
agencies=$!
within 30 test -s /tmp/ready || { cat /tmp/agencies.log; exit 1; }
cat >/etc/sheaf/sheaf.conf <<-CONF
	[daemon]
	contact = service-test@example.org
	[database]
	embedded = yes
CONF
# A minute would be long for a test.
mkdir -p /etc/systemd/system/sheaf.service.d
printf '[Service]\nWatchdogSec=6s\nRestartSec=1s\n' >/etc/systemd/system/sheaf.service.d/test.conf
systemctl daemon-reload
mark

verify() { ! systemd-analyze verify /usr/lib/systemd/system/sheaf.service 2>&1 | grep -v 'man:\|man '; }
step "the unit is well-formed" verify
step "starts, and says when it is ready" systemctl start sheaf
step "runs as sheaf, its PostgreSQL too" owned_by_sheaf
step "says its status to systemd" within 20 eval 'show StatusText | grep "15 sources"'
step "harvests what is due" within 60 has_records 2062
step "and comes to an end" within 60 all_have_ended
step "harvests when told" sheafctl harvest --all --wait
step "the journal has its lines with their levels" eval 'said_at warning . && said_at info "15 sources"'
step "no line speaks of what the sandbox forbids" unsaid "operation not permitted|permission denied|SIGSYS"

mark
cat >/etc/sheaf/sources.d/more.conf <<-CONF
	[source one-more]
	agency = unep
	url = http://127.0.0.1:8642/wedocs/oai
	format = oai_dc
	allow_private = yes
CONF
sed -i "s/agency = unep/agency = $(sed -n 's/^\[agency \(.*\)\]/\1/p' /etc/sheaf/sources.d/*.conf | head -1)/" /etc/sheaf/sources.d/more.conf
main=$(show MainPID)
step "reloads" systemctl reload sheaf
step "a new source is harvested" within 60 has_records 2242
echo "nonsense" >>/etc/sheaf/sources.d/more.conf
refused() { ! systemctl reload sheaf; }
step "a reload with a mistake fails" refused
step "and says where it is" within 10 said 'more.conf:[0-9]+'
sed -i '$d' /etc/sheaf/sources.d/more.conf
step "and changes nothing" eval 'systemctl -q is-active sheaf && has_records 2242 && equal "$main" "$(show MainPID)"'

mark
restarts=$(show NRestarts) main=$(show MainPID)
again() { [ "$(show NRestarts)" -gt "$restarts" ] && [ "$(show MainPID)" != "$main" ] && systemctl -q is-active sheaf; }
kill -9 "$main"
step "kill -9: is started again" within 60 again
step "with all that was there" within 30 has_records 2242
step "and harvests" sheafctl harvest --all --wait

mark
postgres=$(pg_pid)
kill -9 "$postgres"
changed() { local now; now=$(pg_pid) && [ -n "$now" ] && [ "$now" != "$postgres" ] && has_records 2242; }
step "kill -9 of PostgreSQL: it is started again" within 60 changed
step "and harvests on" within 30 sheafctl harvest --all --wait
step "by the same sheafd" said 'PostgreSQL'

mark
restarts=$(show NRestarts) main=$(show MainPID)
kill -STOP "$main"
step "one that hangs is ended by the watchdog and started again" within 90 again
step "with all that was there" within 30 has_records 2242

mark
start=$SECONDS
step "stops" systemctl stop sheaf
step "within 20 seconds" test $((SECONDS - start)) -le 20
step "in good order" equal "$(show Result) $(show ExecMainStatus)" "success 0"
step "and leaves nothing running" no_processes
step "PostgreSQL was shut down well" eval '/usr/lib/postgresql/*/bin/pg_controldata /var/lib/sheaf/pg | grep "state: *shut down$"'
step "starts again" systemctl start sheaf
step "with all that was there" within 30 has_records 2242

mark
echo "nonsense" >>/etc/sheaf/sources.d/more.conf
systemctl stop sheaf
unstarted() { ! systemctl start sheaf; }
step "does not start with a mistake in the configuration" unstarted
sleep 3
step "and is not tried for ever" equal "$(show ActiveState)" failed

kill $agencies
[ $failed = 0 ] || { echo "the journal's end:"; journalctl -q -b -u sheaf -o short -n 150; }
systemd-analyze security --no-pager sheaf | tail -1
echo "$passed passed, $failed failed"
