/** Wraps DER in a PEM block of a type such as `CERTIFICATE`. */
export function encodePem(type: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${type}-----\n${lines.join('\n')}\n-----END ${type}-----\n`;
}

/** One PEM block. */
export interface PemBlock {
  readonly type: string;
  readonly der: Buffer;
}

const block = /-----BEGIN ([^-]+)-----([^-]*)-----END \1-----/g;

/** The PEM blocks of a text in order; what lies between them is left out. */
export function decodePem(text: string): PemBlock[] {
  return [...text.matchAll(block)].map((match) => ({
    type: match[1] as string,
    der: Buffer.from((match[2] as string).replace(/\s/g, ''), 'base64'),
  }));
}
