#!/bin/sh
# Installs what real nodes, and tests when asked for (`packages.sh test`), need from Debian's packages where it is missing. Says so and goes on where it cannot:
# simulated nodes need none of it.
set -eu

missing=""
need() { # command-or-path package
  if [ -e "$1" ] || command -v "$1" >/dev/null 2>&1; then return; fi
  missing="$missing $2"
}
PATH=$PATH:/usr/sbin:/sbin
need containerd containerd
need runc runc
need /usr/lib/cni/bridge containernetworking-plugins
need nft nftables
need conntrack conntrack
need ip iproute2
need nsenter util-linux
need mmdebstrap mmdebstrap
# Not for those who only run a cluster: Debian starts an etcd for the whole machine.
case "${1:-}" in test*) need etcd etcd-server ;; esac
command -v kubectl >/dev/null 2>&1 || missing="$missing kubernetes-client"

[ -n "$missing" ] || exit 0
if [ "$(uname -s)" != Linux ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "Real nodes need$missing, which can be installed from Debian's packages only; nodes will be simulated." >&2
  exit 0
fi
if [ "$(id -u)" != 0 ]; then
  echo "Real nodes need$missing; run 'apt-get install$missing' as root. Nodes will be simulated." >&2
  exit 0
fi
echo "Installing$missing"
log=$(mktemp)
# Debian starts a containerd for the whole machine; each node has its own, so that one is not needed.
if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "Could not install$missing" >&2
  exit 1
fi
rm -f "$log"
