import type { FlagSpecs } from './flags.ts';

/** Flags of the kubelet; names and defaults are upstream's where the concept is the same. */
export const kubeletFlags = {
  'hostname-override': { type: 'string', help: 'Name of the node; the host name when absent' },
  'node-ip': { type: 'strings', help: "The node's addresses, the main one first; found when absent" },
  'root-dir': { type: 'string', default: '/var/lib/kubelet', help: 'Folder of volumes and plugins' },
  'pod-log-dir': { type: 'string', help: 'Folder of container logs (default /var/log/pods)' },
  'container-runtime-endpoint': {
    type: 'string',
    default: 'unix:///run/containerd/containerd.sock',
    help: 'Socket of the container runtime',
  },
  'cluster-dns': { type: 'strings', help: "Addresses of the cluster's DNS service" },
  'cluster-domain': { type: 'string', default: 'cluster.local', help: 'Domain of the cluster' },
  address: { type: 'string', default: '0.0.0.0', help: "Address of the kubelet's own server" },
  port: { type: 'int', default: '10250', help: 'Its port; 0 picks a free one' },
  'tls-cert-file': { type: 'string', help: 'Its certificate; made, signed by itself, when absent' },
  'tls-private-key-file': { type: 'string', help: 'Its key' },
  'cert-dir': { type: 'string', help: 'Folder of the certificate it makes (default ROOT-DIR/pki)' },
  'client-ca-file': { type: 'string', help: 'CAs of client certificates' },
  'cgroup-root': { type: 'string', default: '/', help: 'Parent of all cgroups of pods' },
  'max-pods': { type: 'int', default: '110', help: 'How many pods the node takes' },
  'node-labels': { type: 'map', help: 'Labels the node registers with' },
  'register-node': { type: 'bool', default: 'true', help: 'Register the node' },
  'register-with-taints': { type: 'strings', help: 'Taints the node registers with: key=value:effect' },
  'pod-manifest-path': { type: 'string', help: 'Folder with manifests of static pods' },
  'pod-cidr': { type: 'string', help: "Pod range the runtime is told; the node object's when absent" },
  'resolv-conf': { type: 'string', default: '/etc/resolv.conf', help: "The node's resolv.conf" },
  'kube-reserved': { type: 'map', help: 'Amounts pods may not use, such as cpu=100m' },
  simulate: { type: 'bool', default: 'false', help: 'Run no real containers: a simulated node' },
} as const satisfies FlagSpecs;
