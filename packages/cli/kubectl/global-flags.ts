import type { FlagSpecs } from '../flags.ts';

/** Flags that every verb takes, as `kubectl options` lists them. */
export const globalFlags = {
  as: { type: 'string', help: 'User to act as' },
  'as-group': { type: 'strings', help: 'Group to act as; may be repeated' },
  'as-uid': { type: 'string', help: 'UID to act as' },
  'cache-dir': { type: 'string', help: 'Folder for what discovery found' },
  'certificate-authority': { type: 'string', help: "File with the authority of the server's certificate" },
  'client-certificate': { type: 'string', help: 'File with the client certificate' },
  'client-key': { type: 'string', help: 'File with the key of the client certificate' },
  cluster: { type: 'string', help: 'Cluster of the kubeconfig to use' },
  context: { type: 'string', help: 'Context of the kubeconfig to use' },
  'disable-compression': { type: 'bool', default: 'false', help: 'Accepted; answers are never compressed' },
  'insecure-skip-tls-verify': {
    type: 'bool',
    default: 'false',
    help: "Do not check the server's certificate",
  },
  kubeconfig: { type: 'string', help: 'The kubeconfig to use' },
  'match-server-version': { type: 'bool', default: 'false', help: 'Accepted for compatibility' },
  namespace: { type: 'string', shorthand: 'n', help: 'Namespace of the request' },
  password: { type: 'string', help: 'Password for basic authentication' },
  'request-timeout': { type: 'string', default: '0', help: 'Longest wait for one answer; 0: none' },
  server: { type: 'string', shorthand: 's', help: 'Address of the API server' },
  'tls-server-name': { type: 'string', help: "Name that the server's certificate must bear" },
  token: { type: 'string', help: 'Bearer token' },
  user: { type: 'string', help: 'User of the kubeconfig to use' },
  username: { type: 'string', help: 'User name for basic authentication' },
  v: { type: 'int', shorthand: 'v', default: '0', help: 'How much to tell; 6 and above show the requests' },
  'warnings-as-errors': { type: 'bool', default: 'false', help: 'Fail when the server warned' },
} as const satisfies FlagSpecs;
