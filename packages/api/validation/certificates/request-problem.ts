const block =
  /-----BEGIN CERTIFICATE REQUEST-----\r?\n([A-Za-z0-9+/=\r\n]*?)-----END CERTIFICATE REQUEST-----/;
const notARequest = 'PEM block type must be CERTIFICATE REQUEST';

/**
 * What keeps a base64 text from being a PEM-encoded PKCS #10 request, as far as its outer shape tells; absent
 * when it looks like one. The signer checks the signature.
 */
export function requestProblem(base64: string): string | undefined {
  const match = block.exec(Buffer.from(base64, 'base64').toString('latin1'));
  if (match === null) return notARequest;
  const der = Buffer.from(match[1]!, 'base64');
  return isSequence(der)
    ? undefined
    : "asn1: structure error: tags don't match (16 vs {class:0 tag:0 length:0 isCompound:false})";
}

/** One DER sequence that fills the buffer. */
function isSequence(der: Buffer): boolean {
  if (der.length < 2 || der[0] !== 0x30) return false;
  const first = der[1]!;
  if (first < 0x80) return der.length === 2 + first;
  const count = first & 0x7f;
  if (count === 0 || count > 4 || der.length < 2 + count) return false;
  return der.length === 2 + count + der.readUIntBE(2, count);
}
