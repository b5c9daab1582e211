import { accessFlags } from './access-flags.ts';
import { admissionFlags } from './admission-flags.ts';
import { aggregatorFlags } from './aggregator-flags.ts';
import { auditFlags } from './audit-flags.ts';
import { encryptionFlags } from './encryption-flags.ts';
import { featureGateFlags } from './feature-gates.ts';
import type { FlagSpecs } from './flags.ts';
import { inertFlags } from './inert-flags.ts';
import { servingFlags } from './serving-flags.ts';
import { tlsFlags } from './tls-flags.ts';

/** Flags of the API server; names and defaults are upstream's where the concept is the same. */
export const apiserverFlags = {
  'data-dir': { type: 'string', help: 'Folder of the store, certificates and keys' },
  'bind-address': { type: 'string', default: '127.0.0.1', help: 'Address to listen on' },
  'secure-port': { type: 'int', default: '6443', help: 'Port to listen on; 0 picks a free one' },
  'advertise-address': { type: 'string', help: 'Address that others reach the server under' },
  'tls-cert-file': { type: 'string', help: 'Serving certificate; made from a CA of its own when absent' },
  'tls-private-key-file': { type: 'string', help: 'Key of the serving certificate' },
  'tls-san': { type: 'strings', help: 'Further names and addresses for the serving certificate it makes' },
  'client-ca-file': { type: 'string', help: 'CAs of client certificates; its own when absent' },
  'token-auth-file': { type: 'string', help: 'CSV of static tokens: token,user,uid,"group1,group2"' },
  'anonymous-auth': {
    type: 'bool',
    default: 'true',
    help: 'Let requests without credentials in as system:anonymous',
  },
  'enable-bootstrap-token-auth': {
    type: 'bool',
    default: 'false',
    help: 'Let nodes join with bootstrap tokens',
  },
  'service-account-issuer': {
    type: 'strings',
    help: 'Issuer of service account tokens; the first one issues',
  },
  'service-account-key-file': { type: 'strings', help: 'Public keys that verify service account tokens' },
  'service-account-signing-key-file': { type: 'string', help: 'Private key that signs them' },
  'service-account-max-token-expiration': {
    type: 'duration',
    default: '0',
    help: 'Longest life of a token; 0: any',
  },
  'service-account-extend-token-expiration': {
    type: 'bool',
    default: 'true',
    help: 'Pod tokens outlive their rotation',
  },
  'service-account-jwks-uri': { type: 'string', default: '', help: "The issuer document's jwks_uri" },
  'api-audiences': { type: 'strings', help: 'Audiences of the API; the issuers when absent' },
  'authorization-mode': { type: 'strings', default: 'Node,RBAC', help: 'Authorizers, in order' },
  'service-cluster-ip-range': { type: 'string', default: '10.96.0.0/16', help: 'Range of service addresses' },
  'service-node-port-range': { type: 'string', default: '30000-32767', help: 'Range of node ports' },
  'kubelet-client-certificate': {
    type: 'string',
    help: 'Certificate for requests to kubelets; made when absent',
  },
  'kubelet-client-key': { type: 'string', help: 'Its key' },
  'kubelet-certificate-authority': {
    type: 'string',
    help: "CA of kubelets' certificates; unchecked when absent",
  },
  'kubelet-preferred-address-types': {
    type: 'strings',
    default: 'Hostname,InternalDNS,InternalIP,ExternalDNS,ExternalIP',
    help: "Which of a node's addresses its kubelet is asked at, first to last",
  },
  'event-ttl': { type: 'duration', default: '1h0m0s', help: 'How long events are kept' },
  'external-hostname': {
    type: 'string',
    help: 'Name under which others reach the server; in what it issues',
  },
  'allow-privileged': { type: 'bool', default: 'true', help: 'Let privileged containers in' },
  'runtime-config': {
    type: 'strings',
    help: 'Further versions to serve, such as networking.k8s.io/v1beta1=true',
  },
  'etcd-servers': {
    type: 'strings',
    help: 'The etcd that holds the state, https://HOST:PORT of each member; a store in the data dir when absent',
  },
  'storage-backend': { type: 'string', help: 'etcd3, or nothing' },
  'etcd-healthcheck-timeout': {
    type: 'duration',
    default: '2s',
    help: 'How long the store may take for livez',
  },
  'etcd-readycheck-timeout': { type: 'duration', default: '2s', help: 'The same for readyz' },
  'etcd-prefix': { type: 'string', default: '/registry', help: 'What all keys in etcd begin with' },
  'etcd-cafile': { type: 'string', help: "CAs of etcd's certificates" },
  'etcd-certfile': { type: 'string', help: 'Certificate with which etcd knows this server' },
  'etcd-keyfile': { type: 'string', help: 'Its key' },
  'storage-media-type': {
    type: 'string',
    help: 'Form of what is written to etcd; application/vnd.kubernetes.protobuf when absent',
  },
  'etcd-compaction-interval': {
    type: 'duration',
    default: '5m0s',
    help: 'History older than this is forgotten',
  },
  ...accessFlags,
  ...admissionFlags,
  ...aggregatorFlags,
  ...auditFlags,
  ...encryptionFlags,
  ...featureGateFlags,
  ...servingFlags,
  ...tlsFlags,
  ...inertFlags,
  'service-account-signing-endpoint': { type: 'string', help: 'Refused: tokens are signed with an own key' },
  'shutdown-grace': {
    type: 'duration',
    default: '10s',
    help: 'How long running requests may take at the end',
  },
} as const satisfies FlagSpecs;
