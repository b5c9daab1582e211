import { X509Certificate } from 'node:crypto';

type Data = Readonly<Record<string, string>>;

const bundles: ReadonlySet<string> = new Set(['client-ca-file', 'requestheader-client-ca-file']);
/** Keys that are lists as JSON. */
const lists: ReadonlySet<string> = new Set([
  'requestheader-username-headers',
  'requestheader-uid-headers',
  'requestheader-group-headers',
  'requestheader-extra-headers-prefix',
  'requestheader-allowed-names',
]);

/**
 * What extension servers should trust when this server and others of the cluster publish into one ConfigMap:
 * all their authorities that still hold, and all header names.
 * @param now milliseconds since 1970
 */
export function combineTrust(own: Data, found: Data, now: number): Record<string, string> {
  const combined: Record<string, string> = { ...found };
  for (const [key, value] of Object.entries(own)) {
    const there = found[key];
    if (bundles.has(key)) {
      const bundle = combineBundles(there ?? '', value, now);
      if (bundle !== '') combined[key] = bundle;
    } else if (lists.has(key)) combined[key] = JSON.stringify(union(parseList(there), parseList(value)));
    else combined[key] = value;
  }
  return combined;
}

function combineBundles(found: string, own: string, now: number): string {
  return union(certificates(found, now), certificates(own, now)).join('');
}

/** The certificates of a bundle that still hold, each as PEM and a line's end. What is no certificate is left out. */
function certificates(pem: string, now: number): string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => {
    try {
      const certificate = new X509Certificate(block);
      return certificate.validToDate.getTime() > now ? [certificate.toString()] : [];
    } catch {
      // somebody wrote something else into the ConfigMap: it is replaced by what can be read
      return [];
    }
  });
}

function parseList(text: string | undefined): readonly string[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  } catch {
    // somebody wrote something else into the ConfigMap: it is replaced by what can be read
    return [];
  }
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])];
}
