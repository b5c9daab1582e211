const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+/;

/** What is wrong with the media type of an answer, in the words of Go's mime; its parameters are not looked at. */
export function mediaTypeFault(contentType: string): string | undefined {
  const type = (contentType.split(';')[0] ?? '').trim();
  if (type === '') return 'mime: no media type';
  const main = token.exec(type)?.[0] ?? '';
  if (main === '') return 'mime: no media type';
  let rest = type.slice(main.length);
  if (rest === '') return undefined;
  if (!rest.startsWith('/')) return 'mime: expected slash after first token';
  rest = rest.slice(1);
  const sub = token.exec(rest)?.[0] ?? '';
  if (sub === '') return 'mime: expected token after slash';
  return rest.length > sub.length ? 'mime: unexpected content after media subtype' : undefined;
}
