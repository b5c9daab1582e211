import type { Client } from '@coxswain/client';
import { type KubeObject, StatusError } from '@coxswain/machinery';
import { createCertificateRequest, generateKey, type KeyAndCertificate, keyToPem } from '@coxswain/pki';
import { CliError } from './cli-error.ts';

const requests = {
  group: 'certificates.k8s.io',
  version: 'v1',
  resource: 'certificatesigningrequests',
} as const;

/**
 * Asks the cluster for a node's client certificate and waits until it is signed. Throws `CliError` when the
 * request is denied or cannot be signed, and the signal's reason when it aborts first.
 */
export async function requestNodeCertificate(
  client: Client,
  nodeName: string,
  signal: AbortSignal,
): Promise<KeyAndCertificate> {
  const key = generateKey();
  const pem = createCertificateRequest(key, {
    commonName: `system:node:${nodeName}`,
    organizations: ['system:nodes'],
  });
  const resource = client.resource(requests);
  const created = await resource.create({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName: 'node-csr-' },
    spec: {
      request: Buffer.from(pem).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: ['digital signature', 'client auth'],
    },
  });
  const name = created.metadata.name as string;
  for (;;) {
    const request = await resource.get(name);
    const certificate = certificateOf(request);
    if (certificate !== undefined) return { key: keyToPem(key), certificate };
    await nextChange(client, request, signal);
    signal.throwIfAborted();
  }
}

function certificateOf(request: KubeObject): string | undefined {
  const conditions: readonly Record<string, string>[] = request['status']?.conditions ?? [];
  const bad = conditions.find((c) => c['type'] === 'Denied' || c['type'] === 'Failed');
  if (bad) {
    const what = bad['type'] === 'Denied' ? 'was denied' : 'cannot be signed';
    throw new CliError(
      `error: certificate signing request "${request.metadata.name}" ${what}: ${bad['message'] ?? bad['reason']}`,
    );
  }
  const certificate: unknown = request['status']?.certificate;
  return typeof certificate === 'string' && certificate !== ''
    ? Buffer.from(certificate, 'base64').toString('utf8')
    : undefined;
}

/** Resolves when the object has changed, or when watching ended: the caller looks again in either case. */
async function nextChange(client: Client, request: KubeObject, signal: AbortSignal): Promise<void> {
  const { name, resourceVersion } = request.metadata as { name: string; resourceVersion: string };
  const seen = new AbortController();
  try {
    await client
      .resource(requests)
      .watch(
        () => seen.abort(),
        { fieldSelector: `metadata.name=${name}`, resourceVersion },
        AbortSignal.any([signal, seen.signal]),
      );
  } catch (error) {
    // An expired version is answered by reading again; anything else is a fault.
    if (!(error instanceof StatusError) || error.code !== 410) throw error;
  }
}
