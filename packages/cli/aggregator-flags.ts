import { type AggregatorSettings, type CertificatePair, FollowedPair } from '@coxswain/apiserver';
import type { PkiDir } from '@coxswain/pki';
import { pairFromFiles } from './flag-files.ts';
import type { FlagSpecs, Flags } from './flags.ts';

/** The name that servers behind this one know it by, as kubeadm's clusters have it. */
const frontProxyName = 'front-proxy-client';

/** Flags of aggregation; names and defaults are upstream's. */
export const aggregatorFlags = {
  'proxy-client-cert-file': {
    type: 'string',
    help: 'Certificate by which aggregated API servers know this server; made when absent',
  },
  'proxy-client-key-file': { type: 'string', help: 'Its key' },
  'enable-aggregator-routing': {
    type: 'bool',
    default: 'false',
    help: 'Reach aggregated API servers at endpoints in place of cluster addresses, which take a service proxy',
  },
  'aggregator-reject-forwarding-redirect': {
    type: 'bool',
    default: 'true',
    help: 'Answer 502 when an aggregated API server redirects a request',
  },
} as const satisfies FlagSpecs;

/** How the server stands before aggregated ones. */
export function aggregatorFromFlags(flags: Flags, pki: PkiDir): AggregatorSettings {
  const given = proxyClientFiles(flags);
  // With a CA of others, only they can issue what servers behind this one trust.
  const own = given === undefined && flags.string('requestheader-client-ca-file') === undefined;
  const made = own ? { proxyClient: () => madeProxyClient(pki), trust: ownTrust(pki) } : {};
  return {
    routing: flags.bool('enable-aggregator-routing') ? 'endpoints' : 'cluster-ip',
    refuseRedirects: flags.bool('aggregator-reject-forwarding-redirect'),
    ...(given === undefined
      ? made
      : {
          proxyClient: () => given.current,
          followProxyClient: (renewed, clock, logger) => given.follow(renewed, clock, logger),
        }),
  };
}

/** The pair of files that the flags name; undefined when they name none. */
function proxyClientFiles(flags: Flags): FollowedPair | undefined {
  const names = ['proxy-client-cert-file', 'proxy-client-key-file'] as const;
  const read = (): CertificatePair | undefined => pairFromFiles(flags, ...names);
  if (read() === undefined) return undefined;
  const paths = names.map((name) => flags.string(name) as string);
  return new FollowedPair(paths, read as () => CertificatePair);
}

/** As kubeadm sets its clusters up. */
function ownTrust(pki: PkiDir): NonNullable<AggregatorSettings['trust']> {
  return {
    clientCa: frontProxyAuthority(pki).certificate,
    allowedNames: [frontProxyName],
    usernameHeaders: ['X-Remote-User'],
    uidHeaders: ['X-Remote-Uid'],
    groupHeaders: ['X-Remote-Group'],
    extraHeaderPrefixes: ['X-Remote-Extra-'],
  };
}

/** Made when the first aggregated server is there: most clusters have none. */
function madeProxyClient(pki: PkiDir): { readonly cert: string; readonly key: string } {
  const { certificate: cert, key } = pki.leaf(frontProxyName, frontProxyAuthority(pki), {
    subject: { commonName: frontProxyName },
    usages: ['client'],
  });
  return { cert, key };
}

/** The CA of front proxies, where none is given. */
function frontProxyAuthority(pki: PkiDir): ReturnType<PkiDir['authority']> {
  return pki.authority('front-proxy-ca', 'front-proxy-ca');
}
