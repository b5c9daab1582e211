import type { FlagSpecs } from './flags.ts';

/** Flags of the API server about who comes in from outside and who else decides; names and defaults are upstream's. */
export const accessFlags = {
  'authentication-config': {
    type: 'string',
    help: 'AuthenticationConfiguration: issuers of tokens and anonymous paths; followed when it changes',
  },
  'authentication-token-webhook-config-file': {
    type: 'string',
    help: 'Kubeconfig of a webhook that knows the users of bearer tokens',
  },
  'authentication-token-webhook-version': {
    type: 'string',
    default: 'v1beta1',
    help: 'Version of the TokenReview that it takes',
  },
  'authentication-token-webhook-cache-ttl': {
    type: 'duration',
    default: '2m0s',
    help: 'How long its answers hold',
  },
  'authorization-config': {
    type: 'string',
    help: 'AuthorizationConfiguration: the chain of authorizers; followed when it changes',
  },
  'authorization-policy-file': { type: 'string', help: 'Policies of mode ABAC, one JSON object a line' },
  'authorization-webhook-config-file': {
    type: 'string',
    help: 'Kubeconfig of the webhook of mode Webhook',
  },
  'authorization-webhook-version': {
    type: 'string',
    default: 'v1beta1',
    help: 'Version of the SubjectAccessReview that it takes',
  },
  'authorization-webhook-cache-authorized-ttl': {
    type: 'duration',
    default: '5m0s',
    help: 'How long its consent holds',
  },
  'authorization-webhook-cache-unauthorized-ttl': {
    type: 'duration',
    default: '30s',
    help: 'How long its refusals hold',
  },
  'oidc-issuer-url': { type: 'string', default: '', help: 'OpenID Connect issuer whose tokens are taken' },
  'oidc-client-id': { type: 'string', default: '', help: 'Audience that its tokens must have' },
  'oidc-ca-file': { type: 'string', help: "CAs of the issuer's certificate; the system's when absent" },
  'oidc-username-claim': { type: 'string', default: 'sub', help: "Claim that is the user's name" },
  'oidc-username-prefix': {
    type: 'string',
    default: '',
    help: "Before each name; the issuer's URL and # when absent, unless the claim is email; - for none",
  },
  'oidc-groups-claim': { type: 'string', default: '', help: "Claim that holds the user's groups" },
  'oidc-groups-prefix': { type: 'string', default: '', help: 'Before each group' },
  'oidc-signing-algs': { type: 'strings', default: 'RS256', help: 'Algorithms that may sign its tokens' },
  'oidc-required-claim': {
    type: 'strings',
    help: 'claim=value that a token must have; may be given several times',
  },
  'requestheader-client-ca-file': {
    type: 'string',
    help: 'CAs of proxies that tell in headers for whom they ask',
  },
  'requestheader-allowed-names': {
    type: 'strings',
    help: "Common names of such proxies' certificates; any when absent",
  },
  'requestheader-username-headers': { type: 'strings', help: 'Headers that name the user' },
  'requestheader-uid-headers': { type: 'strings', help: "Headers of the user's UID" },
  'requestheader-group-headers': { type: 'strings', help: "Headers of the user's groups" },
  'requestheader-extra-headers-prefix': { type: 'strings', help: 'What headers of extra facts begin with' },
} as const satisfies FlagSpecs;
