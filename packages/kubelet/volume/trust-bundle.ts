import type { Client } from '@coxswain/client';
import { isNotFound, selectorFromLabelSelector } from '@coxswain/machinery';
import type { TrustBundleSource } from './payload.ts';

const bundles = { group: 'certificates.k8s.io', version: 'v1beta1', resource: 'clustertrustbundles' };

/** Reads the trust anchors that a projected volume asks for, by name or by signer and labels. */
export function trustBundleReader(
  client: Client,
): (source: TrustBundleSource) => Promise<string | undefined> {
  return async (source) => {
    if (source.name) {
      try {
        const bundle = await client.resource(bundles).get(source.name);
        return String(bundle['spec']?.trustBundle ?? '');
      } catch (error) {
        if (isNotFound(error) && source.optional) return undefined;
        throw error;
      }
    }
    const fieldSelector = `spec.signerName=${source.signerName ?? ''}`;
    const { items } = await client.resource(bundles).list({ fieldSelector });
    // Without a selector none match; an empty one matches all.
    const selector = source.labelSelector && selectorFromLabelSelector(source.labelSelector);
    const found = items.filter((b) => selector?.matches(b.metadata.labels));
    if (found.length === 0 && !source.optional) {
      throw new Error(`combination of signerName and labelSelector matched zero ClusterTrustBundles`);
    }
    const anchors = new Set(found.flatMap((b) => splitPem(String(b['spec']?.trustBundle ?? ''))));
    return [...anchors].sort().join('');
  };
}

function splitPem(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/g) ?? [];
}
