const alphabet = /^[A-Za-z0-9+/]$/;

/**
 * Checks standard base64 with padding as Go's decoder does, which passes over line breaks, and gives it back
 * as Go would encode it; or gives the offset of the byte that Go's error names.
 */
export function normalizeBase64(text: string): string | { readonly badOffset: number } {
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    return text.endsWith('=') ? Buffer.from(text, 'base64').toString('base64') : text;
  }
  const clean = text.replace(/[\r\n]/g, '');
  if (clean.length !== text.length && clean.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(clean)) {
    return Buffer.from(clean, 'base64').toString('base64');
  }
  return { badOffset: badOffset(text) };
}

function badOffset(text: string): number {
  let inQuantum = 0;
  for (let i = 0; i < text.length; i++) {
    const ch = text[i] as string;
    if (ch === '\n' || ch === '\r') continue;
    if (alphabet.test(ch)) {
      inQuantum = (inQuantum + 1) % 4;
      continue;
    }
    if (ch !== '=' || inQuantum < 2) return i;
    return afterPadding(text, i, inQuantum);
  }
  // A text that ends inside of a group of four: Go names the group's first byte.
  return text.length - inQuantum;
}

/** `i` is the first `=` of a group that has two or three characters. */
function afterPadding(text: string, i: number, inQuantum: number): number {
  const skip = (from: number): number => {
    let at = from;
    while (text[at] === '\n' || text[at] === '\r') at++;
    return at;
  };
  let next = i + 1;
  if (inQuantum === 2) {
    next = skip(next);
    if (next === text.length) return text.length;
    if (text[next] !== '=') return next - 1;
    next++;
  }
  return skip(next);
}
