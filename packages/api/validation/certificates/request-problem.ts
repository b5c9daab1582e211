import { decodePem, RequestSignatureError, readCertificateRequest } from '@coxswain/pki';

const notARequest = 'PEM block type must be CERTIFICATE REQUEST';

/** What upstream's parser prints of how a field is to be read, for a field without any tag. */
const plainField =
  '{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}';

/** By the type of the key that should have signed. */
const signatureFaults: Readonly<Record<string, string>> = {
  ec: 'x509: ECDSA verification failure',
  rsa: 'crypto/rsa: verification error',
  ed25519: 'x509: Ed25519 verification failure',
};

/**
 * What keeps a base64 text from being a PEM-encoded PKCS #10 request that is signed with its own key, in the words
 * of Go's parsers; absent when it is one.
 */
export function requestProblem(base64: string): string | undefined {
  const block = decodePem(Buffer.from(base64, 'base64').toString('latin1'))[0];
  if (block?.type !== 'CERTIFICATE REQUEST') return notARequest;
  const problem = sequenceProblem(block.der);
  if (problem !== undefined) return problem;
  try {
    readCertificateRequest(block.der);
    return undefined;
  } catch (error) {
    if (error instanceof RequestSignatureError) {
      return signatureFaults[error.keyType] ?? 'x509: cannot verify signature: algorithm unimplemented';
    }
    return `x509: malformed certificate request: ${(error as Error).message}`;
  }
}

/** What keeps bytes from being one DER sequence. */
function sequenceProblem(der: Buffer): string | undefined {
  const first = der[0];
  if (first === undefined) return 'asn1: syntax error: sequence truncated';
  const size = der[1];
  if (size === undefined) return 'asn1: syntax error: truncated tag or length';
  let at = 2;
  let length = size;
  if (size >= 0x80) {
    if (size === 0x80) return 'asn1: syntax error: indefinite length found (not DER)';
    length = 0;
    for (let left = size & 0x7f; left > 0; left--) {
      const byte = der[at++];
      if (byte === undefined) return 'asn1: syntax error: truncated tag or length';
      if (length >= 1 << 23) return 'asn1: structure error: length too large';
      length = length * 256 + byte;
      if (length === 0) return 'asn1: structure error: superfluous leading zeros in length';
    }
    if (length < 0x80) return 'asn1: structure error: non-minimal length';
  }
  if (first !== 0x30) {
    const isCompound = (first & 0x20) !== 0;
    const found = `{class:${first >> 6} tag:${first & 0x1f} length:${length} isCompound:${isCompound}}`;
    return `asn1: structure error: tags don't match (16 vs ${found}) ${plainField} certificateRequest @${at}`;
  }
  if (at + length > der.length) return 'asn1: syntax error: data truncated';
  return at + length < der.length ? 'asn1: syntax error: trailing data' : undefined;
}
