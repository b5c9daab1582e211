/** rand.SafeEncodeString: no vowels, so that no words come out. */
const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** A short name for a pod template; a new `collisionCount` gives another one. */
export function templateHash(template: unknown, collisionCount: number | undefined): string {
  const text = `${canonical(template)}${collisionCount ?? ''}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return [...String(hash >>> 0)]
    .map((digit) => safeAlphabet[digit.charCodeAt(0) % safeAlphabet.length])
    .join('');
}

/** JSON with sorted members, so that equal templates give equal texts. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, v]) => v !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(',')}}`;
}
