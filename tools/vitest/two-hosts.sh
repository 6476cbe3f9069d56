#!/usr/bin/env bash
# Runs a command on the first of two hosts, hosta and hostb, which are namespaces of this machine with a cable between
# them and sshd on each: `two-hosts.sh SECONDS COMMAND...`, as root. It says the first process of each host, and, when
# the command has ended or its time is up, how many processes of Node each has left, and what else. All of it ends with
# this script, also when its caller is killed: a host is a process, whose end is that of all in it.
set -eu
limit=$1
shift
dir=$(mktemp -d)
hosts=()
trap 'kill -9 "${hosts[@]}" 2>/dev/null; rm -rf "$dir"' EXIT

ssh-keygen -q -t ed25519 -N '' -f "$dir/key"
# The shell of a host is one that reads no file of the user: bash over ssh reads ~/.bashrc, and in one that starts pyenv
# each login waits a minute for a lock that a rank, killed at its login, has left.
sed '/^root:/s|[^:]*$|/bin/sh|' /etc/passwd >"$dir/passwd"
printf '127.0.0.1 localhost\n10.77.0.1 hosta\n10.77.0.2 hostb\n' >"$dir/hosts"
cat >"$dir/ssh" <<END
Host *
  User root
  IdentityFile $dir/key
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
END
cat >"$dir/sshd" <<END
HostKey $dir/key
AuthorizedKeysFile $dir/key.pub
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PidFile none
SetEnv TMPDIR=/run
END

for name in hosta hostb; do
  setpriv --pdeathsig KILL unshare --net --uts --ipc --mount --pid --fork --kill-child --mount-proc bash -c "
    hostname $name && mount -t tmpfs tmpfs /dev/shm && mount -t tmpfs tmpfs /run && mkdir /run/sshd &&
    mount -t sysfs sysfs /sys && mount --bind '$dir/hosts' /etc/hosts && mount --bind '$dir/ssh' /etc/ssh/ssh_config &&
    mount --bind '$dir/passwd' /etc/passwd &&
    exec /usr/sbin/sshd -D -e -f '$dir/sshd'" 2>"$dir/$name.log" &
  hosts+=($!)
  disown
done
# The first process of a host, which unshare has started.
first() { pgrep -P "$1"; }
until first "${hosts[0]}" && first "${hosts[1]}"; do sleep 0.02; done >/dev/null
a=$(first "${hosts[0]}") b=$(first "${hosts[1]}")
ip link add cable netns "$a" type veth peer name cable netns "$b"
for host in "$a 10.77.0.1" "$b 10.77.0.2"; do
  read -r pid address <<<"$host"
  nsenter -t "$pid" -n sh -c "ip link set lo up && ip addr add $address/24 dev cable && ip link set cable up"
done
# OpenMPI names its folders by host and process, which are the same on the hosts of a second call of this script: they are
# on a disk of each host, and what both share, as a run, is beside them.
on() { TMPDIR=/run nsenter -t "$1" --net --uts --ipc --mount --pid "${@:2}"; }
until on "$a" ssh hostb true 2>/dev/null; do sleep 0.05; done

echo "hosts: $a $b"
on "$a" "$@" &
job=$!
# A launcher may stay when the link is down, and its ranks may stay when it is killed: both are waited for.
nodes() { on "$1" pgrep -c -x node || true; }
begun=
for ((i = 0; i < 10 * limit; i++)); do
  [ "$(nodes "$a") $(nodes "$b")" = '0 0' ] && [ -n "$begun" ] && break
  [ "$(nodes "$b")" != 0 ] && begun=yes
  kill -0 $job 2>/dev/null || [ -n "$begun" ] || break
  sleep 0.1
done
echo "left: $(nodes "$a") on hosta, $(nodes "$b") on hostb"
# What starts ranks: daemons of MPI, and what ssh has for them.
beside() { on "$1" ps -eo pid=,comm= | awk -v ORS=' ' '$1 != 1 && $2 !~ /^(ps|node)$/ { print $2 }'; }
# They have a moment to end by themselves.
for ((i = 0; i < 50; i++)); do
  kill -0 $job 2>/dev/null || [ -n "$(beside "$a")$(beside "$b")" ] || break
  sleep 0.1
done
echo "beside them: $(beside "$a")on hosta, $(beside "$b")on hostb"
kill -0 $job 2>/dev/null && { echo 'the launcher stays'; exit 0; }
code=0
wait $job || code=$?
echo "the launcher ends with $code"
