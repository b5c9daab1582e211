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
case "${1:-}" in
  test*)
    need etcd etcd-server
    need /usr/lib/python3/dist-packages/kubernetes python3-kubernetes
    ;;
esac
command -v kubectl >/dev/null 2>&1 || missing="$missing kubernetes-client"

# Debian's kubectl is five years old, which is what tests want of it; unpacked, not installed over the machine's own.
old_kubectl() {
  dir=$(dirname "$0")/../.cache/kubectl-old
  [ ! -x "$dir/usr/bin/kubectl" ] && command -v dpkg >/dev/null 2>&1 || return 0
  mkdir -p "$dir"
  (cd "$dir" && { apt-get download kubernetes-client || { apt-get update && apt-get download kubernetes-client; }; } &&
    dpkg -x kubernetes-client_*.deb . && rm kubernetes-client_*.deb) >"$dir/log" 2>&1 ||
    echo "Could not unpack Debian's kubernetes-client; see $dir/log" >&2
}
case "${1:-}" in test*) old_kubectl ;; esac

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
