/** No vowels, so that no words come out. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** rand.SafeEncodeString of a hash of 32 bits. */
export function safeName(hash: number): string {
  return [...String(hash >>> 0)].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('');
}
