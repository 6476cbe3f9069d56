#!/usr/bin/env bash
# Runs a command on the first of two hosts, hosta and hostb, which are namespaces of this machine with a cable between
# them and sshd on each: `hosts.sh COMMAND...`, as root. Then says how many processes of Node each has left. All of it
# ends with this script, also when its caller is killed: a host is a process, whose end is that of all in it.
set -eu
dir=$(mktemp -d)
hosts=()
trap 'kill -9 "${hosts[@]}" 2>/dev/null; rm -rf "$dir"' EXIT

ssh-keygen -q -t ed25519 -N '' -f "$dir/key"
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
END

for name in hosta hostb; do
  setpriv --pdeathsig KILL unshare --net --uts --ipc --mount --pid --fork --kill-child --mount-proc bash -c "
    hostname $name && mount -t tmpfs tmpfs /dev/shm && mount -t tmpfs tmpfs /run && mkdir /run/sshd &&
    mount --bind '$dir/hosts' /etc/hosts && exec /usr/sbin/sshd -D -e -f '$dir/sshd'" 2>"$dir/$name.log" &
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
on() { nsenter -t "$1" --net --uts --ipc --mount --pid "${@:2}"; }
until on "$a" ssh -F "$dir/ssh" hostb true 2>/dev/null; do sleep 0.05; done

export OMPI_MCA_plm_rsh_agent="ssh -F $dir/ssh" OMPI_MCA_btl_tcp_if_include=10.77.0.0/24
export OMPI_MCA_oob_tcp_if_include=10.77.0.0/24
on "$a" "$@" &
job=$!
# A launcher may stay when the link is down, and its ranks may stay when it is killed: both are waited for.
nodes() { on "$1" pgrep -c -x node || true; }
begun=
for ((i = 0; i < 600; i++)); do
  [ "$(nodes "$a") $(nodes "$b")" = '0 0' ] && [ -n "$begun" ] && break
  [ "$(nodes "$b")" != 0 ] && begun=yes
  kill -0 $job 2>/dev/null || [ -n "$begun" ] || break
  sleep 0.1
done
echo "left: $(nodes "$a") on hosta, $(nodes "$b") on hostb"
# The launcher has a moment to end by itself.
for ((i = 0; i < 50; i++)); do kill -0 $job 2>/dev/null || break; sleep 0.1; done
kill -0 $job 2>/dev/null && { echo 'the launcher stays'; exit 0; }
code=0
wait $job || code=$?
echo "the launcher ends with $code"
