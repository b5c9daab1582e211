/** No vowels and no look-alikes: generated names spell nothing. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
/** A label of 63 characters less the suffix. */
const maxBaseLength = 63 - suffixLength;

/** Upstream's name generator: the base and five random characters. */
export function generateName(base: string, random: () => number): string {
  let name = base.slice(0, maxBaseLength);
  for (let i = 0; i < suffixLength; i++) name += alphabet[Math.floor(random() * alphabet.length)];
  return name;
}
