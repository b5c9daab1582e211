/** GA before beta before alpha, higher before lower, then by name: apimachinery's order of versions. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [rankOf(a), rankOf(b)];
  if (x === undefined || y === undefined) {
    if (x !== undefined) return -1;
    if (y !== undefined) return 1;
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return y.stability - x.stability || y.major - x.major || y.minor - x.minor;
}

interface Rank {
  readonly stability: number;
  readonly major: number;
  readonly minor: number;
}

/** Undefined for what is not of the form `v1`, `v1beta1`, `v1alpha1`. */
function rankOf(version: string): Rank | undefined {
  const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version);
  if (match === null) return undefined;
  const [, major, name, minor = '0'] = match;
  const stability = name === undefined ? 2 : name === 'beta' ? 1 : 0;
  return { stability, major: Number(major), minor: Number(minor) };
}
