import { type CertificateSigningRequestFacts, decodePem, readCertificateRequest } from '@coxswain/pki';

/**
 * What a CertificateSigningRequest's `spec.request` asks to be certified.
 * @param request PEM in base64
 * @throws {Error} when it is no request
 */
export function parseCsr(request: string): CertificateSigningRequestFacts {
  const block = decodePem(Buffer.from(request, 'base64').toString('latin1'))[0];
  if (block?.type !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST');
  return readCertificateRequest(block.der);
}
