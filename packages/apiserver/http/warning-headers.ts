/** Warnings of more characters than this together are cut short, as upstream does. */
const totalLimit = 4 * 1024;
/** What is left of a warning that is cut short. */
const itemLimit = 256;

// biome-ignore lint/suspicious/noControlCharactersInRegex: a header may have none of them
const control = /[\x00-\x1f\x7f-\x9f]/;

/** The Warning headers of an answer: of many long ones, the beginnings of the first. What no header can say is not said. */
export function warningHeaders(warnings: readonly string[]): string[] {
  const texts = warnings.filter((text) => text !== '' && !control.test(text));
  const total = texts.reduce((sum, text) => sum + text.length, 0);
  return (total <= totalLimit ? texts : beginnings(texts)).map(warningHeader);
}

function beginnings(texts: readonly string[]): readonly string[] {
  const taken: string[] = [];
  let total = 0;
  for (const text of texts) {
    if (total >= totalLimit) break;
    const characters = [...text].slice(0, itemLimit);
    total += characters.length;
    taken.push(characters.join(''));
  }
  return taken;
}

/** RFC 7234 warning 299, as upstream's net.NewWarningHeader writes it. */
export function warningHeader(text: string): string {
  const header = `299 - "${text.replace(/[\\"]/g, '\\$&')}"`;
  // Go writes the bytes of UTF-8 as they are; Node takes a character for each byte.
  return Buffer.from(header).toString('latin1');
}
