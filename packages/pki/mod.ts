export type { CertificateFacts } from './certificate.ts';
export { extendedKeyUsage, readCertificate } from './certificate.ts';
export type { CertificateSigningRequestFacts } from './certificate-request.ts';
export {
  createCertificateRequest,
  RequestSignatureError,
  readCertificateRequest,
} from './certificate-request.ts';
export type { LeafOptions } from './data-dir.ts';
export { PkiDir, PkiDirError } from './data-dir.ts';
export { DerError } from './der.ts';
export { isDetachedSignature, signDetached } from './detached-signature.ts';
export type { AltNames, KeyUsage } from './extensions.ts';
export type { CertificateRequest, Issuer } from './issue.ts';
export { issue, loadIssuer, signCertificate } from './issue.ts';
export type { Claims, ParsedJwt, VerificationKey } from './jwt.ts';
export { JwtSigner, keysOfJwt, loadVerificationKey, parseJwt, verifyJwt } from './jwt.ts';
export type { KeyAndCertificate } from './key-pair.ts';
export { generateKey, keyId, keyToPem, publicKeyDer } from './key-pair.ts';
export type { LegacyTokenSubject } from './legacy-token.ts';
export { legacyTokenIssuer, signLegacyToken } from './legacy-token.ts';
export type { DistinguishedName } from './name.ts';
export type { PemBlock } from './pem.ts';
export { decodePem, encodePem } from './pem.ts';
