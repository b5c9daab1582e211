const known = new Map<string, string>();
/** Backends may answer with any headers. */
const knownLimit = 500;

/** A header's name as Go writes it where its letters are seen, in HTTP/1.1: `Content-Type`. */
export function canonicalName(name: string): string {
  let canonical = known.get(name);
  if (canonical === undefined) {
    canonical = name.toLowerCase().replace(/(?<![^-])[a-z]/g, (letter) => letter.toUpperCase());
    if (known.size < knownLimit) known.set(name, canonical);
  }
  return canonical;
}
