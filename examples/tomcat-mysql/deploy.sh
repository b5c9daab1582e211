#!/bin/sh
# Brings the example into the local cluster and prints the addresses that answer. Does only what is not yet done.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cox=$(cd "$here/../.." && pwd)/cox
KUBECONFIG=$("$cox" kubeconfig --path)
export KUBECONFIG
kubectl=$(command -v kubectl || true)
if [ -z "$kubectl" ]; then
  echo "error: kubectl is missing; install it with \"apt-get install kubernetes-client\"" >&2
  exit 1
fi

# Simulated nodes run no containers and need no images.
if "$cox" status | grep -q ' real '; then
  archives=$("$here/build-images")
  for archive in $archives; do "$cox" image load "$archive"; done
fi

# The order counts: a container is told of the Services that were there when it started.
for object in rc/mysql:mysql-rc svc/mysql:mysql-svc rc/myweb:myweb-rc svc/myweb:myweb-svc; do
  "$kubectl" get "${object%%:*}" > /dev/null 2>&1 || "$kubectl" create -f "$here/${object##*:}.yaml"
done

# Not `kubectl wait`: the pods are made a moment after their controller, and old kubectls wait for conditions only.
end=$(($(date +%s) + 180))
for want in mysql:1 myweb:2; do
  name=${want%%:*}
  until [ "$("$kubectl" get "rc/$name" -o 'jsonpath={.status.readyReplicas}')" -ge "${want##*:}" ] 2> /dev/null; do
    if [ "$(date +%s)" -ge "$end" ]; then
      echo "error: $name is not ready after three minutes; see \"kubectl describe pod -l app=$name\"" >&2
      exit 1
    fi
    sleep 0.3
  done
  echo "$name is ready"
done
echo
if ! "$cox" status | grep -q ' real '; then
  echo "The nodes are simulated: the pods are there, but nothing answers at an address."
  exit 0
fi
for address in $("$kubectl" get nodes -o 'jsonpath={.items[*].status.addresses[?(@.type=="InternalIP")].address}'); do
  echo "http://$address:30001/"
done
