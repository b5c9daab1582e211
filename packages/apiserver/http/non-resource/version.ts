/** The release whose API is served. */
const release = { major: '1', minor: '36', patch: '2' };

/** `/version`. */
export function versionInfo(): object {
  return {
    major: release.major,
    minor: release.minor,
    emulationMajor: release.major,
    emulationMinor: release.minor,
    minCompatibilityMajor: release.major,
    minCompatibilityMinor: String(Number(release.minor) - 1),
    gitVersion: gitVersion(),
    gitCommit: 'coxswain',
    gitTreeState: 'clean',
    buildDate: '2026-01-01T00:00:00Z',
    goVersion: `node${process.versions.node}`,
    compiler: 'v8',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}

/** `v1.36.2`. */
export function gitVersion(): string {
  return `v${release.major}.${release.minor}.${release.patch}`;
}
