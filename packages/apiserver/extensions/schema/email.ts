const atom = "A-Za-z0-9!#$%&'*+/=?^_`{|}~\\-\\u0080-\\u{10ffff}";
const dotted = `[${atom}]+(?:\\.[${atom}]+)*`;
const quoted = '"(?:[^"\\\\\\p{Cc}]|\\\\[^\\p{Cc}])*"';
const literal = '\\[[^\\[\\]\\\\\\p{Cc}]+\\]';
const space = '[ \\t]*';
const address = `(?:${dotted}|${quoted})@(?:${dotted}|${literal})`;
/** A name before an address: words, with dots as people write them, and quoted texts. */
const phrase = `(?:[ \\t.${atom}]|${quoted})*`;
const mail = new RegExp(`^(?:${space}${address}|${phrase}<${space}${address}${space}>)${space}$`, 'u');

/** Whether a text is one address as RFC 5322 has it, with the name of a person or without. */
export function isEmail(text: string): boolean {
  return mail.test(text);
}
